"""psycopg, psycopg2 and their pools."""

from pathlib import Path

import pytest

from budgetcheck.model.limits import Meaning
from budgetcheck.resolve import resolve

from .client_calls import call, found, hang, values

_HEAD = """import psycopg
import psycopg2
import psycopg2.pool
from psycopg_pool import AsyncConnectionPool, ConnectionPool
from elsewhere import DSN
"""


def pooled(pool: str, sent: str = "connection.execute('select 1')") -> str:
    return (
        f"{_HEAD}\npool = {pool}\n\ndef call():\n    with pool.connection() as connection:\n        {sent}\n"
    )


@pytest.mark.parametrize(
    ("pool", "settings", "seconds"),
    [
        pytest.param("ConnectionPool('host=db')", {}, None, id="no limit of the statement"),
        pytest.param(
            "ConnectionPool('host=db connect_timeout=7 options=\\'-c statement_timeout=1500\\'')",
            {"connect_timeout": "7", "statement_timeout": "1500"},
            1.5,
            id="pairs, a bare number is in milliseconds",
        ),
        pytest.param(
            "ConnectionPool('postgresql://u@db/app?options=-c%20statement_timeout%3D5s')",
            {"statement_timeout": "5s"},
            5,
            id="a URL with the option encoded",
        ),
        pytest.param(
            "ConnectionPool('postgresql://db/app',"
            " kwargs={'options': '-c statement_timeout=2min', 'connect_timeout': 3})",
            {"connect_timeout": 3, "statement_timeout": "2min"},
            120,
            id="kwargs of the pool",
        ),
        pytest.param(
            "ConnectionPool('host=db', kwargs={'options': '-c lock_timeout=5s -c statement_timeout=4s'})",
            {"statement_timeout": "4s"},
            4,
            id="the second option",
        ),
        pytest.param(
            "psycopg2.pool.ThreadedConnectionPool(1, 5, host='db', options='--statement_timeout=3s')",
            {"statement_timeout": "3s"},
            3,
            id="a pool of psycopg2, the long form",
        ),
    ],
)
def test_limits(tmp_path: Path, pool: str, settings: dict[str, object], seconds: float | None) -> None:
    declared = call(tmp_path, pooled(pool))
    assert values(declared) == settings
    bound = hang(declared)
    assert bound.unlimited if seconds is None else bound.value == seconds * 1_000


@pytest.mark.parametrize(
    "pool",
    [
        pytest.param("ConnectionPool(DSN)", id="a connection string that is not known"),
        pytest.param("ConnectionPool('host=db', kwargs=OPTIONS)", id="options that are not known"),
        pytest.param("ConnectionPool('host=db', kwargs={**OPTIONS})", id="further options"),
    ],
)
def test_what_is_not_known_is_not_unlimited(tmp_path: Path, pool: str) -> None:
    bound = hang(call(tmp_path, pooled(pool)))
    assert (bound.value, bound.unlimited) == (None, False)


def test_an_option_beside_a_connection_string_that_is_not_known(tmp_path: Path) -> None:
    text = pooled("ConnectionPool(DSN, kwargs={'options': '-c statement_timeout=1500'})")
    assert hang(call(tmp_path, text)).value == 1_500


@pytest.mark.parametrize(
    ("connect", "seconds"),
    [
        pytest.param("psycopg.connect('host=db')", 130, id="psycopg: 130 s"),
        pytest.param("psycopg.connect('host=db', connect_timeout=5)", 5, id="psycopg: written"),
        pytest.param("psycopg.connect('host=db', connect_timeout=1)", 2, id="psycopg: never under 2 s"),
        pytest.param("psycopg2.connect('host=db')", None, id="psycopg2: no limit"),
        pytest.param("psycopg2.connect(host='db', connect_timeout=3)", 3, id="psycopg2: written"),
    ],
)
def test_connecting(tmp_path: Path, connect: str, seconds: float | None) -> None:
    text = f"{_HEAD}\n\ndef call():\n    return {connect}.cursor().execute('select 1')\n"
    limit = resolve([call(tmp_path, text)]).hops[0].limit(Meaning.CONNECT)
    assert limit is not None
    assert limit.bound.unlimited if seconds is None else limit.bound.value == seconds * 1_000


def test_cursors(tmp_path: Path) -> None:
    text = f"""{_HEAD}

def call():
    with psycopg.connect("host=db", options="-c statement_timeout=1s") as connection:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
            cursor.fetchall()
        connection.commit()
"""
    calls = found(tmp_path, text).calls
    assert [hang(one).value for one in calls] == [1_000]


def test_async(tmp_path: Path) -> None:
    text = f"""{_HEAD}
pool = AsyncConnectionPool("host=db", timeout=3)

async def call():
    async with pool.connection() as connection:
        await connection.execute("select 1")
"""
    declared = call(tmp_path, text)
    assert declared.trait("blocking") == "no"
    assert values(declared) == {"pool_timeout": 3}


def test_a_connection_that_is_made_elsewhere(tmp_path: Path) -> None:
    text = f"{_HEAD}\n\ndef call(connection: psycopg.Connection):\n    connection.execute('select 1')\n"
    assert set(values(call(tmp_path, text)).values()) == {"?"}
