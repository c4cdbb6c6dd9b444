"""PyMongo and Motor: options of the client or of its URI, in milliseconds.

https://pymongo.readthedocs.io/en/stable/api/pymongo/mongo_client.html
"""

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from budgetcheck.model.settings import Setting
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import known, overridden, text_of
from budgetcheck.readers.python.clients.given import Parameter, given, last_part, not_known
from budgetcheck.readers.python.values import Args, Instance, Items, Plain, PyValue, Request, setting

_CLIENTS = {
    "MongoClient": True,
    "AsyncMongoClient": False,
    "AsyncIOMotorClient": False,
    "MotorClient": False,
}
_TYPES = {
    **_CLIENTS,
    **dict.fromkeys(("Database", "Collection"), True),
    **dict.fromkeys(("AsyncDatabase", "AsyncCollection"), False),
    **dict.fromkeys(("AsyncIOMotorDatabase", "AsyncIOMotorCollection"), False),
}
_PACKAGES = frozenset({"pymongo", "motor"})
_OPTIONS = (
    "timeoutMS",
    "serverSelectionTimeoutMS",
    "connectTimeoutMS",
    "socketTimeoutMS",
    "waitQueueTimeoutMS",
)
_PARAMETERS = tuple(Parameter(name=name, setting=name) for name in _OPTIONS)
_READS = frozenset(
    {"find", "find_one", "count_documents", "estimated_document_count", "distinct", "aggregate", "watch"}
    | {
        "list_collection_names",
        "list_database_names",
        "list_indexes",
        "index_information",
        "find_raw_batches",
    }
)
_WRITES_ONCE_MORE = frozenset(
    {"insert_one", "update_one", "replace_one", "delete_one", "insert_many", "bulk_write"}
    | {"find_one_and_update", "find_one_and_replace", "find_one_and_delete"}
)
_NEVER_REPEATED = frozenset(
    {"update_many", "delete_many", "command", "create_index", "create_indexes", "drop", "drop_index"}
    | {"drop_indexes", "server_info", "drop_database", "drop_collection", "create_collection", "rename"}
)
_SENDING = _READS | _WRITES_ONCE_MORE | _NEVER_REPEATED
_DERIVING = frozenset(
    {"get_database", "get_default_database", "get_collection", "with_options", "get_io_loop", "__getitem__"}
    | {"__enter__", "__aenter__"}
)
_MAX_TIME = (
    Parameter(name="max_time_ms", setting="maxTimeMS"),
    Parameter(name="maxTimeMS", setting="maxTimeMS"),
)


def make(name: str, args: Args) -> Instance | None:
    """A client."""
    last = last_part(name)
    if name.split(".")[0] not in _PACKAGES or last not in _CLIENTS:
        return None
    uri = _uri(args.get("host", 0))
    found = given(args, _PARAMETERS)
    known_uri = _from_uri(uri)
    off = [option for option in ("retryReads", "retryWrites") if _is_off(option, args, uri)]
    return Instance(
        library="pymongo",
        component="pymongo",
        maker=name,
        spans=(args.span,),
        settings=overridden(known_uri, found),
        blocking=_CLIENTS[last],
        host=_host(text_of(uri)),
        traits=tuple((option, "off") for option in off),
    )


def annotated(name: str, args: Args) -> Instance | None:
    """A client, database or collection that is made elsewhere."""
    last = last_part(name)
    if name.split(".")[0] not in _PACKAGES or last not in _TYPES:
        return None
    settings = not_known(("timeoutMS", "socketTimeoutMS", "serverSelectionTimeoutMS"), args.span)
    return Instance(
        library="pymongo",
        component="pymongo",
        maker=name,
        spans=(args.span,),
        settings=settings,
        blocking=_TYPES[last],
    )


def call(client: Instance, path: str, args: Args) -> Request | Instance | None:
    """An operation of a collection (`client.app.things.find_one`), whatever the names on the way."""
    last = last_part(path)
    if last in _DERIVING:
        return client
    if last not in _SENDING:
        return None
    never = last in _NEVER_REPEATED or ("retryReads" if last in _READS else "retryWrites") in dict(
        client.traits
    )
    return Request(
        component="pymongo",
        span=args.span,
        settings=overridden(client.settings, given(replace(args, open=False), _MAX_TIME)),
        blocking=client.blocking,
        host=client.host,
        traits=(("repeats", "no"),) if never else (),
        streaming=last == "watch",
        what=last,
        version_of="pymongo",
    )


def _uri(host: PyValue | None) -> PyValue | None:
    return host.items[0] if isinstance(host, Items) and host.items else host


def _from_uri(uri: PyValue | None) -> tuple[Setting, ...]:
    """`mongodb://a,b/app?socketTimeoutMS=5000`: names in any case."""
    if uri is None:
        return ()
    text = text_of(uri)
    if not text:
        # An address that is not known may hold any of the options; those of the call go before it.
        return not_known(
            _OPTIONS[:1] + _OPTIONS[3:4], uri.spans[0], "it may stand in the URI, which is not known"
        )
    options = _query(text)
    return tuple(
        setting(name, known(options[name.lower()], *uri.spans))
        for name in _OPTIONS
        if name.lower() in options
    )


def _query(text: str) -> dict[str, str]:
    _, _, query = text.partition("?")
    return {name.lower(): value for name, value in parse_qsl(query)}


def _host(text: str) -> str:
    """The first host of a URI, which may name several."""
    first = text.split(",")[0]
    try:
        return urlsplit(first).hostname or "" if "://" in first else first
    except ValueError:
        return ""


def _is_off(option: str, args: Args, uri: PyValue | None) -> bool:
    value = args.get(option)
    if value is not None:
        return isinstance(value, Plain) and value.known is False
    return _query(text_of(uri)).get(option.lower(), "").lower() == "false"


LIBRARY = Library(
    name="pymongo",
    imports=("pymongo", "motor"),
    distributions=("pymongo", "motor"),
    make=make,
    annotated=annotated,
    call=call,
    function=lambda _name, _args: None,
)
