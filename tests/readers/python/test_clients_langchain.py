"""LangChain: models, chains, `with_retry`, `with_fallbacks`."""

from pathlib import Path

import pytest

from budgetcheck.model.topology import Sequence, Wrapped

from .client_calls import attempts, call, found, hang, values, waits, wrapped_by

_HEAD = """from langchain_anthropic import ChatAnthropic
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_openai import AzureChatOpenAI, ChatOpenAI, OpenAIEmbeddings
import httpx

prompt = ChatPromptTemplate.from_template("hello {name}")
parser = StrOutputParser()
"""


def code(model: str, sent: str = "model.invoke('hello')", *, head: str = "", tail: str = "") -> str:
    return f"{_HEAD}{head}\nmodel = {model}\n{tail}\n\nasync def call():\n    return {sent}\n"


@pytest.mark.parametrize(
    ("model", "component", "settings", "seconds"),
    [
        pytest.param("ChatOpenAI()", "langchain-openai", {}, None, id="openai: nothing is no limit at all"),
        pytest.param(
            "ChatOpenAI(timeout=20)", "langchain-openai", {"timeout": 20}, 61.5, id="openai: timeout"
        ),
        pytest.param(
            "ChatOpenAI(request_timeout=20, max_retries=0)",
            "langchain-openai",
            {"timeout": 20, "max_retries": 0},
            20,
            id="openai: the other name",
        ),
        pytest.param(
            "ChatOpenAI(timeout=httpx.Timeout(20.0, connect=5.0), max_retries=None)",
            "langchain-openai",
            {
                "timeout.connect": 5.0,
                "timeout.read": 20.0,
                "timeout.write": 20.0,
                "timeout.pool": 20.0,
                "max_retries": None,
            },
            61.5,
            id="openai: httpx.Timeout, and None retries are the SDK's two",
        ),
        pytest.param(
            "AzureChatOpenAI(azure_endpoint='https://x.openai.azure.com/', timeout=5, max_retries=1)",
            "langchain-openai",
            {"timeout": 5, "max_retries": 1},
            10.5,
            id="azure",
        ),
        pytest.param(
            "ChatAnthropic(model='claude')", "langchain-anthropic", {}, None, id="anthropic: nothing"
        ),
        pytest.param(
            "ChatAnthropic(default_request_timeout=10)",
            "langchain-anthropic",
            {"timeout": 10},
            31.5,
            id="anthropic: its long name",
        ),
        pytest.param(
            "ChatGoogleGenerativeAI(model='gemini', timeout=10, max_retries=2)",
            "langchain-google-genai",
            {"timeout": 10, "max_retries": 2},
            22,
            id="google: seconds, and attempts",
        ),
    ],
)
def test_models(
    tmp_path: Path, model: str, component: str, settings: dict[str, object], seconds: float | None
) -> None:
    declared = call(tmp_path, code(model))
    assert (declared.component, values(declared)) == (component, settings)
    bound = hang(declared)
    assert bound.unlimited if seconds is None else bound.value == seconds * 1_000


@pytest.mark.parametrize(
    ("model", "component", "settings"),
    [
        ("init_chat_model('openai:gpt-4o', timeout=5)", "langchain-openai", {"timeout": 5}),
        ("init_chat_model('gpt-4o')", "langchain-openai", {}),
        (
            "init_chat_model('x', model_provider='anthropic', timeout=7)",
            "langchain-anthropic",
            {"timeout": 7},
        ),
        ("init_chat_model('claude-sonnet-4')", "langchain-anthropic", {}),
    ],
)
def test_a_model_by_its_name(tmp_path: Path, model: str, component: str, settings: dict[str, object]) -> None:
    text = code(model, head="from langchain.chat_models import init_chat_model\n")
    declared = call(tmp_path, text)
    assert (declared.component, values(declared)) == (component, settings)


@pytest.mark.parametrize("model", ["init_chat_model(NAME)", "ChatBedrock()", "ChatOllama(model='m')"])
def test_a_model_without_facts_is_not_known(tmp_path: Path, model: str) -> None:
    """A call that nobody knows the limits of is there, and is no number."""
    head = "from langchain_aws import ChatBedrock\nfrom langchain_ollama import ChatOllama\n"
    head += "from langchain.chat_models import init_chat_model\nfrom x import NAME\n"
    bound = hang(call(tmp_path, code(model, head=head)))
    assert bound.value is None
    assert not bound.unlimited


@pytest.mark.parametrize(
    "chain",
    [
        "prompt | model | parser",
        "prompt | model",
        "model | parser",
        "{'name': load} | prompt | model | parser",
        "model.bind_tools([load])",
        "prompt | model.with_structured_output(Answer)",
        "(prompt | model).with_config(tags=['x'])",
        "model.bind(stop=['x'])",
        "model.pipe(parser)",
    ],
)
def test_chains_send_what_their_model_sends(tmp_path: Path, chain: str) -> None:
    text = code("ChatOpenAI(timeout=20)", "await chain.ainvoke({})", tail=f"chain = {chain}")
    declared = call(tmp_path, text)
    assert values(declared) == {"timeout": 20}
    assert declared.trait("blocking") == "no"


@pytest.mark.parametrize(
    ("sent", "blocking", "streaming"),
    [
        ("model.invoke('x')", "yes", False),
        ("await model.ainvoke('x')", "no", False),
        ("model.batch(['x'])", "yes", False),
        ("[c async for c in model.astream('x')]", "no", True),
        ("list(model.stream('x'))", "yes", True),
        ("model.generate([])", "yes", False),
    ],
)
def test_methods(tmp_path: Path, sent: str, blocking: str, streaming: bool) -> None:
    declared = call(tmp_path, code("ChatOpenAI(timeout=20)", sent))
    assert declared.trait("blocking") == blocking
    assert (declared.trait("streaming") == "yes") is streaming
    assert declared.trait("method") == "POST"


def test_embeddings(tmp_path: Path) -> None:
    declared = call(tmp_path, code("OpenAIEmbeddings(request_timeout=3)", "model.embed_query('x')"))
    assert values(declared) == {"timeout": 3}


@pytest.mark.parametrize(
    ("retry", "settings", "seconds", "requests"),
    [
        pytest.param(
            "with_retry()", {}, 3 * 20 + 2 + 3, 3, id="default: three, with pauses of 1+1 and 2+1 s"
        ),
        pytest.param(
            "with_retry(stop_after_attempt=2, wait_exponential_jitter=False)",
            {"stop_after_attempt": 2},
            40,
            2,
            id="no pauses",
        ),
        pytest.param(
            "with_retry(stop_after_attempt=4,"
            " exponential_jitter_params={'initial': 2, 'max': 4, 'jitter': 0})",
            {"stop_after_attempt": 4, "initial": 2, "max": 4, "jitter": 0},
            4 * 20 + 2 + 4 + 4,
            4,
            id="pauses of its own",
        ),
    ],
)
def test_with_retry(
    tmp_path: Path, retry: str, settings: dict[str, object], seconds: float, requests: int
) -> None:
    text = code(
        "ChatOpenAI(timeout=20, max_retries=0)", "await chain.ainvoke('x')", tail=f"chain = model.{retry}"
    )
    calls = found(tmp_path, text)
    wrapper = next(one for one in calls.calls if one.component == "langchain-retry")
    assert values(wrapper) == settings
    assert wrapped_by(calls.work) == [wrapper.address]
    worst = waits(calls)
    assert (worst.hang.value, worst.attempts.value) == (seconds * 1_000, requests)


def test_a_retry_goes_round_its_own_part_only(tmp_path: Path) -> None:
    tail = "other = ChatAnthropic(timeout=5)\nchain = prompt | model.with_retry() | parser | other"
    work = found(tmp_path, code("ChatOpenAI(timeout=20)", "chain.invoke({})", tail=tail)).work
    assert isinstance(work, Sequence)
    assert [isinstance(part, Wrapped) for part in work.parts] == [True, False]


def test_a_retry_round_the_whole_chain(tmp_path: Path) -> None:
    tail = "chain = (prompt | model | parser).with_retry(stop_after_attempt=2)"
    work = found(tmp_path, code("ChatOpenAI(timeout=20)", "chain.invoke({})", tail=tail)).work
    assert len(wrapped_by(work)) == 1


def test_fallbacks_add_up(tmp_path: Path) -> None:
    tail = "chain = model.with_fallbacks([ChatAnthropic(timeout=5), ChatOpenAI(timeout=7, model='m')])"
    calls = found(tmp_path, code("ChatOpenAI(timeout=20)", "chain.invoke('x')", tail=tail))
    assert [values(one) for one in calls.calls] == [{"timeout": 20}, {"timeout": 5}, {"timeout": 7}]
    assert isinstance(calls.work, Sequence)
    assert len(calls.work.parts) == 3


@pytest.mark.parametrize(
    ("model", "setting"),
    [
        pytest.param("ChatAnthropic(request_timeout=20)", "request_timeout", id="no parameter of it"),
        pytest.param("ChatAnthropic(timeout=httpx.Timeout(20))", "timeout", id="rejects httpx.Timeout"),
    ],
)
def test_traps_of_anthropic(tmp_path: Path, model: str, setting: str) -> None:
    problems = found(tmp_path, code(model)).problems
    assert [(one.kind.name, one.setting) for one in problems] == [("INVALID", setting)]


def test_request_timeout_of_openai_is_none(tmp_path: Path) -> None:
    assert not found(tmp_path, code("ChatOpenAI(request_timeout=20)")).problems


def test_hidden_arguments_are_not_the_default(tmp_path: Path) -> None:
    declared = call(tmp_path, code("ChatOpenAI(**OPTIONS)", head="from x import OPTIONS\n"))
    assert values(declared) == {"timeout": "?", "max_retries": "?"}


def test_a_model_that_is_made_elsewhere(tmp_path: Path) -> None:
    text = f"{_HEAD}\n\ndef call(model: ChatOpenAI):\n    return model.invoke('x')\n"
    declared = call(tmp_path, text)
    assert not hang(declared).unlimited
    assert attempts(declared).value is None


def test_a_prompt_alone_sends_nothing(tmp_path: Path) -> None:
    text = code("ChatOpenAI(timeout=20)", "prompt.invoke({}) and parser.invoke('x') and model.invoke('x')")
    assert len(found(tmp_path, text).calls) == 1
