"""psycopg, psycopg2 and their pools.

Each statement is a call, with the limit of connecting; a commit is not counted.
"""

from dataclasses import replace

from budgetcheck.model.settings import Setting
from budgetcheck.readers.python.clients import postgres
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import overridden, text_of
from budgetcheck.readers.python.clients.given import HIDDEN, Parameter, given, not_known
from budgetcheck.readers.python.values import Args, Instance, PyValue, Request, Table, setting

_CONNECTS = {
    "psycopg.connect": True,
    "psycopg.Connection.connect": True,
    "psycopg.AsyncConnection.connect": False,
    "psycopg2.connect": True,
}
_POOLS = {
    "psycopg_pool.ConnectionPool": True,
    "psycopg_pool.NullConnectionPool": True,
    "psycopg_pool.AsyncConnectionPool": False,
    "psycopg_pool.AsyncNullConnectionPool": False,
}
_OLD_POOLS = frozenset(
    {"psycopg2.pool.SimpleConnectionPool", "psycopg2.pool.ThreadedConnectionPool"}
    | {"psycopg2.pool.PersistentConnectionPool"}
)
_CONNECTIONS = {
    "psycopg.Connection": True,
    "psycopg.AsyncConnection": False,
    "psycopg2.extensions.connection": True,
    "psycopg.Cursor": True,
    "psycopg.AsyncCursor": False,
    "psycopg2.extensions.cursor": True,
}
_SENDING = frozenset(
    {"execute", "executemany", "copy", "stream", "callproc", "copy_expert", "copy_from", "copy_to"}
)
_DERIVING = frozenset({"cursor", "connection", "getconn", "pipeline", "__enter__", "__aenter__"})
_WAIT = "pool_timeout"
_CONNECT = "connect_timeout"


def make(name: str, args: Args) -> Instance | None:
    """A connection or a pool."""
    if name in _CONNECTS:
        conninfo = args.get("dsn" if name == "psycopg2.connect" else "conninfo", 0)
        return _instance(name, args, conninfo, args, blocking=_CONNECTS[name])
    if name in _POOLS:
        return _pool(name, args)
    if name in _OLD_POOLS:
        return _instance(name, args, args.get("dsn", 2), args, blocking=True)
    return None


def annotated(name: str, args: Args) -> Instance | None:
    """A connection, cursor or pool that is made elsewhere."""
    blocking = {**_CONNECTIONS, **_POOLS}.get(name)
    if blocking is None:
        return None
    settings = not_known((_CONNECT, postgres.STATEMENT_TIMEOUT), args.span)
    return replace(_bare(name, args, blocking=blocking), settings=settings)


def call(client: Instance, path: str, args: Args) -> Request | Instance | None:
    """A statement, or a connection of a pool."""
    if path in _DERIVING:
        wait = (
            given(args, [Parameter(name="timeout", setting=_WAIT)])
            if path in ("connection", "getconn")
            else ()
        )
        return replace(client, settings=overridden(client.settings, wait))
    return _request(client, args, path) if path in _SENDING else None


def _request(client: Instance, args: Args, what: str) -> Request:
    return Request(
        component="psycopg",
        span=args.span,
        settings=client.settings,
        blocking=client.blocking,
        host=client.host,
        traits=client.traits,
        what=what,
        version_of="psycopg",
    )


def _pool(name: str, args: Args) -> Instance:
    """A pool of psycopg_pool: `kwargs` are those of connect, and 30 s for a connection if nothing is said."""
    options = args.get("kwargs")
    inner = Args(
        keywords=options.entries if isinstance(options, Table) else (),
        open=options is not None and (not isinstance(options, Table) or options.open),
        span=args.span,
    )
    client = _instance(name, args, args.get("conninfo", 0), inner, blocking=_POOLS[name])
    wait = given(args, [Parameter(name="timeout", setting=_WAIT)])
    return replace(
        client, settings=(*client.settings, *wait), traits=(*client.traits, ("pool", "psycopg_pool"))
    )


def _instance(name: str, args: Args, conninfo: PyValue | None, options: Args, *, blocking: bool) -> Instance:
    where = postgres.address(conninfo)
    settings = _settings(where, options)
    host = where.host or text_of(options.get("host"))
    return replace(_bare(name, args, blocking=blocking), settings=settings, host=host)


def _settings(where: postgres.Address, options: Args) -> tuple[Setting, ...]:
    written = options.get(_CONNECT)
    found = [
        setting(_CONNECT, written) if written is not None else where.setting(_CONNECT),
        postgres.statement_timeout(where, options.get("options")),
    ]
    hidden = not_known((_CONNECT, postgres.STATEMENT_TIMEOUT), options.span, HIDDEN) if options.open else ()
    return postgres.present((*found, *hidden))


def _bare(name: str, args: Args, *, blocking: bool) -> Instance:
    return Instance(
        library="psycopg",
        component="psycopg",
        maker=name,
        spans=(args.span,),
        blocking=blocking,
        traits=(("driver", "psycopg2"),) if name.startswith("psycopg2") else (),
    )


LIBRARY = Library(
    name="psycopg",
    imports=("psycopg", "psycopg2", "psycopg_pool"),
    distributions=("psycopg", "psycopg2", "psycopg2-binary"),
    make=make,
    annotated=annotated,
    call=call,
    function=lambda _name, _args: None,
)
