"""What a client library is, for the readers of Python source."""

from collections.abc import Callable
from dataclasses import dataclass

from budgetcheck.readers.python.values import Args, Instance, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """One client library.

    Full names come with import aliases resolved (`from openai import AsyncOpenAI as A; A()` is
    `openai.AsyncOpenAI`). A description knows nothing of the code around a call.

    Attributes:
        name: of this description; `imports` are the top-level packages that a file must import for it to
            matter (`("openai",)`, `("boto3", "botocore")`); `distributions` the names lock files know it by.
        make: a client object for a call of that full name, or None where that makes none.
        annotated: a client object of which only its type is known (a parameter annotation): every setting is
            unresolved with the reason; None where the name is no client type.
        call: what calling a method of a client does: `path` is the attribute path (`chat.completions.create`,
            `get`). A Request sends, an Instance is a derived client (`with_options(...)`, `session()`), None
            does neither.
        configured: settings of a Flask application that its clients take (`SQLALCHEMY_ENGINE_OPTIONS`): they
            are among the arguments of `make`, where they are known or hidden.
        changes: methods that change a client in place (`session.mount`): `call` gives the changed client.
        function: what calling a function of the library does (`requests.get`), None where it sends nothing.
    """

    name: str
    imports: tuple[str, ...]
    distributions: tuple[str, ...]
    make: Callable[[str, Args], Instance | None]
    annotated: Callable[[str, Args], Instance | None]
    call: Callable[[Instance, str, Args], "Request | Instance | None"]
    function: Callable[[str, Args], Request | Instance | None]
    configured: tuple[str, ...] = ()
    changes: frozenset[str] = frozenset()
