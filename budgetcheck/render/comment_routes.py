"""The routes that a change affects, one for all environments, and what it did to each."""

from collections.abc import Sequence
from dataclasses import dataclass

from budgetcheck.model.difference import Difference, RouteChange
from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.report import Verdict
from budgetcheck.render.difference import signed
from budgetcheck.render.markdown_text import code, prose
from budgetcheck.render.words import VERDICTS, listing

_OF_WAITS = frozenset({"BC101", "BC102", "BC103", "BC104", "BC105"})
"""Rules that hold against one another what a hop grants and what is needed behind it, as verdicts do."""
MOST_NAME = 120
"""Longer names are cut: nobody compares them by reading."""


def short(text: str, most: int = MOST_NAME) -> str:
    """The text, cut where it is longer than anybody reads."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """A route with its worst change, the environments in which it changed, and the findings that name it."""

    change: RouteChange
    methods: tuple[str, ...]
    environments: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity:
        """That of the worst finding."""
        return max(finding.severity for finding in self.findings)


def affected(found: Difference, findings: Sequence[Finding]) -> list[Affected]:
    """Every route whose change is what a finding tells: errors first, then by what is left.

    A finding about a shutdown or a blocked event loop names routes too, but not for their slack.
    """
    by_name: dict[str, list[RouteChange]] = {}
    for change in found.routes:
        by_name.setdefault(change.name, []).append(change)
    routes = []
    for name, changes in by_name.items():
        touched = [change for change in changes if any(_about(finding, change) for finding in findings)]
        mine = tuple(finding for finding in findings if any(_about(finding, one) for one in touched))
        if touched:
            routes.append(
                Affected(
                    change=min(touched, key=_slack),
                    methods=_methods(found, name),
                    environments=tuple(sorted({change.environment for change in touched} - {""})),
                    findings=mine,
                )
            )
    return sorted(routes, key=lambda route: (-route.severity, *_slack(route.change)))


def out_of_sight(found: Difference) -> tuple[Finding, ...]:
    """Findings that went since their routes are no longer compared: nobody knows whether they are fixed."""
    after: dict[str, set[Verdict | None]] = {}
    for change in found.routes:
        after.setdefault(change.name, set()).add(change.after)
    unknown = {Verdict.NOT_COMPARED, Verdict.CANNOT_TELL}
    return tuple(
        finding
        for finding in found.fixed
        if finding.rule in _OF_WAITS
        and finding.routes
        and all(name in after and after[name] <= unknown for name in finding.routes)
    )


def request(route: Affected) -> str:
    """``POST `api.example.com/chat` (prod and staging)``, with the method once."""
    name = route.change.name
    method = "" if route.methods and name.startswith(route.methods) else "/".join(route.methods)
    where = f" ({prose(listing(route.environments))})" if route.environments else ""
    return f"{prose(method)} {code(short(name))}{where}".lstrip()


def change_words(change: RouteChange) -> str:
    """`slack 8.5 s -> -31.5 s`, or the verdicts where one of the numbers is not known."""
    if change.before_ms is not None and change.after_ms is not None:
        return f"slack {signed(change.before_ms)} -> {signed(change.after_ms)}"
    before = VERDICTS[change.before] if change.before else "not there"
    after = VERDICTS[change.after] if change.after else "not there"
    slack = f", slack {signed(change.after_ms)}" if change.after_ms is not None else ""
    return f"{before} -> {after}{slack}"


def _about(finding: Finding, change: RouteChange) -> bool:
    """It holds against one another what the verdict of this route does."""
    there = not finding.environments or not change.environment or change.environment in finding.environments
    return change.name in finding.routes and there and _explains(finding, change)


def _explains(finding: Finding, change: RouteChange) -> bool:
    """The slack is that of the finding's two numbers, or one of them has no end and the route exceeds."""
    if finding.outer is None or finding.inner is None or finding.budget_ms is None:
        return False
    if finding.needed_ms is None or change.after_ms is None:
        return change.after is Verdict.EXCEEDS and finding.rule in _OF_WAITS
    return finding.rule in _OF_WAITS and change.after_ms <= finding.budget_ms - finding.needed_ms


def _slack(change: RouteChange) -> tuple[bool, int, str, str]:
    known = change.after_ms is not None
    return (not known, change.after_ms or 0, change.name, change.environment)


def _methods(found: Difference, name: str) -> tuple[str, ...]:
    methods = {
        method for item in found.report.routes if item.route.name == name for method in item.route.methods
    }
    return tuple(sorted(methods))
