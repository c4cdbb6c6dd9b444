"""Celery from the side that waits for a result: `AsyncResult.get(timeout=)`.

Handing a task to the broker (`delay`, `apply_async`) is no call: it is done as soon as the broker has it.
"""

from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.given import Parameter, given, last_part
from budgetcheck.readers.python.values import Args, Instance, Request

_RESULTS = frozenset({"AsyncResult", "GroupResult", "ResultSet"})
_SENDING = frozenset({"celery.Task.delay", "celery.Task.apply_async", "celery.execute.send_task"})
_WAITING = frozenset({"get", "join", "wait", "join_native", "wait_for_pending"})
_TIMEOUT = (Parameter(name="timeout", setting="timeout", position=0),)


def make(name: str, args: Args) -> Instance | None:
    """The result of a task that is run elsewhere."""
    if name not in _SENDING and not (name.startswith("celery.") and _gives_result(name)):
        return None
    return Instance(
        library="celery", component="celery-result", maker="celery.result.AsyncResult", spans=(args.span,)
    )


def annotated(name: str, args: Args) -> Instance | None:
    """A result that is got elsewhere: the wait is the call's own."""
    return make(name, args) if name.startswith("celery.result.") else None


def call(_client: Instance, path: str, args: Args) -> Request | Instance | None:
    """Waiting for the result."""
    if path not in _WAITING:
        return None
    return Request(
        component="celery-result",
        span=args.span,
        settings=given(args, _TIMEOUT),
        blocking=True,
        what=f"result.{path}",
        version_of="celery",
    )


def _gives_result(name: str) -> bool:
    """`app.send_task(...)` and `app.AsyncResult(...)` of an application, and the class itself."""
    return last_part(name) in _RESULTS | {"send_task"}


LIBRARY = Library(
    name="celery",
    imports=("celery",),
    distributions=("celery",),
    make=make,
    annotated=annotated,
    call=call,
    function=lambda _name, _args: None,
)
