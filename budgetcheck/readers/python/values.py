"""What an expression of Python source stands for, as far as the files say: frozen values with their places.

The first span of a value is the place where the expression stands that was asked for; the others lead to the
literal (a module constant, a settings class, an environment file), as in `Setting.spans`.
"""

from dataclasses import dataclass, field, replace

from budgetcheck.model.settings import Known, OneOf, Setting, Unresolved, Value
from budgetcheck.model.span import Span

NOT_KNOWN = "give the number as a literal, a module constant or a setting with a default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A number, text, bool or None; or why it is not known."""

    value: Value
    spans: tuple[Span, ...]

    @property
    def known(self) -> str | int | float | bool | None:
        """The value where it is a single one; None for None and for what is not known (ask `value` then)."""
        return self.value.value if isinstance(self.value, Known) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A tuple, list or set display."""

    items: tuple["PyValue", ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A dictionary display or `dict(...)` with literal keys; `open` where further keys are not known."""

    entries: tuple[tuple[str, "PyValue"], ...]
    spans: tuple[Span, ...]
    open: bool = False

    def get(self, key: str) -> "PyValue | None":
        """The value of a key; None where it is not there."""
        return dict(self.entries).get(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Something outside the project by its full name (`openai.APITimeoutError`), not called."""

    name: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The arguments of a call. `open`: a `*x` or `**x` hides further ones."""

    positional: tuple["PyValue", ...] = ()
    keywords: tuple[tuple[str, "PyValue"], ...] = ()
    open: bool = False
    span: Span

    def get(self, name: str, position: int | None = None) -> "PyValue | None":
        """The argument of that name, or at that position (from 0); None where it is not given."""
        found = dict(self.keywords).get(name)
        if found is None and position is not None and position < len(self.positional):
            return self.positional[position]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The result of calling something outside the project: `httpx.Timeout(20.0, connect=5.0)`.

    `callee` is the full name with import aliases resolved, without the version of the import path that was
    used (`openai.AsyncOpenAI`, `tenacity.stop_after_attempt`, `httpx.Timeout`). Methods of what was made are
    further parts: `tenacity.wait_fixed(2) + ...` is a Made of callee `operator.add`. `instance` is the client
    where it is one: as an argument (a pool, a fallback model) it keeps all that is known of it.
    """

    callee: str
    args: Args
    spans: tuple[Span, ...]
    instance: "Instance | None" = None


PyValue = Plain | Items | Table | Named | Made


def unresolved(reason: str, *spans: Span, needs: str = NOT_KNOWN) -> Plain:
    """A value that nobody could work out."""
    return Plain(value=Unresolved(reason=reason, needs=needs), spans=spans)


def setting(name: str, value: PyValue, *, scale: int = 1) -> Setting:
    """A setting with the value of an expression; anything but a plain value is unresolved.

    `scale` multiplies numbers where the library counts in another unit than the facts do.
    """
    if not isinstance(value, Plain):
        value = unresolved("this kind of value is not understood", *value.spans)
    plain = value.value
    if scale != 1 and isinstance(plain, Known):
        plain = Known(value=_scaled(plain.value, scale))
    if scale != 1 and isinstance(plain, OneOf):
        plain = replace(plain, values=tuple(_scaled(one, scale) for one in plain.values))
    return Setting(name=name, value=plain, spans=value.spans)


def _scaled(value: str | float | bool | None, scale: int) -> str | float | bool | None:
    return value * scale if isinstance(value, int | float) and not isinstance(value, bool) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A client object as the code makes it.

    Attributes:
        library: name of its description in `clients.LIBRARIES`.
        component: its facts (`openai`); `maker` the full name of what makes it (`openai.AsyncOpenAI`).
        settings: given when it is made or derived (`with_options`), in the words of the facts.
        blocking: its calls block the thread; false for clients whose calls are awaited.
        host: of its base URL, where that is known (`api.openai.com` for the library's own default).
        traits: conditions that choose among facts.
        spans: where it is made, the place first.
        args: of the call that made it, for a library that is given the client of another.
        wrappers: what stands round each of its calls, innermost first (`model.with_retry()`).
        parts: the clients it asks one after the other (`prompt | model | model`, fallbacks); its own
            component and settings then mean nothing.
    """

    library: str
    component: str
    maker: str
    spans: tuple[Span, ...]
    settings: tuple[Setting, ...] = ()
    blocking: bool = True
    host: str = ""
    traits: tuple[tuple[str, str], ...] = ()
    args: Args | None = None
    problems: tuple["Trap", ...] = ()
    wrappers: tuple["Wrapper", ...] = ()
    parts: tuple["Instance", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """Something about a limit that does not do what it looks like (BC202), or is rejected (BC203).

    `kind` is the name of a ProblemKind: `INEFFECTIVE`, `INVALID`, `SUSPICIOUS`.
    """

    kind: str
    text: str
    fix: str
    span: Span
    setting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One outbound call as its library makes it, without what the code wraps round it.

    Attributes:
        component, settings, traits, blocking, host, problems: as in `Instance`, those of the call included.
        method: HTTP method where it is one (`POST` for LLM calls); empty for unknown or not HTTP.
        streaming: the answer is read as a stream.
        what: what is called, for titles (`chat.completions.create`, `SELECT`).
        function: name of the function of a platform that is called and waited for (`boto3` and AWS Lambda).
        version_of: distribution whose version decides the facts (`openai`); empty for none.
        wrappers: what the client itself puts round the call, innermost first.
        parts: the requests it makes one after the other instead of one of its own.
    """

    component: str
    span: Span
    settings: tuple[Setting, ...] = ()
    blocking: bool = True
    host: str = ""
    traits: tuple[tuple[str, str], ...] = ()
    method: str = ""
    streaming: bool = False
    what: str = ""
    function: str = ""
    version_of: str = ""
    problems: tuple[Trap, ...] = ()
    wrappers: tuple["Wrapper", ...] = ()
    parts: tuple["Request", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    """Failures that lead to a further attempt, by the full names of their exceptions.

    A name is empty where it is not known which exception it stands for. No names: no exception at all.
    `but_these`: every failure except for them.
    """

    names: tuple[str, ...]
    but_these: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapper:
    """What stands round calls: a retry decorator, a deadline, a retry policy of a graph node.

    Attributes:
        component: its facts (`tenacity`, `asyncio`, `langgraph`).
        settings: in the words of the facts.
        kind: `retry`, `deadline` or `loop`.
        cancels: how a deadline ends its body: `awaits` (at the next await only), `always`, or `never`.
        traits: conditions that choose among facts.
        counts: name of the setting that counts attempts.
        caught: failures it tries again after, any of these; empty for all failures.
    """

    component: str
    kind: str
    span: Span
    settings: tuple[Setting, ...] = ()
    cancels: str = "awaits"
    traits: tuple[tuple[str, str], ...] = ()
    version_of: str = ""
    problems: tuple[Trap, ...] = ()
    counts: str = ""
    caught: tuple[Caught, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Known beginnings of evaluation for a function: arguments by parameter name."""

    values: tuple[tuple[str, PyValue | Instance], ...] = field(default=())
