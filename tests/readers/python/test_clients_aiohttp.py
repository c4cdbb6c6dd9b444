"""aiohttp: sessions, calls, `ClientTimeout`."""

from pathlib import Path

import pytest

from .client_calls import call, found, hang, values

_HEAD = "import aiohttp\nfrom aiohttp import ClientSession, ClientTimeout\n"
_NONE = {"timeout.connect": None, "timeout.sock_read": None, "timeout.sock_connect": None}


def code(session: str, sent: str = "await session.get('https://api.example.com/x')", before: str = "") -> str:
    return f"{_HEAD}{before}\nasync def call():\n    async with {session} as session:\n        {sent}\n"


@pytest.mark.parametrize(
    ("text", "settings", "seconds"),
    [
        pytest.param(code("ClientSession()"), {}, 300, id="nothing: the default"),
        pytest.param(
            code("ClientSession(timeout=ClientTimeout(total=10))"),
            {"timeout.total": 10, **_NONE},
            10,
            id="total",
        ),
        pytest.param(
            code("ClientSession(timeout=ClientTimeout(2.5))"),
            {"timeout.total": 2.5, **_NONE},
            2.5,
            id="total by position",
        ),
        pytest.param(
            code("ClientSession(timeout=ClientTimeout(connect=5, sock_read=7))"),
            {"timeout.total": None, **_NONE, "timeout.connect": 5, "timeout.sock_read": 7},
            7,
            id="without a total the gap between two reads ends it",
        ),
        pytest.param(code("ClientSession(timeout=None)"), {}, 300, id="None for a session is the default"),
        pytest.param(
            code("ClientSession()", "await session.get('u', timeout=None)"),
            {"timeout.total": None, **_NONE},
            None,
            id="None for a call is no limit",
        ),
        pytest.param(
            code("ClientSession(timeout=ClientTimeout(total=10))", "await session.get('u', timeout=3)"),
            {"timeout.total": 3, **_NONE},
            3,
            id="a number for a call is its total",
        ),
        pytest.param(
            code(
                "ClientSession(timeout=ClientTimeout(total=10, sock_read=1))",
                "await session.post('u', timeout=ClientTimeout(total=20))",
            ),
            {"timeout.total": 20, **_NONE},
            20,
            id="a call's ClientTimeout replaces the session's as a whole",
        ),
        pytest.param(
            code("ClientSession(timeout=LIMIT)", before="LIMIT = ClientTimeout(total=4)"),
            {"timeout.total": 4, **_NONE},
            4,
            id="a constant of the module",
        ),
    ],
)
def test_limits(tmp_path: Path, text: str, settings: dict[str, object], seconds: float | None) -> None:
    declared = call(tmp_path, text, aiohttp="3.14.5")
    assert values(declared) == settings
    bound = hang(declared)
    assert bound.unlimited if seconds is None else bound.value == seconds * 1_000


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(code("ClientSession(**options)", before="options = load()"), id="unknown options"),
        pytest.param(
            code("ClientSession(timeout=limit())", before="from x import limit"), id="unknown object"
        ),
        pytest.param(
            f"{_HEAD}\nasync def call(session: ClientSession):\n    await session.get('u')\n",
            id="a session that is made elsewhere",
        ),
    ],
)
def test_what_is_not_known_is_no_default(tmp_path: Path, text: str) -> None:
    declared = call(tmp_path, text)
    assert set(values(declared).values()) == {"?"}
    assert hang(declared).value is None
    assert not hang(declared).unlimited


@pytest.mark.parametrize(
    ("sent", "method", "streaming"),
    [
        ("await session.get('/x')", "GET", False),
        ("await session.post('/x', json={})", "POST", False),
        ("await session.request('put', '/x')", "PUT", False),
        ("await session.request(verb, '/x')", "", False),
        ("await session.ws_connect('/x')", "GET", True),
        ("async with session.delete('/x') as response: await response.text()", "DELETE", False),
    ],
)
def test_methods(tmp_path: Path, sent: str, method: str, streaming: bool) -> None:
    declared = call(tmp_path, code("ClientSession('https://api.example.com')", sent))
    assert (declared.trait("method") or "", declared.trait("streaming") == "yes") == (method, streaming)
    assert declared.trait("blocking") == "no"
    assert [target.host for target in declared.targets] == ["api.example.com"]


def test_function(tmp_path: Path) -> None:
    sent = "async with aiohttp.request('GET', 'https://a.example/') as r: pass"
    text = f"{_HEAD}\nasync def call():\n    {sent}\n"
    declared = call(tmp_path, text)
    assert hang(declared).value == 300_000


def test_a_timeout_without_end(tmp_path: Path) -> None:
    problems = found(tmp_path, code("ClientSession(timeout=ClientTimeout(connect=5))")).problems
    assert [(one.kind.name, one.span.text) for one in problems] == [("INEFFECTIVE", "5")]


@pytest.mark.parametrize(
    "timeout",
    [
        "ClientTimeout(total=None)",
        "ClientTimeout(total=9, connect=5)",
        "ClientTimeout(sock_connect=5, sock_read=9)",
    ],
)
def test_no_trap(tmp_path: Path, timeout: str) -> None:
    """An end by another field, and a total that is None on purpose."""
    assert not found(tmp_path, code(f"ClientSession(timeout={timeout})")).problems


def test_a_session_rejects_a_number(tmp_path: Path) -> None:
    problems = found(tmp_path, code("ClientSession(timeout=5)")).problems
    assert [one.kind.name for one in problems] == ["INVALID"]


def test_other_methods_send_nothing(tmp_path: Path) -> None:
    text = code("ClientSession()", "await session.close(); await session.get('u')")
    assert len(found(tmp_path, text).calls) == 1
