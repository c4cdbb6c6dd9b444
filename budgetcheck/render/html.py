"""One page that needs nothing else: routes by slack, each with its waterfall and a what-if, and the findings.

It loads nothing, asks nobody, and runs offline from a file. The lists are plain HTML; the waterfalls and the
what-if are drawn by its own script from the numbers in it, with the same arithmetic as the verdicts.
"""

from collections.abc import Iterable, Sequence

from budgetcheck import __version__
from budgetcheck.model.findings import Severity
from budgetcheck.model.report import Report, RouteReport, Verdict
from budgetcheck.render import RenderOptions
from budgetcheck.render.html_findings import finding_view, severities, severities_of
from budgetcheck.render.html_page import fill
from budgetcheck.render.html_payload import payload
from budgetcheck.render.html_routes import route_view, worst_first
from budgetcheck.render.json_text import Json
from budgetcheck.render.prose import unchecked
from budgetcheck.render.prose import worst_first as worst_findings_first
from budgetcheck.render.text_closing import open_end_text
from budgetcheck.render.words import VERDICTS, counted

MOST_DETAILS = 500
"""Routes beyond this many have a row, but no waterfall."""
MOST_ROWS = 10_000
MOST_FINDINGS = 500
MOST_ITEMS = 200
"""Open ends, unresolved settings and suppressed findings beyond this many are counted only."""


def render(report: Report, options: RenderOptions) -> str:
    """The document, with a newline at its end."""
    routes = worst_first(report.routes)
    detailed = routes[:MOST_DETAILS]
    return f"{fill(_data(detailed), **_values(report, routes, options))}\n"


def _data(detailed: Sequence[RouteReport]) -> Json:
    return payload(detailed)


def _values(report: Report, routes: Sequence[RouteReport], options: RenderOptions) -> dict[str, object]:
    """What the template shows."""
    numbers: dict[tuple[str, str], int] = {}
    for number, item in enumerate(routes[:MOST_DETAILS]):
        numbers.setdefault((item.route.name, item.route.environment), number)
        numbers.setdefault((item.route.name, ""), number)
    views = [
        route_view(item, number if number < MOST_DETAILS else None)
        for number, item in enumerate(routes[:MOST_ROWS])
    ]
    found = severities(report.findings)
    findings = worst_findings_first(report)[:MOST_FINDINGS]
    shown = [finding_view(finding, number, numbers) for number, finding in enumerate(findings)]
    named = {finding.rule for finding in findings}
    components = {name for view in views for name in view.components}
    return {
        "version": __version__,
        "headline": headline(report),
        "unchecked": unchecked(report),
        "counts": _counts(report),
        "routes": views,
        "severities": [severities_of(item, found) for item in routes[:MOST_ROWS]],
        "rows_left": len(routes) - len(views),
        "most_details": MOST_DETAILS,
        "findings": shown,
        "findings_left": len(report.findings) - len(shown),
        "components": sorted(components | {name for view in shown for name in view.components}),
        "environments": sorted({view.environment for view in views if view.environment}),
        "rules": [rule for rule in options.rules if rule.code in named],
        "asides": _asides(report),
    }


def headline(report: Report) -> str:
    """The outcome in one sentence."""
    verdicts = [item.verdict for item in report.routes]
    exceeding, doubtful = verdicts.count(Verdict.EXCEEDS), verdicts.count(Verdict.CANNOT_TELL)
    if unchecked(report):
        return "Nothing was checked"
    if exceeding:
        return f"{_some(exceeding, verdicts)} can exceed {_its(exceeding)} time budget"
    if doubtful:
        return f"{_some(doubtful, verdicts)} cannot be decided"
    if report.count(Severity.ERROR):
        return f"{counted(report.count(Severity.ERROR), 'error')} outside the routes' budgets"
    fitting = verdicts.count(Verdict.FITS)
    return f"{counted(fitting, 'route')} {'keeps its' if fitting == 1 else 'keep their'} time budget"


def _some(number: int, of: Sequence[Verdict]) -> str:
    """`2 of 5 routes`, `The only route`."""
    return "The only route" if len(of) == 1 else f"{number} of {len(of)} routes"


def _its(number: int) -> str:
    return "its" if number == 1 else "their"


def _counts(report: Report) -> list[tuple[str, list[tuple[int, str, str]]]]:
    """Groups of a number, what it counts, and the class that colours it."""
    verdicts = [item.verdict for item in report.routes]
    joints = report.joints
    return [
        (
            "Findings",
            [
                (number, one.label if number == 1 else f"{one.label}s", one.label)
                for one in sorted(Severity, reverse=True)
                for number in (report.count(one),)
            ],
        ),
        ("Routes", [(verdicts.count(one), VERDICTS[one], one.value) for one in _ROUTE_ORDER]),
        (
            "Comparisons",
            [
                (joints.proven, "proven", "fits"),
                (joints.broken, "broken", "exceeds"),
                (joints.cannot_tell, "cannot tell", "cannot-tell"),
                (joints.open, "open ends", "not-compared"),
            ],
        ),
    ]


_ROUTE_ORDER = (Verdict.EXCEEDS, Verdict.CANNOT_TELL, Verdict.FITS, Verdict.NOT_COMPARED)


def _asides(report: Report) -> list[tuple[str, list[tuple[str, str, str]], int]]:
    """What else the run has to say: a title, rows of name, text and place, and how many are left out."""
    unresolved = (
        (item.setting, "; ".join(filter(None, (item.reason, item.needs))), item.span.place)
        for item in report.unresolved
    )
    ends = ((end.hop.title, open_end_text(end), end.hop.span.place) for end in report.open_ends)
    suppressed = (
        (f"{finding.rule} {finding.name}", f"{finding.message} ({finding.suppressed_by})", finding.span.place)
        for finding in report.suppressed
    )
    found = (
        _aside("Settings without a value", unresolved),
        _aside("Open ends: the neighbour is not in these files", ends),
        _aside("Suppressed findings", suppressed),
    )
    return [aside for aside in found if aside[1]]


def _aside(title: str, rows: Iterable[tuple[str, str, str]]) -> tuple[str, list[tuple[str, str, str]], int]:
    listed = list(rows)
    return title, listed[:MOST_ITEMS], max(len(listed) - MOST_ITEMS, 0)
