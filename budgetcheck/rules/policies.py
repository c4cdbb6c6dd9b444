"""What the rules about a team's own policies share: each looks at routes and at one key of `policy`."""

from budgetcheck.assess import Assessment
from budgetcheck.model.findings import Confidence, End, Finding, Severity, Step
from budgetcheck.model.topology import Hop
from budgetcheck.rules.proof import need_end


def policy_finding(
    rule: tuple[str, str],
    assessment: Assessment,
    message: str,
    *,
    at: Hop,
    inner: End | None = None,
    steps: tuple[Step, ...] = (),
    note: str = "",
    numbers: tuple[int | None, int | None] = (None, None),
) -> Finding:
    """An error about one route. A policy is the team's word, so nothing about it is a guess."""
    code, name = rule
    route = assessment.route
    return Finding(
        rule=code,
        name=name,
        severity=Severity.ERROR,
        confidence=Confidence.HIGH,
        message=message,
        span=at.span,
        steps=steps,
        notes=(note,) if note else (),
        routes=(route.name,),
        environments=(route.environment,) if route.environment else (),
        inner=inner or need_end(at),
        budget_ms=numbers[0],
        needed_ms=numbers[1],
        subject=f"policy {route.name}",
    )
