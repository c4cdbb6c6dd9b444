"""A server on loopback whose answers take as long as the path says, and that counts requests by case.

`/CASE/3` is answered after three units, `/CASE/hang` never. A chat completion always asks for
the tool `look`, so that an agent goes on until something stops it.
"""

import json
import threading
import time
from collections import Counter
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

UNIT = 0.05
"""Seconds that stand for one second of the code of a case."""
_CALL = {"id": "1", "type": "function", "function": {"name": "look", "arguments": '{"what": "x"}'}}
_MESSAGE = {"role": "assistant", "content": None, "tool_calls": [_CALL]}
_COMPLETION = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": _MESSAGE, "finish_reason": "tool_calls"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        self.rfile.read(length)
        self._answer(_COMPLETION)

    def _answer(self, body: object) -> None:
        _, case, wait, *_ = self.path.split("/")
        arrived = time.monotonic()
        self.server.count(case)
        if wait == "hang":
            with suppress(OSError):
                self.connection.recv(1)  # until the client gives up
            self.close_connection = True
            return
        time.sleep(float(wait) * UNIT)
        self.server.waited(case, arrived, time.monotonic())
        data = json.dumps(body).encode()
        with suppress(OSError):
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is that of the base class
        """Says nothing."""


class Server(ThreadingHTTPServer):
    """The server, and the requests of each case."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: Counter[str] = Counter()
        self._waits: dict[str, list[tuple[float, float]]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def count(self, case: str) -> None:
        """One more request of a case."""
        with self._lock:
            self.requests[case] += 1

    def waited(self, case: str, start: float, end: float) -> None:
        """Somebody was kept waiting by a request of a case."""
        with self._lock:
            self._waits.setdefault(case, []).append((start, end))

    def kept_waiting(self, case: str) -> float:
        """Seconds in which some request of a case was waited for: without the time its client took itself."""
        total, until = 0.0, 0.0
        for start, end in sorted(self._waits.get(case, ())):
            total += max(0.0, end - max(start, until))
            until = max(until, end)
        return total
