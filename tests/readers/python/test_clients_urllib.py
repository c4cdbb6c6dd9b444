"""urllib.request of the standard library."""

from pathlib import Path

import pytest

from .client_calls import call, found, hang, values

_HEAD = "import urllib.request\nfrom urllib.request import Request, urlopen\nfrom urllib.parse import quote\n"


def code(sent: str) -> str:
    return f"{_HEAD}\n\ndef call():\n    return {sent}\n"


@pytest.mark.parametrize(
    ("sent", "seconds", "method", "host"),
    [
        pytest.param("urlopen('https://a.example/x')", None, "GET", "a.example", id="nothing"),
        pytest.param("urlopen('https://a.example/x', timeout=5)", 5, "GET", "a.example", id="timeout"),
        pytest.param("urlopen('https://a.example/x', None, 5)", 5, "GET", "a.example", id="by position"),
        pytest.param("urlopen('https://a.example/x', b'x', timeout=1)", 1, "POST", "a.example", id="data"),
        pytest.param("urlopen('https://a.example/x', timeout=None)", None, "GET", "a.example", id="None"),
        pytest.param(
            "urllib.request.urlopen(Request('https://a.example/x', method='put'), timeout=5)",
            5,
            "PUT",
            "a.example",
            id="a Request",
        ),
        pytest.param(
            "urlopen(Request('https://a.example/x', data=b'x'), timeout=5)",
            5,
            "POST",
            "a.example",
            id="a Request with data",
        ),
        pytest.param(
            "urllib.request.build_opener().open('https://a.example', timeout=2)",
            2,
            "GET",
            "a.example",
            id="opener",
        ),
        pytest.param(
            "urllib.request.urlretrieve('https://a.example', 'f')", None, "GET", "a.example", id="file"
        ),
    ],
)
def test_calls(tmp_path: Path, sent: str, seconds: float | None, method: str, host: str) -> None:
    declared = call(tmp_path, code(sent))
    bound = hang(declared, safe=True)
    assert bound.unlimited if seconds is None else bound.value == seconds * 1_000
    assert declared.trait("method") == method
    assert [target.host for target in declared.targets] == [host]
    assert declared.trait("blocking") == "yes"


def test_a_request_object_alone_sends_nothing(tmp_path: Path) -> None:
    assert (
        len(found(tmp_path, code("[Request('https://a.example'), quote('x'), urlopen('https://b')]")).calls)
        == 1
    )


def test_hidden_arguments(tmp_path: Path) -> None:
    declared = call(tmp_path, code("urlopen('https://a.example', **OPTIONS)"))
    assert values(declared) == {"timeout": "?"}
