"""What budgetcheck says about a case's own files."""

from dataclasses import dataclass
from pathlib import Path

from budgetcheck.model.bound import Bound
from budgetcheck.model.report import Report, WorstCase
from budgetcheck.model.topology import UNSAFE_METHODS, MethodClass
from budgetcheck.run import run


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The worst case of the location a request is sent to, for the class of its method."""

    hang: Bound
    strict: Bound
    attempts: Bound


def check(folder: Path) -> Report:
    """The whole report on a case's folder."""
    return run([folder], cwd=folder)


def predict(report: Report, location: str, method: str) -> Prediction:
    """Raises LookupError where the report does not have exactly one worst case for the location."""
    unsafe = method.upper() in UNSAFE_METHODS
    methods = MethodClass.NON_IDEMPOTENT if unsafe else MethodClass.IDEMPOTENT
    found: set[WorstCase] = {
        shown.worst_case[methods]
        for route in report.routes
        for shown in route.hops
        if shown.hop.component == "nginx" and shown.hop.trait("location") == location
    }
    if len(found) != 1:
        said = [f"{finding.rule} {finding.message}" for finding in report.findings]
        raise LookupError(f"{len(found)} worst cases for location {location!r}; findings: {said}")
    worst = found.pop()
    return Prediction(hang=worst.hang, strict=worst.strict, attempts=worst.attempts)
