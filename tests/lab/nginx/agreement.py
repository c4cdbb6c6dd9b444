"""Whether a prediction and a measurement agree."""

from dataclasses import dataclass

from budgetcheck.model.bound import Bound, Extended

from .case import Claim
from .measure import Measurement

TOLERANCE = 0.25
SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The verdict on one case. `faults` is empty where everything agrees."""

    deviation: float | None
    faults: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.faults


def compare(measured: Measurement) -> Agreement:
    """Budgetcheck's number against the measured one, and the measured one against what the case states."""
    faults = [*_against_case(measured), *_against_prediction(measured)]
    return Agreement(deviation=deviation(measured), faults=tuple(faults))


def deviation(measured: Measurement) -> float | None:
    """Measured minus predicted seconds, where the prediction is one number or one of a few."""
    if measured.prediction is None:
        return None
    bound = measured.prediction.strict if measured.case.claim is Claim.STRICT else measured.prediction.hang
    candidates = [ms / 1_000 for ms in _values(bound) if ms is not None]
    return min((measured.seconds - s for s in candidates), key=abs, default=None)


def allowed(seconds: float) -> float:
    """How far a measurement may lie from that many seconds."""
    return max(TOLERANCE, SHARE * seconds)


def _against_case(measured: Measurement) -> list[str]:
    case = measured.case
    if case.seconds is None:
        return []
    faults = []
    if measured.reply.status != case.status:
        faults.append(f"status {measured.reply.status}, the case says {case.status}")
    if abs(measured.seconds - case.seconds) > allowed(case.seconds):
        faults.append(f"{measured.seconds:.2f} s measured, the case says {case.seconds:.2f} s")
    if case.attempts is not None and sum(measured.attempts) != case.attempts:
        faults.append(f"attempts {measured.attempts}, the case says {case.attempts}")
    return faults


def _against_prediction(measured: Measurement) -> list[str]:
    prediction, claim = measured.prediction, measured.case.claim
    if prediction is None:
        return [f"budgetcheck does not know location {measured.case.location!r}"]
    attempts = sum(measured.attempts)
    if claim is Claim.STRICT:
        return _not_above(measured.seconds, prediction.strict, "strict bound")
    if claim is Claim.AT_MOST:
        faults = _not_above(measured.seconds, prediction.hang, "hang")
        if prediction.attempts.high is not None and attempts > prediction.attempts.high:
            faults.append(f"{attempts} attempts, predicted at most {prediction.attempts.high}")
        return faults
    faults = []
    if attempts not in _values(prediction.attempts):
        faults.append(f"{attempts} attempts, predicted {_shown(prediction.attempts)}")
    off = deviation(measured)
    if off is None or abs(off) > allowed(measured.seconds - off):
        shown = _shown(prediction.hang, 1_000)
        faults.append(f"{measured.seconds:.2f} s, predicted {shown} s")
    return faults


def _not_above(seconds: float, bound: Bound, name: str) -> list[str]:
    if bound.high is None or seconds <= bound.high / 1_000 + TOLERANCE:
        return []
    return [f"{seconds:.2f} s is above the {name} of {bound.high / 1_000:.2f} s"]


def _values(bound: Bound) -> tuple[Extended, ...]:
    return bound.choices or ((bound.low,) if bound.exact else ())


def _shown(bound: Bound, scale: int = 1) -> str:
    values = _values(bound) or (bound.low, bound.high)
    return " or ".join("no limit" if value is None else f"{value / scale:g}" for value in values)
