"""Findings for problems that were judged on single values; shared by the rules of the 200s."""

from collections.abc import Iterator

from budgetcheck.model.findings import Confidence, End, Finding, Severity
from budgetcheck.model.settings import Problem, ProblemKind
from budgetcheck.rules.base import Scene


def findings(scene: Scene, kind: ProblemKind, code: str, name: str, severity: Severity) -> Iterator[Finding]:
    """One finding for every place with a problem of that kind, with the routes of the hop concerned."""
    seen: set[tuple[str, int, str]] = set()
    routes: dict[str, set[str]] = {}  # names of routes, by the address of a hop
    for problem in scene.problems:
        place = (problem.span.file, problem.span.line, problem.text)
        if problem.kind is not kind or place in seen:
            continue  # a directive that fifty locations inherit is wrong once
        seen.add(place)
        routes = routes or _routes(scene)
        yield Finding(
            rule=code,
            name=name,
            severity=severity,
            confidence=Confidence.HIGH,
            message=problem.text,
            span=problem.span,
            notes=(problem.fix,) if problem.fix else (),
            routes=tuple(sorted(routes.get(problem.address, ()))),
            inner=_end(problem),
            subject=f"{problem.span.file} {problem.text}",
        )


def _routes(scene: Scene) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for assessment in scene.assessments:
        for hop in assessment.route.hops:
            found.setdefault(hop.address, set()).add(assessment.route.name)
    return found


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
