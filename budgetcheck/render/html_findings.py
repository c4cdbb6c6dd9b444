"""Findings as the page shows them: message, proof, consequence, remedies, the line that suppresses one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from budgetcheck.model.findings import Finding, Fix, FixKind, Step
from budgetcheck.model.report import RouteReport

MOST_ROUTES = 12
"""Routes beyond this many are counted only."""
MOST_STEPS = 60

_KINDS = {
    FixKind.FEWER_ATTEMPTS: "fewer attempts",
    FixKind.SHORTER_LIMIT: "shorter limit",
    FixKind.ADD_DEADLINE: "add a deadline",
    FixKind.RAISE_LIMIT: "raise the limit",
}

Key = tuple[str, str]
"""Name and environment of a route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One line of a proof: the claim and up to two details."""

    indent: int
    claim: str
    detail: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRow:
    """A literal to change; `old` is empty where the setting has to be added."""

    place: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyView:
    """A remedy with its price."""

    kind: str
    text: str
    cost: str
    breaks: str
    edits: tuple[EditRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """A finding. `routes` are names with the number of the route's details, None where none are kept."""

    number: int
    rule: str
    name: str
    severity: str
    confidence: str
    since: str
    message: str
    place: str
    environments: tuple[str, ...]
    components: tuple[str, ...]
    routes: tuple[tuple[str, int | None], ...]
    more_routes: int
    steps: tuple[StepRow, ...]
    more_steps: int
    arithmetic: str
    consequence: str
    notes: tuple[str, ...]
    remedies: tuple[RemedyView, ...]
    suppression: str
    suppressed_at: tuple[str, ...]


def finding_view(finding: Finding, number: int, routes: Mapping[Key, int]) -> FindingView:
    """A finding. `routes` are the numbers of those with details."""
    named = [(name, _number(name, finding.environments, routes)) for name in finding.routes]
    ends = [end for end in (finding.outer, finding.inner) if end is not None]
    places = dict.fromkeys((finding.span.place, *(end.span.place for end in ends)))
    steps = finding.steps[:MOST_STEPS]
    return FindingView(
        number=number,
        rule=finding.rule,
        name=finding.name,
        severity=finding.severity.label,
        confidence=finding.confidence.label,
        since=finding.since_base,
        message=finding.message,
        place=finding.span.place,
        environments=tuple(sorted(finding.environments)),
        components=tuple(dict.fromkeys(end.component for end in ends)),
        routes=tuple(named[:MOST_ROUTES]),
        more_routes=max(len(named) - MOST_ROUTES, 0),
        steps=tuple(_step_row(step) for step in steps),
        more_steps=len(finding.steps) - len(steps),
        arithmetic=finding.arithmetic,
        consequence=finding.consequence,
        notes=finding.notes,
        remedies=tuple(_remedy(fix) for fix in finding.fixes),
        suppression=f"# budgetcheck: ignore[{finding.rule}] until=YYYY-MM-DD why this is accepted",
        suppressed_at=tuple(places),
    )


def severities(findings: Sequence[Finding]) -> dict[Key, set[str]]:
    """The severities of the findings about each route; without an environment it is that of all."""
    found: dict[Key, set[str]] = {}
    for finding in findings:
        for name in finding.routes:
            for environment in finding.environments or ("",):
                found.setdefault((name, environment), set()).add(finding.severity.label)
    return found


def severities_of(item: RouteReport, found: Mapping[Key, set[str]]) -> tuple[str, ...]:
    """Those of one route, worst first."""
    name = item.route.name
    mine = found.get((name, item.route.environment), set()) | found.get((name, ""), set())
    return tuple(label for label in ("error", "warning", "note") if label in mine)


def _number(name: str, environments: Sequence[str], routes: Mapping[Key, int]) -> int | None:
    keys = [*((name, environment) for environment in environments), (name, "")]
    return next((routes[key] for key in keys if key in routes), None)


def _step_row(step: Step) -> StepRow:
    claim, *details = step.text.split("\t")
    place = step.span.place if step.span is not None and step.span.file else ""
    return StepRow(indent=min(step.indent, 3), claim=claim, detail=" ".join(details), place=place)


def _remedy(fix: Fix) -> RemedyView:
    edits = tuple(EditRow(place=edit.span.place, old=edit.old, new=edit.new) for edit in fix.edits)
    return RemedyView(kind=_KINDS[fix.kind], text=fix.text, cost=fix.cost, breaks=fix.breaks, edits=edits)
