"""TF_VAR_name counts only when it is asked for, and every var file outranks it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from budgetcheck.cli import main

ALB = """
variable "idle" { type = number }
resource "aws_lb" "x" { idle_timeout = var.idle }
"""


def idle(folder: Path, *options: str) -> int | None:
    result = CliRunner().invoke(main, [str(folder), "--format", "json", *options])
    (route,) = json.loads(result.stdout)["routes"]
    limits = route["hops"][0]["limits"]
    return next(limit["value_ms"] for limit in limits if limit["setting"] == "idle_timeout")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TF_VAR_idle", "45")
    (tmp_path / "main.tf").write_text(ALB)
    return tmp_path


def test_not_asked_for_it_does_not_count(folder: Path) -> None:
    """The machine that checks is not the machine that applies."""
    assert idle(folder) is None


def test_asked_for_it_gives_the_value(folder: Path) -> None:
    assert idle(folder, "--tf-var-env") == 45_000


def test_a_var_file_outranks_it(folder: Path) -> None:
    (folder / "terraform.tfvars").write_text("idle = 90\n")
    assert idle(folder, "--tf-var-env") == 90_000


def test_it_outranks_the_default(folder: Path) -> None:
    (folder / "main.tf").write_text(ALB.replace("type = number", "default = 10"))
    assert idle(folder, "--tf-var-env") == 45_000


def test_a_collection_stays_unknown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_VAR_idle", "[1, 2]")
    assert idle(folder, "--tf-var-env") is None
