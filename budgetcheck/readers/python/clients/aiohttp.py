"""aiohttp: sessions, requests, `ClientTimeout`."""

from dataclasses import replace

from budgetcheck.model.settings import Known, Setting
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import host_of, is_none, overridden, text_of
from budgetcheck.readers.python.clients.given import HIDDEN, made_by, none_at, not_known
from budgetcheck.readers.python.values import (
    Args,
    Instance,
    Made,
    Plain,
    PyValue,
    Request,
    Trap,
    setting,
    unresolved,
)

_SESSIONS = frozenset({"aiohttp.ClientSession", "aiohttp.client.ClientSession"})
_METHODS = frozenset({"get", "options", "head", "post", "put", "patch", "delete"})
_FIELDS = ("total", "connect", "sock_read", "sock_connect")
_NAMES = {field: f"timeout.{field}" for field in _FIELDS}


def _make(name: str, args: Args) -> Instance | None:
    if name not in _SESSIONS:
        return None
    timeout = args.get("timeout")
    settings, problems = _of_session(timeout, args)
    return Instance(
        library="aiohttp",
        component="aiohttp",
        maker="aiohttp.ClientSession",
        spans=(args.span,),
        settings=settings,
        blocking=False,
        host=host_of(args.get("base_url", 0)),
        problems=problems,
    )


def _annotated(name: str, args: Args) -> Instance | None:
    if name not in _SESSIONS:
        return None
    return Instance(
        library="aiohttp",
        component="aiohttp",
        maker="aiohttp.ClientSession",
        spans=(args.span,),
        settings=not_known(_NAMES.values(), args.span),
        blocking=False,
    )


def _call(instance: Instance, path: str, args: Args) -> Request | Instance | None:
    if path in ("__aenter__", "__enter__"):
        return instance
    if path == "ws_connect":
        return _request(instance, args, method="GET", url=args.get("url", 0), timeout=None, streaming=True)
    if path == "request":
        method = text_of(args.get("method", 0)).upper()
        return _request(instance, args, method=method, url=args.get("url", 1), timeout=args.get("timeout"))
    if path in _METHODS:
        url = args.get("url", 0)
        return _request(instance, args, method=path.upper(), url=url, timeout=args.get("timeout"))
    return None


def _function(name: str, args: Args) -> Request | Instance | None:
    if name not in ("aiohttp.request", "aiohttp.client.request"):
        return None
    session = Instance(library="aiohttp", component="aiohttp", maker=name, spans=(args.span,), blocking=False)
    return _call(session, "request", args)


def _request(
    instance: Instance,
    args: Args,
    *,
    method: str,
    url: PyValue | None,
    timeout: PyValue | None,
    streaming: bool = False,
) -> Request:
    own, problems = _of_call(timeout, args)
    settings = overridden(instance.settings, own)
    return Request(
        component="aiohttp",
        span=args.span,
        settings=settings,
        blocking=False,
        host=host_of(url) or instance.host,
        method=method,
        streaming=streaming,
        what=f"session.{method.lower() or 'request'}",
        version_of="aiohttp",
        problems=(*(() if own else instance.problems), *problems),
    )


def _of_session(timeout: PyValue | None, args: Args) -> tuple[tuple[Setting, ...], tuple[Trap, ...]]:
    """The session's limits. An explicit None stands for the default, other than in a call."""
    if is_none(timeout):
        return (), ()
    settings, problems = _of_call(timeout, args)
    if isinstance(timeout, Plain) and isinstance(timeout.value, Known):
        trap = Trap(
            kind="INVALID",
            text="ClientSession takes a ClientTimeout: a number raises ValueError",
            fix=f"write aiohttp.ClientTimeout(total={timeout.value.value})",
            span=timeout.spans[0],
            setting="timeout",
        )
        return settings, (trap,)
    return settings, problems


def _of_call(timeout: PyValue | None, args: Args) -> tuple[tuple[Setting, ...], tuple[Trap, ...]]:
    """The limits of a call: a ClientTimeout replaces the session's as a whole, a number is its total."""
    if timeout is None:
        return (not_known(_NAMES.values(), args.span, HIDDEN), ()) if args.open else ((), ())
    made = made_by(timeout, "aiohttp", "ClientTimeout")
    if made is not None:
        settings = _fields(made)
        return settings, _without_end(made)
    if isinstance(timeout, Plain):
        return _total(timeout), ()
    spans = timeout.spans
    reason = unresolved("this kind of timeout is not followed", *spans)
    return tuple(setting(name, reason) for name in _NAMES.values()), ()


def _total(timeout: Plain) -> tuple[Setting, ...]:
    rest = tuple(none_at(name, timeout.spans) for field, name in _NAMES.items() if field != "total")
    return (setting("timeout.total", timeout), *rest)


def _fields(made: Made) -> tuple[Setting, ...]:
    """Every field of a ClientTimeout: what is left out is None, and no longer the session's default."""
    found = []
    for position, field in enumerate(_FIELDS):
        value = made.args.get(field, position)
        if value is not None:
            one = setting(_NAMES[field], value)
            found.append(
                replace(one, spans=tuple(dict.fromkeys((*one.spans[:1], *made.spans, *one.spans[1:]))))
            )
        elif made.args.open:
            found.append(setting(_NAMES[field], unresolved(HIDDEN, *made.spans)))
        else:
            found.append(none_at(_NAMES[field], made.spans))
    return tuple(found)


def _without_end(made: Made) -> tuple[Trap, ...]:
    """`ClientTimeout(connect=5)`: with the total left out nothing ends the wait for an answer."""
    ends = (made.args.get("total", 0), made.args.get("sock_read", 2))
    written = made.args.get("connect", 1) or made.args.get("sock_connect", 3)
    if any(ends) or made.args.open or written is None:
        return ()
    return (
        Trap(
            kind="INEFFECTIVE",
            text="a ClientTimeout without total replaces the default of 300 s: only connecting is limited,"
            " nothing ends the wait for an answer",
            fix="write total= as well",
            span=written.spans[0],
            setting="timeout",
        ),
    )


LIBRARY = Library(
    name="aiohttp",
    imports=("aiohttp",),
    distributions=("aiohttp",),
    make=_make,
    annotated=_annotated,
    call=_call,
    function=_function,
)
