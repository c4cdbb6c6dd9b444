"""requests: https://requests.readthedocs.io/en/latest/user/advanced/#timeouts, with urllib3's Retry."""

from dataclasses import replace

from budgetcheck.model.settings import Known, Setting
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import (
    HTTP_METHODS,
    host_of,
    is_none,
    text_of,
    unresolved_settings,
)
from budgetcheck.readers.python.values import Args, Instance, Items, Made, Plain, PyValue, Request, setting

_SENDING = HTTP_METHODS | {"request", "send"}
_SESSIONS = frozenset({"requests.Session", "requests.session", "requests.sessions.Session"})
_RETRY = frozenset({"urllib3.util.retry.Retry", "urllib3.util.Retry", "urllib3.Retry"})
_RETRY_SETTINGS = ("backoff_factor", "backoff_max", "backoff_jitter")


def make(name: str, args: Args) -> Instance | None:
    """A session."""
    if name not in _SESSIONS:
        return None
    return Instance(library="requests", component="requests", maker=name, spans=(args.span,))


def annotated(name: str, args: Args) -> Instance | None:
    """A session that is made elsewhere: whether it repeats is not known."""
    if name not in _SESSIONS:
        return None
    settings = tuple(unresolved_settings(("max_retries",), args.span))
    return Instance(
        library="requests", component="requests", maker=name, spans=(args.span,), settings=settings
    )


def call(client: Instance, path: str, args: Args) -> Request | Instance | None:
    """A request, or a session with an adapter mounted."""
    if path == "mount":
        return mounted(client, args)
    return _request(path, args, client) if path in _SENDING else None


def mounted(client: Instance, args: Args) -> Instance:
    """`session.mount("https://", HTTPAdapter(max_retries=...))`: the retries of the session."""
    adapter = args.get("adapter", 1)
    if not isinstance(adapter, Made) or not adapter.callee.endswith("HTTPAdapter"):
        settings = tuple(unresolved_settings(("max_retries",), args.span))
        return replace(client, settings=settings)
    retries = adapter.args.get("max_retries", 2)
    settings, traits = retry_settings(retries, "max_retries") if retries is not None else ((), ())
    return replace(client, settings=settings, traits=traits)


def retry_settings(value: PyValue, name: str) -> tuple[tuple[Setting, ...], tuple[tuple[str, str], ...]]:
    """The settings of a number of retries or a `Retry(...)`, and whether it repeats every method."""
    if not isinstance(value, Made) or value.callee not in _RETRY:
        return (setting(name, value),), ()
    reads = value.args.get("read", 2)
    total = value.args.get("total", 0)
    chosen = reads if reads is not None and not is_none(reads) else total
    found = []
    if chosen is not None:
        found.append(setting(name, chosen))
    elif not value.args.open:
        found.append(Setting(name=name, value=Known(value=10), spans=value.spans))  # Retry's own default
    for part in _RETRY_SETTINGS:
        given = value.args.get(part)
        if given is not None:
            found.append(setting(f"retries.{part}", given))
    return tuple(found), _methods(value.args.get("allowed_methods") or value.args.get("method_whitelist"))


def _methods(allowed: PyValue | None) -> tuple[tuple[str, str], ...]:
    if allowed is None:
        return ()
    falsy = isinstance(allowed, Plain) and not allowed.known and isinstance(allowed.value, Known)
    every = is_none(allowed) or falsy
    listed = {text_of(item).upper() for item in allowed.items} if isinstance(allowed, Items) else set()
    return (("allowed_methods", "all"),) if every or listed & {"POST", "PATCH"} else ()


def function(name: str, args: Args) -> Request | Instance | None:
    """`requests.get(...)`."""
    package, _, method = name.rpartition(".")
    if package not in ("requests", "requests.api") or method not in _SENDING - {"send"}:
        return None
    return _request(method, args, None)


def _request(method: str, args: Args, client: Instance | None) -> Request:
    first = 1 if method == "request" else 0
    verb = text_of(args.get("method", 0)) if first else "" if method == "send" else method
    timeout = args.get("timeout")
    settings = _timeout(timeout) if timeout is not None else ()
    if timeout is None and args.open:
        settings = tuple(unresolved_settings(("timeout",), args.span))
    return Request(
        component="requests",
        span=args.span,
        settings=(*(client.settings if client else ()), *settings),
        traits=client.traits if client else (),
        host=host_of(args.get("url", first)),
        method=verb.upper(),
        what=method,
        version_of="requests",
    )


def _timeout(value: PyValue) -> tuple[Setting, ...]:
    if isinstance(value, Items) and len(value.items) == 2:
        connect, read = value.items
        return (setting("timeout.connect", connect), setting("timeout.read", read))
    return (setting("timeout", value),)


LIBRARY = Library(
    name="requests",
    imports=("requests",),
    distributions=("requests",),
    make=make,
    annotated=annotated,
    call=call,
    function=function,
    changes=frozenset({"mount"}),
)
