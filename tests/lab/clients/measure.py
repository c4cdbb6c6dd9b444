"""Runs the real libraries: one process for each case, a few at a time."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from .case import Case
from .postgres import postgres
from .target import Mode, Target

_TOGETHER = 4  # mostly waiting; more would disturb one another's clocks while they import
_LONGEST = 90.0
_PATIENCE = 15.0  # after which a call without a limit is believed to have none
_RUNNER = Path(__file__).with_name("runner.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What really happened."""

    seconds: float
    requests: int
    outcome: str


def measure(cases: Iterable[Case], folder: Path) -> dict[str, Measured]:
    """All cases, by name."""
    found = list(cases)
    wanted = any(case.mode is Mode.POSTGRES for case in found)
    with postgres() if wanted else nullcontext(None) as database, ThreadPoolExecutor(_TOGETHER) as pool:
        results = pool.map(lambda case: measure_one(case, folder, database), found)
        return {case.name: result for case, result in zip(found, results, strict=True)}


def measure_again(case: Case, folder: Path) -> Measured:
    """One case alone: what disturbed the clocks among others is gone."""
    wanted = case.mode is Mode.POSTGRES
    with postgres() if wanted else nullcontext(None) as database:
        return measure_one(case, folder, database)


def measure_one(case: Case, folder: Path, database: tuple[str, int] | None) -> Measured:
    """One case against its own server. Raises CalledProcessError where the case itself is broken."""
    target = Target(Mode.HANG if case.mode is Mode.POSTGRES else case.mode)
    host, port = database if database and case.mode is Mode.POSTGRES else ("127.0.0.1", target.port)
    script = folder / f"{''.join(c if c.isalnum() else '-' for c in case.name)}.py"
    script.write_text(case.code, encoding="utf-8")
    environment = {
        **os.environ,
        "TARGET": f"http://{host}:{port}",
        "TARGET_HOST": host,
        "TARGET_PORT": str(port),
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "NO_PROXY": "*",
        "PYTHONWARNINGS": "ignore",
    }
    started = time.monotonic()
    try:
        ran = subprocess.run(
            [sys.executable, str(_RUNNER), str(script)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE if case.unlimited else _LONGEST,
            check=True,
        )
    except subprocess.TimeoutExpired:
        waited = time.monotonic() - started
        return Measured(seconds=waited, requests=target.requests, outcome="still waiting")
    finally:
        target.close()
    said = json.loads(ran.stdout.strip().splitlines()[-1])
    return Measured(seconds=said["seconds"], requests=target.requests, outcome=said["outcome"])
