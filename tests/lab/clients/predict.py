"""What budgetcheck says of a case: its own text is read like any other source file."""

from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from budgetcheck.model.bound import ZERO, Bound
from budgetcheck.model.topology import Layer, MethodClass
from budgetcheck.run import RunSettings, run

from .case import Case


class NoPredictionError(Exception):
    """budgetcheck found no call, or several, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Milliseconds and requests."""

    hang: Bound
    strict: Bound
    attempts: Bound


def predict(case: Case, folder: Path) -> Prediction:
    """The prediction for the case's `call`. `folder` is empty and is filled."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.py").write_text(case.code, encoding="utf-8")
    (folder / "requirements.txt").write_text(_installed(), encoding="utf-8")
    report = run([folder], cwd=folder, settings=RunSettings(no_config=True, allow_unchecked=True))
    handlers = [hop for route in report.routes for hop in route.hops if hop.hop.address.endswith(":call")]
    if not handlers:
        raise NoPredictionError(f"{case.name}: no call was found")
    worst = handlers[0].worst_case[MethodClass.NON_IDEMPOTENT]
    calls = [hop for route in report.routes for hop in route.hops if hop.hop.layer is Layer.CALL]
    requests = sum((call.worst_case[MethodClass.NON_IDEMPOTENT].attempts for call in calls), ZERO)
    return Prediction(hang=worst.hang, strict=worst.strict, attempts=requests)


def _installed() -> str:
    """What a lock file of this environment would say: the facts depend on the versions."""
    found = {one.metadata["Name"]: one.version for one in distributions()}
    return "".join(f"{name}=={version}\n" for name, version in sorted(found.items()))
