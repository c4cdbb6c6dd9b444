"""requests: calls, sessions, adapters and urllib3's Retry."""

from pathlib import Path

import pytest

from .client_calls import attempts, call, found, hang, values

_HEAD = """
import functools, requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry
from urllib3 import Timeout
"""
_URL = "'https://api.example.com/x'"


def direct(sent: str) -> str:
    return f"{_HEAD}\ndef call(x, options):\n    return {sent}\n"


def session(mounted: str, sent: str = f"session.get({_URL}, timeout=1)", before: str = "") -> str:
    return (
        f"{_HEAD}{before}\ndef call():\n    session = requests.Session()\n    {mounted}\n    return {sent}\n"
    )


def adapter(retries: str) -> str:
    return f"session.mount('https://', HTTPAdapter(max_retries={retries}))"


@pytest.mark.parametrize(
    ("sent", "settings", "seconds"),
    [
        pytest.param(f"requests.get({_URL})", {}, None, id="nothing: for ever"),
        pytest.param(f"requests.get({_URL}, timeout=None)", {"timeout": None}, None, id="None is no limit"),
        pytest.param(f"requests.get({_URL}, timeout=10)", {"timeout": 10}, 10, id="a number"),
        pytest.param(
            f"requests.get({_URL}, timeout=(3, 10))", {"timeout.connect": 3, "timeout.read": 10}, 10, id="two"
        ),
        pytest.param(
            f"requests.get({_URL}, timeout=(3, None))",
            {"timeout.connect": 3, "timeout.read": None},
            None,
            id="no limit for reading",
        ),
        pytest.param(
            f"requests.get({_URL}, timeout=Timeout(connect=3, read=9))",
            {"timeout.connect": 3, "timeout.read": 9},
            9,
            id="urllib3's Timeout",
        ),
        pytest.param(f"requests.request('GET', {_URL}, timeout=4)", {"timeout": 4}, 4, id="request"),
        pytest.param(f"requests.Session().get({_URL}, timeout=4)", {"timeout": 4}, 4, id="a session"),
        pytest.param(f"requests.session().get({_URL})", {}, None, id="a session without"),
    ],
)
def test_calls(tmp_path: Path, sent: str, settings: dict[str, object], seconds: float | None) -> None:
    declared = call(tmp_path, direct(sent))
    assert values(declared) == settings
    bound = hang(declared)
    assert bound.unlimited if seconds is None else bound.value == seconds * 1_000
    assert [target.host for target in declared.targets] == ["api.example.com"]
    assert declared.trait("blocking") == "yes"


@pytest.mark.parametrize("sent", ["requests.get('u', **options)", "requests.get('u', timeout=x.limit)"])
def test_what_is_not_known_is_no_default(tmp_path: Path, sent: str) -> None:
    declared = call(tmp_path, direct(sent))
    assert values(declared) == {"timeout": "?"}
    assert not hang(declared).unlimited


@pytest.mark.parametrize(
    ("sent", "method"),
    [
        ("requests.post('u', json={})", "POST"),
        ("requests.delete('u')", "DELETE"),
        ("requests.request('put', 'u')", "PUT"),
        ("requests.request(x, 'u')", ""),
        ("requests.Session().send(x)", ""),
    ],
)
def test_methods(tmp_path: Path, sent: str, method: str) -> None:
    assert call(tmp_path, direct(sent)).trait("method") == method


@pytest.mark.parametrize(
    ("retries", "tried", "seconds"),
    [
        pytest.param("3", 4, 4, id="a number repeats read timeouts too"),
        pytest.param("Retry(3)", 4, 4, id="total"),
        pytest.param("Retry(total=3, backoff_factor=0.5)", 4, 4 + 0 + 1 + 2, id="pauses from the second on"),
        pytest.param(
            "Retry(total=5, backoff_factor=1, backoff_max=3)", 6, 6 + 0 + 2 + 3 + 3 + 3, id="capped"
        ),
        pytest.param("Retry(total=2, backoff_factor=1, backoff_jitter=0.5)", 3, 3 + 2.5, id="jitter"),
        pytest.param("Retry(total=5, read=2)", 3, 3, id="fewer reads"),
        pytest.param("Retry(total=2, read=5)", 3, 3, id="fewer in total"),
        pytest.param("Retry(total=None, read=1)", 2, 2, id="only reads are limited"),
        pytest.param("Retry(total=False)", 1, 1, id="False is none"),
        pytest.param("Retry(total=3, read=False)", 1, 1, id="False for reads"),
        pytest.param("Retry()", 11, 11, id="ten by itself"),
        pytest.param("Retry(total=1, status_forcelist=[503])", 2, 2, id="a list of statuses"),
    ],
)
def test_retries_of_a_get(tmp_path: Path, retries: str, tried: int, seconds: float) -> None:
    declared = call(tmp_path, session(adapter(retries)))
    assert attempts(declared, safe=True).value == tried
    assert hang(declared, safe=True).value == seconds * 1_000


@pytest.mark.parametrize(
    ("retries", "tried"),
    [
        ("3", 1),
        ("Retry(3)", 1),
        ("Retry(3, allowed_methods=None)", 4),
        ("Retry(3, allowed_methods=False)", 4),
        ("Retry(3, allowed_methods=['GET', 'POST'])", 4),
        ("Retry(3, allowed_methods=frozenset({'GET'}))", 1),
        ("Retry(3, method_whitelist=['POST'])", 4),
    ],
)
def test_retries_of_a_post(tmp_path: Path, retries: str, tried: int) -> None:
    """Read timeouts of a POST are only repeated where its method is allowed."""
    declared = call(tmp_path, session(adapter(retries), "session.post('u', timeout=1)"))
    assert attempts(declared).value == tried


@pytest.mark.parametrize(
    ("mounted", "before", "settings"),
    [
        pytest.param(
            "session.mount('https://', TimeoutAdapter(5))",
            "from project import TimeoutAdapter",
            {"max_retries": "?", "timeout": "?"},
            id="an adapter of the project's own may set a timeout",
        ),
        pytest.param(
            "session.mount('https://internal', HTTPAdapter(max_retries=5))",
            "",
            {"max_retries": "?"},
            id="for some addresses only",
        ),
        pytest.param(
            adapter("tries"), "from project import tries", {"max_retries": "?"}, id="a number not known"
        ),
    ],
)
def test_adapters_that_are_not_followed(
    tmp_path: Path, mounted: str, before: str, settings: dict[str, object]
) -> None:
    assert values(call(tmp_path, session(mounted, "session.get('u')", before))) == settings


def test_a_call_overrides_what_an_adapter_may_set(tmp_path: Path) -> None:
    text = session("session.mount('https://', Mine())", before="from project import Mine")
    assert values(call(tmp_path, text)) == {"max_retries": "?", "timeout": 1}


def test_a_session_that_is_made_elsewhere(tmp_path: Path) -> None:
    text = f"{_HEAD}\ndef call(session: requests.Session):\n    session.get('u', timeout=1)\n"
    assert values(call(tmp_path, text)) == {"max_retries": "?", "timeout": 1}


@pytest.mark.parametrize(
    "sent", ["session.close()", "session.headers.update({})", "requests.utils.quote('x')"]
)
def test_what_sends_nothing(tmp_path: Path, sent: str) -> None:
    assert len(found(tmp_path, session("pass", f"[{sent}, session.get('u')]")).calls) == 1


def test_a_session_has_no_timeout(tmp_path: Path) -> None:
    """The attribute has no effect: the call waits for ever."""
    here = found(tmp_path, session("session.timeout = 5", f"session.get({_URL})"))
    assert [(one.kind.name, one.span.text) for one in here.problems] == [("INEFFECTIVE", "5")]
    assert hang(here.calls[0]).unlimited


@pytest.mark.parametrize(
    ("sent", "settings"),
    [
        pytest.param("session.get('u')", {"timeout": 5}, id="what a call leaves out"),
        pytest.param("session.get('u', timeout=9)", {"timeout": 9}, id="what a call gives"),
    ],
)
def test_a_default_by_partial(tmp_path: Path, sent: str, settings: dict[str, object]) -> None:
    """`Session.get` and the like go through `request`."""
    given = "session.request = functools.partial(session.request, timeout=5)"
    assert values(call(tmp_path, session(given, sent))) == settings
