"""Predicted seconds and requests of real graphs against measured ones."""

import fcntl
import importlib.metadata
import importlib.util
import json
import os
import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from budgetcheck import facts
from budgetcheck.model.topology import MethodClass
from budgetcheck.run import RunSettings, run

from ..conftest import missing
from .cases import CASES, Case
from .server import UNIT, Server

pytestmark = pytest.mark.lab

_RUNNER = Path(__file__).with_name("runner.py")
_NEEDED = ("langgraph", "langchain_openai", "openai", "httpx", "requests")
_PACKAGES = ("langgraph", "openai", "httpx", "requests", "langchain-openai")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What really happened: seconds in which an answer was waited for, or all where none came."""

    seconds: float
    requests: int
    outcome: str


@pytest.fixture(scope="session")
def measured_graphs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Measured]:
    """Measurements of all cases by name; of several test processes one measures for all."""
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        missing(f"{', '.join(_NEEDED)} is not installed")
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    shared = tmp_path_factory.getbasetemp().parent if parallel else tmp_path_factory.mktemp("graphs")
    found = shared / "graph-measurements"
    with (shared / "graph-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            found.write_bytes(pickle.dumps(_measure(tmp_path_factory.mktemp("cases"))))
    taken: dict[str, Measured] = pickle.loads(found.read_bytes())
    return taken


def _measure(folder: Path) -> dict[str, Measured]:
    server = Server()
    slow, silent = ([case for case in CASES if case.silent is silent] for silent in (False, True))
    groups = [slow[::2], slow[1::2], silent]  # mostly waiting
    running = [_started(server, group, folder) for group in groups]
    said = [
        json.loads(line) for process in running for line in process.communicate(timeout=90)[0].splitlines()
    ]
    server.shutdown()
    server.server_close()
    return {
        one["name"]: Measured(
            seconds=server.kept_waiting(one["name"]) or one["seconds"],
            requests=server.requests[one["name"]],
            outcome=one["outcome"],
        )
        for one in said
    }


def _started(server: Server, cases: list[Case], folder: Path) -> "subprocess.Popen[str]":
    paths = []
    for case in cases:
        path = folder / f"{case.name}.py"
        path.write_text(case.text, encoding="utf-8")
        paths.append(str(path))
    target = f"http://127.0.0.1:{server.server_address[1]}"
    environment = {**os.environ, "NO_PROXY": "*", "PYTHONWARNINGS": "ignore", "LANGSMITH_TRACING": "false"}
    return subprocess.Popen(
        [sys.executable, str(_RUNNER), target, *paths], stdout=subprocess.PIPE, text=True, env=environment
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_prediction_and_measurement_agree(
    case: Case, measured_graphs: dict[str, Measured], tmp_path: Path
) -> None:
    measured = measured_graphs[case.name]
    assert measured.outcome == case.outcome
    (tmp_path / "case.py").write_text(case.text, encoding="utf-8")
    pins = "".join(f"{name}=={importlib.metadata.version(name)}\n" for name in _PACKAGES)
    (tmp_path / "requirements.txt").write_text(pins, encoding="utf-8")
    report = run([tmp_path], cwd=tmp_path, settings=RunSettings(no_config=True, allow_unchecked=True))
    handlers = [hop for route in report.routes for hop in route.hops if hop.hop.address.endswith(":call")]
    worst = handlers[0].worst_case[MethodClass.NON_IDEMPOTENT]
    assert worst.hang.value is not None
    predicted = worst.hang.value / 1_000 * (1.0 if case.silent else UNIT)
    slower = measured.seconds - predicted
    # The machine adds to what is measured, the more the busier it is; jitter takes off it.
    assert -case.spread - 0.05 <= slower <= (1.0 if case.silent else 0.03 * measured.requests)
    if case.counts:
        assert worst.attempts.value == measured.requests


def test_the_installed_version_has_the_default_that_the_facts_say() -> None:
    if importlib.util.find_spec("langgraph") is None:
        missing("langgraph is not installed")
    code = "from langgraph._internal._config import DEFAULT_RECURSION_LIMIT as limit; print(int(limit))"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LANGGRAPH")}
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=clean
    ).stdout
    component = facts.find("langgraph")
    assert component is not None
    version = importlib.metadata.version("langgraph")
    (fact,) = facts.attempts_for(component, {}, version)
    assert fact.default == int(said)
