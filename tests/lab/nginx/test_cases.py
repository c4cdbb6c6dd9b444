"""Every case of the table: what budgetcheck predicts, what nginx does, and what the case states agree."""

import pytest

from ..conftest import missing
from .agreement import compare
from .case import Case
from .cases import CASES
from .measure import Measurement
from .process import Nginx

pytestmark = pytest.mark.lab


def _parameter(case: Case) -> object:
    marks = [pytest.mark.xfail(reason=case.deviates, strict=True)] if case.deviates else []
    return pytest.param(case, id=case.name, marks=marks)


@pytest.mark.parametrize("case", [_parameter(case) for case in CASES])
def test_prediction_and_measurement_agree(case: Case, nginx: Nginx, measured: dict[str, Measurement]) -> None:
    if case.stream and nginx.stream is None:
        missing("nginx's stream module is not installed (Debian: libnginx-mod-stream)")
    agreement = compare(measured[case.name])
    assert agreement.agrees, f"{case.why}: {'; '.join(agreement.faults)}"


def test_names_are_unique() -> None:
    names = [case.name for case in CASES]
    assert sorted(set(names)) == sorted(names)


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len(CASES) >= 60
