"""The usual advice for LLM applications, run for real: 504, orphaned work, and a third request for nobody.

Real nginx with the sample's own configuration, real uvicorn, the real openai package, a model that never
answers. LAB_SCALE (default 0.1) scales the times; at 1 it takes a few minutes. Then each remedy that is
offered, written into the files as `budgetcheck fix --write` does: nobody works for nobody any more.
"""

import asyncio
import os
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from budgetcheck.fix import proposals, write
from budgetcheck.model.findings import FixKind
from budgetcheck.tree import Tree

from ..conftest import missing
from ..nginx.process import Nginx
from ..servers import process as server_process
from .assistant import check, predict, scaled, system
from .running import Observed, observe

pytestmark = pytest.mark.lab

SCALE = Decimal(os.environ.get("LAB_SCALE", "0.1"))
_NEEDS = ("openai", "fastapi", "uvicorn", "httpx")
_JITTER = 0.375  # of the SDK's two pauses of at most 0.5 and 1 s: each is 75 % to 100 % of that
_CLOCKS = 0.25  # the reply travels through nginx, and a busy machine reads its clocks late


@pytest.fixture(autouse=True)
def _all_installed() -> None:
    lacking = server_process.lacking(_NEEDS)
    if lacking:
        missing(lacking)


def test_the_504_the_orphan_and_the_third_attempt_come_when_predicted(nginx: Nginx, tmp_path: Path) -> None:
    copy = scaled(tmp_path, SCALE)
    predicted = predict(copy)
    finding = predicted.finding
    assert finding.budget_ms is not None
    assert finding.needed_ms is not None
    needed = finding.needed_ms / 1_000
    seen = asyncio.run(observe(nginx, copy, predicted.system, needed, tmp_path))

    assert seen.reply.status == 504
    assert seen.reply.header == pytest.approx(finding.budget_ms / 1_000, abs=0.3, rel=0.1)
    assert needed - _JITTER - 0.3 <= seen.worked <= needed + max(0.3, needed / 10)
    assert seen.ended > seen.reply.header, "the handler worked on after its caller had left"
    assert seen.requests == 3
    assert seen.requests_at_reply == 2, "the third request was sent for nobody"
    assert "1 more attempt" in finding.consequence


def test_each_remedy_leaves_no_orphan(nginx: Nginx, tmp_path: Path) -> None:
    """All at the same time: each alone would take as long as the longest."""
    copies = _remedied(scaled(tmp_path, SCALE), tmp_path)
    assert copies.keys() == set(FixKind), "the sample has a remedy of each kind"
    seen = asyncio.run(_all_of(nginx, copies, tmp_path))
    for kind, one in seen.items():
        orphaned = one.ended - one.reply.header
        assert orphaned <= _CLOCKS, f"{kind.value}: the handler worked on for {orphaned:.2f} s"
        assert one.reply.status == 500, f"{kind.value}: the application answers, not nginx for it"
        assert one.requests == one.requests_at_reply, f"{kind.value}: a request for nobody"
    assert seen[FixKind.FEWER_ATTEMPTS].requests == 1
    assert seen[FixKind.SHORTER_LIMIT].requests == 3
    assert seen[FixKind.RAISE_LIMIT].requests == 3


def _remedied(original: Path, folder: Path) -> dict[FixKind, Path]:
    """A copy of the sample for each remedy, with that remedy in its files."""
    copies = {}
    files = Tree(root=original.resolve(), base=original.resolve())
    for proposal in proposals(check(original), files):
        assert not proposal.reasons
        copy = folder / "remedied" / proposal.fix.kind.value
        shutil.copytree(original, copy)
        write(proposal.changes, Tree(root=copy.resolve(), base=copy.resolve()))
        copies[proposal.fix.kind] = copy
    return copies


async def _all_of(nginx: Nginx, copies: dict[FixKind, Path], folder: Path) -> dict[FixKind, Observed]:
    seen = await asyncio.gather(
        *(
            observe(nginx, copy, system(check(copy)), 100 * float(SCALE), folder / "running" / kind.value)
            for kind, copy in copies.items()
        )
    )
    return dict(zip(copies, seen, strict=True))
