"""The usual advice for LLM applications, run for real: 504, orphaned work, and a third request for nobody.

Real nginx with the sample's own configuration, real uvicorn, the real openai package, a model that never
answers. LAB_SCALE (default 0.1) scales the times; at 1 it takes a little over a minute.
"""

import asyncio
import json
import os
import time
from decimal import Decimal
from pathlib import Path

import pytest

from ..clients.target import Mode, Target
from ..conftest import missing
from ..nginx import process as nginx_process
from ..nginx.client import Reply, Request, call
from ..nginx.process import Nginx, free_address
from ..servers import process as server_process
from .assistant import APPLICATION, Predicted, nginx_of, predict, scaled

pytestmark = pytest.mark.lab

SCALE = Decimal(os.environ.get("LAB_SCALE", "0.1"))
_NEEDS = ("openai", "fastapi", "uvicorn", "httpx")
_JITTER = 0.375  # of the SDK's two pauses of at most 0.5 and 1 s: each is 75 % to 100 % of that


def test_the_504_the_orphan_and_the_third_attempt_come_when_predicted(nginx: Nginx, tmp_path: Path) -> None:
    lacking = server_process.lacking(_NEEDS)
    if lacking:
        missing(lacking)
    copy = scaled(tmp_path, SCALE)
    predicted = predict(copy)
    model = Target(Mode.HANG)
    reply, called, requests_at_504 = asyncio.run(_run(nginx, copy, predicted, model, tmp_path))
    handler = json.loads((tmp_path / "app" / "handler.json").read_text())
    finding = predicted.finding
    assert finding.budget_ms is not None
    assert finding.needed_ms is not None

    assert reply.status == 504
    assert reply.header == pytest.approx(finding.budget_ms / 1_000, abs=0.3, rel=0.1)
    worked = handler["ended"] - handler["started"]
    needed = finding.needed_ms / 1_000
    assert needed - _JITTER - 0.3 <= worked <= needed + max(0.3, needed / 10)
    assert handler["ended"] - called > reply.header, "the handler worked on after its caller had left"
    assert model.requests == 3
    assert requests_at_504 == 2, "the third request was sent for nobody"
    assert "1 more attempt" in finding.consequence


async def _run(
    nginx: Nginx, copy: Path, predicted: Predicted, model: Target, folder: Path
) -> tuple[Reply, float, int]:
    """The caller's reply, when it called, and the requests that the model had by the end of the wait."""
    app, front = folder / "app", folder / "nginx"
    app.mkdir()
    front.mkdir()
    host, port = free_address()
    listen = free_address()
    (app / "main.py").write_text(APPLICATION, encoding="utf-8")
    (app / "Procfile").write_text(f"web: uvicorn main:app --host {host} --port {port}\n", encoding="utf-8")
    settings = {
        "model": f"http://127.0.0.1:{model.port}",
        "read": predicted.seconds("timeout.read"),
        "connect": predicted.seconds("timeout.connect"),
    }
    (app / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    block = nginx_of(copy, f"{listen[0]}:{listen[1]}", f"{host}:{port}")
    (front / "nginx.conf").write_text(nginx_process.configuration(nginx, "", block, ""), encoding="utf-8")
    server = await server_process.start(app, "Procfile", (host, port), path="/healthz")
    proxy = await nginx_process.start(nginx, front)
    try:
        called = time.time()
        reply = await call(*listen, Request(method="POST", path="/chat"))
        requests = model.requests
        await _ended(app / "handler.json", float(predicted.finding.needed_ms or 0) / 1_000)
        return reply, called, requests
    finally:
        await nginx_process.stop(proxy)
        await server_process.stop(server)
        model.close()


async def _ended(file: Path, most: float) -> None:
    """Waits for the handler, a little longer than it is predicted to take."""
    for _ in range(int((most + 5) * 20)):
        if file.exists() and file.read_text():
            return
        await asyncio.sleep(0.05)
    pytest.fail("the handler did not end")
