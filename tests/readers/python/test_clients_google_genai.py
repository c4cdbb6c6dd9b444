"""google-genai: milliseconds here, seconds there, and no retries unless asked for."""

from pathlib import Path

import pytest

from .client_calls import attempts, call, found, hang, values

_HEAD = "from google import genai\nfrom google.genai import types\nfrom elsewhere import OPTIONS\n"
_SENT = "client.models.generate_content(model='m', contents='x')"


def code(client: str, sent: str = _SENT) -> str:
    return f"{_HEAD}\nclient = {client}\n\nasync def call():\n    return {sent}\n"


def options(text: str) -> str:
    return f"genai.Client(http_options=types.HttpOptions({text}))"


@pytest.mark.parametrize(
    ("client", "seconds", "requests"),
    [
        pytest.param("genai.Client()", None, None, id="nothing: no timeout"),
        pytest.param(options("timeout=30_000"), 30, 1, id="milliseconds"),
        pytest.param("genai.Client(http_options={'timeout': 20_000})", 20, 1, id="a dictionary"),
        pytest.param(
            options("timeout=10_000, retry_options=types.HttpRetryOptions()"),
            50 + 2 + 3 + 5 + 9,
            5,
            id="retries asked for: five attempts",
        ),
        pytest.param(
            options("timeout=10_000, retry_options=types.HttpRetryOptions(attempts=2)"),
            20 + 2,
            2,
            id="attempts include the first",
        ),
        pytest.param(
            options(
                "timeout=1000, retry_options={'attempts': 3, 'initial_delay': 2, 'exp_base': 3, 'jitter': 0}"
            ),
            3 + 2 + 6,
            3,
            id="pauses in seconds",
        ),
    ],
)
def test_a_silent_server(tmp_path: Path, client: str, seconds: float | None, requests: int | None) -> None:
    declared = call(tmp_path, code(client))
    bound = hang(declared)
    assert bound.unlimited if seconds is None else bound.value == seconds * 1_000
    assert requests is None or attempts(declared).value == requests


@pytest.mark.parametrize(
    ("sent", "blocking", "streaming"),
    [
        (_SENT, "yes", False),
        (f"await client.aio.{_SENT.removeprefix('client.')}", "no", False),
        ("client.models.generate_content_stream(model='m', contents='x')", "yes", True),
        ("client.chats.create(model='m').send_message('x')", "yes", False),
        ("await client.aio.chats.create(model='m').send_message('x')", "no", False),
    ],
)
def test_methods(tmp_path: Path, sent: str, blocking: str, streaming: bool) -> None:
    declared = call(tmp_path, code(options("timeout=5000"), sent))
    assert hang(declared).value == 5_000
    assert declared.trait("blocking") == blocking
    assert (declared.trait("streaming") == "yes") is streaming


def test_options_of_a_call(tmp_path: Path) -> None:
    config = "types.GenerateContentConfig(http_options=types.HttpOptions(timeout=7000))"
    sent = f"client.models.generate_content(model='m', contents='x', config={config})"
    assert hang(call(tmp_path, code(options("timeout=5000"), sent))).value == 7_000


@pytest.mark.parametrize("timeout", ["30", "60.0", "999"])
def test_seconds_where_milliseconds_are_meant(tmp_path: Path, timeout: str) -> None:
    problems = found(tmp_path, code(options(f"timeout={timeout}"))).problems
    assert [(one.kind.name, one.setting) for one in problems] == [("SUSPICIOUS", "timeout")]


@pytest.mark.parametrize("timeout", ["1000", "30_000", "None", "OPTIONS.timeout"])
def test_no_trap(tmp_path: Path, timeout: str) -> None:
    assert not found(tmp_path, code(options(f"timeout={timeout}"))).problems


def test_options_that_are_not_known(tmp_path: Path) -> None:
    declared = call(tmp_path, code("genai.Client(**OPTIONS)"))
    assert set(values(declared).values()) == {"?"}
