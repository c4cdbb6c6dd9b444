"""httpx and httpx2: clients, calls, `Timeout`, transports."""

from pathlib import Path

import pytest

from .client_calls import call, found, hang, values

_PARTS = ("connect", "read", "write", "pool")
_URL = "'https://api.example.com/x'"


def code(client: str, sent: str = f"client.get({_URL})", before: str = "") -> str:
    return f"import httpx\n{before}\nclient = {client}\ndef call():\n    return {sent}\n"


def timeout(*parts: object) -> dict[str, object]:
    return {f"timeout.{part}": value for part, value in zip(_PARTS, parts, strict=True)}


@pytest.mark.parametrize(
    ("client", "settings", "seconds"),
    [
        pytest.param("httpx.Client()", {}, 5, id="nothing: the default"),
        pytest.param("httpx.Client(timeout=20)", {"timeout": 20}, 20, id="a number"),
        pytest.param("httpx.Client(timeout=None)", {"timeout": None}, None, id="None is no limit"),
        pytest.param(
            "httpx.Client(timeout=httpx.Timeout(20.0, connect=5.0))",
            timeout(5.0, 20.0, 20.0, 20.0),
            20,
            id="Timeout",
        ),
        pytest.param(
            "httpx.Client(timeout=httpx.Timeout(connect=1, read=2, write=3, pool=4))",
            timeout(1, 2, 3, 4),
            2,
            id="all four",
        ),
        pytest.param("httpx.Client(timeout=(1, 2, 3, 4))", timeout(1, 2, 3, 4), 2, id="a tuple of four"),
        pytest.param("httpx.Client(timeout=LIMIT)", {"timeout": 7}, 7, id="a constant"),
        pytest.param("httpx.AsyncClient(timeout=2)", {"timeout": 2}, 2, id="awaited"),
        pytest.param(
            "httpx.Client(transport=httpx.HTTPTransport(retries=4))",
            {"transport.retries": 4},
            5,
            id="a transport does not repeat read timeouts",
        ),
    ],
)
def test_clients(tmp_path: Path, client: str, settings: dict[str, object], seconds: float | None) -> None:
    declared = call(tmp_path, code(client, before="LIMIT = 7"))
    assert values(declared) == settings
    bound = hang(declared)
    assert bound.unlimited if seconds is None else bound.value == seconds * 1_000


@pytest.mark.parametrize(
    ("sent", "settings"),
    [
        (f"client.get({_URL}, timeout=3)", {"timeout": 3}),
        (f"client.get({_URL}, timeout=None)", {"timeout": None}),
        (f"client.get({_URL}, timeout=httpx.USE_CLIENT_DEFAULT)", timeout(1, 9, 9, 9)),
        (f"client.get({_URL})", timeout(1, 9, 9, 9)),
        (f"client.get({_URL}, **options())", timeout(1, 9, 9, 9) | {"timeout": "?"}),
    ],
)
def test_a_call_overrides_its_client(tmp_path: Path, sent: str, settings: dict[str, object]) -> None:
    declared = call(tmp_path, code("httpx.Client(timeout=httpx.Timeout(9, connect=1))", sent))
    if "**" in sent:
        assert hang(declared).value is None
    else:
        assert values(declared) == settings


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(code("httpx.Client(**options())"), id="hidden arguments"),
        pytest.param(
            "import httpx\ndef call(client: httpx.Client):\n    client.get('u')\n", id="made elsewhere"
        ),
        pytest.param(code("httpx.Client(timeout=limit())", before="from x import limit"), id="not known"),
        pytest.param("import httpx\ndef call(options):\n    httpx.get('u', **options)\n", id="a function"),
    ],
)
def test_what_is_not_known_is_no_default(tmp_path: Path, text: str) -> None:
    declared = call(tmp_path, text)
    assert values(declared) == {"timeout": "?"}
    assert hang(declared).value is None
    assert not hang(declared).unlimited


@pytest.mark.parametrize(
    ("sent", "method", "streaming"),
    [
        ("client.get('/x')", "GET", False),
        ("client.post('/x', json={})", "POST", False),
        ("client.request('patch', '/x')", "PATCH", False),
        ("client.request(verb, '/x')", "", False),
        ("client.stream('POST', '/x')", "POST", True),
        ("client.send(request)", "", False),
        ("httpx.get('https://api.example.com')", "GET", False),
        ("httpx.request('PUT', 'https://api.example.com')", "PUT", False),
        ("httpx.stream('GET', 'https://api.example.com')", "GET", True),
    ],
)
def test_methods(tmp_path: Path, sent: str, method: str, streaming: bool) -> None:
    declared = call(tmp_path, code("httpx.Client(base_url='https://api.example.com')", sent))
    assert (declared.trait("method"), declared.trait("streaming") == "yes") == (method, streaming)
    assert [target.host for target in declared.targets] == ["api.example.com"]


@pytest.mark.parametrize(
    "sent", ["client.close()", "client.build_request('GET', 'u')", "client.headers.get('x')"]
)
def test_what_sends_nothing(tmp_path: Path, sent: str) -> None:
    assert len(found(tmp_path, code("httpx.Client()", f"[{sent}, client.get('u')]")).calls) == 1


@pytest.mark.parametrize("package", ["httpx", "httpx2"])
def test_both_packages(tmp_path: Path, package: str) -> None:
    text = (
        f"import {package}\nasync def call():\n"
        f"    async with {package}.AsyncClient(timeout={package}.Timeout(3)) as client:\n"
        "        await client.get('https://api.example.com')\n"
    )
    declared = call(tmp_path, text)
    assert (declared.component, declared.trait("blocking"), hang(declared).value) == (package, "no", 3_000)


@pytest.mark.parametrize(
    ("client", "kind"),
    [
        pytest.param("httpx.Client(timeout=(5, 20))", "INEFFECTIVE", id="write and pool have no limit"),
        pytest.param(
            "httpx.Client(timeout=httpx.Timeout((5, 20)))", "INEFFECTIVE", id="the same in a Timeout"
        ),
        pytest.param(
            "httpx.Client(timeout=httpx.Timeout(connect=5))", "INVALID", id="neither default nor all"
        ),
    ],
)
def test_traps(tmp_path: Path, client: str, kind: str) -> None:
    assert [one.kind.name for one in found(tmp_path, code(client)).problems] == [kind]


@pytest.mark.parametrize(
    "client",
    [
        "httpx.Client(timeout=(5, 20, 20, 5))",
        "httpx.Client(timeout=httpx.Timeout(20, connect=5))",
        "httpx.Client(timeout=httpx.Timeout(None, connect=5))",
        "httpx.Client(transport=httpx.HTTPTransport(retries=3))",
    ],
)
def test_no_traps(tmp_path: Path, client: str) -> None:
    assert not found(tmp_path, code(client)).problems
