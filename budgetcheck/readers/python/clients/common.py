"""What several client libraries share: timeouts of httpx, overriding settings, hosts, HTTP methods."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from budgetcheck.model.settings import Known, Setting, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.readers.python.values import (
    Args,
    Items,
    Made,
    Named,
    Plain,
    PyValue,
    Trap,
    setting,
)

HTTP_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
"""Methods of clients that are called like the HTTP method they send."""

_PARTS = ("connect", "read", "write", "pool")
_TIMEOUT_CLASSES = frozenset({"httpx.Timeout", "httpx2.Timeout", "openai.Timeout", "anthropic.Timeout"})


def known(value: object, *spans: Span) -> Plain:
    """A value that the library itself gives."""
    return Plain(value=Known(value=value), spans=spans)  # type: ignore[arg-type]


def is_none(value: PyValue | None) -> bool:
    """An explicit None."""
    return isinstance(value, Plain) and isinstance(value.value, Known) and value.value.value is None


def text_of(value: PyValue | None) -> str:
    """A text that is known; empty for anything else."""
    return value.known if isinstance(value, Plain) and isinstance(value.known, str) else ""


def whole(value: PyValue | None) -> int | None:
    """A whole number that is known."""
    found = value.known if isinstance(value, Plain) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def sets_timeout(value: PyValue | None) -> bool:
    """A timeout is given, and not one of the words for "as before" (`NOT_GIVEN`, `USE_CLIENT_DEFAULT`)."""
    if isinstance(value, Named):
        return value.name.rpartition(".")[2] not in (
            "USE_CLIENT_DEFAULT",
            "NOT_GIVEN",
            "NotGiven",
            "not_given",
        )
    if isinstance(value, Made):
        return value.callee.rpartition(".")[2] not in ("NotGiven", "UseClientDefault")
    return value is not None


def httpx_timeout(value: PyValue) -> tuple[tuple[Setting, ...], tuple[Trap, ...]]:
    """The settings of a timeout of httpx: a number, None, a tuple, or `httpx.Timeout(20, connect=5)`."""
    if isinstance(value, Items):
        return _from_tuple(value)
    if isinstance(value, Made) and value.callee in _TIMEOUT_CLASSES:
        return _from_class(value)
    if not isinstance(value, Plain):
        return (setting("timeout", value),), ()
    return (setting("timeout", value),), ()


def _from_tuple(value: Items) -> tuple[tuple[Setting, ...], tuple[Trap, ...]]:
    """(connect, read, write, pool): what is left out has no limit."""
    found = [setting(f"timeout.{part}", item) for part, item in zip(_PARTS, value.items, strict=False)]
    missing = _PARTS[len(value.items) :]
    found += [Setting(name=f"timeout.{part}", value=Known(value=None), spans=value.spans) for part in missing]
    if not missing:
        return tuple(found), ()
    trap = Trap(
        kind="INEFFECTIVE",
        text=f"a timeout of {len(value.items)} parts leaves {' and '.join(missing)} without a limit",
        fix="write a single number, or httpx.Timeout(20, connect=5)",
        span=value.spans[0],
        setting="timeout",
    )
    return tuple(found), (trap,)


def _from_class(value: Made) -> tuple[tuple[Setting, ...], tuple[Trap, ...]]:
    """`Timeout(20.0, connect=5.0)`: what is not named has the first number."""
    first = value.args.get("timeout", 0)
    if isinstance(first, Items):
        return _from_tuple(first)
    if isinstance(first, Made) and first.callee in _TIMEOUT_CLASSES:
        return _from_class(first)
    found = []
    for part in _PARTS:
        given = value.args.get(part)
        if given is None and value.args.open:
            given = Plain(
                value=Unresolved(reason="it may be given by **", needs="name it"), spans=value.spans
            )
        chosen = given if given is not None else first
        if chosen is not None:
            found.append(_through(setting(f"timeout.{part}", chosen), value))
    if len(found) == len(_PARTS):
        return tuple(found), ()
    trap = Trap(
        kind="INVALID",
        text="a Timeout of some parts alone raises ValueError: it takes all four of them, or a default first",
        fix="write a default as well, as in httpx.Timeout(20, connect=5)",
        span=value.spans[0],
        setting="timeout",
    )
    return tuple(found), (trap,)


def _through(one: Setting, value: Made) -> Setting:
    """The place of use first, then the constructor's argument."""
    spans = dict.fromkeys((*value.spans[:1], *one.spans))
    return Setting(name=one.name, value=one.value, spans=tuple(spans))


def overridden(base: Iterable[Setting], given: Iterable[Setting]) -> tuple[Setting, ...]:
    """Settings of a client with those of a call: a call's `timeout` replaces every part of the client's."""
    later = tuple(given)
    names = {one.name for one in later}
    roots = {name.partition(".")[0] for name in names}
    kept = (
        one
        for one in base
        if one.name not in names and not (one.name.partition(".")[0] in roots and _whole(one.name, names))
    )
    return (*kept, *later)


def _whole(name: str, names: set[str]) -> bool:
    """`timeout` and `timeout.read` say the same thing: the later one holds."""
    root = name.partition(".")[0]
    return root in names or (name == root and any(one.startswith(f"{root}.") for one in names))


def host_of(url: PyValue | None) -> str:
    """The host of a URL that is known; empty for anything else."""
    text = text_of(url)
    if "://" not in text:
        return ""
    try:
        return (urlsplit(text).hostname or "").lower()
    except ValueError:
        return ""


def unresolved_settings(names: Iterable[str], span: Span) -> Iterator[Setting]:
    """Settings of a client of which only the type is known."""
    value = Unresolved(reason="the client is made elsewhere", needs="make it where it can be seen")
    for name in names:
        yield Setting(name=name, value=value, spans=(span,))


def numbers(args: Args, names: Iterable[str]) -> tuple[Setting, ...]:
    """The settings among the keyword arguments, under their own names."""
    return tuple(setting(name, value) for name, value in args.keywords if name in set(names))
