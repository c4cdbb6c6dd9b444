"""requests: https://requests.readthedocs.io/en/latest/user/advanced/#timeouts, with urllib3's Retry."""

from dataclasses import replace

from budgetcheck.model.settings import Known, Setting
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import (
    HTTP_METHODS,
    host_of,
    is_none,
    known,
    overridden,
    text_of,
)
from budgetcheck.readers.python.clients.given import HIDDEN, is_true, last_part, made_by, none_at, not_known
from budgetcheck.readers.python.values import (
    Args,
    Instance,
    Items,
    Made,
    Plain,
    PyValue,
    Request,
    Trap,
    setting,
    unresolved,
)

_SENDING = HTTP_METHODS | {"request", "send"}
_SESSIONS = frozenset({"requests.Session", "requests.session", "requests.sessions.Session"})
_RETRY_SETTINGS = ("backoff_factor", "backoff_max", "backoff_jitter")
_RETRIES_OF_RETRY = 10
"""What `Retry()` tries again by itself."""
_EVERYWHERE = ("http://", "https://")
_PARTIAL = "functools.partial"
Traits = tuple[tuple[str, str], ...]


def make(name: str, args: Args) -> Instance | None:
    """A session."""
    if name not in _SESSIONS:
        return None
    return Instance(library="requests", component="requests", maker=name, spans=(args.span,))


def annotated(name: str, args: Args) -> Instance | None:
    """A session that is made elsewhere: what is mounted on it is not known."""
    made = make(name, args)
    return None if made is None else replace(made, settings=not_known(("max_retries",), args.span))


def call(client: Instance, path: str, args: Args) -> Request | Instance | None:
    """A request, or a session that was changed."""
    if path == "mount":
        return _mounted(client, args)
    if path == "timeout=":
        return replace(client, problems=(*client.problems, _no_attribute(args)))
    if path == "request=":
        return _with_default(client, args)
    if path in ("__enter__", "__aenter__"):
        return client
    return _request(path, args, client) if path in _SENDING else None


def _no_attribute(args: Args) -> Trap:
    return Trap(
        kind="INEFFECTIVE",
        text="a session has no timeout: requests never looks at this attribute",
        fix="give timeout= to each call",
        span=args.span,
        setting="timeout",
    )


def _with_default(client: Instance, args: Args) -> Instance:
    """`session.request = functools.partial(session.request, timeout=5)`."""
    given = args.get("value", 0)
    timeout = given.args.get("timeout") if isinstance(given, Made) and given.callee == _PARTIAL else None
    if timeout is None:
        settings = not_known(("timeout",), args.span, "a function of the project sends its requests")
    else:
        settings = _timeout(timeout)
    return replace(client, settings=overridden(client.settings, settings))


def _mounted(client: Instance, args: Args) -> Instance:
    """`session.mount("https://", HTTPAdapter(max_retries=...))`: the retries of the session."""
    prefix, adapter = text_of(args.get("prefix", 0)), args.get("adapter", 1)
    if not isinstance(adapter, Made) or last_part(adapter.callee) != "HTTPAdapter":
        # An adapter of the project's own may put a timeout on what has none.
        settings = not_known(("max_retries", "timeout"), args.span, "it depends on the adapter")
        return replace(client, settings=overridden(client.settings, settings))
    retries = adapter.args.get("max_retries", 2)
    found, traits = retry_settings(retries, "max_retries") if retries is not None else ((), ())
    if prefix not in _EVERYWHERE:
        found = not_known(("max_retries",), args.span, "the adapter is for some addresses only")
    kept = tuple(one for one in client.settings if not one.name.startswith(("max_retries", "retries")))
    return replace(client, settings=(*kept, *found), traits=traits)


def retry_settings(value: PyValue, name: str) -> tuple[tuple[Setting, ...], Traits]:
    """The settings of a number of retries or a `Retry(...)`, and whether it repeats every method."""
    made = made_by(value, "urllib3", "Retry") or made_by(value, "requests", "Retry")
    if made is None:
        return (setting(name, value),), ()
    found = [_retries(made, name)]
    for part in _RETRY_SETTINGS:
        given = made.args.get(part)
        if given is not None:
            found.append(setting(f"retries.{part}", given))
    return tuple(found), _methods(made.args)


def _retries(made: Made, name: str) -> Setting:
    """Retries after a read timeout: as many as `total` and `read` both allow."""
    total, reads = made.args.get("total", 0), made.args.get("read", 2)
    if total is None and made.args.open:
        return setting(name, unresolved(HIDDEN, *made.spans))
    counts = [known(_RETRIES_OF_RETRY, *made.spans) if total is None else total]
    counts += [] if reads is None else [reads]
    limits = [count for count in counts if not is_none(count)]
    if not limits:
        return setting(name, unresolved("neither total nor read is limited", *made.spans))
    numbers = [_number(count) for count in limits]
    least = [number for number in numbers if number is not None]
    if len(limits) == 1 and least:
        return Setting(name=name, value=Known(value=least[0]), spans=limits[0].spans)
    if len(least) == len(limits):
        smallest = numbers.index(min(least))
        return Setting(name=name, value=Known(value=min(least)), spans=limits[smallest].spans)
    return setting(name, limits[numbers.index(None)])


def _number(value: PyValue) -> int | None:
    """A number of retries; False is none."""
    plain = value.known if isinstance(value, Plain) else None
    if plain is False:
        return 0
    return plain if isinstance(plain, int) else None


def _methods(args: Args) -> Traits:
    """`allowed_methods=None` (or with POST among them): every method is repeated."""
    allowed = args.get("allowed_methods") or args.get("method_whitelist")
    if allowed is None:
        return ()
    if isinstance(allowed, Plain):
        every = isinstance(allowed.value, Known) and not allowed.value.value
        return (("allowed_methods", "all"),) if every else ()
    listed = {text_of(item).upper() for item in allowed.items} if isinstance(allowed, Items) else set()
    return (("allowed_methods", "all"),) if listed & {"POST", "PATCH"} else ()


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
        settings = not_known(("timeout",), args.span, HIDDEN)
    return Request(
        component="requests",
        span=args.span,
        settings=overridden(client.settings if client else (), settings),
        traits=client.traits if client else (),
        host=host_of(args.get("url", first)),
        method=verb.upper(),
        streaming=is_true(args.get("stream")),
        what=method,
        version_of="requests",
        problems=client.problems if client else (),
    )


def _timeout(value: PyValue) -> tuple[Setting, ...]:
    if isinstance(value, Items) and len(value.items) == 2:
        connect, read = value.items
        return (setting("timeout.connect", connect), setting("timeout.read", read))
    made = made_by(value, "urllib3", "Timeout")
    if made is None or made.args.get("total", 0) is not None or made.args.open:
        return (setting("timeout", value),)
    parts = {part: made.args.get(part, position) for position, part in ((1, "connect"), (2, "read"))}
    return tuple(
        none_at(f"timeout.{part}", made.spans) if one is None else setting(f"timeout.{part}", one)
        for part, one in parts.items()
    )


LIBRARY = Library(
    name="requests",
    imports=("requests",),
    distributions=("requests",),
    make=make,
    annotated=annotated,
    call=call,
    function=function,
    changes=frozenset({"mount", "timeout=", "request="}),
)
