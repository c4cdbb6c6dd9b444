"""Answers on demand: what-if, why, a route in full; baselines and stricter exit codes."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from expectations import Run

Cli = Callable[..., Run]
SAMPLE = Path(__file__).parents[2] / "samples" / "llm-assistant"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLE, tmp_path / "sample")
    return tmp_path / "sample"


def test_what_if_a_limit_is_raised_names_the_next_one_that_breaks(sample: Path, cli: Cli) -> None:
    """nginx at 65 s: the ALB's unwritten 60 s is the next fault."""
    ran = cli(sample, "what-if", "proxy_read_timeout=65s", "--format", "json")
    found = json.loads(ran.stdout)
    assert ran.exit_code == 1
    first = found["new"][0]
    assert (first["rule"], first["outer"]["component"]) == ("BC102", "aws_lb")
    assert [one["rule"] for one in found["fixed"]] == ["BC102"]


def test_what_if_a_client_is_made_to_fit(sample: Path, cli: Cli) -> None:
    ran = cli(sample, "what-if", "openai::timeout=9s", "--format", "json")
    assert ran.exit_code == 0
    assert json.loads(ran.stdout)["routes"][0]["slack_after_ms"] == 1_500


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("proxy_read_timout=65s", "did you mean proxy_read_timeout"),
        ("aws_lb::timeout.read=9s", "no hop of these files has a setting"),
        ("proxy_read_timeout=soon", "is not a duration"),
        ("max_retries=-1", "is no number of attempts"),
        ("proxy_read_timeout", "is no change"),
        ("opnai::timeout=9s", "no hop of these files is called 'opnai'; did you mean openai"),
    ],
)
def test_what_if_says_what_is_wrong_with_a_change(change: str, says: str, sample: Path, cli: Cli) -> None:
    ran = cli(sample, "what-if", change)
    assert ran.exit_code == 2
    assert says in ran.stderr


TERRAFORM = """\
resource "aws_cloudfront_distribution" "cdn" {
  origin {
    domain_name = aws_lb.edge[0].dns_name
    origin_id   = "edge"
    custom_origin_config {
      origin_protocol_policy = "https-only"
    }
  }
  default_cache_behavior {
    target_origin_id = "edge"
  }
}
resource "aws_lb" "edge" {
  count        = 1
  idle_timeout = 120
}
resource "aws_lambda_function" "cleanup" {
  function_name = "cleanup"
  timeout       = 30
}
"""
CDN = "aws_cloudfront_distribution.cdn"


@pytest.mark.parametrize("change", ["aws_lb.edge[0]::idle_timeout=50s", "aws_lb.edge[0].idle_timeout=50s"])
def test_what_if_takes_the_names_that_a_report_prints(change: str, tmp_path: Path, cli: Cli) -> None:
    """`edge[0]` would be `edge0` as a pattern, and the setting's block is left out."""
    (tmp_path / "main.tf").write_text(TERRAFORM)
    assert cli(tmp_path).exit_code == 1
    ran = cli(tmp_path, "what-if", change, f"{CDN}::origin_read_timeout=60s")
    assert ran.exit_code == 0, ran.stdout + ran.stderr
    assert "0 new findings, 1 fixed" in ran.stdout


def test_what_if_names_itself_as_the_source_of_a_number(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "main.tf").write_text(TERRAFORM.replace("120", "20"))
    ran = cli(tmp_path, "what-if", f"{CDN}::origin_read_timeout=15s")
    assert "grants 15 s" in ran.stdout
    assert "as asked" in ran.stdout
    assert "default origin.custom_origin_config.origin_read_timeout=30 s, not in" not in ran.stdout


@pytest.mark.parametrize("named", [CDN, "any.example.com/orders"])
def test_why_of_a_route_without_a_host(named: str, tmp_path: Path, cli: Cli) -> None:
    """Its name in the report, or any host: the distribution is in front of whatever is asked for."""
    (tmp_path / "main.tf").write_text(TERRAFORM)
    ran = cli(tmp_path, "why", named, "--status", "504", "--after", "30s", "--format", "json")
    titles = {(one["title"], one["setting"]) for one in json.loads(ran.stdout)["suspects"]}
    assert (CDN, "origin.custom_origin_config.origin_read_timeout") in titles
    assert not any("cleanup" in title for title, _ in titles), "no request comes to a function by itself"


def test_why_a_504_came_after_60_seconds_from_the_balancer(sample: Path, cli: Cli) -> None:
    ran = cli(
        sample, "why", "assistant.example.com/chat", "--status", "504", "--after", "60s",
        "--server", "awselb/2.0", "--format", "json",
    )  # fmt: skip
    first = json.loads(ran.stdout)["suspects"][0]
    assert (first["component"], first["setting"]) == ("aws_lb", "idle_timeout")


def test_why_a_504_came_after_30_seconds(sample: Path, cli: Cli) -> None:
    ran = cli(sample, "why", "assistant.example.com/chat", "--status", "504", "--after", "30s")
    assert "1. nginx proxy_read_timeout 30 s" in ran.stdout
    assert "2." not in ran.stdout


def test_why_of_a_request_that_nothing_takes(sample: Path, cli: Cli) -> None:
    assert cli(sample, "why", "other.example.com/", "--status", "504").exit_code == 3


def test_route_in_full_shows_limits_that_the_report_leaves_out(sample: Path, cli: Cli) -> None:
    ran = cli(sample, "--explain-route", "*/chat")
    assert "proxy_connect_timeout" in ran.stdout
    assert "client_keep_alive" in ran.stdout
    assert cli(sample, "--explain-route", "nosuch").exit_code == 2


def test_baseline_hides_what_was_there_and_nothing_else(sample: Path, cli: Cli) -> None:
    written = cli(sample, "--update-baseline", "--baseline", "known.json")
    assert written.exit_code == 0
    known = cli(sample, "--baseline", "known.json", "--format", "json")
    assert known.exit_code == 0
    assert known.report["findings"] == []
    assert [one["suppressed_by"] for one in known.report["suppressed"]] == ["baseline"]
    text = (sample / "app.yaml").read_text()
    (sample / "app.yaml").write_text(text.replace("read: 20s", "read: 40s"))
    changed = cli(sample, "--baseline", "known.json", "--format", "json")
    assert [one["rule"] for one in changed.report["findings"]] == ["BC101"]


@pytest.mark.parametrize("text", [None, "{}", "\udcff"])
def test_file_that_is_no_baseline_is_a_usage_error(text: str | None, sample: Path, cli: Cli) -> None:
    if text is not None:
        (sample / "known.json").write_bytes(text.encode(errors="surrogateescape"))
    assert cli(sample, "--baseline", "known.json").exit_code == 2


def test_strict_fails_on_a_warning_and_strict_unknown_on_doubt(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "nginx.conf.template").write_text(
        "server {\n listen 80;\n location / {\n  proxy_pass http://app:8000;\n"
        "  proxy_read_timeout ${T};\n }\n}\n"
    )
    (tmp_path / "app.yaml").write_text(
        "service: app\nserver: {kind: uvicorn}\nroutes:\n"
        "  - {path: /a, calls: [{to: api.example.org, client: httpx, timeout: 40s}]}\n"
    )
    assert cli(tmp_path, "--allow-unchecked").exit_code == 0
    assert cli(tmp_path, "--allow-unchecked", "--strict-unknown").exit_code == 1
    assert cli(tmp_path, "--strict", "--fail-on", "error").exit_code == 2
