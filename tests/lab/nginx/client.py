"""A caller that notes how long it waits for the response header, and for the end."""

import asyncio
import re
import time
from dataclasses import dataclass

_PATIENCE = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the caller sends. `raw` is sent as it is, for the stream module."""

    method: str = "GET"
    path: str = "/"
    body: bytes = b""
    raw: bytes = b""

    def encoded(self) -> bytes:
        """The bytes on the wire."""
        if self.raw:
            return self.raw
        length = f"Content-Length: {len(self.body)}\r\n" if self.body or self.method == "POST" else ""
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: lab\r\n{length}Connection: close\r\n\r\n"
        return head.encode() + self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the caller saw. `status` is None where the connection was closed without a response.

    `header` and `end` are the seconds until the response header was complete (or the connection closed)
    and until the connection was closed.
    """

    status: int | None
    header: float
    end: float
    body: bytes = b""


async def call(host: str, port: int, request: Request) -> Reply:
    """Sends one request on a connection of its own and waits for the end of the answer."""
    started = time.monotonic()
    reader, writer = await asyncio.open_connection(host, port)
    try:
        sending = asyncio.create_task(_send(writer, request.encoded()))
        status = await asyncio.wait_for(_status(reader), _PATIENCE)
        header = time.monotonic() - started
        body = await asyncio.wait_for(_rest(reader), _PATIENCE)
        await sending
        return Reply(status=status, header=header, end=time.monotonic() - started, body=body)
    finally:
        writer.close()


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    try:
        writer.write(data)
        await writer.drain()
    except ConnectionError:
        pass  # nginx answers before it has read a body that no backend takes


async def _status(reader: asyncio.StreamReader) -> int | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    found = re.match(rb"HTTP/1\.\d (\d{3}) ", head)
    return int(found[1]) if found else None


async def _rest(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""
