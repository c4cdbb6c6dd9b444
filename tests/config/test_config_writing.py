"""`init` and `link`: what is written is a valid configuration, and a file's own comments and order stay."""

# ruff: noqa: E501 - a case is one line

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from expectations import Run

from budgetcheck.config_writing import LinkError, with_link

Cli = Callable[..., Run]
SAMPLES = Path(__file__).parents[2] / "samples"
ENTRY = {"outer": "a", "inner": "b"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", 'links:\n  - {outer: "a", inner: "b"}\n', id="no file"),
        pytest.param(
            "headroom: 2s\n", 'headroom: 2s\n\nlinks:\n  - {outer: "a", inner: "b"}\n', id="no links yet"
        ),
        pytest.param("links: []\nheadroom: 2s\n", 'links:\n  - {outer: "a", inner: "b"}\nheadroom: 2s\n', id="empty"),
        pytest.param(
            "links:\n    - {outer: x, inner: y}  # why\n\n# about headroom\nheadroom: 2s\n",
            'links:\n    - {outer: x, inner: y}  # why\n    - {outer: "a", inner: "b"}\n\n# about headroom\nheadroom: 2s\n',
            id="among others, with the comments",
        ),
        pytest.param(
            "links:\n- outer: x\n  inner: y", 'links:\n- outer: x\n  inner: y\n- {outer: "a", inner: "b"}\n', id="block style"
        ),
    ],
)  # fmt: skip
def test_link_is_added_and_nothing_else_changes(before: str, after: str) -> None:
    changed = with_link(before, "a", "b")
    assert changed == after
    assert ENTRY in yaml.safe_load(changed)["links"]


@pytest.mark.parametrize(
    "text", ['links:\n  - {outer: "a", inner: "b"}\n', "links: [{outer: x, inner: y}]\n"]
)
def test_link_that_cannot_be_added_is_refused(text: str) -> None:
    with pytest.raises(LinkError):
        with_link(text, "a", "b")


def test_link_makes_a_chain(tmp_path: Path, cli: Cli) -> None:
    """An unlinked sample is checked once its link is declared by the command."""
    folder = tmp_path / "unlinked"
    shutil.copytree(SAMPLES / "unlinked", folder)
    report = cli(folder, "--format", "json", "--allow-unchecked").report
    hops = [hop["id"] for route in report["routes"] for hop in route["hops"]]
    outer = next(hop for hop in hops if not hop.startswith("app:"))
    inner = next(hop for hop in hops if hop.startswith("app:"))
    assert cli(folder, "link", outer, inner).exit_code == 0
    linked = cli(folder, "--format", "json", "--allow-unchecked").report
    assert linked["summary"]["joints"]["open"] < report["summary"]["joints"]["open"]
    assert cli(folder, "link", outer, inner).exit_code == 2
    assert cli(folder, "link", "nosuch", inner).exit_code == 2


@pytest.mark.parametrize("sample", sorted(path.parent.name for path in SAMPLES.glob("*/expected.toml")))
def test_first_configuration_is_valid_and_changes_no_verdict(sample: str, tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / sample
    shutil.copytree(SAMPLES / sample, folder)
    had_one = (folder / "budgetcheck.yaml").exists()
    before = cli(folder, "--format", "json", "--allow-unchecked")
    ran = cli(folder, "init")
    assert ran.exit_code == (2 if had_one else 0)
    if not had_one:
        after = cli(folder, "--format", "json", "--allow-unchecked")
        assert after.report["routes"] == before.report["routes"]
