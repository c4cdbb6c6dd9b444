"""Runs cases on real nginx, each in a process of its own, many at the same time."""

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count, repeat
from pathlib import Path

from . import backends, process
from .backends import Backend
from .case import Case
from .client import Reply, call
from .predict import Prediction, check, predict
from .process import Nginx

AT_ONCE = 80
"""Cases under way at the same time."""
_APART = 0.005
"""Seconds from one case's request to the next one's: sent all at once they would wait for each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What happened in one case, beside what budgetcheck says of the same files.

    `prediction` is None where budgetcheck does not find the location. `repeated` marks a second
    measurement, see `measure_settled`.
    """

    case: Case
    prediction: Prediction | None
    reply: Reply
    attempts: tuple[int, ...]
    repeated: bool = False

    @property
    def seconds(self) -> float:
        """Until the response header, or until the connection was closed without one."""
        return self.reply.header


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A case in operation: nginx listens at `host`:`port`, and all backends are up."""

    folder: Path
    host: str
    port: int
    backends: tuple[Backend, ...]
    process: subprocess.Popen[bytes]
    name_server: asyncio.DatagramTransport | None


def measure(cases: Sequence[Case], folder: Path, *, at_once: int = AT_ONCE) -> dict[str, Measurement]:
    """Measurements by case name. Each case gets a directory below `folder`."""
    return asyncio.run(_measure_all(cases, folder, at_once))


async def _measure_all(cases: Sequence[Case], folder: Path, at_once: int) -> dict[str, Measurement]:
    nginx = process.installed()
    if nginx is None:
        raise RuntimeError("nginx is not installed")
    measured: dict[str, Measurement] = {}
    for first in range(0, len(cases), at_once):
        batch = cases[first : first + at_once]
        for one in await _measure_batch(nginx, batch, folder):
            measured[one.case.name] = one
    return measured


async def _measure_batch(nginx: Nginx, cases: Sequence[Case], folder: Path) -> list[Measurement]:
    """All are started and read before the first request is sent, so that neither disturbs the clocks."""
    places = [folder / re.sub(r"[^a-z0-9]+", "-", case.name.lower()) for case in cases]
    outcomes = await asyncio.gather(*map(set_up, repeat(nginx), cases, places), return_exceptions=True)
    stages = [outcome for outcome in outcomes if isinstance(outcome, Stage)]
    try:
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        predictions = [_predicted(stage, case) for stage, case in zip(stages, cases, strict=True)]
        replies = await asyncio.gather(*map(_call_in_turn, stages, cases, count()))
    finally:
        await asyncio.gather(*map(tear_down, stages))
    return [
        Measurement(
            case=case,
            prediction=prediction,
            reply=reply,
            attempts=tuple(backend.requests for backend in stage.backends),
        )
        for case, prediction, reply, stage in zip(cases, predictions, replies, stages, strict=True)
    ]


async def _call_in_turn(stage: Stage, case: Case, turn: int) -> Reply:
    await asyncio.sleep(turn * _APART)
    for backend in stage.backends:
        backend.called()
    return await call(stage.host, stage.port, case.request)


def _predicted(stage: Stage, case: Case) -> Prediction | None:
    try:
        return predict(check(stage.folder), case.location, case.request.method)
    except LookupError:
        return None


@asynccontextmanager
async def operating(nginx: Nginx, case: Case, folder: Path) -> AsyncIterator[Stage]:
    """One case in operation, for tests that send more than one request."""
    stage = await set_up(nginx, case, folder)
    try:
        yield stage
    finally:
        await tear_down(stage)


async def set_up(nginx: Nginx, case: Case, folder: Path) -> Stage:
    """Writes the files, starts the backends and nginx."""
    folder.mkdir(parents=True)
    started: list[Backend] = []
    port = 0
    for number, behaviour in enumerate(case.backends, start=1):
        host = f"127.0.0.{number}" if case.same_port else "127.0.0.1"
        started.append(await backends.start(behaviour, host, port))
        port = started[0].port if case.same_port else 0
    listen = process.free_address()
    values = {"listen": f"{listen[0]}:{listen[1]}"}
    for number, backend in enumerate(started, start=1):
        values |= {f"{number}": f"{backend.host}:{backend.port}", f"port {number}": f"{backend.port}"}
    name_server = None
    if case.names:
        name_server, at = await backends.start_name_server(dict(case.names))
        values["resolver"] = f"127.0.0.1:{at}"
    text = process.configuration(nginx, case.main, case.http, case.stream)
    for name, content in (("nginx.conf", text), *case.files):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(_filled(content, values))
    running = await process.start(nginx, folder)
    return Stage(
        folder=folder,
        host=listen[0],
        port=listen[1],
        backends=tuple(started),
        process=running,
        name_server=name_server,
    )


async def tear_down(stage: Stage) -> None:
    """Stops nginx and the backends."""
    await process.stop(stage.process)
    for backend in stage.backends:
        await backend.stop()
    if stage.name_server:
        stage.name_server.close()


def _filled(text: str, values: dict[str, str]) -> str:
    return re.sub(r"<(listen|resolver|port \d+|\d+)>", lambda found: values[found[1]], text)
