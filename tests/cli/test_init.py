"""`budgetcheck init`: the document that follows from code says the same as the code."""

from pathlib import Path

import pytest
from expectations import run_cli

from budgetcheck.model.report import Report
from budgetcheck.model.topology import Layer
from budgetcheck.readers.app_schema import check_app_document
from budgetcheck.run import run
from budgetcheck.yaml_nodes import parse_yaml, plain

NGINX = "server { listen 80; location / { proxy_pass http://api:8000; proxy_read_timeout 30s; } }\n"
COMPOSE = """services:
  api:
    build: .
    command: uvicorn main:app --host 0.0.0.0 --port 8000 --timeout-keep-alive 70
"""
PINS = "openai==1.109.1\nhttpx==0.28.1\nlanggraph==1.0.6\nrequests==2.32.3\n"
CODE = """import asyncio
import os

import httpx
import requests
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from langgraph.graph import END, START, StateGraph
from openai import AsyncOpenAI

app = FastAPI()
llm = AsyncOpenAI(timeout=httpx.Timeout(20.0, connect=5.0))
web = httpx.AsyncClient(timeout=3)


@app.post("/chat")
async def chat():
    await web.get("https://docs.example.com")
    await llm.chat.completions.create(model="m", messages=[])


@app.post("/short")
async def short():
    await llm.with_options(max_retries=0).chat.completions.create(model="m", messages=[])


@app.get("/both/{id}")
async def both(id: str):
    await asyncio.gather(
        web.get("https://a.example.com"), llm.chat.completions.create(model="m", messages=[])
    )


@app.get("/bounded")
async def bounded():
    async with asyncio.timeout(8):
        await llm.chat.completions.create(model="m", messages=[])
        await web.get("https://a.example.com")


@app.get("/either")
async def either(cheap: bool):
    if cheap:
        await web.get("https://a.example.com")
    else:
        for _ in range(12):
            await web.get("https://b.example.com")


async def ask(state):
    await web.get("https://a.example.com")


async def tools(state):
    await llm.chat.completions.create(model="m", messages=[])


builder = StateGraph(dict).add_node(ask).add_node(tools).add_edge(START, "ask").add_edge("tools", "ask")
graph = builder.add_conditional_edges("ask", lambda s: "tools" if s else END).compile()


@app.post("/agent")
async def agent():
    await graph.ainvoke({}, {"recursion_limit": 6})


@app.get("/sync")
def sync():
    requests.get("https://slow.example.com", timeout=(3, 9))


@app.get("/endless")
def endless():
    requests.get("https://slow.example.com")


@app.get("/health")
def health():
    return {}
"""


def invoke(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    found = run_cli("init", *arguments)
    assert found.crash is None
    return found.exit_code, found.stdout, found.stderr


def tree(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def code(tmp_path: Path) -> Path:
    files = {"main.py": CODE, "requirements.txt": PINS, "docker-compose.yml": COMPOSE, "nginx.conf": NGINX}
    return tree(tmp_path / "code", files)


def verdicts(report: Report) -> dict[str, object]:
    """What is said of each route: its verdict, and what its handler may need, per method class.

    Not how many requests it makes: the document has no word for branches, and counts the calls of both.
    """
    found: dict[str, object] = {}
    for one in report.routes:
        handler = next((hop for hop in one.hops if hop.hop.layer is Layer.HANDLER), None)
        if handler is not None:
            needs = [worst.hang for worst in handler.worst_case.values()]
            found[one.route.path] = (one.verdict, needs)
    return found


def pairs(report: Report) -> set[tuple[str, int | None, int | None, str]]:
    """The findings about pairs of hops, by route: what is granted and what is needed.

    One client that several routes share is one finding in code, and one for each call in a document.
    """
    return {
        (one.rule, one.budget_ms, one.needed_ms, route)
        for one in report.findings
        for route in one.routes
        if one.budget_ms is not None and one.rule < "BC2"
    }


def test_the_document_gives_the_verdicts_of_the_code(code: Path, tmp_path: Path) -> None:
    status, text, _ = invoke("--infer", str(code))
    assert status == 0
    document = tree(tmp_path / "document", {"app.yaml": text, "nginx.conf": NGINX})
    stated, coded = run([document], cwd=document), run([code], cwd=code)
    assert not [one for one in stated.findings if one.rule == "BC901"]
    assert verdicts(stated) == verdicts(coded)
    assert pairs(stated) == pairs(coded)
    assert {rule for rule, *_ in pairs(coded)} >= {"BC102", "BC104", "BC105"}


def test_the_document_says_where_its_numbers_come_from(code: Path) -> None:
    _, text, _ = invoke("--infer", str(code))
    (document,) = (plain(one) for one in parse_yaml(text).documents if one is not None)
    checked, errors = check_app_document(document)
    assert checked is not None, errors
    assert checked.service == "api"
    assert "timeout_keep_alive: 70s  # docker-compose.yml:4" in text
    assert "read: 20s  # main.py:12" in text
    assert "# left to the client's defaults: max_retries 2" in text
    assert "deadline: 8s  # main.py:36" in text
    assert "# one of these, whichever way the code takes: the longest counts" in text


def test_what_is_not_known_is_said_and_not_stated(tmp_path: Path) -> None:
    lines = (
        "import os, httpx\nfrom fastapi import FastAPI\napp = FastAPI()\n"
        'web = httpx.Client(timeout=float(os.environ["WAIT"]))\n'
        '@app.get("/x")\ndef x():\n    web.get("https://a.example.com")\n'
    )
    _, text, _ = invoke("--infer", str(tree(tmp_path / "code", {"main.py": lines})))
    assert "# state timeout.read: its value is not known (nothing here sets WAIT)" in text
    assert "timeout:" not in text


def test_code_without_routes_is_stated_by_its_functions(tmp_path: Path) -> None:
    lines = "import requests\ndef fetch():\n    requests.get('https://a.example.com', timeout=5)\n"
    _, text, _ = invoke("--infer", str(tree(tmp_path / "code", {"main.py": lines})))
    assert "path: /fetch" in text
    assert "# No routes were found" in text


def test_nothing_is_inferred_where_there_is_no_code(tmp_path: Path) -> None:
    status, text, said = invoke("--infer", str(tree(tmp_path / "code", {"nginx.conf": NGINX})))
    assert (status, text) == (3, "")
    assert "no code was found" in said


def test_a_file_is_not_overwritten_unasked(code: Path, tmp_path: Path) -> None:
    output = tmp_path / "app.yaml"
    output.write_text("mine")
    status, _, said = invoke("--infer", str(code), "-o", str(output))
    assert status == 2
    assert "exists; --force overwrites it" in said
    assert output.read_text() == "mine"
    assert invoke("--infer", str(code), "-o", str(output), "--force")[0] == 0
    assert output.read_text().startswith("# Inferred by")
