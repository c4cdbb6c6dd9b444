"""The installed version chooses the facts; without one, the finding says that versions differ."""

from pathlib import Path

import pytest

from budgetcheck.model.findings import Finding
from budgetcheck.run import run

NGINX = "server { listen 80; location / { proxy_pass http://api:8000; proxy_read_timeout 30s; } }\n"
COMPOSE = "services:\n  api:\n    build: .\n    command: uvicorn main:app --host 0.0.0.0 --port 8000\n"
CODE = """import httpx
from fastapi import FastAPI
from langgraph.graph import END, START, StateGraph

app = FastAPI()
client = httpx.AsyncClient(timeout=10)


async def ask(state):
    await client.get("https://api.example.com")


builder = StateGraph(dict)
builder.add_node("ask", ask)
builder.add_edge(START, "ask")
builder.add_conditional_edges("ask", lambda state: "ask" if state else END)
graph = builder.compile()


@app.get("/answer")
async def answer():
    return await graph.ainvoke({})
"""


def findings(tmp_path: Path, pins: str) -> list[Finding]:
    files = {"nginx.conf": NGINX, "docker-compose.yml": COMPOSE, "main.py": CODE, "requirements.txt": pins}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    report = run([tmp_path], cwd=tmp_path)
    return [one for one in report.findings if one.budget_ms == 30_000 and one.inner is not None]


@pytest.mark.parametrize(
    ("pins", "needed"),
    [
        pytest.param("langgraph==0.2.76\n", 250_000, id="twenty-five steps of old"),
        pytest.param("langgraph==1.0.6\n", 100_000_000, id="ten thousand steps"),
        pytest.param("langgraph==1.2.0\n", 100_070_000, id="and a few more"),
    ],
)
def test_a_lock_file_decides_which_default_holds(tmp_path: Path, pins: str, needed: int) -> None:
    (finding,) = findings(tmp_path, pins)
    assert finding.needed_ms == needed


@pytest.mark.parametrize(
    "pins",
    [
        pytest.param("", id="no lock file"),
        pytest.param("langgraph>=0.2\n", id="a range"),
        pytest.param("langgraph==0.2.76\nlanggraph==1.2.0\n", id="two versions"),
    ],
)
def test_without_a_version_the_worst_counts_and_the_finding_says_so(tmp_path: Path, pins: str) -> None:
    (finding,) = findings(tmp_path, pins)
    assert finding.severity.name == "WARNING"
    assert finding.needed_ms == 250_000  # the least that is certain
    assert any("differs between versions" in note for note in finding.notes), finding.notes
