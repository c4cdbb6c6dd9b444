"""The SDKs of OpenAI and Anthropic: what is given where, and how long a call may then take."""

from pathlib import Path

import pytest

from budgetcheck.budget import worst_case
from budgetcheck.model.topology import MethodClass
from budgetcheck.resolve import resolve

from .client_calls import call, found, hang, values

_PARTS = ("connect", "read", "write", "pool")


def openai(client: str, sent: str = "client.responses.create(model='m', input='x')", before: str = "") -> str:
    head = "import httpx, openai\nfrom openai import OpenAI, AsyncOpenAI, AzureOpenAI\n"
    return f"{head}{before}\nclient = {client}\ndef call():\n    return {sent}\n"


def anthropic(client: str, sent: str = "client.messages.create(max_tokens=9, messages=[])") -> str:
    head = "import anthropic, httpx, httpx2\nfrom anthropic import Anthropic\n"
    return f"{head}client = {client}\ndef call():\n    return {sent}\n"


def timeout(connect: object, read: object, write: object, pool: object) -> dict[str, object]:
    return {
        f"timeout.{part}": value for part, value in zip(_PARTS, (connect, read, write, pool), strict=True)
    }


@pytest.mark.parametrize(
    ("client", "settings", "seconds"),
    [
        pytest.param("OpenAI()", {}, 3 * 600 + 1.5, id="nothing: half an hour"),
        pytest.param("OpenAI(timeout=20)", {"timeout": 20}, 3 * 20 + 1.5, id="a number"),
        pytest.param(
            "OpenAI(timeout=20.5, max_retries=0)", {"timeout": 20.5, "max_retries": 0}, 20.5, id="once"
        ),
        pytest.param("OpenAI(timeout=1, max_retries=4)", {"timeout": 1, "max_retries": 4}, 5 + 7.5, id="R=4"),
        pytest.param(
            "OpenAI(timeout=1, max_retries=5)", {"timeout": 1, "max_retries": 5}, 6 + 15.5, id="R=5"
        ),
        pytest.param(
            "OpenAI(timeout=1, max_retries=7)", {"timeout": 1, "max_retries": 7}, 8 + 31.5, id="R=7"
        ),
        pytest.param(
            "OpenAI(timeout=httpx.Timeout(20.0, connect=5.0))",
            timeout(5.0, 20.0, 20.0, 20.0),
            61.5,
            id="Timeout",
        ),
        pytest.param(
            "OpenAI(timeout=openai.Timeout(20.0))",
            timeout(20.0, 20.0, 20.0, 20.0),
            61.5,
            id="its own Timeout",
        ),
        pytest.param("OpenAI(timeout=(5, 20))", timeout(5, 20, None, None), 61.5, id="a tuple"),
        pytest.param("OpenAI(timeout=None)", {"timeout": None}, None, id="None is no limit"),
        pytest.param(
            "OpenAI(timeout=httpx.Timeout(None))", timeout(None, None, None, None), None, id="Timeout(None)"
        ),
        pytest.param(
            "OpenAI(timeout=httpx.Timeout(None, read=9, connect=1))",
            timeout(1, 9, None, None),
            28.5,
            id="read",
        ),
        pytest.param("OpenAI(timeout=openai.NOT_GIVEN)", {}, 1801.5, id="not given"),
        pytest.param(
            "OpenAI(http_client=httpx.Client(timeout=7))", {"timeout": 7}, 22.5, id="of its HTTP client"
        ),
        pytest.param("OpenAI(http_client=httpx.Client())", {}, 1801.5, id="an HTTP client without one"),
        pytest.param(
            "OpenAI(http_client=httpx.Client(timeout=7), timeout=3)", {"timeout": 3}, 10.5, id="its own first"
        ),
        pytest.param("OpenAI(http_client=None)", {}, 1801.5, id="no HTTP client"),
        pytest.param(
            "OpenAI(http_client=httpx.Client(timeout=None))", {"timeout": None}, None, id="without any limit"
        ),
        pytest.param("OpenAI(http_client=openai.DefaultHttpxClient())", {}, 1801.5, id="its own HTTP client"),
        pytest.param(
            "OpenAI(timeout=9).with_options(timeout=1, max_retries=1)",
            {"timeout": 1, "max_retries": 1},
            2.5,
            id="options",
        ),
        pytest.param(
            "OpenAI(timeout=httpx.Timeout(9, connect=2)).with_options(timeout=1)",
            {"timeout": 1},
            4.5,
            id="all parts",
        ),
        pytest.param(
            "openai.Client(timeout=2, max_retries=0)",
            {"timeout": 2, "max_retries": 0},
            2,
            id="the other name",
        ),
        pytest.param(
            "AsyncOpenAI(timeout=2, max_retries=1)",
            {"timeout": 2, "max_retries": 1},
            4.5,
            id="awaited: the same",
        ),
    ],
)
def test_openai(tmp_path: Path, client: str, settings: dict[str, object], seconds: float | None) -> None:
    declared = call(tmp_path, openai(client))
    assert values(declared) == settings
    bound = hang(declared)
    assert bound.unlimited if seconds is None else bound.value == seconds * 1_000


@pytest.mark.parametrize(
    ("sent", "settings"),
    [
        ("client.responses.create(input='x', timeout=1)", {"timeout": 1, "max_retries": 1}),
        ("client.with_options(timeout=1).responses.create(input='x')", {"timeout": 1, "max_retries": 1}),
        ("client.with_options(max_retries=0).responses.create(input='x')", {"max_retries": 0, "timeout": 9}),
        ("client.copy(max_retries=0).responses.create(input='x')", {"max_retries": 0, "timeout": 9}),
        ("client.responses.create(input='x', timeout=None)", {"timeout": None, "max_retries": 1}),
        ("client.responses.create(input='x', timeout=openai.NOT_GIVEN)", {"timeout": 9, "max_retries": 1}),
        ("client.responses.create(**options())", {"timeout": "?", "max_retries": "?"}),
    ],
)
def test_a_call_overrides_its_client(tmp_path: Path, sent: str, settings: dict[str, object]) -> None:
    assert values(call(tmp_path, openai("OpenAI(timeout=9, max_retries=1)", sent))) == settings


@pytest.mark.parametrize(
    ("client", "before"),
    [
        pytest.param("OpenAI(**options())", "from options import options", id="hidden arguments"),
        pytest.param("make()", "def make(client: OpenAI) -> OpenAI: return client", id="made elsewhere"),
        pytest.param(
            "OpenAI(timeout=limit, max_retries=tries)", "from options import limit, tries", id="unknown"
        ),
    ],
)
def test_what_is_not_known_is_no_default(tmp_path: Path, client: str, before: str) -> None:
    declared = call(tmp_path, openai(client, before=before))
    assert values(declared) == {"timeout": "?", "max_retries": "?"}
    assert hang(declared).value is None
    assert not hang(declared).unlimited


def test_an_unknown_http_client_may_have_a_timeout(tmp_path: Path) -> None:
    declared = call(tmp_path, openai("OpenAI(http_client=made())", before="from x import made"))
    assert values(declared) == {"timeout": "?"}


@pytest.mark.parametrize(
    ("sent", "method", "streaming"),
    [
        ("client.chat.completions.create(messages=[])", "POST", False),
        ("client.chat.completions.create(messages=[], stream=True)", "POST", True),
        ("client.chat.completions.create(messages=[], stream=False)", "POST", False),
        ("client.beta.chat.completions.parse(messages=[])", "POST", False),
        ("client.responses.stream(input='x')", "POST", True),
        ("client.embeddings.create(input='x')", "POST", False),
        ("client.audio.transcriptions.create(file=f)", "POST", False),
        ("client.chat.completions.with_raw_response.create(messages=[])", "POST", False),
        ("client.models.list()", "GET", False),
        ("client.files.content('id')", "GET", False),
        ("client.vector_stores.search('id', query='x')", "POST", False),
        ("client.files.delete('id')", "DELETE", False),
        ("client.post('/responses', cast_to=object)", "POST", False),
    ],
)
def test_methods(tmp_path: Path, sent: str, method: str, streaming: bool) -> None:
    declared = call(tmp_path, openai("OpenAI()", sent))
    assert (declared.trait("method"), declared.trait("streaming") == "yes") == (method, streaming)


@pytest.mark.parametrize(
    "sent",
    ["client.close()", "client.base_url.copy_with()", "client.api_key.strip()", "client._client.get('u')"],
)
def test_what_sends_nothing(tmp_path: Path, sent: str) -> None:
    assert [
        one.span.text for one in found(tmp_path, openai("OpenAI()", f"[{sent}, client.models.list()]")).calls
    ] == ["client.models.list()"]


def test_polling_has_no_known_end(tmp_path: Path) -> None:
    sent = "client.beta.threads.runs.create_and_poll(thread_id='x')"
    bound = hang(call(tmp_path, openai("OpenAI(timeout=9)", sent)))
    assert (bound.high, bound.unlimited) == (None, False)


@pytest.mark.parametrize(
    ("client", "host", "blocking"),
    [
        ("OpenAI()", "api.openai.com", "yes"),
        ("AsyncOpenAI()", "api.openai.com", "no"),
        ("OpenAI(base_url='https://llm.example.com/v1')", "llm.example.com", "yes"),
        ("OpenAI(base_url=where)", "", "yes"),
        ("OpenAI(base_url=None)", "api.openai.com", "yes"),
        ("AzureOpenAI(azure_endpoint='https://x.openai.azure.com')", "x.openai.azure.com", "yes"),
        ("AzureOpenAI()", "", "yes"),
    ],
)
def test_hosts(tmp_path: Path, client: str, host: str, blocking: str) -> None:
    declared = call(tmp_path, openai(client, before="from where import where"))
    assert [target.host for target in declared.targets] == ([host] if host else [])
    assert declared.trait("blocking") == blocking


@pytest.mark.parametrize(
    ("head", "client", "settings"),
    [
        ("from langfuse.openai import OpenAI", "OpenAI(timeout=9)", {"timeout": 9}),
        ("from langfuse.openai import openai", "openai.OpenAI(timeout=9)", {"timeout": 9}),
        (
            "import openai\nfrom langsmith.wrappers import wrap_openai",
            "wrap_openai(openai.OpenAI(timeout=9))",
            {"timeout": 9},
        ),
        ("import openai, instructor", "instructor.from_openai(openai.OpenAI(timeout=9))", {"timeout": 9}),
    ],
)
def test_wrapped_clients(tmp_path: Path, head: str, client: str, settings: dict[str, object]) -> None:
    sent = "client.chat.completions.create(messages=[], max_retries=5)"
    text = f"{head}\nclient = {client}\ndef call():\n    {sent}\n"
    declared = call(tmp_path, text)
    retries = {} if "instructor" in client else {"max_retries": 5}  # instructor keeps that for itself
    assert (declared.component, values(declared)) == ("openai", settings | retries)


def test_the_client_of_the_module_is_set_up_anywhere(tmp_path: Path) -> None:
    declared = call(tmp_path, "import openai\ndef call():\n    openai.chat.completions.create(messages=[])\n")
    assert values(declared) == {"timeout": "?", "max_retries": "?"}


@pytest.mark.parametrize(
    ("client", "kind", "place"),
    [
        ("OpenAI(timeout=(5, 20))", "INEFFECTIVE", "(5, 20)"),
        ("OpenAI(timeout=httpx.Timeout((5, 20)))", "INEFFECTIVE", "(5, 20)"),
        ("OpenAI(timeout=httpx.Timeout(connect=5))", "INVALID", "httpx.Timeout(connect=5)"),
        ("OpenAI(http_client=httpx.Client(timeout=5))", "INEFFECTIVE", "5"),
    ],
)
def test_traps(tmp_path: Path, client: str, kind: str, place: str) -> None:
    problems = found(tmp_path, openai(client)).problems
    assert [(one.kind.name, one.span.text) for one in problems] == [(kind, place)]


@pytest.mark.parametrize(
    "client",
    [
        "OpenAI(timeout=(5, 20, 20, 5))",
        "OpenAI(timeout=httpx.Timeout(20, connect=5))",
        "OpenAI(timeout=httpx.Timeout(connect=5, read=20, write=20, pool=5))",
        "OpenAI(http_client=httpx.Client(timeout=6))",
        "OpenAI(http_client=httpx.Client(timeout=httpx.Timeout(5, read=9)))",
        "OpenAI(http_client=httpx.Client(timeout=5), timeout=9)",
        "OpenAI(timeout=httpx.Timeout(**options))",
    ],
)
def test_no_traps(tmp_path: Path, client: str) -> None:
    assert not found(tmp_path, openai(client, before="from x import options")).problems


@pytest.mark.parametrize(
    ("client", "settings", "seconds"),
    [
        ("Anthropic()", {}, 1801.5),
        ("Anthropic(timeout=20.0, max_retries=1)", {"timeout": 20.0, "max_retries": 1}, 40.5),
        ("Anthropic(timeout=httpx2.Timeout(20.0, connect=5.0))", timeout(5.0, 20.0, 20.0, 20.0), 61.5),
        ("anthropic.AsyncAnthropic(timeout=2)", {"timeout": 2}, 7.5),
        ("anthropic.AnthropicBedrock(timeout=2)", {"timeout": 2}, 7.5),
    ],
)
def test_anthropic(tmp_path: Path, client: str, settings: dict[str, object], seconds: float) -> None:
    declared = call(tmp_path, anthropic(client))
    assert (declared.component, values(declared)) == ("anthropic", settings)
    assert hang(declared).value == seconds * 1_000
    assert [one.host for one in declared.targets] == ([] if "Bedrock" in client else ["api.anthropic.com"])


@pytest.mark.parametrize(
    ("given", "version", "rejected"),
    [
        pytest.param("httpx.Timeout(20)", "2.12.0", True, id="built on httpx2"),
        pytest.param("httpx.Timeout(20)", "0.125.0", False, id="built on httpx"),
        pytest.param("httpx.Timeout(20)", "", False, id="nobody knows which"),
        pytest.param("httpx2.Timeout(20)", "2.12.0", False, id="the right one"),
        pytest.param("anthropic.Timeout(20)", "2.12.0", False, id="its own name"),
        pytest.param("20", "2.12.0", False, id="a number"),
    ],
)
def test_anthropic_rejects_timeouts_of_httpx(
    tmp_path: Path, given: str, version: str, rejected: bool
) -> None:
    installed = {"anthropic": version} if version else {}
    declared = call(tmp_path, anthropic(f"Anthropic(timeout={given})"), **installed)
    assert [one.kind.name for one in resolve([declared]).problems] == (["INVALID"] if rejected else [])


@pytest.mark.parametrize(
    ("package", "version", "strict"),
    [
        pytest.param("openai", "1.109.1", 3 * 4 + 2 * 60, id="openai obeys a minute"),
        pytest.param("openai", "3.54.0", 3 * 4 + 2 * 120, id="openai obeys two minutes"),
        pytest.param("anthropic", "2.12.0", 3 * 4 + 2 * 4_294_967, id="anthropic obeys anything"),
    ],
)
def test_pauses_that_the_server_asks_for(tmp_path: Path, package: str, version: str, strict: float) -> None:
    """They enter the strict bound only: connecting, pool, write and read of 1 s each."""
    text = {"openai": openai("OpenAI(timeout=1)"), "anthropic": anthropic("Anthropic(timeout=1)")}[package]
    declared = call(tmp_path, text, **{package: version})
    hop = resolve([declared]).hops[0]
    assert worst_case(hop, None, MethodClass.NON_IDEMPOTENT).strict.low == strict * 1_000
