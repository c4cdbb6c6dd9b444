"""The 502 of a keep-alive inversion, between a real nginx and real servers.

It is a race: nginx sends a request on a kept connection in the instant in which the server closes it. Which
of the two comes first is up to the scheduler, and on an idle machine nginx nearly always learns of the
closing in time. So the test makes nginx's worker busy, as a slow disk or a full processor does: it is stopped
before the request arrives and goes on after the server has closed. The request has then come first, and nginx
handles it first, on a connection whose other end is gone.
"""

import asyncio
import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from budgetcheck.model.report import Report

from ..conftest import missing
from ..nginx import process as nginx_process
from ..nginx.predict import check
from ..nginx.process import Nginx, free_address
from . import process
from .apps import PYTHON, node
from .measure import write

pytestmark = pytest.mark.lab

_GET = b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n"
_POST = b"POST / HTTP/1.1\r\nHost: lab\r\nContent-Length: 1\r\n\r\nx"
_PATIENCE = 5.0
_AHEAD = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """nginx in front of a server.

    `keeps` are the seconds for which the server says it keeps idle connections, `kept` those for which nginx
    uses them. By `closes` seconds the first of the two has closed.
    """

    name: str
    needs: tuple[str, ...]
    file: str
    text: str
    setting: str
    keeps: int
    closes: float
    kept: int = 60
    app: tuple[str, str] = ("app.py", PYTHON)


def _gunicorn(keeps: int, kept: int = 60) -> Scene:
    return Scene(
        name=f"gunicorn gthread keeps {keeps} s, nginx {kept} s",
        needs=("gunicorn",),
        file="start.sh",
        text=f"exec gunicorn app:wsgi --bind <address> --threads 4 --keep-alive {keeps}\n",
        setting="keepalive",
        keeps=keeps,
        closes=min(keeps, kept),
        kept=kept,
    )


def _uvicorn(keeps: int, kept: int = 60) -> Scene:
    return Scene(
        name=f"uvicorn keeps {keeps} s, nginx {kept} s",
        needs=("uvicorn",),
        file="Procfile",
        text=f"web: uvicorn app:asgi --host <host> --port <port> --timeout-keep-alive {keeps}\n",
        setting="timeout_keep_alive",
        keeps=keeps,
        closes=min(keeps, kept),
        kept=kept,
    )


_NODE = Scene(
    name="Node.js keeps 1 s, nginx 60 s",
    needs=("node",),
    file="start.sh",
    text="exec env PORT=<port> node server.js\n",
    setting="keepAliveTimeout",
    keeps=1,
    closes=2,  # with the buffer of newer releases
    app=("server.js", node("keepAliveTimeout = 1000")),
)


def _nginx_conf(nginx: Nginx, kept: int, listen: tuple[str, int]) -> str:
    http = (
        f"upstream app {{ server <address>; keepalive 4; keepalive_timeout {kept}s; }}\n"
        f"server {{ listen {listen[0]}:{listen[1]}; location / {{ proxy_pass http://app; "
        'proxy_http_version 1.1; proxy_set_header Connection ""; } }'
    )
    return nginx_process.configuration(nginx, "", http, "")


async def _play(nginx: Nginx, scene: Scene, folder: Path) -> tuple[list[int], Report]:
    """Statuses of a GET and, when the server has closed the idle connection meanwhile, of a POST."""
    host, port = free_address()
    listen = free_address()
    files = (("nginx.conf", _nginx_conf(nginx, scene.kept, listen)), (scene.file, scene.text), scene.app)
    write(files, folder, host, port)
    server = await process.start(folder, scene.file, (host, port))
    try:
        proxy = await nginx_process.start(nginx, folder)
        try:
            return await _two_requests(proxy.pid, listen, scene.closes), check(folder)
        finally:
            await nginx_process.stop(proxy)
    finally:
        await process.stop(server)


async def _two_requests(master: int, listen: tuple[str, int], closes: float) -> list[int]:
    reader, writer = await asyncio.open_connection(*listen)
    writer.write(_GET)
    statuses = [await _status(reader)]
    worker = _worker(master)
    await asyncio.sleep(closes / 2)
    os.kill(worker, signal.SIGSTOP)
    try:
        writer.write(_POST)
        await asyncio.sleep(closes / 2 + _AHEAD)
    finally:
        os.kill(worker, signal.SIGCONT)
    statuses.append(await _status(reader))
    writer.close()
    return statuses


async def _status(reader: asyncio.StreamReader) -> int:
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _PATIENCE)
    length = re.search(rb"content-length: (\d+)", head.lower())
    if length:
        await reader.readexactly(int(length[1]))
    return int(head.split()[1])


def _worker(master: int) -> int:
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return int(children[0])


def _inversions(report: Report) -> list[tuple[str, int | None, int | None]]:
    return [
        (finding.inner.setting, finding.budget_ms, finding.needed_ms)
        for finding in report.findings
        if finding.rule == "BC401" and finding.outer and finding.inner
    ]


def _run(scene: Scene, nginx: Nginx, folder: Path) -> tuple[list[int], Report]:
    if lack := process.lacking(scene.needs):
        missing(lack)
    return asyncio.run(_play(nginx, scene, folder))


@pytest.mark.parametrize("scene", [_gunicorn(1), _uvicorn(1), _NODE], ids=lambda scene: scene.name)
def test_the_server_closes_first(scene: Scene, nginx: Nginx, tmp_path: Path) -> None:
    statuses, report = _run(scene, nginx, tmp_path)
    assert statuses == [200, 502]
    assert _inversions(report) == [(scene.setting, 60_000, scene.keeps * 1_000)]


@pytest.mark.parametrize("scene", [_gunicorn(3, kept=1), _uvicorn(3, kept=1)], ids=lambda scene: scene.name)
def test_nginx_closes_first(scene: Scene, nginx: Nginx, tmp_path: Path) -> None:
    """The same moments and the same busy worker: nothing is lost."""
    statuses, report = _run(scene, nginx, tmp_path)
    assert statuses == [200, 200]
    assert _inversions(report) == []
