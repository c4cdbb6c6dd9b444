"""Backends that hang, drip, answer late, refuse, reset, or do not even accept: everything nginx waits for.

All of a lab run live in one event loop. Each counts the requests it sees, which are nginx's attempts.
"""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

_LINGER_0 = struct.pack("ii", 1, 0)
_FILL = 3
_CONNECTS_AT_ONCE = 0.1
_FULL = 0.3


@dataclass(slots=True)
class Backend:
    """A backend in operation.

    `requests` counts those it has seen the beginning of; `closed` tells that nginx has closed a connection
    that the backend kept.
    """

    host: str = "127.0.0.1"
    port: int = 0
    requests: int = 0
    closed: bool = False
    held: list[socket.socket] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    server: asyncio.Server | None = None
    opens: bool = False

    def called(self) -> None:
        """A request to nginx is about to be sent."""
        if self.opens:
            self.tasks.add(asyncio.create_task(self._open()))

    async def _open(self) -> None:
        await asyncio.sleep(_FULL)
        serve = _connection(self, Hang().serve)
        self.server = await asyncio.start_server(serve, sock=self.held.pop(0))

    async def stop(self) -> None:
        """Closes everything it holds."""
        if self.server:
            self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for held in self.held:
            held.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang:
    """Accepts, reads whatever comes, and stays silent. Speaks no protocol, so it suits every family."""

    async def serve(self, backend: Backend, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        seen = False
        while await reader.read(65_536):
            if not seen:
                backend.requests += 1
                seen = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Reads the request and answers after a while, then closes."""

    status: int = 200
    after: float = 0.0
    header: str = ""
    body: bytes = b"ok"

    async def serve(self, backend: Backend, reader: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        await _read_request(backend, reader)
        await asyncio.sleep(self.after)
        to.write(_head(self.status, len(self.body), self.header) + self.body)
        await to.drain()


@dataclass(frozen=True, slots=True, kw_only=True)
class DripHeader:
    """Sends its response header byte by byte."""

    gap: float

    async def serve(self, backend: Backend, reader: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        await _read_request(backend, reader)
        await _drip(to, _head(200, 0), self.gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class DripBody:
    """Sends its header after a while and its body byte by byte."""

    gap: float
    count: int
    after: float = 0.0

    async def serve(self, backend: Backend, reader: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        await _read_request(backend, reader)
        await asyncio.sleep(self.after)
        to.write(_head(200, self.count))
        await _drip(to, b"x" * self.count, self.gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Resets the connection once it has read the request."""

    async def serve(self, backend: Backend, reader: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        await _read_request(backend, reader)
        to.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverReads:
    """Accepts and reads nothing: a large request body cannot be sent. Counts connections."""

    async def serve(self, backend: Backend, reader: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        backend.requests += 1
        to.transport.pause_reading()
        await reader.read()


@dataclass(frozen=True, slots=True, kw_only=True)
class CutsReused:
    """Answers the first request of a connection and closes it, unanswered, when the second one arrives.

    That is a server whose keep-alive ends at the moment the proxy reuses the connection. It closes after the
    first answer where the proxy asks for that.
    """

    async def serve(self, backend: Backend, reader: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        head = await _read_request(backend, reader)
        close = b"connection: close" in head.lower()
        to.write(_head(200, 2, close=close) + b"ok")
        await to.drain()
        if not close:
            await reader.readuntil(b"\r\n\r\n")
            backend.requests += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeps:
    """Answers every request of a connection at once and keeps the connection until nginx closes it."""

    async def serve(self, backend: Backend, reader: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        try:
            while True:
                await _read_request(backend, reader)
                to.write(_head(200, 2, close=False) + b"ok")
                await to.drain()
        finally:
            backend.closed = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """A port that nobody listens on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlackHole:
    """A full accept queue: packets to it are dropped, so that connecting hangs, as with a dead host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowConnect:
    """A full accept queue that is emptied soon after a request is on its way, and silence from then on.

    The kernel repeats the first packet after 1 s, so that is how long connecting takes.
    """


Serving = Hang | Answer | DripHeader | DripBody | Reset | NeverReads | CutsReused | Keeps
Behaviour = Serving | Refuse | BlackHole | SlowConnect


async def start(behaviour: Behaviour, host: str = "127.0.0.1", port: int = 0) -> Backend:
    """A backend of that behaviour; `port` 0 is any free one."""
    if isinstance(behaviour, BlackHole | SlowConnect):
        listening = socket.create_server((host, port), backlog=0)
        return await _full_queue(listening, opens=isinstance(behaviour, SlowConnect))
    if isinstance(behaviour, Refuse):
        reserved = socket.socket()
        reserved.bind((host, port))
        return Backend(host=host, port=reserved.getsockname()[1], held=[reserved])
    backend = Backend(host=host)
    backend.server = await asyncio.start_server(
        _connection(backend, behaviour.serve), host, port, backlog=512
    )
    backend.port = backend.server.sockets[0].getsockname()[1]
    return backend


async def start_name_server(answers: dict[str, tuple[str, ...]]) -> tuple[asyncio.DatagramTransport, int]:
    """A name server that knows the IPv4 addresses of some names; its transport and its port."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _NameServer(answers), local_addr=("127.0.0.1", 0)
    )
    return transport, transport.get_extra_info("sockname")[1]


Serve = Callable[[Backend, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def _connection(
    backend: Backend, serve: Serve
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # nothing else refers to a connection that reads nothing: it would be collected as garbage
        if task := asyncio.current_task():
            backend.tasks.add(task)
        try:
            await serve(backend, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # nginx gave up, or the run is over
        finally:
            writer.close()

    return handle


async def _read_request(backend: Backend, reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    backend.requests += 1
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            await reader.readexactly(int(value))
    return head


def _head(status: int, length: int, header: str = "", *, close: bool = True) -> bytes:
    lines = [f"HTTP/1.1 {status} Lab", f"Content-Length: {length}"]
    lines += ["Connection: close"] if close else []
    lines += [header] if header else []
    return "\r\n".join([*lines, "", ""]).encode()


async def _drip(to: asyncio.StreamWriter, data: bytes, gap: float) -> None:
    for byte in data:
        to.write(bytes([byte]))
        await to.drain()
        await asyncio.sleep(gap)


async def _full_queue(listening: socket.socket, *, opens: bool) -> Backend:
    loop = asyncio.get_running_loop()
    host, port = listening.getsockname()[:2]
    backend = Backend(host=host, port=port, held=[listening], opens=opens)
    connected = True
    for _ in range(_FILL):
        filler = socket.socket()
        filler.setblocking(False)
        backend.held.append(filler)
        try:
            await asyncio.wait_for(loop.sock_connect(filler, (host, port)), _CONNECTS_AT_ONCE)
        except TimeoutError:
            connected = False
            break
    if connected:
        raise RuntimeError("a full accept queue still accepts connections here: dead hosts cannot be shown")
    return backend


class _NameServer(asyncio.DatagramProtocol):
    """Answers A queries for known names, others for them with nothing, and stays silent about other names."""

    def __init__(self, answers: dict[str, tuple[str, ...]]) -> None:
        self.answers = answers

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        name, end = _question(data)
        (kind,) = struct.unpack(">H", data[end : end + 2])
        if name not in self.answers:
            return
        found = self.answers[name] if kind == 1 else ()
        head = data[:2] + struct.pack(">HHHHH", 0x8180, 1, len(found), 0, 0)
        records = b"".join(
            b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(address) for address in found
        )
        self.transport.sendto(head + data[12 : end + 4] + records, addr)  # type: ignore[attr-defined]


def _question(data: bytes) -> tuple[str, int]:
    labels, at = [], 12
    while data[at]:
        labels.append(data[at + 1 : at + 1 + data[at]].decode())
        at += 1 + data[at]
    return ".".join(labels), at + 1
