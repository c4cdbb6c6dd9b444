"""A host on this machine that answers as GitHub or GitLab does, remembers calls, and fails when told to."""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ANSWERS = Path(__file__).parent / "answers"
TOKEN = "a-token-that-nobody-may-see"
HEAD = "a" * 40
MARKER = "<!-- budgetcheck valid-at={} -->\n"


@dataclass
class Failure:
    """What the next call that matches is answered instead; `done` are the effects it has all the same."""

    verb: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "Server Error"
    done: bool = False
    drip: float = 0


@dataclass
class Host:
    """The state of one request and its comments; ids are numbers in the order of writing."""

    answers: dict[str, Any]
    head: str = HEAD
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    bot: bool = True
    url: str = ""

    def say(self, body: str, *, mine: bool = True) -> int:
        """A comment that is there already, by us or by somebody else."""
        key = len(self.comments) + 100
        self.comments[key] = {"body": body, "mine": mine}
        return key

    def said(self) -> list[str]:
        return [comment["body"] for comment in self.comments.values()]

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if not call.startswith("GET")]


class _Handler(BaseHTTPRequestHandler):
    host: Host
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Silent."""

    def _handle(self) -> None:
        host = self.host
        length = int(self.headers.get("Content-Length") or 0)
        sent = json.loads(self.rfile.read(length)) if length else {}
        path = self.path.partition("?")[0]
        host.calls.append(f"{self.command} {path}")
        for name in ("Authorization", "PRIVATE-TOKEN", "JOB-TOKEN"):
            if self.headers.get(name):
                host.tokens.add(f"{name}: {self.headers[name]}")
        failure = next((one for one in host.failures if one.verb == self.command), None)
        if failure is not None:
            host.failures.remove(failure)
            if failure.done:
                self._answer(path, sent)
            if failure.drip:
                return self._drip(failure.drip)
            return self._send(failure.status, {"message": failure.message}, failure.headers)
        return self._send(*self._answer(path, sent))

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _handle  # noqa: N815

    def _answer(self, path: str, sent: dict[str, Any]) -> tuple[int, Any]:
        raise NotImplementedError

    def _drip(self, seconds: float) -> None:
        """A byte now and then: no timeout between two reads ever fires."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)
        self.close_connection = True

    def _send(self, status: int, document: Any, headers: dict[str, str] | None = None) -> None:
        data = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


class _GitHub(_Handler):
    def _answer(self, path: str, sent: dict[str, Any]) -> tuple[int, Any]:
        host, repository = self.host, "/repos/owner/name"
        if path == "/user":
            return (
                (403, {"message": "Resource not accessible by integration"})
                if host.bot
                else (200, self._user())
            )
        if path == f"{repository}/pulls/5":
            pull = deepcopy(host.answers["pull"])
            pull["head"]["sha"] = host.head
            return 200, {
                **pull,
                "number": 5,
                "url": f"{host.url}{path}",
                "issue_url": f"{host.url}{repository}/issues/5",
            }
        if path == f"{repository}/issues/5/comments":
            if self.command == "GET":
                return 200, [self._comment(key) for key in host.comments]
            return 201, self._comment(host.say(sent["body"]))
        if path == "/graphql":
            (node,) = re.findall(r"IC_(\d+)", json.dumps(sent))
            host.hidden.add(int(node))
            comment = {"isMinimized": True, "id": f"IC_{node}"}
            return 200, {"data": {"minimizeComment": {"minimizedComment": comment}}}
        match = re.fullmatch(rf"{repository}/issues/comments/(\d+)", path)
        key = int(match[1]) if match else -1
        if key not in host.comments:
            return 404, {"message": "Not Found", "status": "404"}
        if self.command == "DELETE":
            del host.comments[key]
            return 204, None
        if self.command == "PATCH":
            host.comments[key]["body"] = sent["body"]
        return 200, self._comment(key)

    def _user(self) -> dict[str, Any]:
        kind = ("Bot", "github-actions[bot]") if self.host.bot else ("User", "me")
        return {**self.host.answers["user"], "type": kind[0], "login": kind[1]}

    def _comment(self, key: int) -> dict[str, Any]:
        known = self.host.comments[key]
        user = self._user() if known["mine"] else {**self.host.answers["user"], "login": "mallory"}
        return {
            **self.host.answers["comment"],
            "id": key,
            "node_id": f"IC_{key}",
            "url": f"{self.host.url}/repos/owner/name/issues/comments/{key}",
            "body": known["body"],
            "user": user,
            "minimized": {"reason": "outdated"} if key in self.host.hidden else None,
        }


class _GitLab(_Handler):
    def _answer(self, path: str, sent: dict[str, Any]) -> tuple[int, Any]:
        host, request = self.host, "/api/v4/projects/3/merge_requests/7"
        if path == "/api/v4/user":
            return 200, host.answers["user"]
        if path == "/api/v4/job":
            return 200, {"id": 9, "user": host.answers["user"]}
        if path == request:
            return 200, {**host.answers["merge_request"], "sha": host.head}
        if path == f"{request}/notes":
            if self.command == "GET":
                return 200, [self._note(key) for key in host.comments]
            return 201, self._note(host.say(sent["body"]))
        match = re.fullmatch(rf"{request}/notes/(\d+)", path)
        key = int(match[1]) if match else -1
        if key not in host.comments:
            return 404, {"message": "404 Not found"}
        if self.command == "DELETE":
            del host.comments[key]
            return 204, None
        host.comments[key]["body"] = sent["body"]
        return 200, self._note(key)

    def _note(self, key: int) -> dict[str, Any]:
        known = self.host.comments[key]
        author = {**self.host.answers["user"], **({} if known["mine"] else {"id": 66})}
        return {**self.host.answers["note"], "id": key, "body": known["body"], "author": author}


@contextmanager
def running(name: str) -> Iterator[Host]:
    """The host while the block runs."""
    answers = json.loads((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))
    host = Host(answers=answers)
    kind = type("Handler", (_GitHub if name == "github" else _GitLab,), {"host": host})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    host.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
