"""Measures a whole table, and what does not agree once more."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .agreement import compare
from .case import Case
from .measure import Measurement, measure

_TURNS = 3


def measure_settled(cases: Sequence[Case], folder: Path) -> dict[str, Measurement]:
    """Measurements by case name.

    All run together; a case that then disagrees is measured again alone, a few times at most, and the last
    measurement counts: a busy machine can disturb a clock now and then, while a wrong number stays wrong.
    """
    measured = measure(cases, folder / "together")
    for turn in range(_TURNS):
        again = [one.case for one in measured.values() if not one.case.deviates and not compare(one).agrees]
        alone = measure(again, folder / f"alone-{turn}", at_once=1) if again else {}
        measured |= {name: replace(one, repeated=True) for name, one in alone.items()}
    return measured
