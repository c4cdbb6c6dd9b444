"""The version of nginx decides which defaults hold; `--nginx-version` stands above the configuration's."""

from collections.abc import Callable
from pathlib import Path

import pytest
from expectations import Run

Cli = Callable[..., Run]

NGINX = """\
events {}
http {
  upstream app { server app:8000; }
  server {
    server_name a.example.com;
    location / { proxy_pass http://app; }
  }
}
"""
APP = """\
service: app
server: {kind: uvicorn, keepalive: 5s}
routes:
  - path: /chat
    calls: [{to: api.openai.com, client: openai, timeout: 10s, max_retries: 0}]
"""


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """An upstream block without `keepalive` in front of a server that keeps connections for 5 s."""
    (tmp_path / "nginx.conf").write_text(NGINX)
    (tmp_path / "app.yaml").write_text(APP)
    return tmp_path


def inversions(run: Run) -> list[str]:
    """Severities of the findings on keep-alive."""
    return [found["severity"] for found in run.report["findings"] if found["rule"] == "BC401"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(["--nginx-version", "1.22.1"], [], id="closed-after-each-response"),
        pytest.param(["--nginx-version", "1.29.6"], [], id="the-last-without"),
        pytest.param(["--nginx-version", "1.29.7"], ["warning"], id="kept-by-default-since"),
        pytest.param(["--nginx-version", "1.31.0"], ["warning"], id="later"),
        pytest.param([], ["note"], id="not-known-is-no-more-than-a-note"),
    ],
)
def test_upstream_connections_are_kept_by_default_since_1_29_7(
    cli: Cli, system: Path, options: list[str], expected: list[str]
) -> None:
    assert inversions(cli(system, *options, "--format", "json")) == expected


def test_the_option_stands_above_the_configuration(cli: Cli, system: Path) -> None:
    (system / "budgetcheck.yaml").write_text('nginx: {version: "1.22.1"}\n')
    assert inversions(cli(system, "--format", "json")) == []
    assert inversions(cli(system, "--format", "json", "--nginx-version", "1.29.7")) == ["warning"]


@pytest.mark.parametrize(
    "version", ["1.29", "latest", "1.29.7-alpine", "v1.29.7", "-1.2.3", "1.2.3.4", "1..2"]
)
def test_what_is_no_version_is_refused(cli: Cli, system: Path, version: str) -> None:
    run = cli(system, f"--nginx-version={version}")
    assert (run.exit_code, run.stdout) == (2, "")
    assert "is not a version of nginx; write three numbers: 1.29.7" in run.stderr
