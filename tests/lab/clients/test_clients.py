"""Predicted attempts and seconds of real client libraries against measured ones."""

import fcntl
import importlib.util
import os
import pickle
from pathlib import Path

import pytest

from ..conftest import missing
from .agreement import disagreements
from .case import Case
from .cases import CASES
from .measure import Measured, measure, measure_again
from .postgres import programs
from .predict import predict
from .target import Mode

pytestmark = pytest.mark.lab

_AGAIN = 2
"""How often a case is measured alone where it disagreed: a loaded machine makes waits longer."""


def installed(case: Case) -> bool:
    """All modules of a case are there, and PostgreSQL where it asks for that."""
    if case.mode is Mode.POSTGRES and programs() is None:
        return False
    return all(_found(name) for name in case.needs)


def _found(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # the parent package is not there
        return False


@pytest.fixture(scope="session")
def measured_clients(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Measured]:
    """Measurements of all cases by name; of several test processes one measures for all."""
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    shared = tmp_path_factory.getbasetemp().parent if parallel else tmp_path_factory.mktemp("clients")
    found = shared / "client-measurements"
    with (shared / "client-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            cases = [case for case in CASES if installed(case)]
            found.write_bytes(pickle.dumps(measure(cases, tmp_path_factory.mktemp("cases"))))
    taken: dict[str, Measured] = pickle.loads(found.read_bytes())
    return taken


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_prediction_and_measurement_agree(
    case: Case, measured_clients: dict[str, Measured], tmp_path: Path
) -> None:
    if case.name not in measured_clients:
        database = ", postgresql" if case.mode is Mode.POSTGRES else ""
        missing(f"{', '.join(case.needs)}{database} is not installed")
    predicted = predict(case, tmp_path / "code")
    found = disagreements(case, predicted, measured_clients[case.name])
    for _ in range(_AGAIN if found else 0):
        found = disagreements(case, predicted, measure_again(case, tmp_path))
        if not found:
            break
    assert not found
