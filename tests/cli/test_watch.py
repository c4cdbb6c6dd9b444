"""--watch in a process of its own: it sees a change, survives a mistake, and ends at Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from expectations import run_cli

NGINX = "server {{ listen 80; location / {{ proxy_pass http://app:8000; proxy_read_timeout {}; }} }}\n"
APP = """\
service: app
server: {kind: uvicorn}
routes:
  - {path: /, methods: [POST], calls: [{to: api.example.org, client: httpx, timeout: 40s}]}
"""
START = """
from budgetcheck.cli import main, watch
watch.__defaults__ = ((), 0.05)
main()
"""
"""The command with shorter pauses."""


def test_change_is_seen_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    system = tmp_path / "system"
    system.mkdir()
    (system / "nginx.conf").write_text(NGINX.format("60s"))
    (system / "app.yaml").write_text(APP)
    out, err = tmp_path / "out", tmp_path / "err"
    options = ("--watch", "--quiet", "--format", "text", "--format", f"json={system / 'report.json'}")
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-c", START, *options], cwd=system, stdout=stdout, stderr=stderr
        )
        try:
            until(lambda: "0 errors" in out.read_text())
            time.sleep(0.3)
            assert "changed" not in err.read_text(), "its own report is no change"
            (system / "nginx.conf").write_text(NGINX.format("30s"))
            until(lambda: "BC101" in out.read_text())
            (system / "budgetcheck.yaml").write_text("nonsense: [")
            until(lambda: "budgetcheck.yaml" in err.read_text().replace("budgetcheck.yaml changed", ""))
            os.kill(process.pid, signal.SIGINT)
            assert process.wait(timeout=20) == 130
        finally:
            process.kill()
            process.wait()
    assert "nginx.conf changed, checking again" in err.read_text()
    assert "Traceback" not in err.read_text()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 40
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_standard_input_cannot_be_watched() -> None:
    run = run_cli("--watch", "-")
    assert run.exit_code == 2
    assert "standard input" in run.stderr
