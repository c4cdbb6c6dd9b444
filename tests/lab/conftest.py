"""What the lab needs: the marker, the real components, and the measurements, taken once per run."""

import fcntl
import os
import pickle
from pathlib import Path

import pytest

from .nginx import process
from .nginx.cases import CASES
from .nginx.generate import generated
from .nginx.measure import Measurement
from .nginx.process import Nginx
from .nginx.settle import measure_settled

REQUIRED = os.environ.get("BUDGETCHECK_REQUIRE_LAB") == "1"
RANDOM = int(os.environ.get("LAB_RANDOM", "40"))
SEED = int(os.environ.get("LAB_SEED", "1"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "lab: measures a real component, which must be installed")


def missing(what: str) -> None:
    """Skips the test for want of a component; fails it where the lab is required."""
    if REQUIRED:
        pytest.fail(f"{what}, and BUDGETCHECK_REQUIRE_LAB=1 demands it")
    pytest.skip(what)


@pytest.fixture(scope="session")
def nginx() -> Nginx:
    """The installed nginx."""
    found = process.installed()
    if found is None:
        missing("nginx is not installed (Debian: nginx and libnginx-mod-stream)")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def measured(nginx: Nginx, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Measurement]:
    """Measurements of all cases of the table and all generated ones, by name.

    They run together, in a few seconds. Of several test processes one measures, and the others take over
    what it found: twice the load would disturb the clocks for nothing.
    """
    cases = [
        case for case in (*CASES, *generated(SEED, RANDOM)) if nginx.stream is not None or not case.stream
    ]
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    shared = tmp_path_factory.getbasetemp().parent if parallel else tmp_path_factory.mktemp("measured")
    found = shared / "nginx-measurements"
    with (shared / "nginx-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            found.write_bytes(pickle.dumps(measure_settled(cases, tmp_path_factory.mktemp("nginx"))))
    return _unpickled(found)


def _unpickled(path: Path) -> dict[str, Measurement]:
    taken: dict[str, Measurement] = pickle.loads(path.read_bytes())
    return taken
