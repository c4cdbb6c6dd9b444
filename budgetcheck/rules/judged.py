"""Findings for problems that were judged on single values; shared by the rules of the 200s."""

from collections.abc import Iterator

from budgetcheck.model.findings import Confidence, End, Finding, Severity
from budgetcheck.model.settings import Problem, ProblemKind
from budgetcheck.rules.base import Scene


def findings(scene: Scene, kind: ProblemKind, code: str, name: str, severity: Severity) -> Iterator[Finding]:
    """One finding for every place with a problem of that kind, with the routes of the hop concerned."""
    seen: set[tuple[str, int, str]] = set()
    for problem in scene.problems:
        place = (problem.span.file, problem.span.line, problem.text)
        if problem.kind is not kind or place in seen:
            continue  # a directive that fifty locations inherit is wrong once
        seen.add(place)
        yield Finding(
            rule=code,
            name=name,
            severity=severity,
            confidence=Confidence.HIGH,
            message=problem.text,
            span=problem.span,
            notes=(problem.fix,) if problem.fix else (),
            routes=_routes(scene, problem),
            inner=_end(problem),
            subject=f"{problem.span.file} {problem.text}",
        )


def _routes(scene: Scene, problem: Problem) -> tuple[str, ...]:
    if not problem.address:
        return ()
    found = {
        assessment.route.name
        for assessment in scene.assessments
        if any(hop.address == problem.address for hop in assessment.route.hops)
    }
    return tuple(sorted(found))


def _end(problem: Problem) -> End | None:
    if not problem.address:
        return None
    return End(
        address=problem.address,
        component=problem.component,
        setting=problem.setting,
        value_ms=problem.value_ms,
        span=problem.span,
        written=True,
    )
