"""Generated configurations: nobody chose them, and budgetcheck and nginx still agree.

`LAB_RANDOM=500` runs that many, `LAB_SEED=7` others.
"""

import pytest

from ..conftest import RANDOM, SEED
from .agreement import compare
from .generate import generated
from .measure import Measurement

pytestmark = pytest.mark.lab
CASES = generated(SEED, RANDOM)


@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_generated_configuration(name: str, measured: dict[str, Measurement]) -> None:
    found = measured[name]
    agreement = compare(found)
    text = found.case.http or found.case.stream
    assert agreement.agrees, f"{'; '.join(agreement.faults)}\n{found.case.request.method}\n{text}"


def test_the_same_seed_gives_the_same_configurations() -> None:
    assert generated(SEED, RANDOM) == CASES
