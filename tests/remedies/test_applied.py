"""Every remedy of every sample, incident and fixture is made in its files, one at a time."""

from collections import Counter
from pathlib import Path

import pytest

from budgetcheck.model.changes import ByHand
from budgetcheck.render import RenderOptions
from budgetcheck.render.fixes import render

from .applied import name_of, trees, tried


@pytest.mark.parametrize("tree", [pytest.param(tree, id=name_of(tree)) for tree in trees()])
def test_remedy_ends_its_finding_and_brings_no_other(tree: Path) -> None:
    found = tried(tree)
    assert not [str(one) for one in found if one.left], "still found after the remedy"
    assert not [f"{one} brings {new.rule} {new.message}" for one in found for new in one.new]
    for one in found:
        said = " ".join(render([one.proposal], RenderOptions()).split())
        assert all(reason.value in said for reason in one.reasons), "left to a person without a word"


def test_most_remedies_can_be_written_and_the_others_have_a_reason() -> None:
    """Code is for a person to write; of all the rest nine of ten have a certain place."""
    everything = [one for tree in trees() for one in tried(tree)]
    by_hand = Counter(reason for one in everything for reason in one.reasons)
    written = sum(not one.reasons for one in everything)
    print(f"{len(everything)} offered, {written} written, by hand: ", {r.name: n for r, n in by_hand.items()})  # noqa: T201
    assert written >= 100
    assert sum(by_hand.values()) - by_hand[ByHand.CODE] <= written / 10
