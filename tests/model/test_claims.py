"""The table of meanings that compare: one case per cell, so that nobody adds a pair by accident."""

from itertools import product

import pytest

from budgetcheck.budget import CLAIMS, claim
from budgetcheck.model.limits import Meaning

ANSWER = (
    Meaning.TOTAL,
    Meaning.PER_ATTEMPT,
    Meaning.FIRST_BYTE,
    Meaning.IDLE,
    Meaning.HEADER_TOTAL_BODY_IDLE,
)
OTHERS = {
    (Meaning.KEEPALIVE, Meaning.KEEPALIVE),
    (Meaning.IDLE, Meaning.KEEPALIVE),
    (Meaning.DRAIN, Meaning.TOTAL),
    (Meaning.DRAIN, Meaning.DRAIN),
    (Meaning.VISIBILITY, Meaning.TOTAL),
}
COMPARABLE = set(product(ANSWER, ANSWER)) | OTHERS


@pytest.mark.parametrize(
    ("outer", "inner"), list(product(Meaning, Meaning)), ids=lambda meaning: meaning.name
)
def test_cell(outer: Meaning, inner: Meaning) -> None:
    found = claim(outer, inner)
    assert (found is not None) == ((outer, inner) in COMPARABLE)
    assert found is None or len(found) > 20, "a claim is a sentence somebody can check"


def test_limits_that_are_no_request_limits_never_grant_an_answer() -> None:
    for outer in (Meaning.HEARTBEAT, Meaning.HEALTH, Meaning.START_GATE, Meaning.CONNECT, Meaning.ACQUIRE):
        assert not any(pair[0] is outer for pair in CLAIMS)
