"""LiteLLM's proxy: models, timeouts, retries, fallbacks, and the container that runs it."""

from pathlib import Path

import pytest

from budgetcheck.facts import load
from budgetcheck.model.options import Options
from budgetcheck.model.settings import Declaration, Known, OneOf, Reading
from budgetcheck.model.topology import CallWork, Choice, Sequence
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.claims import is_litellm_proxy
from budgetcheck.readers.litellm_proxy import read
from budgetcheck.run import RunSettings, run
from budgetcheck.tree import SourceFile, Tree

_MODEL = "model_list:\n  - model_name: gpt\n    litellm_params:\n      model: openai/gpt\n"


def reading(folder: Path, text: str, **others: str) -> Reading:
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    for name, content in others.items():
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
    tree = Tree(root=folder.resolve(), base=folder.resolve())
    files = [
        SourceFile(name=f"{name}.yaml", path=tree.base / f"{name}.yaml", head=content[:4_000])
        for name, content in {"config": text, **others}.items()
    ]
    return read(files[:1], ReadContext(tree=tree, options=Options(), siblings=tuple(files)))


def models(found: Reading) -> list[Declaration]:
    return [one for one in found.declarations if one.component == "litellm"]


def values(declaration: Declaration) -> dict[str, object]:
    return {
        one.name: one.value.value
        if isinstance(one.value, Known)
        else one.value.values
        if isinstance(one.value, OneOf)
        else "?"
        for one in declaration.settings
    }


@pytest.mark.parametrize(
    ("more", "settings"),
    [
        pytest.param("", {}, id="nothing: the defaults"),
        pytest.param("      timeout: 30\n", {"timeout": 30}, id="of the model"),
        pytest.param("      request_timeout: 30\n", {"timeout": 30}, id="its other name"),
        pytest.param("      num_retries: 1\n", {"num_retries": 1}, id="retries of the model"),
        pytest.param("      timeout: os.environ/T\n", {"timeout": "?"}, id="from the environment"),
        pytest.param("      timeout: '30'\n", {"timeout": 30}, id="a number as text"),
        pytest.param("      timeout:\n", {}, id="left empty"),
        pytest.param(
            "router_settings:\n  timeout: 20\n  num_retries: 3\n",
            {"timeout": 20, "num_retries": 3},
            id="router",
        ),
        pytest.param(
            "litellm_settings: {request_timeout: 20, num_retries: 3}\n",
            {"timeout": 20, "num_retries": 3},
            id="all",
        ),
        pytest.param(
            "      timeout: 9\nrouter_settings: {timeout: 20}\nlitellm_settings: {request_timeout: 30}\n",
            {"timeout": 9},
            id="the model's own first",
        ),
        pytest.param(
            "router_settings: {timeout: 20}\nlitellm_settings: {request_timeout: 30}\n",
            {"timeout": (20, 30)},
            id="which of both holds depends on the version",
        ),
        pytest.param(
            "router_settings: {timeout: 20}\nlitellm_settings: {request_timeout: 20}\n",
            {"timeout": 20},
            id="both the same",
        ),
        pytest.param(
            "router_settings: {num_retries: 1}\nlitellm_settings: {num_retries: 5}\n",
            {"num_retries": 1},
            id="the router's count",
        ),
    ],
)
def test_settings(tmp_path: Path, more: str, settings: dict[str, object]) -> None:
    (model,) = models(reading(tmp_path, _MODEL + more))
    assert values(model) == settings


def test_one_server_one_handler_and_a_call_for_each_model(tmp_path: Path) -> None:
    text = f"{_MODEL}  - model_name: claude\n    litellm_params: {{model: anthropic/claude}}\n"
    server, handler, gpt, claude = reading(tmp_path, text).declarations
    assert (server.component, server.targets[0].address) == ("litellm-proxy", handler.address)
    assert handler.work == Choice(parts=(CallWork(address=gpt.address), CallWork(address=claude.address)))
    assert [one.targets[0].host for one in (gpt, claude)] == ["api.openai.com", "api.anthropic.com"]
    assert load("litellm-proxy").default_port == 4_000


def test_deployments_of_one_model_are_alternatives(tmp_path: Path) -> None:
    text = _MODEL + _MODEL.removeprefix("model_list:\n")
    _, handler, first, second = reading(tmp_path, text).declarations
    assert first.address != second.address
    inner = Choice(parts=(CallWork(address=first.address), CallWork(address=second.address)))
    assert handler.work == Choice(parts=(inner,))


@pytest.mark.parametrize(
    "fallbacks",
    [
        'litellm_settings: {fallbacks: [{"gpt": ["other"]}]}',
        'router_settings: {fallbacks: [{"gpt": ["other"]}]}',
        'litellm_settings: {default_fallbacks: ["other"]}',
    ],
)
def test_fallbacks_come_after(tmp_path: Path, fallbacks: str) -> None:
    other = (
        "  - model_name: other\n    litellm_params: {model: x/y, api_base: 'http://llm.internal:8080/v1'}\n"
    )
    _, handler, first, second = reading(tmp_path, f"{_MODEL}{other}{fallbacks}\n").declarations
    both = Sequence(parts=(CallWork(address=first.address), CallWork(address=second.address)))
    assert handler.work == Choice(parts=(both, CallWork(address=second.address)))
    assert second.targets[0].host == "llm.internal"


@pytest.mark.parametrize(
    "text",
    [
        "model_list: []\n",
        "model_list:\n  - litellm_params: {}\n",
        "model_list: {a: b}\n",
        "model_list:\n  - model_name: x\n    litellm_params:\n",
        "- a\n",
        "",
    ],
)
def test_nothing_to_ask_is_no_server(tmp_path: Path, text: str) -> None:
    assert reading(tmp_path, text).declarations == ()


def test_broken_yaml_is_a_problem(tmp_path: Path) -> None:
    assert reading(tmp_path, "model_list: [\n").problems


def test_no_value_of_a_model_is_shown(tmp_path: Path) -> None:
    """Names that look like anything else are replaced by their line."""
    text = _MODEL.replace("gpt\n", '"sk-secret value!"\n', 1).replace(
        "openai/gpt", "openai/gpt\n      api_key: sk-1"
    )
    shown = repr(reading(tmp_path, text).declarations)
    assert "secret" not in shown
    assert "sk-1" not in shown


@pytest.mark.parametrize(
    ("name", "head", "claimed"),
    [
        ("config.yaml", _MODEL, True),
        ("litellm.yml", _MODEL, True),
        ("config.yaml", "model_list: [a]\n", False),
        ("config.json", _MODEL, False),
        ("values.yaml", "proxy_config:\n  model_list:\n    - litellm_params: {}\n", False),
    ],
)
def test_claims(tmp_path: Path, name: str, head: str, claimed: bool) -> None:
    assert is_litellm_proxy(SourceFile(name=name, path=tmp_path / name, head=head)) is claimed


_COMPOSE = """services:
  llm:
    image: ghcr.io/berriai/litellm:main-v1.74.0
    volumes: ["./config.yaml:/app/config.yaml"]
    command: ["--config", "/app/config.yaml"]
    ports: ["4000:4000"]
"""
_NGINX = """server {
  server_name llm.example.com;
  location / { proxy_pass http://llm:4000; proxy_read_timeout 100s; }
}
"""


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        pytest.param("{request_timeout: 40, num_retries: 2}", "exceeds", id="3 x 40 s behind 100 s"),
        pytest.param("{request_timeout: 40, num_retries: 1}", "fits", id="2 x 40 s and a pause"),
    ],
)
def test_behind_nginx(tmp_path: Path, settings: str, verdict: str) -> None:
    """The compose service that mounts the file gives it its name."""
    (tmp_path / "compose.yaml").write_text(_COMPOSE, encoding="utf-8")
    (tmp_path / "nginx.conf").write_text(f"http {{ {_NGINX} }}", encoding="utf-8")
    (tmp_path / "config.yaml").write_text(f"{_MODEL}litellm_settings: {settings}\n", encoding="utf-8")
    report = run([tmp_path], cwd=tmp_path, settings=RunSettings(no_config=True))
    (route,) = report.routes
    assert route.verdict.value == verdict
