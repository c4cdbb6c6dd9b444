"""Each case is one way through one HAProxy: its caller waits as long as budgetcheck says at worst."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from budgetcheck.model.bound import Bound
from budgetcheck.model.topology import MethodClass
from budgetcheck.run import run

from ..conftest import missing
from ..nginx.agreement import allowed
from ..nginx.backends import Answer, Behaviour, BlackHole, DripBody, DripHeader, Hang, Refuse, start
from ..nginx.client import Reply, Request, call
from ..nginx.process import free_address

pytestmark = pytest.mark.lab

_UP_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way through HAProxy.

    Attributes:
        why: what it shows.
        lines: of the backend, besides its server.
        seconds: what the case states, budgetcheck must predict and the caller must wait.
        attempts: requests that the server sees.
        strict: a dead host. `seconds` go into connecting alone, and the strict bound is this many seconds, as
            the last try may succeed and be followed by silence.
    """

    why: str
    behaviour: Behaviour
    lines: tuple[str, ...] = ()
    seconds: float
    status: int
    attempts: int = 1
    method: str = "GET"
    strict: float | None = None


CASES = {
    "timeout-server": Case(
        why="a server that says nothing",
        behaviour=Hang(),
        lines=("timeout server 700ms", "timeout connect 500ms"),
        seconds=0.7,
        status=504,
    ),
    "a-bare-number-is-in-milliseconds": Case(
        why="`timeout server 900` is no quarter of an hour",
        behaviour=Hang(),
        lines=("timeout server 900", "timeout connect 500"),
        seconds=0.9,
        status=504,
    ),
    "a-header-that-drips": Case(
        why="the header has to be complete in time, each byte alone does not help",
        behaviour=DripHeader(gap=0.1),
        lines=("timeout server 800ms", "timeout connect 500ms"),
        seconds=0.8,
        status=504,
    ),
    "nobody-accepts": Case(
        why="connecting is tried four times, as nobody wrote otherwise",
        behaviour=BlackHole(),
        lines=("timeout server 5s", "timeout connect 300ms"),
        seconds=1.2,
        strict=6.2,
        status=503,
        attempts=0,
    ),
    "nobody-accepts-and-it-is-tried-twice": Case(
        why="`retries` counts what follows the first try",
        behaviour=BlackHole(),
        lines=("timeout server 5s", "timeout connect 400ms", "retries 1"),
        seconds=0.8,
        strict=5.8,
        status=503,
        attempts=0,
    ),
    "requests-are-not-repeated-by-themselves": Case(
        why="`retries` is about connections: a request that was sent is not sent again",
        behaviour=Hang(),
        lines=("timeout server 600ms", "timeout connect 500ms", "retries 2"),
        seconds=0.6,
        status=504,
    ),
    "retry-on-response-timeout": Case(
        why="with this a request is sent again after silence",
        behaviour=Hang(),
        lines=(
            "timeout server 500ms",
            "timeout connect 500ms",
            "retries 2",
            "retry-on response-timeout",
        ),
        seconds=1.5,
        status=504,
        attempts=3,
    ),
    "retry-on-repeats-a-post": Case(
        why="of any method, unless `disable-l7-retry` says otherwise",
        behaviour=Hang(),
        lines=("timeout server 500ms", "timeout connect 500ms", "retries 1", "retry-on response-timeout"),
        seconds=1.0,
        status=504,
        attempts=2,
        method="POST",
    ),
}
"""Of the first answer; what does not end the wait is below."""
MEASURED = {
    ("timeout server", "HEADER_TOTAL_BODY_IDLE"),
    ("timeout connect", "CONNECT"),
    ("timeout client", "IDLE"),
}
"""Limits that the cases measure, with their meanings."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the caller saw, and how many requests the server did."""

    reply: Reply
    attempts: int


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("haproxy")


@pytest.fixture(scope="module")
def measured(folder: Path) -> dict[str, Measured]:
    if shutil.which("haproxy") is None:
        missing("haproxy is not installed (Debian: haproxy)")
    return asyncio.run(_measure(folder))


@pytest.mark.parametrize("name", CASES)
def test_prediction_and_measurement_agree(name: str, measured: dict[str, Measured], folder: Path) -> None:
    case, seen = CASES[name], measured[name]
    hang, strict = _predicted(folder, name, case.method)
    assert (hang if case.strict is None else strict) == (case.strict or case.seconds), case.why
    assert (seen.reply.status, seen.attempts) == (case.status, case.attempts), case.why
    assert abs(seen.reply.header - case.seconds) <= allowed(case.seconds), case.why


def test_what_is_not_cut(measured: dict[str, Measured]) -> None:
    """A body that drips, and the connection to a caller that waits: both limits are between two reads."""
    body = measured["a-body-that-drips"].reply
    assert body.status == 200
    assert len(body.body) == 12
    assert body.end > 1.1  # 12 bytes with 0.1 s between, and 0.5 s of `timeout server`
    waiting = measured["the-caller-waits"].reply
    assert waiting.status == 200
    assert waiting.header > 0.7  # with 0.3 s of `timeout client`


def test_a_refused_connection_is_tried_again_after_a_second(measured: dict[str, Measured]) -> None:
    """Of a dead process that costs a pause before each further try; it is no time that limits state."""
    seen = measured["nobody-listens"].reply
    assert seen.status == 503
    assert 0.3 <= seen.header <= 1.6


_BESIDE: dict[str, tuple[Behaviour, tuple[str, ...]]] = {
    "a-body-that-drips": (DripBody(gap=0.1, count=12), ("timeout server 500ms", "timeout connect 500ms")),
    "the-caller-waits": (Answer(after=0.8), ("timeout server 5s", "timeout connect 500ms")),
    "nobody-listens": (Refuse(), ("timeout server 5s", "timeout connect 500ms", "retries 1")),
}


async def _measure(folder: Path) -> dict[str, Measured]:
    cases = {name: (case.behaviour, case.lines) for name, case in CASES.items()} | _BESIDE
    backends = {name: await start(behaviour) for name, (behaviour, _) in cases.items()}
    ports = {name: free_address() for name in cases}
    text = ["global", "    maxconn 200", "defaults", "    mode http", "    timeout client 300ms"]
    for name, (_, lines) in cases.items():
        text += [f"frontend {name}", f"    bind {ports[name][0]}:{ports[name][1]}"]
        text += [
            f"    default_backend {name}-pool",
            f"backend {name}-pool",
            *(f"    {line}" for line in lines),
        ]
        text.append(f"    server one {backends[name].host}:{backends[name].port}")
    (folder / "haproxy.cfg").write_text("\n".join([*text, ""]))
    with _running(folder / "haproxy.cfg"):
        await asyncio.sleep(0.3)
        methods = {name: case.method for name, case in CASES.items()}
        requests = {name: Request(method=methods.get(name, "GET")) for name in cases}
        replies = await asyncio.gather(*(call(*ports[name], requests[name]) for name in cases))
    for backend in backends.values():
        await backend.stop()
    return {
        name: Measured(reply, backends[name].requests) for name, reply in zip(cases, replies, strict=True)
    }


@contextmanager
def _running(file: Path) -> Iterator[None]:
    checked = subprocess.run(["haproxy", "-c", "-f", str(file)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(["haproxy", "-db", "-f", str(file)], stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(timeout=_UP_S)


def _predicted(folder: Path, name: str, method: str) -> tuple[float | None, float | None]:
    """Seconds: the worst case, and the strict one."""
    methods = MethodClass.NON_IDEMPOTENT if method == "POST" else MethodClass.IDEMPOTENT
    (worst,) = {
        shown.worst_case[methods]
        for route in run([folder], cwd=folder).routes
        for shown in route.hops
        if f":{name}/" in shown.hop.address
    }
    return _seconds(worst.hang), _seconds(worst.strict)


def _seconds(bound: Bound) -> float | None:
    assert bound.exact
    return None if bound.low is None else bound.low / 1000
