"""The measurements of all installed servers, taken once per run."""

import fcntl
import os
import pickle
from pathlib import Path

import pytest

from .cases import SERVERS
from .measure import Measurement
from .process import lacking
from .settle import measure_settled


@pytest.fixture(scope="session")
def of_servers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Measurement]:
    """By name. Of several test processes one measures, and the others take over what it found."""
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    shared = tmp_path_factory.getbasetemp().parent if parallel else tmp_path_factory.mktemp("measured")
    found = shared / "server-measurements"
    with (shared / "server-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            installed = [server for server in SERVERS if not lacking(server.needs)]
            settled = measure_settled(installed, tmp_path_factory.mktemp("servers"))
            found.write_bytes(pickle.dumps(settled))
    return _unpickled(found)


def _unpickled(path: Path) -> dict[str, Measurement]:
    taken: dict[str, Measurement] = pickle.loads(path.read_bytes())
    return taken
