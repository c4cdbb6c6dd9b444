"""asyncpg: the limit of the client and that of the server."""

from pathlib import Path

import pytest

from .client_calls import call, hang, values

_HEAD = "import asyncpg\nfrom elsewhere import DSN\n"


def code(pool: str, sent: str = "await connection.fetch('select 1')") -> str:
    return f"""{_HEAD}

async def make():
    return await {pool}

async def call():
    pool = await make()
    async with pool.acquire() as connection:
        {sent}
"""


@pytest.mark.parametrize(
    ("pool", "sent", "seconds"),
    [
        pytest.param(
            "asyncpg.create_pool('postgres://db/a')", "await connection.fetch('x')", None, id="none"
        ),
        pytest.param(
            "asyncpg.create_pool('postgres://db/a', command_timeout=5)",
            "await connection.fetchrow('x')",
            5,
            id="command_timeout",
        ),
        pytest.param(
            "asyncpg.create_pool('postgres://db/a', command_timeout=5)",
            "await connection.fetchval('x', timeout=2)",
            2,
            id="of a single call",
        ),
        pytest.param(
            "asyncpg.create_pool('postgres://db/a', server_settings={'statement_timeout': '500'})",
            "await connection.execute('x')",
            0.5,
            id="of the server, in milliseconds",
        ),
        pytest.param(
            "asyncpg.create_pool('postgres://db/a?statement_timeout=3000')",
            "await connection.execute('x')",
            3,
            id="in the address",
        ),
        pytest.param(
            "asyncpg.create_pool(DSN, command_timeout=5)",
            "await pool.execute('x')",
            5,
            id="the client's limit holds whatever the address says",
        ),
    ],
)
def test_limits(tmp_path: Path, pool: str, sent: str, seconds: float | None) -> None:
    bound = hang(call(tmp_path, code(pool, sent)))
    if seconds is None:
        assert bound.unlimited
    else:
        assert bound.high == seconds * 1_000


def test_an_address_that_is_not_known(tmp_path: Path) -> None:
    bound = hang(call(tmp_path, code("asyncpg.create_pool(DSN)")))
    assert (bound.value, bound.unlimited) == (None, False)


def test_a_single_connection(tmp_path: Path) -> None:
    text = f"""{_HEAD}

async def call():
    connection = await asyncpg.connect("postgres://db/a", command_timeout=5)
    await connection.fetch("select 1")
"""
    declared = call(tmp_path, text)
    assert hang(declared).value == 5_000
    assert declared.trait("blocking") == "no"


def test_waiting_for_a_connection(tmp_path: Path) -> None:
    text = f"""{_HEAD}

async def call(pool: asyncpg.Pool):
    async with pool.acquire(timeout=2) as connection:
        await connection.fetch("select 1")
"""
    assert values(call(tmp_path, text))["pool_timeout"] == 2
