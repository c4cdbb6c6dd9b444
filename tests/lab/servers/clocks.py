"""How the behaviour of a running server is timed."""

import asyncio
import contextlib
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from ..nginx.client import Request, call

_PATIENCE = 12.0
_KEPT = b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n"
_HALF_HEADER = b"GET / HTTP/1.1\r\nHo"
_HALF_BODY = b"POST / HTTP/1.1\r\nHost: lab\r\nContent-Length: 9\r\n\r\nx"
UNDER_WAY = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server in operation."""

    folder: Path
    host: str
    port: int
    process: subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Seconds until what was waited for happened, and the status of the answer, None if there was none."""

    seconds: float
    status: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Times the answer to a request whose handler takes that long; on `/block` it holds the event loop."""

    takes: float
    path: str = "/"

    async def __call__(self, running: Running) -> Seen:
        reply = await call(running.host, running.port, Request(path=f"{self.path}?{self.takes}"))
        return Seen(seconds=reply.header, status=reply.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutdown:
    """Times the end of a request that takes that long from SIGTERM, which comes when it has just begun."""

    takes: float

    async def __call__(self, running: Running) -> Seen:
        under_way = asyncio.create_task(call(running.host, running.port, Request(path=f"/?{self.takes}")))
        await asyncio.sleep(UNDER_WAY)
        running.process.send_signal(signal.SIGTERM)
        told = time.monotonic()
        reply = await under_way
        return Seen(seconds=time.monotonic() - told, status=reply.status)


async def idle(running: Running) -> Seen:
    """Times the closing of a connection from the end of its first answer."""
    reader, writer = await asyncio.open_connection(running.host, running.port)
    writer.write(_KEPT)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _PATIENCE)
    body = b""
    while not body.endswith(b"ok"):
        body += await asyncio.wait_for(reader.readexactly(1), _PATIENCE)
    return await _until_closed(reader, writer, _status(head))


async def half_header(running: Running) -> Seen:
    """Times the end of a connection on which a request header is never completed."""
    return await _unfinished(running, _HALF_HEADER)


async def half_body(running: Running) -> Seen:
    """Times the end of a connection on which a request body is never completed."""
    return await _unfinished(running, _HALF_BODY)


async def _unfinished(running: Running, sent: bytes) -> Seen:
    reader, writer = await asyncio.open_connection(running.host, running.port)
    writer.write(sent)
    return await _until_closed(reader, writer, None)


async def _until_closed(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int | None
) -> Seen:
    started = time.monotonic()
    rest = b""
    with contextlib.suppress(ConnectionError):
        rest = await asyncio.wait_for(reader.read(), _PATIENCE)
    seconds = time.monotonic() - started
    writer.close()
    return Seen(seconds=seconds, status=status or _status(rest))


def _status(head: bytes) -> int | None:
    found = re.match(rb"HTTP/1\.\d (\d{3}) ", head)
    return int(found[1]) if found else None
