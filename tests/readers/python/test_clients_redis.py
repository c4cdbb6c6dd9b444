"""redis-py: who makes the connections decides about retries, and the version about everything."""

from pathlib import Path

import pytest

from .client_calls import attempts, call, found, hang, values

_HEAD = """import redis
import redis.asyncio
from redis import ConnectionPool, Redis
from redis.backoff import ConstantBackoff, ExponentialBackoff, NoBackoff
from redis.retry import Retry
"""


def code(client: str, sent: str = "client.get('key')") -> str:
    return f"{_HEAD}\nclient = {client}\n\nasync def call():\n    return {sent}\n"


@pytest.mark.parametrize(
    ("client", "version", "seconds", "requests"),
    [
        pytest.param("Redis()", "8.1.0", 60.26, 11, id="8: eleven times 5 s, and pauses"),
        pytest.param("Redis()", "6.4.0", None, None, id="6: no timeout"),
        pytest.param("Redis(socket_timeout=1)", "6.4.0", 4 + 2 + 4 + 8, 4, id="6: three retries, 2+4+8 s"),
        pytest.param("Redis(socket_timeout=1)", "5.2.1", 1, 1, id="5: no retries"),
        pytest.param("Redis(socket_timeout=1, retry_on_timeout=True)", "5.2.1", 2, 2, id="5: once more"),
        pytest.param("redis.from_url('redis://cache/0')", "8.1.0", 5, 1, id="from_url: no retries"),
        pytest.param("Redis.from_url('redis://cache/0')", "6.4.0", None, None, id="from_url before 8"),
        pytest.param("redis.from_url('redis://c', retry_on_timeout=True)", "8.1.0", 10, 2, id="once more"),
        pytest.param("redis.from_url('redis://c?socket_timeout=2')", "8.1.0", 2, 1, id="in the address"),
        pytest.param(
            "Redis(connection_pool=ConnectionPool(socket_timeout=3))", "8.1.0", 3, 1, id="a pool's own"
        ),
        pytest.param(
            "Redis(connection_pool=ConnectionPool.from_url('redis://c', socket_timeout=3))",
            "8.1.0",
            3,
            1,
            id="a pool from an address",
        ),
        pytest.param(
            "redis.from_url('redis://c', retry=Retry(ExponentialBackoff(cap=10, base=1), 3))",
            "8.1.0",
            20 + 2 + 4 + 8,
            4,
            id="a Retry of one's own",
        ),
        pytest.param(
            "Redis(socket_timeout=1, retry=Retry(NoBackoff(), 2))", "8.1.0", 3, 3, id="without pauses"
        ),
        pytest.param(
            "Redis(socket_timeout=1, retry=Retry(ConstantBackoff(0.5), retries=2))",
            "8.1.0",
            4,
            3,
            id="constant",
        ),
        pytest.param("Redis(socket_timeout=None)", "8.1.0", None, None, id="None is no limit"),
    ],
)
def test_a_silent_server(
    tmp_path: Path, client: str, version: str, seconds: float | None, requests: int | None
) -> None:
    declared = call(tmp_path, code(client), redis=version)
    bound = hang(declared)
    assert bound.unlimited if seconds is None else bound.value == round(seconds * 1_000)
    assert requests is None or attempts(declared).value == requests


def test_without_a_lock_file_every_version_counts(tmp_path: Path) -> None:
    assert hang(call(tmp_path, code("Redis()"))).value is None


@pytest.mark.parametrize(
    ("client", "sent", "blocking"),
    [
        ("Redis()", "client.set('a', 1)", "yes"),
        ("redis.asyncio.Redis()", "await client.hgetall('a')", "no"),
        ("redis.asyncio.from_url('redis://c')", "await client.get('a')", "no"),
        ("Redis()", "client.pipeline().set('a', 1).get('a').execute()", "yes"),
    ],
)
def test_commands(tmp_path: Path, client: str, sent: str, blocking: str) -> None:
    assert call(tmp_path, code(client, sent)).trait("blocking") == blocking


def test_what_sends_nothing(tmp_path: Path) -> None:
    sent = "client.pipeline().set('a', 1) and client.pubsub() and client.get('a')"
    assert len(found(tmp_path, code("Redis()", sent)).calls) == 1


def test_a_lease_is_no_limit(tmp_path: Path) -> None:
    """`timeout` of a lock says when it is given up, not how long anybody waits."""
    declared = call(tmp_path, code("Redis()", "client.lock('x', timeout=1) and client.get('a')"))
    assert values(declared) == {}


def test_a_blocking_command_brings_its_own_time(tmp_path: Path) -> None:
    bound = hang(call(tmp_path, code("Redis(socket_timeout=1)", "client.blpop('queue', timeout=30)")))
    assert bound.value is None


def test_a_client_that_is_made_elsewhere(tmp_path: Path) -> None:
    text = f"{_HEAD}\n\ndef call(client: Redis):\n    return client.get('a')\n"
    declared = call(tmp_path, text)
    assert set(values(declared).values()) == {"?"}


def test_a_cluster_has_no_facts(tmp_path: Path) -> None:
    bound = hang(call(tmp_path, code("redis.RedisCluster()")))
    assert (bound.value, bound.unlimited) == (None, False)
