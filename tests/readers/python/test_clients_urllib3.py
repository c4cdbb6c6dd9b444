"""urllib3 by itself: retries by default, no timeout by default."""

from pathlib import Path

import pytest

from .client_calls import attempts, call, hang, values

_HEAD = """import urllib3
from urllib3 import PoolManager, Retry, Timeout
from elsewhere import OPTIONS
"""


def code(pool: str, sent: str = "pool.request('GET', 'https://a.example/x')") -> str:
    return f"{_HEAD}\npool = {pool}\n\ndef call():\n    return {sent}\n"


@pytest.mark.parametrize(
    ("pool", "sent", "seconds", "requests"),
    [
        pytest.param("PoolManager()", "pool.request('GET', 'u')", None, None, id="nothing: no timeout"),
        pytest.param(
            "PoolManager(timeout=2)", "pool.request('GET', 'u')", 8, 4, id="three retries, no pauses"
        ),
        pytest.param("PoolManager(timeout=2)", "pool.request('POST', 'u')", 2, 1, id="a POST is sent once"),
        pytest.param("PoolManager(timeout=2, retries=False)", "pool.request('GET', 'u')", 2, 1, id="False"),
        pytest.param("PoolManager(timeout=2)", "pool.request('GET', 'u', retries=1)", 4, 2, id="of the call"),
        pytest.param(
            "PoolManager(timeout=Timeout(connect=1, read=3), retries=0)",
            "pool.request('GET', 'u')",
            3,
            1,
            id="Timeout with parts",
        ),
        pytest.param(
            "PoolManager(timeout=5, retries=0)",
            "pool.request('GET', 'u', timeout=Timeout(total=2))",
            2,
            1,
            id="a call's Timeout replaces the pool's",
        ),
        pytest.param(
            "PoolManager(timeout=1, retries=Retry(3, backoff_factor=0.5))",
            "pool.request('GET', 'u')",
            4 + 0 + 1 + 2,
            4,
            id="pauses from the second retry on",
        ),
        pytest.param(
            "PoolManager(timeout=1, retries=Retry(2, allowed_methods=None))",
            "pool.request('POST', 'u')",
            3,
            3,
            id="every method",
        ),
        pytest.param(
            "PoolManager()", "urllib3.request('GET', 'https://a', timeout=1, retries=1)", 2, 2, id="function"
        ),
        pytest.param(
            "urllib3.HTTPSConnectionPool('a.example', timeout=1, retries=0)",
            "pool.urlopen('GET', '/x')",
            1,
            1,
            id="a pool for one host",
        ),
    ],
)
def test_a_silent_server(
    tmp_path: Path, pool: str, sent: str, seconds: float | None, requests: int | None
) -> None:
    declared = call(tmp_path, code(pool, sent), urllib3="2.8.0")
    safe = declared.trait("method") == "GET"
    bound = hang(declared, safe=safe)
    assert bound.unlimited if seconds is None else bound.value == seconds * 1_000
    assert requests is None or attempts(declared, safe=safe).value == requests


def test_hidden_arguments(tmp_path: Path) -> None:
    declared = call(tmp_path, code("PoolManager(**OPTIONS)"))
    assert set(values(declared).values()) == {"?"}


def test_a_pool_that_is_made_elsewhere(tmp_path: Path) -> None:
    text = f"{_HEAD}\n\ndef call(pool: PoolManager):\n    return pool.request('GET', 'u')\n"
    assert set(values(call(tmp_path, text)).values()) == {"?"}
