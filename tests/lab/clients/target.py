"""A server on loopback that misbehaves in one way and counts the requests it gets."""

import socket
import threading
import time
from contextlib import suppress
from enum import Enum

_JSON = b"Content-Type: application/json\r\nContent-Length: "
_ANSWERS = {
    "overloaded": b"HTTP/1.1 503 Service Unavailable\r\n" + _JSON + b"2\r\n\r\n{}",
    "limited": b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\n" + _JSON + b"2\r\n\r\n{}",
}
_LONGEST = 120.0


class Mode(Enum):
    """How the server misbehaves."""

    HANG = "hang"
    """Accepts, reads the request, stays silent."""
    REFUSE = "refuse"
    """Nobody listens."""
    OVERLOADED = "overloaded"
    """503 at once."""
    LIMITED = "limited"
    """429 with Retry-After: 1."""
    DRIP = "drip"
    """The header at once, then a byte every 0.2 s for 4 s."""
    POSTGRES = "postgres"
    """A real PostgreSQL, which does what the case asks it to do."""


class Target:
    """One server. `requests` counts HTTP requests, or connections that sent anything else."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self.requests = 0
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        if mode is Mode.REFUSE:
            self._socket.close()
        else:
            threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Ends the server; connections that hang are left to their clients."""
        with suppress(OSError):
            self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(_LONGEST)
        with connection, suppress(OSError):
            while _read(connection):
                with self._lock:
                    self.requests += 1
                if not self._answer(connection):
                    return

    def _answer(self, connection: socket.socket) -> bool:
        """Misbehaves once; false where the connection is of no more use."""
        if self.mode is Mode.HANG:
            while connection.recv(4096):  # until the client gives up
                pass
            return False
        if self.mode is Mode.DRIP:
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + _JSON + b"20\r\n\r\n")
            for _ in range(20):
                connection.sendall(b" ")
                time.sleep(0.2)
            return False
        connection.sendall(_ANSWERS[self.mode.value])
        return True


def _read(connection: socket.socket) -> bool:
    """Reads one request; false at the end of the connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        if not part:
            return False
        data += part
        if not data[:8].split(b" ")[0].isalpha():
            return True  # no HTTP: a database's greeting
    head, _, body = data.partition(b"\r\n\r\n")
    sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(sizes[0].split(b":")[1]) if sizes else 0
    while len(body) < length:
        body += connection.recv(65_536)
    return True
