"""The Elasticsearch client: `request_timeout`, `retry_on_timeout`, `options()`.

https://www.elastic.co/docs/reference/elasticsearch/clients/python/configuration
"""

from dataclasses import replace

from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import host_of, overridden
from budgetcheck.readers.python.clients.given import Parameter, given, is_true, last_part, not_known
from budgetcheck.readers.python.values import Args, Instance, Items, Made, Plain, PyValue, Request

_CLIENTS = {"Elasticsearch": True, "AsyncElasticsearch": False}
_PARAMETERS = (
    Parameter(name="request_timeout", setting="request_timeout"),
    Parameter(name="timeout", setting="request_timeout"),
    Parameter(name="max_retries", setting="max_retries"),
    Parameter(name="retry_on_timeout", setting="retry_on_timeout"),
)
_OF_CALL = (_PARAMETERS[0],)
_NOT_SENT = frozenset({"close", "transport", "perform_request", "__enter__", "__aenter__"})
_NAMESPACES = frozenset(
    {"indices", "cluster", "cat", "nodes", "ingest", "snapshot", "tasks", "ml", "ilm", "sql", "eql", "esql"}
    | {"security", "watcher", "enrich", "transform", "async_search", "inference", "license", "synonyms"}
)
_HELPERS = {
    "bulk": True,
    "streaming_bulk": True,
    "parallel_bulk": True,
    "scan": True,
    "reindex": True,
    "async_bulk": False,
    "async_streaming_bulk": False,
    "async_scan": False,
    "async_reindex": False,
}
_SAFE = frozenset(
    {
        "mget",
        "info",
        "ping",
        "health",
        "stats",
        "count",
        "search",
        "msearch",
        "scroll",
        "explain",
        "validate_query",
        "field_caps",
        "termvectors",
        "analyze",
        "scan",
        "async_scan",
    }
)
"""Operations that read, whatever HTTP method carries them (`search` sends its query as a POST)."""
_VERBS = {"get": "GET", "exists": "GET", "put": "PUT", "create": "PUT", "delete": "DELETE"}
_BY_QUERY = frozenset({"delete_by_query", "delete_by_query_rethrottle"})
_AGAIN = {"index": "PUT", "refresh": "GET"}
"""Operations whose second run leaves what the first one left; `index` where the call names the document."""
_TRAIT = "retry_on_timeout"


def make(name: str, args: Args) -> Instance | None:
    """A client."""
    blocking = _kind(name)
    if blocking is None:
        return None
    hosts = args.get("hosts", 0)
    settings = given(args, _PARAMETERS)
    client = Instance(
        library="elasticsearch",
        component="elasticsearch",
        maker=name,
        spans=(args.span,),
        settings=settings,
        blocking=blocking,
        host=host_of(hosts.items[0] if isinstance(hosts, Items) and hosts.items else hosts),
    )
    return _told(client, args.get(_TRAIT))


def annotated(name: str, args: Args) -> Instance | None:
    """A client that is made elsewhere."""
    blocking = _kind(name)
    if blocking is None:
        return None
    return Instance(
        library="elasticsearch",
        component="elasticsearch",
        maker=name,
        spans=(args.span,),
        settings=not_known(("request_timeout", "max_retries"), args.span),
        blocking=blocking,
        traits=((_TRAIT, "yes"),),
    )


def call(client: Instance, path: str, args: Args) -> Request | Instance | None:
    """A request, or a client with other options."""
    first, _, rest = path.partition(".")
    if path == "options":
        derived = replace(client, settings=overridden(client.settings, given(args, _PARAMETERS)))
        return _told(derived, args.get(_TRAIT))
    if path in ("__enter__", "__aenter__"):
        return client
    if first in _NOT_SENT or first.startswith("_") or (rest and first not in _NAMESPACES):
        return None
    return _request(client, path, args)


def function(name: str, args: Args) -> Request | Instance | None:
    """`helpers.bulk(client, ...)`: requests of the client it is given, at least one."""
    last = last_part(name)
    client = args.get("client", 0)
    if (
        ".helpers." not in name
        or last not in _HELPERS
        or not isinstance(client, Made)
        or client.instance is None
    ):
        return None
    if client.instance.library != "elasticsearch":
        return None
    return _request(replace(client.instance, blocking=_HELPERS[last]), f"helpers.{last}", args)


def _request(client: Instance, path: str, args: Args) -> Request:
    own = given(replace(args, open=False), _OF_CALL)
    return Request(
        component="elasticsearch",
        span=args.span,
        settings=overridden(client.settings, own),
        blocking=client.blocking,
        host=client.host,
        traits=client.traits,
        method=_method(path, args),
        what=path,
        version_of="elasticsearch",
    )


def _method(path: str, args: Args) -> str:
    """The HTTP method as a retry counts it. Of the names of 9.5.1 that begin so one is sent otherwise."""
    operation = last_part(path)
    if operation in _SAFE or path.startswith("cat."):
        return "GET"
    if operation not in _BY_QUERY:
        for verb, method in _VERBS.items():
            if operation.startswith(verb):
                return method
    if operation == "index" and args.get("id") is None:
        return "POST"
    return _AGAIN.get(operation, "POST")


def _told(client: Instance, value: PyValue | None) -> Instance:
    """Whether a timeout is tried again. Where that is not known, how often is not known either."""
    if value is None:
        return client
    settings = tuple(one for one in client.settings if one.name != _TRAIT)
    if is_true(value):
        return replace(client, settings=settings, traits=((_TRAIT, "yes"),))
    if isinstance(value, Plain) and value.known is False:
        return replace(client, settings=settings, traits=())
    unknown = not_known(("max_retries",), value.spans[0], "whether a timeout is tried again is not known")
    return replace(client, settings=overridden(settings, unknown), traits=((_TRAIT, "yes"),))


def _kind(name: str) -> bool | None:
    return _CLIENTS.get(last_part(name)) if name.split(".")[0].startswith("elasticsearch") else None


LIBRARY = Library(
    name="elasticsearch",
    imports=("elasticsearch", "elasticsearch7", "elasticsearch8"),
    distributions=("elasticsearch",),
    make=make,
    annotated=annotated,
    call=call,
    function=function,
)
