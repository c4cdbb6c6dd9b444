"""urllib3 by itself: pools, `urllib3.request`, `Timeout`, `Retry`.

https://urllib3.readthedocs.io/en/stable/reference/urllib3.util.html
"""

from budgetcheck.model.settings import Setting
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import host_of, known, overridden, text_of
from budgetcheck.readers.python.clients.given import HIDDEN, last_part, made_by, none_at, not_known
from budgetcheck.readers.python.clients.requests import retry_settings
from budgetcheck.readers.python.values import Args, Instance, Plain, PyValue, Request, setting, unresolved

_POOLS = frozenset({"PoolManager", "ProxyManager"})
_TO_ONE_HOST = frozenset({"HTTPConnectionPool", "HTTPSConnectionPool"})
_SENDING = frozenset({"request", "urlopen", "request_encode_url", "request_encode_body"})
_RETRIES = "retries"
_TIMEOUTS = ("timeout.total", "timeout.connect", "timeout.read")
Traits = tuple[tuple[str, str], ...]


def make(name: str, args: Args) -> Instance | None:
    """A pool of connections."""
    if name.split(".")[0] != "urllib3" or last_part(name) not in _POOLS | _TO_ONE_HOST:
        return None
    settings, traits = _limits(args)
    single = last_part(name) in _TO_ONE_HOST
    return Instance(
        library="urllib3",
        component="urllib3",
        maker=name,
        spans=(args.span,),
        settings=settings,
        host=text_of(args.get("host", 0)) if single else "",
        traits=traits,
    )


def annotated(name: str, args: Args) -> Instance | None:
    """A pool that is made elsewhere."""
    if name.split(".")[0] != "urllib3" or last_part(name) not in _POOLS | _TO_ONE_HOST:
        return None
    settings = not_known((*_TIMEOUTS, _RETRIES), args.span)
    return Instance(library="urllib3", component="urllib3", maker=name, spans=(args.span,), settings=settings)


def call(client: Instance, path: str, args: Args) -> Request | Instance | None:
    """A request, or the pool of one host."""
    if path in ("__enter__", "connection_from_url", "connection_from_host"):
        return client
    return _request(args, path, client) if path in _SENDING else None


def function(name: str, args: Args) -> Request | Instance | None:
    """`urllib3.request(...)`."""
    return _request(args, "request", None) if name == "urllib3.request" else None


def _request(args: Args, what: str, client: Instance | None) -> Request:
    own, traits = _limits(args)
    base = client.settings if client else ()
    if any(one.name.startswith("timeout") for one in own):
        base = tuple(one for one in base if not one.name.startswith("timeout"))
    if any(one.name.startswith(_RETRIES) for one in own):
        base = tuple(one for one in base if not one.name.startswith(_RETRIES))
    elif client is not None:
        traits = client.traits
    return Request(
        component="urllib3",
        span=args.span,
        settings=overridden(base, own),
        host=host_of(args.get("url", 1)) or (client.host if client else ""),
        traits=traits,
        method=text_of(args.get("method", 0)).upper(),
        what=what,
        version_of="urllib3",
    )


def _limits(args: Args) -> tuple[tuple[Setting, ...], Traits]:
    timeout, retries = args.get("timeout"), args.get(_RETRIES)
    settings: tuple[Setting, ...] = ()
    traits: Traits = ()
    if timeout is not None:
        settings += _timeout(timeout)
    elif args.open:
        settings += not_known(_TIMEOUTS, args.span, HIDDEN)
    if retries is not None:
        found, traits = _retries(retries)
        settings += found
    elif args.open:
        settings += not_known((_RETRIES,), args.span, HIDDEN)
    return settings, traits


def _timeout(value: PyValue) -> tuple[Setting, ...]:
    if isinstance(value, Plain):
        return (setting("timeout", value),)
    made = made_by(value, "urllib3", "Timeout")
    if made is None:
        unknown = unresolved("this kind of timeout is not followed", *value.spans)
        return tuple(setting(name, unknown) for name in _TIMEOUTS)
    found = []
    for position, name in enumerate(_TIMEOUTS):
        one = made.args.get(last_part(name), position)
        found.append(none_at(name, made.spans) if one is None else setting(name, one))
    return tuple(found)


def _retries(value: PyValue) -> tuple[tuple[Setting, ...], Traits]:
    """A number, a `Retry(...)`; False means none, and that errors are passed on as they are."""
    if isinstance(value, Plain) and value.known is False:
        return (setting(_RETRIES, known(0, *value.spans)),), ()
    return retry_settings(value, _RETRIES)


LIBRARY = Library(
    name="urllib3",
    imports=("urllib3",),
    distributions=("urllib3",),
    make=make,
    annotated=annotated,
    call=call,
    function=function,
)
