"""Makes the remedies of a tree one at a time, in a copy of its files, and checks again."""

import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from budgetcheck.fix import proposals, write
from budgetcheck.model.changes import ByHand, Proposal
from budgetcheck.model.findings import Finding
from budgetcheck.model.report import Report
from budgetcheck.run import RunSettings, run
from budgetcheck.tree import Tree
from budgetcheck.trials import identity

ROOT = Path(__file__).parents[2]

Pair = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One remedy. `left`: its finding is still there; `new`: what was not there before."""

    tree: str
    proposal: Proposal
    left: bool = False
    new: tuple[Finding, ...] = ()

    @property
    def reasons(self) -> tuple[ByHand, ...]:
        """Why it was not made; empty where it was."""
        return self.proposal.reasons

    def __str__(self) -> str:
        fix = self.proposal.fix
        return f"{self.tree} {self.proposal.finding.rule} {fix.kind.value}: {fix.text}"


def trees() -> list[Path]:
    """Samples, incidents before their fix, and what the rules find fault with."""
    samples = (path.parent for path in (ROOT / "samples").glob("*/expected.toml"))
    incidents = (ROOT / "tests" / "incidents").glob("INC-*/before")
    faulty = (path for path in (ROOT / "tests" / "rules").glob("*/bad-*") if path.is_dir())
    return sorted((*samples, *incidents, *faulty))


def name_of(tree: Path) -> str:
    """The name of a tree in messages."""
    return tree.relative_to(ROOT).as_posix().removeprefix("tests/")


@cache
def tried(tree: Path) -> tuple[Tried, ...]:
    """Every remedy that is offered for a tree, each made in the tree as it was."""
    with tempfile.TemporaryDirectory() as folder:
        return tuple(_tried(tree, Path(folder).resolve() / "copy"))


def _tried(tree: Path, copy: Path) -> Iterator[Tried]:
    shutil.copytree(tree, copy)
    files = Tree(root=copy, base=copy)
    before = _report(tree, copy)
    known = {identity(finding) for finding in before.findings}
    for proposal in proposals(before, files):
        if proposal.reasons:
            yield Tried(tree=name_of(tree), proposal=proposal)
            continue
        write(proposal.changes, files)
        after = _report(tree, copy).findings
        yield Tried(
            tree=name_of(tree),
            proposal=proposal,
            left=proposal.finding.pair in {finding.pair for finding in after},
            new=tuple(finding for finding in after if identity(finding) not in known),
        )
        shutil.rmtree(copy)
        shutil.copytree(tree, copy)


def _report(tree: Path, copy: Path) -> Report:
    """The check of a copy, of the paths that the tree's own expectation names."""
    expected = tree / "expected.toml"
    stated = tomllib.loads(expected.read_text(encoding="utf-8")) if expected.exists() else {}
    paths = [copy / path for path in stated.get("paths", ["."])]
    return run(paths, cwd=copy, settings=RunSettings())
