"""redis-py: `Redis(...)`, `from_url(...)`, pools, `redis.asyncio`, `Retry(ExponentialBackoff(...), n)`.

Only a `Redis(...)` that makes its own connections has the default retries; the trait `constructor` tells.
"""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from budgetcheck.model.settings import Setting
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import host_of, is_none, known, overridden, text_of
from budgetcheck.readers.python.clients.given import HIDDEN, Parameter, given, is_true, last_part, not_known
from budgetcheck.readers.python.values import Args, Instance, Made, PyValue, Request, setting, unresolved

_CLIENTS = frozenset({"Redis", "StrictRedis"})
_POOLS = frozenset({"ConnectionPool", "BlockingConnectionPool"})
_CLUSTERS = frozenset({"RedisCluster"})
_PACKAGES = frozenset({"redis", "aioredis"})
_PARAMETERS = (
    Parameter(name="socket_timeout", setting="socket_timeout", position=4),
    Parameter(name="socket_connect_timeout", setting="socket_connect_timeout", position=5),
)
_NAMES = ("socket_timeout", "socket_connect_timeout", "retries")
_NOT_SENT = frozenset(
    {"lock", "pubsub", "monitor", "close", "aclose", "register_script", "set_response_callback", "client"}
    | {
        "set_retry",
        "get_retry",
        "get_encoder",
        "get_connection_kwargs",
        "initialize",
        "auto_close",
        "ft",
        "json",
    }
    | {
        "transaction",
        "from_pool",
        "load_external_module",
        "parse_response",
        "get_cache",
        "__enter__",
        "__aenter__",
    }
)
_BLOCKING = frozenset(
    {"blpop", "brpop", "brpoplpush", "blmove", "blmpop", "bzpopmin", "bzpopmax", "bzmpop", "wait"}
)
_PIPELINE = "redis.client.Pipeline"


def make(name: str, args: Args) -> Instance | None:
    """A client or a pool."""
    owner, _, last = name.rpartition(".")
    if name.split(".")[0] not in _PACKAGES:
        return None
    if last == "from_url" and (
        last_part(owner) in _CLIENTS | _POOLS or owner in _PACKAGES | {"redis.asyncio"}
    ):
        return _from_url(name, args)
    if last in _CLUSTERS:
        return _instance(name, args, (), component="redis-cluster")
    if last in _POOLS:
        return _instance(name, args, (*given(args, _NAMED), *_retry(args)), constructor="connection_pool")
    return _client(name, args) if last in _CLIENTS else None


def annotated(name: str, args: Args) -> Instance | None:
    """A client that is made elsewhere."""
    last = last_part(name)
    if name.split(".")[0] not in _PACKAGES or last not in _CLIENTS | _POOLS | _CLUSTERS:
        return None
    component = "redis-cluster" if last in _CLUSTERS else "redis"
    return _instance(name, args, not_known(_NAMES, args.span), component=component)


def call(client: Instance, path: str, args: Args) -> Request | Instance | None:
    """A command; those of a pipeline are sent by `execute`."""
    if path in ("pipeline", "multi_exec"):
        return replace(client, maker=_PIPELINE)
    if client.maker == _PIPELINE:
        return _command(client, path, args) if path == "execute" else client
    if path in ("__enter__", "__aenter__"):
        return client
    if last_part(client.maker) in _POOLS or path in _NOT_SENT or path.startswith("_"):
        return None
    return _command(client, path, args)


def _command(client: Instance, path: str, args: Args) -> Request:
    settings = client.settings
    if path in _BLOCKING or (path in ("xread", "xreadgroup") and args.get("block") is not None):
        waits = unresolved("a blocking command brings a time of its own", args.span)
        settings = overridden(settings, (setting("socket_timeout", waits),))
    return Request(
        component=client.component,
        span=args.span,
        settings=settings,
        blocking=client.blocking,
        host=client.host,
        traits=client.traits,
        what=path,
        version_of="redis",
        problems=client.problems,
    )


def _client(name: str, args: Args) -> Instance:
    pool = args.get("connection_pool")
    if pool is None or is_none(pool):
        host = text_of(args.get("host", 0))
        settings = (*given(args, _PARAMETERS), *_retry(args))
        return replace(_instance(name, args, settings), host=host)
    if isinstance(pool, Made) and pool.instance is not None:
        return replace(
            pool.instance, maker=name, blocking=_blocks(name), spans=(args.span, *pool.instance.spans)
        )
    return _instance(name, args, not_known(_NAMES, pool.spans[0]), constructor="connection_pool")


def _from_url(name: str, args: Args) -> Instance:
    url = args.get("url", 0)
    found = overridden(_in_url(url), (*given(args, _NAMED), *_retry(args)))
    return replace(_instance(name, args, found, constructor="from_url"), host=host_of(url))


_NAMED = tuple(replace(one, position=None) for one in _PARAMETERS)


def _in_url(url: PyValue | None) -> tuple[Setting, ...]:
    """`redis://cache/0?socket_timeout=2`."""
    try:
        query = dict(parse_qsl(urlsplit(text_of(url)).query))
    except ValueError:
        return ()
    spans = url.spans if url is not None else ()
    return tuple(setting(name, known(query[name], *spans)) for name in _NAMES[:2] if name in query)


def _instance(
    name: str, args: Args, settings: tuple[Setting, ...], *, component: str = "redis", constructor: str = ""
) -> Instance:
    once = "yes" if is_true(args.get("retry_on_timeout")) else ""
    traits = (("constructor", constructor), ("retry_on_timeout", once))
    return Instance(
        library="redis",
        component=component,
        maker=name,
        spans=(args.span,),
        settings=settings,
        blocking=_blocks(name),
        traits=tuple(pair for pair in traits if pair[1]),
    )


def _blocks(name: str) -> bool:
    parts = name.split(".")
    return parts[0] != "aioredis" and "asyncio" not in parts


def _retry(args: Args) -> tuple[Setting, ...]:
    """`retry=Retry(ExponentialBackoff(cap=10, base=1), 3)`."""
    retry = args.get("retry")
    if retry is None or is_none(retry):
        return not_known(("retries",), args.span, HIDDEN) if args.open else ()
    if not isinstance(retry, Made) or last_part(retry.callee) != "Retry":
        return (setting("retries", unresolved("this kind of retry is not followed", *retry.spans)),)
    retries = retry.args.get("retries", 1)
    backoff = retry.args.get("backoff", 0)
    found = () if retries is None else (setting("retries", retries),)
    return (*found, *_pauses(backoff))


_BASE, _CAP = 0.008, 0.512


def _pauses(backoff: PyValue | None) -> tuple[Setting, ...]:
    """Before retry k: min(cap, base x 2^k) in all its kinds with jitter; a constant stays the same."""
    if not isinstance(backoff, Made):
        return (
            setting(
                "retry.first",
                unresolved("these pauses are not followed", *(backoff.spans if backoff else ())),
            ),
        )
    kind = last_part(backoff.callee)
    if kind == "NoBackoff":
        return _as_settings({"first": known(0, *backoff.spans)})
    if kind == "ConstantBackoff":
        constant = backoff.args.get("backoff", 0)
        return () if constant is None else _as_settings({"first": constant, "most": constant})
    cap = backoff.args.get("cap", 0) or known(_CAP, *backoff.spans)
    base = backoff.args.get("base", 1) or known(_BASE, *backoff.spans)
    if kind == "DecorrelatedJitterBackoff":
        return _as_settings({"first": base, "factor": known(3, *backoff.spans), "most": cap})
    return (setting("retry.first", base, scale=2), *_as_settings({"most": cap}))


def _as_settings(parts: Mapping[str, PyValue]) -> tuple[Setting, ...]:
    return tuple(setting(f"retry.{part}", value) for part, value in parts.items())


LIBRARY = Library(
    name="redis",
    imports=("redis", "aioredis"),
    distributions=("redis",),
    make=make,
    annotated=annotated,
    call=call,
    function=lambda _name, _args: None,
)
