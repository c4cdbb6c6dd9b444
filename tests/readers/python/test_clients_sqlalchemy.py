"""SQLAlchemy: what the driver is given through the engine holds for every statement of its sessions."""

from pathlib import Path

import pytest

from .client_calls import call, found, hang, values

_HEAD = """from sqlalchemy import URL, create_engine, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from sqlalchemy.pool import NullPool
from elsewhere import ADDRESS, Thing
"""
_ONE_SECOND = "connect_args={'options': '-c statement_timeout=1000'}"
_ENGINE = f"create_engine('postgresql+psycopg://u@db/app', {_ONE_SECOND})"


def code(engine: str, body: str, *, top: str = "") -> str:
    return f"{_HEAD}\nengine = {engine}\n{top}\n\nasync def call():\n{body}"


def connected(engine: str) -> str:
    return code(engine, "    with engine.connect() as c:\n        c.execute(text('select 1'))\n")


@pytest.mark.parametrize(
    ("engine", "seconds"),
    [
        pytest.param("create_engine('postgresql://db/app')", None, id="nothing"),
        pytest.param(_ENGINE, 1, id="options in connect_args"),
        pytest.param(
            "create_engine('postgresql://db/a?options=-c%20statement_timeout%3D2s')", 2, id="in the URL"
        ),
        pytest.param(
            "create_engine(URL.create('postgresql', host='db',"
            " query={'options': '-c statement_timeout=3s'}))",
            3,
            id="a URL that is made",
        ),
        pytest.param(f"create_engine(ADDRESS, {_ONE_SECOND})", 1, id="the URL is not known, the options are"),
        pytest.param(
            "create_engine('postgresql+asyncpg://db/a', connect_args={'command_timeout': 4})",
            4,
            id="asyncpg's own",
        ),
        pytest.param(
            "create_engine('postgresql+asyncpg://db/a',"
            " connect_args={'server_settings': {'statement_timeout': '700'}})",
            0.7,
            id="server settings of asyncpg",
        ),
        pytest.param(
            "create_engine('mysql+pymysql://db/a', connect_args={'read_timeout': 6})",
            6,
            id="PyMySQL's read_timeout",
        ),
    ],
)
def test_limits(tmp_path: Path, engine: str, seconds: float | None) -> None:
    bound = hang(call(tmp_path, connected(engine)))
    assert bound.unlimited if seconds is None else bound.value == seconds * 1_000


@pytest.mark.parametrize(
    "engine", ["create_engine(ADDRESS)", "create_engine('postgresql://db/a', **ADDRESS)"]
)
def test_what_is_not_known_is_not_unlimited(tmp_path: Path, engine: str) -> None:
    bound = hang(call(tmp_path, connected(engine)))
    assert (bound.value, bound.unlimited) == (None, False)


@pytest.mark.parametrize(
    ("top", "body"),
    [
        ("", "    with Session(engine) as s:\n        s.scalars(select(Thing)).all()\n"),
        ("Local = sessionmaker(bind=engine)", "    s = Local()\n    s.get(Thing, 1)\n"),
        ("Local = scoped_session(sessionmaker(engine))", "    Local.execute(select(Thing))\n"),
        ("Local = scoped_session(sessionmaker(engine))", "    Local().execute(select(Thing))\n"),
        ("Local = sessionmaker(engine)", "    with Local.begin() as s:\n        s.flush()\n"),
        ("", "    with engine.begin() as c:\n        c.execute(text('x'))\n"),
        (
            "Local = sessionmaker(engine)",
            "    Local().query(Thing).filter_by(a=1).order_by(Thing.a).first()\n",
        ),
    ],
)
def test_sessions_have_the_limits_of_their_engine(tmp_path: Path, top: str, body: str) -> None:
    declared = call(tmp_path, code(_ENGINE, body, top=top))
    assert hang(declared).value == 1_000
    assert declared.trait("blocking") == "yes"


def test_async_session(tmp_path: Path) -> None:
    engine = "create_async_engine('postgresql+asyncpg://db/a', connect_args={'command_timeout': 4})"
    body = "    async with Local() as s:\n        await s.execute(select(Thing))\n        await s.commit()\n"
    calls = found(tmp_path, code(engine, body, top="Local = async_sessionmaker(engine)")).calls
    assert [(hang(one).value, one.trait("blocking")) for one in calls] == [(4_000, "no"), (4_000, "no")]


@pytest.mark.parametrize(
    "body",
    [
        "    with engine.connect() as c:\n        c.execute(text('x'))\n",
        "    Session(engine).query(Thing).all()\n",
    ],
)
def test_a_database_inside_the_process_is_no_call(tmp_path: Path, body: str) -> None:
    other = "    import urllib.request\n    urllib.request.urlopen('https://a.example')\n"
    calls = found(tmp_path, code("create_engine('sqlite:///app.db')", body + other)).calls
    assert [one.component for one in calls] == ["urllib"]


def test_the_pool(tmp_path: Path) -> None:
    declared = call(tmp_path, connected("create_engine('postgresql://db/a', pool_timeout=5)"))
    assert values(declared) == {"pool_timeout": 5}


def test_no_pool(tmp_path: Path) -> None:
    declared = call(tmp_path, connected("create_engine('postgresql://db/a', poolclass=NullPool)"))
    assert declared.trait("pool") == "none"


def test_a_session_that_is_made_elsewhere(tmp_path: Path) -> None:
    text = f"{_HEAD}\n\ndef call(session: Session):\n    session.execute(select(Thing))\n"
    assert set(values(call(tmp_path, text)).values()) == {"?"}


def test_a_session_of_a_dependency(tmp_path: Path) -> None:
    text = f"""{_HEAD}
from fastapi import Depends, FastAPI

app = FastAPI()
Local = sessionmaker(bind={_ENGINE})

def get_db():
    db = Local()
    try:
        yield db
    finally:
        db.close()

@app.get("/things")
def things(db: Session = Depends(get_db)):
    return db.query(Thing).all()
"""
    assert hang(call(tmp_path, text)).value == 1_000


FLASK = (
    "from flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\n{before}\n"
    "db = SQLAlchemy({given})\napp = Flask('shop')\n{configured}\n"
    "@app.get('/x')\ndef f():\n    return db.session.execute('select 1')\n"
)
URI = "app.config['SQLALCHEMY_DATABASE_URI'] = 'postgresql://db/shop'\n"
LIMIT = "{'connect_args': {'options': '-c statement_timeout=9000'}}"
HOOK = (
    "from flask_sqlalchemy import SQLAlchemy as Base\nclass SQLAlchemy(Base):\n"
    "    def apply_driver_hacks(self, app, info, options):\n        {}\n"
    "        super().apply_driver_hacks(app, info, options)\n"
)
CONFIGURED = {
    "nothing but the address: no limit": ("", "", URI, {}),
    "options of the application": (
        "",
        "",
        f"{URI}app.config['SQLALCHEMY_ENGINE_OPTIONS'] = {LIMIT}",
        {"statement_timeout": "9000"},
    ),
    "a class of settings": (
        (
            f"class Config:\n    SQLALCHEMY_DATABASE_URI = 'postgresql://db/shop'\n"
            f"    SQLALCHEMY_ENGINE_OPTIONS = {LIMIT}"
        ),
        "",
        "app.config.from_object(Config)",
        {"statement_timeout": "9000"},
    ),
    "updated": (
        "",
        "",
        f"{URI}app.config.update(SQLALCHEMY_ENGINE_OPTIONS={LIMIT})",
        {"statement_timeout": "9000"},
    ),
    "an argument": ("", f"engine_options={LIMIT}", URI, {"statement_timeout": "9000"}),
    "the address has it": (
        "",
        "",
        "app.config['SQLALCHEMY_DATABASE_URI'] = 'postgresql://db/shop?options=-c%20statement_timeout%3D9000'",
        {"statement_timeout": "9000"},
    ),
    "an address from outside may have it": (
        "import os",
        "",
        "app.config['SQLALCHEMY_DATABASE_URI'] = os.environ['DATABASE']",
        {"connect_timeout": "?", "statement_timeout": "?"},
    ),
    "settings of a file that is not read": (
        "",
        "",
        f"{URI}app.config.from_pyfile('production.cfg')",
        {"connect_timeout": "?", "pool_timeout": "?", "statement_timeout": "?"},
    ),
    "no settings at all": ("", "", "", {"connect_timeout": "?", "statement_timeout": "?"}),
    "a hook": (
        HOOK.format("options['connect_args'] = {'options': '-c statement_timeout=9000'}"),
        "",
        URI,
        {"statement_timeout": "9000"},
    ),
    "a hook in steps": (
        HOOK.format(
            "options.setdefault('connect_args', {})\n"
            "        options['connect_args']['options'] = '-c statement_timeout=9000'"
        ),
        "",
        URI,
        {"statement_timeout": "9000"},
    ),
    "a hook that sets something else": (
        HOOK.format("options['pool_pre_ping'] = True"),
        "",
        URI,
        {},
    ),
    "a hook that nobody understands": (
        HOOK.format("fill(options)"),
        "",
        URI,
        {"connect_timeout": "?", "pool_timeout": "?", "statement_timeout": "?"},
    ),
}


@pytest.mark.parametrize(
    ("before", "given", "configured", "expected"),
    [pytest.param(*case, id=name) for name, case in CONFIGURED.items()],
)
def test_flask_sqlalchemy(
    before: str, given: str, configured: str, expected: dict[str, object], tmp_path: Path
) -> None:
    text = FLASK.format(before="" if "Base" in before else before, given=given, configured=configured)
    if "Base" in before:
        text = text.replace("from flask_sqlalchemy import SQLAlchemy\n", before)
    assert values(call(tmp_path, text)) == expected
