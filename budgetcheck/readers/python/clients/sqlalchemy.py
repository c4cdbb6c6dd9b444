"""SQLAlchemy (and SQLModel, Flask-SQLAlchemy): engines, connections, sessions, queries.

Each statement that the code asks for is a call; what the ORM sends by itself (lazy loads, refreshes after a
commit) is not followed. Databases inside the process (SQLite) make no calls.
"""

from dataclasses import replace

from budgetcheck.model.settings import Setting
from budgetcheck.readers.python.clients import postgres
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import text_of
from budgetcheck.readers.python.clients.given import HIDDEN, Parameter, given, last_part, not_known
from budgetcheck.readers.python.values import (
    Args,
    Instance,
    Items,
    Made,
    Named,
    Plain,
    PyValue,
    Request,
    Table,
    setting,
    unresolved,
)

_PACKAGES = frozenset({"sqlalchemy", "sqlmodel", "flask_sqlalchemy", "flask_sqlalchemy_lite"})
_ENGINES = {"create_engine": True, "create_async_engine": False}
_FACTORIES = {"sessionmaker": True, "async_sessionmaker": False}
_SCOPED = frozenset({"scoped_session", "async_scoped_session"})
_SESSIONS = {"Session": True, "AsyncSession": False}
_TYPES = {
    "Engine": ("engine", True),
    "AsyncEngine": ("engine", False),
    "Connection": ("connection", True),
    "AsyncConnection": ("connection", False),
    "Session": ("session", True),
    "AsyncSession": ("session", False),
    "sessionmaker": ("factory", True),
    "async_sessionmaker": ("factory", False),
    "scoped_session": ("session", True),
    "Query": ("query", True),
}
_ON_CONNECTION = frozenset({"execute", "exec_driver_sql", "scalar", "scalars", "commit"})
_ON_SESSION = frozenset(
    {"execute", "scalar", "scalars", "exec", "get", "get_one", "flush", "commit", "refresh", "merge"}
    | {"bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings"}
)
_STREAMING = frozenset({"stream", "stream_scalars"})
_ON_QUERY = frozenset(
    {"all", "first", "one", "one_or_none", "scalar", "scalars", "count", "get", "delete", "update"}
)
_SAME_CONNECTION = frozenset({"execution_options", "begin", "begin_nested", "__enter__", "__aenter__"})
_NAMES = ("connect_timeout", postgres.STATEMENT_TIMEOUT)
_PARAMETERS = (Parameter(name="pool_timeout", setting="pool_timeout"),)
_ROLE = "sqlalchemy."
HOOKED = "engine options of a hook"
"""Argument of Flask-SQLAlchemy that stands for what a subclass adds to the options of its engines."""
_URI, _OPTIONS = "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_ENGINE_OPTIONS"


def make(name: str, args: Args) -> Instance | None:
    """An engine, a factory of sessions, or a session."""
    package, last = name.split(".")[0], last_part(name)
    if package not in _PACKAGES:
        return None
    if package.startswith("flask_sqlalchemy") and last == "SQLAlchemy":
        return _extension(args)
    if last in _ENGINES:
        return _engine(args, blocking=_ENGINES[last])
    if last in _FACTORIES:
        return _bound(args, "factory", blocking=_FACTORIES[last] and not _makes_async(args.get("class_", 1)))
    if last in _SCOPED:
        return _of(args.get("session_factory", 0), "session") or _unbound("session", args, blocking=True)
    return _bound(args, "session", blocking=_SESSIONS[last]) if last in _SESSIONS else None


def annotated(name: str, args: Args) -> Instance | None:
    """An engine, connection or session that is made elsewhere."""
    known = _TYPES.get(last_part(name)) if name.split(".")[0] in _PACKAGES else None
    return None if known is None else _unbound(known[0], args, blocking=known[1])


def call(client: Instance, path: str, args: Args) -> Request | Instance | None:
    """A statement, or what an engine, session or query gives."""
    if ("database", "in the process") in client.traits:
        return _derived(client, path)
    role = client.maker.removeprefix(_ROLE)
    if role == "extension":
        return (
            call(_as(client, "session"), path.removeprefix("session."), args) if "session." in path else None
        )
    sent = {"connection": _ON_CONNECTION, "session": _ON_SESSION, "query": _ON_QUERY}.get(role, frozenset())
    streaming = role in ("connection", "session") and path in _STREAMING
    if path in sent or streaming:
        return _request(client, args, path, streaming=streaming)
    return _derived(client, path)


def _derived(client: Instance, path: str) -> Instance | None:
    role = client.maker.removeprefix(_ROLE)
    match role, path:
        case "engine", "connect" | "begin" | "raw_connection":
            return _as(client, "connection")
        case "engine", "execution_options":
            return client
        case "factory", "__call__" | "begin":
            return _as(client, "session")
        case "session", "query":
            return _as(client, "query")
        case "session", "__call__":
            return client
        case "session", "connection":
            return _as(client, "connection")
        case "session" | "connection", same if same in _SAME_CONNECTION:
            return client
        case "query", other if not other.startswith("_"):
            return client
        case _:
            return None


def _request(client: Instance, args: Args, path: str, *, streaming: bool) -> Request:
    return Request(
        component="sqlalchemy",
        span=args.span,
        settings=client.settings,
        blocking=client.blocking,
        host=client.host,
        traits=client.traits,
        streaming=streaming,
        what=path,
        version_of="sqlalchemy",
    )


def _extension(args: Args) -> Instance:
    """Flask-SQLAlchemy: its engine is made of settings of the application, of its own arguments and hooks.

    https://flask-sqlalchemy.readthedocs.io/en/stable/config/
    """
    sources = [args.get(name) for name in (_OPTIONS, "engine_options", HOOKED)]
    options = {key: value for one in sources if isinstance(one, Table) for key, value in one.entries}
    hidden = args.open or any(not isinstance(one, Table) or one.open for one in sources if one is not None)
    url = args.get(_URI)
    if url is None and not options:
        return replace(
            _bare("extension", args), settings=not_known(_NAMES, args.span, "it is in Flask's settings")
        )
    known = {"url": url if url is not None else unresolved("nothing here sets it", args.span), **options}
    engine = _engine(Args(keywords=tuple(known.items()), span=args.span, open=hidden), blocking=True)
    return _as(engine, "extension")


def _engine(args: Args, *, blocking: bool) -> Instance:
    url = args.get("url", 0)
    where = _made_url(url) or postgres.address(url)
    options = args.get("connect_args")
    traits = [("pool", "none")] if _without_pool(args.get("poolclass")) else []
    if where.scheme.startswith("sqlite"):
        traits.append(("database", "in the process"))
    settings = (*given(args, _PARAMETERS), *_of_driver(where, options, args))
    return replace(
        _bare("engine", args, blocking=blocking),
        settings=postgres.present(settings),
        host=where.host,
        traits=tuple(traits),
    )


def _of_driver(where: postgres.Address, options: PyValue | None, args: Args) -> tuple[Setting | None, ...]:
    """What the driver is given: `connect_args`, and the query of the URL."""
    if args.open or (options is not None and not isinstance(options, Table)):
        return not_known(_NAMES, args.span, HIDDEN)
    table = options if isinstance(options, Table) else Table(entries=(), spans=())
    if table.open:
        return not_known(_NAMES, args.span, HIDDEN)
    connect = table.get("connect_timeout") or table.get("timeout")
    direct = [
        setting(name, value) for name in ("command_timeout", "read_timeout") if (value := table.get(name))
    ]
    return (
        setting("connect_timeout", connect) if connect is not None else where.setting("connect_timeout"),
        *direct,
        where.setting("command_timeout") if where.complete else None,
        _statement_timeout(where, table),
    )


def _statement_timeout(where: postgres.Address, table: Table) -> Setting | None:
    server = table.get("server_settings")
    if isinstance(server, Table):
        written = server.get(postgres.STATEMENT_TIMEOUT)
        if written is not None:
            return setting(postgres.STATEMENT_TIMEOUT, written)
    return postgres.statement_timeout(where, table.get("options"))


def _made_url(url: PyValue | None) -> postgres.Address | None:
    """`URL.create("postgresql+psycopg", host=..., query={...})`."""
    if not isinstance(url, Made) or not url.callee.endswith("URL.create"):
        return None
    query = url.args.get("query", 6)
    entries = query.entries if isinstance(query, Table) else ()
    values = {name: str(value.known) for name, value in entries if isinstance(value, Plain) and value.known}
    return postgres.Address(
        scheme=text_of(url.args.get("drivername", 0)),
        host=text_of(url.args.get("host", 3)),
        values=values,
        spans=url.spans,
        complete=query is None or len(values) == len(entries),
    )


def _without_pool(value: PyValue | None) -> bool:
    return isinstance(value, Named) and last_part(value.name) in ("NullPool", "StaticPool")


def _makes_async(value: PyValue | None) -> bool:
    return isinstance(value, Named) and last_part(value.name) == "AsyncSession"


def _bound(args: Args, role: str, *, blocking: bool) -> Instance:
    """A session or a factory of an engine: what it was made with holds for its statements."""
    engine = args.get("bind", 0) or args.get("binds")
    found = _of(engine, role)
    if found is None:
        return _unbound(role, args, blocking=blocking)
    return replace(found, spans=(args.span, *found.spans), blocking=blocking and found.blocking)


def _of(value: PyValue | None, role: str) -> Instance | None:
    if isinstance(value, Items) and len(value.items) == 1:
        value = value.items[0]
    if isinstance(value, Made) and value.instance is not None and value.instance.library == "sqlalchemy":
        return _as(value.instance, role)
    return None


def _unbound(role: str, args: Args, *, blocking: bool) -> Instance:
    return replace(_bare(role, args, blocking=blocking), settings=not_known(_NAMES, args.span))


def _bare(role: str, args: Args, *, blocking: bool = True) -> Instance:
    return Instance(
        library="sqlalchemy",
        component="sqlalchemy",
        maker=f"{_ROLE}{role}",
        spans=(args.span,),
        blocking=blocking,
    )


def _as(client: Instance, role: str) -> Instance:
    return replace(client, maker=f"{_ROLE}{role}")


LIBRARY = Library(
    name="sqlalchemy",
    imports=tuple(sorted(_PACKAGES)),
    distributions=("sqlalchemy",),
    make=make,
    annotated=annotated,
    call=call,
    configured=(_URI, _OPTIONS),
    function=lambda _name, _args: None,
)
