"""Measures all servers, and what does not agree once more."""

from collections.abc import Sequence
from pathlib import Path

from .agreement import faults
from .case import Server
from .measure import Measurement, again, measure


def measure_settled(servers: Sequence[Server], folder: Path) -> dict[str, Measurement]:
    """Measurements by name.

    All run together; what then disagrees is measured again alone, and that counts: a busy machine can disturb
    a clock once, while a wrong number stays wrong.
    """
    measured = measure(servers, folder / "together")
    return {
        one.name: again(one, folder / f"alone-{number}") if faults(one) else one
        for number, one in enumerate(measured)
    }
