"""asyncpg: connections, pools, `command_timeout`, the timeout of a single call."""

from dataclasses import replace

from budgetcheck.model.settings import Setting
from budgetcheck.readers.python.clients import postgres
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import overridden, text_of
from budgetcheck.readers.python.clients.given import HIDDEN, Parameter, given, not_known
from budgetcheck.readers.python.values import Args, Instance, PyValue, Request, Table, setting, unresolved

_CONNECTS = frozenset({"asyncpg.connect", "asyncpg.connection.connect"})
_POOLS = frozenset({"asyncpg.create_pool", "asyncpg.pool.create_pool"})
_TYPES = frozenset(
    {"asyncpg.Connection", "asyncpg.Pool", "asyncpg.pool.Pool", "asyncpg.connection.Connection"}
)
_SENDING = frozenset(
    {"execute", "executemany", "fetch", "fetchrow", "fetchval", "fetchmany", "copy_from_query"}
    | {"copy_from_table", "copy_records_to_table", "copy_to_table", "prepare"}
)
_COMMAND = "command_timeout"
_PARAMETERS = (
    Parameter(name=_COMMAND, setting=_COMMAND),
    Parameter(name="timeout", setting="timeout.connect"),
)


def make(name: str, args: Args) -> Instance | None:
    """A connection or a pool."""
    if name not in _CONNECTS | _POOLS:
        return None
    where = postgres.address(args.get("dsn", 0))
    found = (*given(args, _PARAMETERS), _statement_timeout(where, args))
    return replace(
        _bare(name, args), settings=postgres.present(found), host=where.host or text_of(args.get("host"))
    )


def annotated(name: str, args: Args) -> Instance | None:
    """A connection or pool that is made elsewhere."""
    if name not in _TYPES:
        return None
    names = (_COMMAND, "timeout.connect", postgres.STATEMENT_TIMEOUT)
    return replace(_bare(name, args), settings=not_known(names, args.span))


def call(client: Instance, path: str, args: Args) -> Request | Instance | None:
    """A statement, or a connection of a pool."""
    if path == "acquire":
        wait = given(args, [Parameter(name="timeout", setting="pool_timeout")])
        return replace(client, settings=overridden(client.settings, wait))
    if path in ("__aenter__", "transaction"):
        return client if path == "__aenter__" else None
    return _request(client, args, path) if path in _SENDING else None


def _request(client: Instance, args: Args, what: str) -> Request:
    own = given(args, [Parameter(name="timeout", setting=_COMMAND)])
    return Request(
        component="asyncpg",
        span=args.span,
        settings=overridden(client.settings, own),
        blocking=False,
        host=client.host,
        what=what,
        version_of="asyncpg",
    )


def _statement_timeout(where: postgres.Address, args: Args) -> Setting | None:
    """`server_settings={"statement_timeout": "500"}`: texts, in milliseconds."""
    name = postgres.STATEMENT_TIMEOUT
    server = args.get("server_settings")
    if isinstance(server, Table):
        written: PyValue | None = server.get(name)
        if written is not None:
            return setting(name, written)
    if server is not None and (not isinstance(server, Table) or server.open):
        return setting(name, unresolved("the server settings are not known", *server.spans))
    if args.open:
        return setting(name, unresolved(HIDDEN, args.span))
    return where.setting(name)


def _bare(name: str, args: Args) -> Instance:
    return Instance(library="asyncpg", component="asyncpg", maker=name, spans=(args.span,), blocking=False)


LIBRARY = Library(
    name="asyncpg",
    imports=("asyncpg",),
    distributions=("asyncpg",),
    make=make,
    annotated=annotated,
    call=call,
    function=lambda _name, _args: None,
)
