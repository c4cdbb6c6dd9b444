"""LiteLLM: what `num_retries` does, measured with 1.110.2 against a silent server."""

from pathlib import Path

import pytest

from .client_calls import call, found, hang, waits

_HEAD = "import litellm\nfrom litellm import Router, acompletion, completion\nfrom elsewhere import MODEL\n"


def code(sent: str, top: str = "") -> str:
    return f"{_HEAD}{top}\n\nasync def call():\n    return {sent}\n"


@pytest.mark.parametrize(
    ("sent", "seconds", "requests"),
    [
        pytest.param("completion('gpt-4o', [], timeout=10)", 31.5, 3, id="the SDK's two retries"),
        pytest.param("completion('openai/m', [], timeout=10, max_retries=0)", 10, 1, id="none"),
        pytest.param("completion('openai/m', [], timeout=10, num_retries=1)", 30.5, 3, id="one is two more"),
        pytest.param(
            "completion('openai/m', [], timeout=10, num_retries=2)", 51.5, 5, id="two are four more"
        ),
        pytest.param("completion('openai/m', [], timeout=10, num_retries=0)", 10, 1, id="zero"),
        pytest.param("await acompletion('claude-x', [], timeout=10)", 10, 1, id="a provider without the SDK"),
        pytest.param("completion('gemini/x', [], timeout=10, num_retries=2)", 30, 3, id="two are two more"),
        pytest.param("completion('gpt-4o', [], request_timeout=10, max_retries=1)", 20.5, 2, id="other name"),
        pytest.param("completion('gpt-4o', [])", 1801.5, 3, id="600 s by default"),
        pytest.param(
            "litellm.embedding(model='text-embedding-3-small', input=[], timeout=1)", 4.5, 3, id="e"
        ),
    ],
)
def test_a_silent_provider(tmp_path: Path, sent: str, seconds: float, requests: int) -> None:
    worst = waits(found(tmp_path, code(sent)))
    assert (worst.hang.value, worst.attempts.value) == (seconds * 1_000, requests)


def test_a_model_that_is_not_known(tmp_path: Path) -> None:
    """Whether the SDK's retries are there depends on it."""
    bound = hang(call(tmp_path, code("completion(MODEL, [], timeout=10)")))
    assert (bound.value, bound.low) == (None, 10_000)


@pytest.mark.parametrize(
    ("router", "requests"),
    [("Router(model_list=[], timeout=10)", 3), ("Router(model_list=[], timeout=10, num_retries=1)", 2)],
)
def test_a_router(tmp_path: Path, router: str, requests: int) -> None:
    text = code("await router.acompletion(model='m', messages=[])", f"router = {router}")
    assert waits(found(tmp_path, text)).attempts.value == requests


def test_fallbacks_of_a_router_are_not_followed(tmp_path: Path) -> None:
    top = "router = Router(model_list=[], timeout=10, fallbacks=[{'a': ['b']}])"
    bound = hang(call(tmp_path, code("router.completion(model='a', messages=[])", top)))
    assert bound.value is None


def test_blocking(tmp_path: Path) -> None:
    calls = found(tmp_path, code("[completion('gpt-4o', []), await acompletion('gpt-4o', [])]")).calls
    assert [one.trait("blocking") for one in calls] == ["yes", "no"]
