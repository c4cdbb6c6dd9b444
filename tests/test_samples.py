"""Every sample system gives what its expected.toml says, in every format, and the same bytes each time."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from expectations import (
    REPORT_SCHEMA,
    SAMPLES,
    Run,
    arguments,
    cases,
    load_expected,
    mismatches,
    missing_text,
)

from budgetcheck.render import FORMATS

ALL = cases(SAMPLES)
Cli = Callable[..., Run]


@cache
def report_validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(REPORT_SCHEMA.read_text(encoding="utf-8")))


@pytest.fixture(params=ALL, ids=lambda path: path.name)
def sample(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_every_sample_states_an_expectation() -> None:
    folders = {path for path in SAMPLES.iterdir() if path.is_dir()}
    assert folders == set(ALL)


def test_sample_gives_what_it_expects(sample: Path, cli: Cli) -> None:
    run = cli(sample, "--format", "json", *arguments(sample))
    wrong = mismatches(sample, run)
    assert not wrong, "\n".join(wrong)
    report_validator().validate(run.report)


def test_text_says_what_it_should(sample: Path, cli: Cli) -> None:
    run = cli(sample, *arguments(sample))
    assert run.exit_code == load_expected(sample)["exit"]
    assert missing_text(sample, run) == []


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_same_bytes_and_exit_code_each_time(sample: Path, name: str, cli: Cli) -> None:
    first = cli(sample, "--format", name, *arguments(sample))
    second = cli(sample, "--format", name, *arguments(sample))
    assert first == second
    assert first.exit_code == load_expected(sample)["exit"]
    assert first.stdout.strip()


def test_order_of_paths_does_not_matter(sample: Path, cli: Cli) -> None:
    children = sorted(child.name for child in sample.iterdir() if child.name != "expected.toml")
    forwards = cli(sample, "--format", "json", *children)
    backwards = cli(sample, "--format", "json", *reversed(children))
    assert forwards.stdout == backwards.stdout


def test_nothing_absolute_is_printed(sample: Path, cli: Cli) -> None:
    run = cli(sample, *arguments(sample))
    assert str(SAMPLES) not in run.stdout


def test_raising_nginx_in_the_demonstration_names_what_breaks_next(cli: Cli) -> None:
    """61.5 s fit behind a raised nginx, but then the load balancer's unwritten 60 s cut the request."""
    run = cli(SAMPLES / "llm-assistant", "--format", "json", "infra", "app.yaml")
    finding = run.report["findings"][0]
    raised = next(fix for fix in finding["fixes"] if fix["kind"] == "raise-limit")
    said = json.dumps(raised)
    assert "aws_lb" in said or "ALB" in said or "load balancer" in said
    assert "60 s" in said
