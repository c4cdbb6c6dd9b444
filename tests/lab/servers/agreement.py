"""Whether a measurement of a server, what its case states, and budgetcheck's number agree."""

from budgetcheck.model.limits import Origin

from ..nginx.agreement import allowed
from .case import Claim
from .measure import Measurement


def faults(measured: Measurement) -> list[str]:
    """What does not agree; empty where everything does."""
    check, seen = measured.check, measured.seen
    found = [measured.fault] if measured.fault else []
    if check.status != 0 and seen.status != check.status:
        found.append(f"status {seen.status}, the case says {check.status}")
    if check.claim is not Claim.ABSENT and check.seconds not in measured.predicted:
        found.append(f"budgetcheck says {shown(measured.predicted)}, the case says {shown((check.seconds,))}")
    if measured.limit and check.default is (measured.limit.origin is Origin.WRITTEN):
        found.append(f"the number is {measured.limit.origin.value}")
    return found + _against_clock(measured)


def _against_clock(measured: Measurement) -> list[str]:
    """No end is measured by a request that runs to its own: its status is 200."""
    check, seconds = measured.check, measured.seen.seconds
    if check.seconds is None:
        return [] if measured.seen.status == 200 else [f"cut after {seconds:.2f} s, no end was predicted"]
    slack = allowed(check.seconds)
    low, high = check.seconds - check.early - slack, check.seconds + check.late + slack
    if low <= seconds <= high:
        return []
    return [f"{seconds:.2f} s, which is not between {low:.2f} and {high:.2f}"]


def shown(values: tuple[float | None, ...]) -> str:
    """Numbers of seconds for a table."""
    return " or ".join("no limit" if value is None else f"{value:g}" for value in values) or "-"
