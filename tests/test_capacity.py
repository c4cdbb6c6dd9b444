"""The capacity line: only where workers are counted, and a waiting request holds one."""

from pathlib import Path

import pytest

from budgetcheck.model.report import Capacity
from budgetcheck.model.topology import Slots
from budgetcheck.run import RunSettings, run

SYNC = """\
from flask import Flask
import requests

app = Flask(__name__)


@app.get("/report")
def report():
    return requests.get("https://reports.example.net", timeout=LIMIT).text
"""
ASYNC = """\
from fastapi import FastAPI
import httpx

app = FastAPI()
client = httpx.AsyncClient(timeout=40)


@app.get("/report")
async def report():
    return await client.get("https://reports.example.net")
"""
BLOCKING = """\
from fastapi import FastAPI
import requests

app = FastAPI()


@app.get("/report")
async def report():
    return requests.get("https://reports.example.net", timeout=40).text
"""
FLASK, FASTAPI = SYNC.replace("LIMIT", "40"), ASYNC


def said(folder: Path, command: str, code: str, **files: str) -> list[str]:
    """The capacity lines of all routes of a service that is started with a command."""
    (folder / "main.py").write_text(code, encoding="utf-8")
    (folder / "Procfile").write_text(f"web: {command}\n", encoding="utf-8")
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    report = run([folder], cwd=folder, settings=RunSettings())
    return [route.capacity.text for route in report.routes if route.capacity]


@pytest.mark.parametrize(
    ("command", "code", "line"),
    [
        pytest.param(
            "gunicorn main:app -w 4 --timeout 100", FLASK,
            "4 workers / 40 s: a stall saturates at 0.10 requests/s", id="sync workers",
        ),
        pytest.param(
            "gunicorn main:app --workers=4 --timeout 30", FLASK,
            "4 workers / 30 s: a stall saturates at 0.13 requests/s", id="a sync worker is ended at 30 s",
        ),
        pytest.param(
            "gunicorn main:app -w 4 --threads 8", FLASK,
            "4 workers x 8 threads / 40 s: a stall saturates at 0.80 requests/s", id="threads",
        ),
        pytest.param(
            "gunicorn main:app -w 2 -k gthread", FLASK,
            "2 workers / 40 s: a stall saturates at 0.05 requests/s", id="gthread with one thread each",
        ),
        pytest.param(
            "WEB_CONCURRENCY=3 gunicorn main:app", FLASK,
            "3 workers / 30 s: a stall saturates at 0.10 requests/s", id="gunicorn reads WEB_CONCURRENCY",
        ),
        pytest.param(
            "gunicorn main:app -w 4 --threads 2", SYNC.replace("LIMIT", "None"),
            "4 workers x 2 threads / no limit: in a stall 8 requests hold all of it for good", id="no limit",
        ),
        pytest.param(
            "uvicorn main:app --workers 4", BLOCKING,
            "4 workers / 40 s: a stall saturates at 0.10 requests/s", id="a blocking call on the event loop",
        ),
        pytest.param(
            "gunicorn main:app -w 4 -k uvicorn.workers.UvicornWorker", BLOCKING,
            "4 workers / 40 s: a stall saturates at 0.10 requests/s", id="the same in workers of gunicorn",
        ),
    ],
)  # fmt: skip
def test_line(command: str, code: str, line: str, tmp_path: Path) -> None:
    assert said(tmp_path, command, code) == [line]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param("gunicorn main:app", FLASK, id="nobody wrote how many"),
        pytest.param("gunicorn main:app -w $(nproc)", FLASK, id="as many as there are cores"),
        pytest.param("gunicorn main:app -w $WORKERS", FLASK, id="a variable without value"),
        pytest.param("gunicorn main:app -w 4 --threads $THREADS", FLASK, id="threads are not known"),
        pytest.param("gunicorn main:app -w 4 -c other.py", FLASK, id="its configuration is not here"),
        pytest.param("gunicorn main:app -w 4 -k gevent", FLASK, id="greenlets wait together"),
        pytest.param("gunicorn main:app -w 4 -k uvicorn.workers.UvicornWorker", FASTAPI, id="it awaits"),
        pytest.param("uvicorn main:app --workers 4", FASTAPI, id="an event loop waits for many"),
    ],
)
def test_no_line(command: str, code: str, tmp_path: Path) -> None:
    assert said(tmp_path, command, code) == []


def test_number_and_its_place_are_part_of_the_finding(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text(
        "server {\n  listen 80;\n  location / {\n    proxy_pass http://127.0.0.1:8000;\n"
        "    proxy_read_timeout 20s;\n  }\n}\n",
        encoding="utf-8",
    )
    said(tmp_path, "gunicorn main:app --timeout 100", FLASK, gunicorn__conf__py="workers = 2 * 4\n")
    report = run([tmp_path], cwd=tmp_path, settings=RunSettings())
    (finding,) = [found for found in report.findings if found.rule == "BC101"]
    assert "8 workers / 40 s: a stall saturates at 0.20 requests/s (gunicorn.conf.py:1)" in finding.notes


@pytest.mark.parametrize(
    ("config", "line"),
    [
        pytest.param("workers 2\nthreads 1, 5\n", "2 workers x 5 threads", id="the most threads count"),
        pytest.param("workers 0\nthreads 5\n", "1 worker x 5 threads", id="no workers are one process"),
        pytest.param(
            'workers ENV.fetch("WEB_CONCURRENCY") { 3 }\nthreads 5, 5\n', "3 workers x 5 threads",
            id="a default in the file",
        ),
        pytest.param("threads 5, 5\n", "", id="workers may come from WEB_CONCURRENCY"),
        pytest.param("workers Etc.nprocessors\nthreads 5, 5\n", "", id="as many as there are cores"),
    ],
)  # fmt: skip
def test_puma(config: str, line: str, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "puma.rb").write_text(config, encoding="utf-8")
    (tmp_path / "Procfile").write_text("web: puma\n", encoding="utf-8")
    report = run([tmp_path], cwd=tmp_path, settings=RunSettings())
    slots = [part.hop.slots for route in report.routes for part in route.hops]
    assert [one.text for one in slots if one] == ([line] if line else [])


def test_php_pool(tmp_path: Path) -> None:
    (tmp_path / "www.conf").write_text(
        "[www]\nlisten = 9000\npm = static\npm.max_children = 20\nrequest_terminate_timeout = 60\n",
        encoding="utf-8",
    )
    report = run([tmp_path], cwd=tmp_path, settings=RunSettings())
    (route,) = report.routes
    assert route.capacity is not None
    assert route.capacity.text == "20 workers / 60 s: a stall saturates at 0.33 requests/s"
    assert [span.place for span in route.capacity.slots.spans] == ["www.conf:4"]


@pytest.mark.parametrize(
    ("count", "held", "rate"),
    [
        (4, 61_500, "0.07"),
        (1, 3_600_000, "0.0003"),
        (100, 10_000, "10"),
        (3, 500, "6.00"),
        (1, 100_000, "0.01"),
    ],
)
def test_rate_is_short_and_never_zero(count: int, held: int, rate: str) -> None:
    text = Capacity(server="", slots=Slots(count=count, text="n"), held_ms=held).text
    assert text.endswith(f"saturates at {rate} requests/s")
