"""One request to the running sample: what its caller got and when, and what went on behind its back."""

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..clients.target import Mode, Target
from ..nginx import process as nginx_process
from ..nginx.client import Reply, Request, call
from ..nginx.process import Nginx, free_address
from ..servers import process as server_process
from .assistant import APPLICATION, System, nginx_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Times are seconds after the call.

    Attributes:
        worked: how long the handler worked. `ended`: when it ended.
        requests: that the model got in all. `requests_at_reply`: by the time of the reply.
    """

    reply: Reply
    worked: float
    ended: float
    requests: int
    requests_at_reply: int


async def observe(nginx: Nginx, copy: Path, system: System, needed: float, folder: Path) -> Observed:
    """Runs the copy with real components in a folder of its own; `needed` is what it may take, in seconds."""
    app, front = folder / "app", folder / "nginx"
    app.mkdir(parents=True)
    front.mkdir()
    host, port = free_address()
    listen = free_address()
    model = Target(Mode.HANG)
    (app / "main.py").write_text(APPLICATION, encoding="utf-8")
    (app / "Procfile").write_text(f"web: uvicorn main:app --host {host} --port {port}\n", encoding="utf-8")
    (app / "settings.json").write_text(json.dumps(system.settings(model.port)), encoding="utf-8")
    block = nginx_of(copy, f"{listen[0]}:{listen[1]}", f"{host}:{port}")
    (front / "nginx.conf").write_text(nginx_process.configuration(nginx, "", block, ""), encoding="utf-8")
    server = await server_process.start(app, "Procfile", (host, port), path="/healthz")
    proxy = await nginx_process.start(nginx, front)
    try:
        called = time.time()
        reply = await call(*listen, Request(method="POST", path="/chat"))
        requests = model.requests
        handler = await _handler(app / "handler.json", needed)
        return Observed(
            reply=reply,
            worked=handler["ended"] - handler["started"],
            ended=handler["ended"] - called,
            requests=model.requests,
            requests_at_reply=requests,
        )
    finally:
        await nginx_process.stop(proxy)
        await server_process.stop(server)
        model.close()


async def _handler(file: Path, most: float) -> dict[str, float]:
    """When the handler began and ended; it is awaited a little longer than it is predicted to take."""
    for _ in range(int((most + 5) * 20)):
        if file.exists() and (text := file.read_text()):
            found: dict[str, float] = json.loads(text)
            return found
        await asyncio.sleep(0.05)
    pytest.fail("the handler did not end")
