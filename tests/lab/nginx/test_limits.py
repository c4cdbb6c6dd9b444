"""Limits that are no part of `hang`: each ends what budgetcheck says it ends, after the time it says."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.report import Report

from .agreement import allowed
from .backends import Answer, Behaviour, Hang, Keeps
from .case import Case
from .cases.texts import server
from .client import Request, call
from .measure import Stage, operating
from .predict import check
from .process import Nginx

pytestmark = pytest.mark.lab

_PATIENCE = 10.0
_ANSWER = Answer()
_KEPT = b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n"
_UPLOAD = b"POST / HTTP/1.1\r\nHost: lab\r\nContent-Length: 9\r\n\r\nx"
Clock = Callable[[Stage], Awaitable[float]]


async def _open(stage: Stage) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(stage.host, stage.port)


async def _until_closed(stage: Stage, sent: bytes, answer: bytes = b"") -> float:
    """Seconds from the end of the answer (or from sending, if none is due) until nginx closes."""
    reader, writer = await _open(stage)
    writer.write(sent)
    if answer:
        await reader.readuntil(answer)
    started = time.monotonic()
    await asyncio.wait_for(reader.read(), _PATIENCE)
    writer.close()
    return time.monotonic() - started


async def _idle_client(stage: Stage) -> float:
    return await _until_closed(stage, _KEPT, b"\r\n\r\nok")


async def _half_a_header(stage: Stage) -> float:
    return await _until_closed(stage, b"GET / HTTP/1.1\r\nHo")


async def _half_a_body(stage: Stage) -> float:
    return await _until_closed(stage, _UPLOAD)


async def _unresolved_name(stage: Stage) -> float:
    reply = await call(stage.host, stage.port, Request())
    assert reply.status == 502
    return reply.header


async def _second_for_the_cache(stage: Stage) -> float:
    """The second request for the same key waits for the lock, then for its own pass, which takes 0.2 s."""
    first = asyncio.create_task(call(stage.host, stage.port, Request()))
    await asyncio.sleep(0.05)
    second = await call(stage.host, stage.port, Request())
    assert (await first).status == 504
    return second.header - 0.9


async def _shutdown(stage: Stage) -> float:
    """A request runs while nginx is told to stop gracefully."""
    running = asyncio.create_task(call(stage.host, stage.port, Request()))
    await asyncio.sleep(0.1)
    started = time.monotonic()
    stage.process.send_signal(signal.SIGQUIT)
    assert (await running).status is None
    return time.monotonic() - started


async def _idle_upstream(stage: Stage) -> float:
    """How long nginx keeps an idle connection to the backend."""
    await call(stage.host, stage.port, Request())
    started = time.monotonic()
    while not stage.backends[0].closed:
        await asyncio.sleep(0.01)
        assert time.monotonic() - started < _PATIENCE
    return time.monotonic() - started


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A limit of 0.4 s, a configuration with it, and how to time it."""

    setting: str
    meaning: Meaning
    clock: Clock
    http: str
    main: str = ""
    backend: Behaviour = _ANSWER
    names: bool = False


_PASS = "location / { proxy_pass http://<1>; }"
CASES = (
    Measured(
        setting="keepalive_timeout",
        meaning=Meaning.KEEPALIVE,
        clock=_idle_client,
        http=server("keepalive_timeout 400ms;", _PASS),
    ),
    Measured(
        setting="client_header_timeout",
        meaning=Meaning.TOTAL,
        clock=_half_a_header,
        http=server("client_header_timeout 400ms;", _PASS),
    ),
    Measured(
        setting="client_body_timeout",
        meaning=Meaning.IDLE,
        clock=_half_a_body,
        http=server("client_body_timeout 400ms;", _PASS),
    ),
    Measured(
        setting="resolver_timeout",
        meaning=Meaning.ACQUIRE,
        clock=_unresolved_name,
        http=server(
            "resolver <resolver>; resolver_timeout 400ms;",
            "set $app nobody.test;",
            "location / { proxy_pass http://$app; }",
        ),
        names=True,
    ),
    Measured(
        setting="proxy_cache_lock_timeout",
        meaning=Meaning.ACQUIRE,
        clock=_second_for_the_cache,
        http="proxy_cache_path cache keys_zone=lab:1m;\n"
        + server(
            "location / { proxy_pass http://<1>; proxy_cache lab; proxy_cache_valid 1m; "
            "proxy_cache_lock on; proxy_cache_lock_timeout 400ms; }",
            times="proxy_read_timeout 900ms;",
        ),
        backend=Hang(),
    ),
    Measured(
        setting="upstream.keepalive_timeout",
        meaning=Meaning.KEEPALIVE,
        clock=_idle_upstream,
        http="upstream app { server <1>; keepalive 2; keepalive_timeout 400ms; }\n"
        + server(
            'location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; }'
        ),
        backend=Keeps(),
    ),
    Measured(
        setting="worker_shutdown_timeout",
        meaning=Meaning.DRAIN,
        clock=_shutdown,
        main="worker_shutdown_timeout 400ms;\n",
        http=server(_PASS, times="proxy_read_timeout 5s;"),
        backend=Hang(),
    ),
)


@pytest.mark.parametrize("measured", CASES, ids=lambda measured: measured.setting)
def test_limit(measured: Measured, nginx: Nginx, tmp_path: Path) -> None:
    case = Case(
        name=measured.setting,
        why="what the limit ends, and when",
        main=measured.main,
        http=measured.http,
        backends=(measured.backend,),
        names=(("app.test", ("127.0.0.1",)),) if measured.names else (),
        seconds=None,
        attempts=None,
    )

    async def scene() -> tuple[float, Report]:
        async with operating(nginx, case, tmp_path / "scene") as stage:
            report = check(stage.folder)
            return await measured.clock(stage), report

    seconds, report = asyncio.run(scene())
    limit = _limit(report, measured.setting)
    assert limit.meaning is measured.meaning
    assert limit.bound.value == 400
    assert abs(seconds - 0.4) <= allowed(0.4)


def _limit(report: Report, setting: str) -> Limit:
    (found,) = {
        limit
        for route in report.routes
        for shown in route.hops
        for limit in shown.hop.limits
        if limit.setting == setting
    }
    return found
