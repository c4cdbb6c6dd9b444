"""docs/peers.md: other tools are measured by hand with `make peers`; our own row is what we find today."""

import importlib.util
import re
from types import ModuleType

import pytest
from expectations import ROOT, SAMPLES

from budgetcheck.rules import RULES

PAGE = (ROOT / "docs" / "peers.md").read_text(encoding="utf-8")


def measurement() -> ModuleType:
    """benchmarks/peers.py, which is no package."""
    spec = importlib.util.spec_from_file_location("peers", ROOT / "benchmarks" / "peers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


peers = measurement()


@pytest.mark.parametrize("sample", peers.SAMPLES)
def test_our_row_is_what_we_find(sample: str, cli) -> None:
    run = cli(SAMPLES / sample, *peers.PEERS[-1].command[1:], ".")
    outcome = peers.Outcome(texts=tuple(peers.ours(run.stdout)))
    row = next(line for line in PAGE.splitlines() if line.startswith("| budgetcheck "))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[2 + peers.SAMPLES.index(sample)] == peers.cell(outcome, peers.faults(sample))


@pytest.mark.parametrize("sample", peers.SAMPLES)
def test_the_page_names_every_fault_of_the_sample(sample: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| [{sample}]"))
    assert set(re.findall(r"BC\d{3}(?=\])", row)) == set(peers.faults(sample))


def test_findings_of_others_are_compared_with_rules_that_exist() -> None:
    assert set(peers.SAME.values()) <= {rule.code for rule in RULES}


def test_every_tool_is_in_the_table() -> None:
    assert [peer.name for peer in peers.PEERS if f"| {peer.name} " not in PAGE] == []


@pytest.mark.parametrize(
    ("read", "output", "texts"),
    [
        (
            peers.lines,
            "a/b.py:3:1: S113 Probable use of `requests`\nAll done\n",
            ["S113 Probable use of `requests`"],
        ),
        (peers.checkov, '{"passed": 0}', []),
        (peers.trivy, '{"Results": [{"Misconfigurations": [{"ID": "A-1", "Title": "t"}]}, {}]}', ["A-1 t"]),
        (peers.gixy, '[{"plugin": "p", "summary": "s"}]', ["p s"]),
    ],
    ids=["lines, and words between them", "nothing for it", "trivy", "gixy"],
)
def test_outputs_are_read(read, output: str, texts: list[str]) -> None:
    assert list(read(output)) == texts
