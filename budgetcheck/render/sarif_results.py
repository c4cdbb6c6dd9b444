"""Findings as SARIF results: the message, the way of the request hop by hop, the proof, remedies as fixes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from budgetcheck.model.changes import Literal
from budgetcheck.model.findings import Edit, Finding, Fix
from budgetcheck.model.report import HopReport, Report, RouteReport
from budgetcheck.model.span import Span
from budgetcheck.model.topology import method_classes
from budgetcheck.render import RenderOptions
from budgetcheck.render.escape import visible
from budgetcheck.render.json_text import Json
from budgetcheck.render.places import repository_path
from budgetcheck.render.prose import explanation, remedy_line, step_line
from budgetcheck.render.sarif_places import physical, text
from budgetcheck.render.text_routes import hop_name
from budgetcheck.render.words import link, worst_case

FINGERPRINT = "budgetcheck/v1"
MOST_FLOW_LOCATIONS = 1_000
MOST_RELATED = 100
"""So many are shown for one result."""
_MOST_ROUTES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a result needs to know beyond its finding: the routes by name, the rules' numbers."""

    options: RenderOptions
    rules: Mapping[str, int]
    routes: Mapping[tuple[str, str], RouteReport]

    @classmethod
    def of(cls, report: Report, options: RenderOptions, rules: Mapping[str, int]) -> "Context":
        """The context of all results of a report."""
        routes: dict[tuple[str, str], RouteReport] = {}
        for item in report.routes:
            routes.setdefault((item.route.name, item.route.environment), item)
            routes.setdefault((item.route.name, ""), item)
        return cls(options=options, rules=rules, routes=routes)

    def route(self, finding: Finding) -> RouteReport | None:
        """The first route that the finding is about."""
        environments = finding.environments or ("",)
        keys = [(name, environment) for name in finding.routes[:1] for environment in environments[:1]]
        return next((self.routes[key] for key in keys if key in self.routes), None)


def message(finding: Finding) -> dict[str, Json]:
    """Message, proof, consequence and remedies, a line each."""
    return text("\n".join((visible(finding.message), *explanation(finding))))


def result(finding: Finding, place: Span, context: Context) -> Json:
    """One result, shown at a place in the repository."""
    prefix = context.options.prefix
    related = _related(finding, place, prefix)
    flow: list[Json] = list(islice(_flow(finding, place, context), MOST_FLOW_LOCATIONS))
    fixes: list[Json] = [made for fix in finding.fixes if (made := _fix(fix, context.options))]
    return {
        "ruleId": visible(finding.rule),
        "ruleIndex": context.rules[visible(finding.rule)],
        "level": finding.severity.label,
        "message": message(finding),
        "locations": [{"physicalLocation": physical(place, prefix)}],
        **({"relatedLocations": related} if related else {}),
        **({"codeFlows": [{"threadFlows": [{"locations": flow}]}]} if flow else {}),
        **({"baselineState": finding.since_base} if finding.since_base else {}),
        "partialFingerprints": {FINGERPRINT: visible(finding.fingerprint)},
        **({"suppressions": [_suppression(finding)]} if finding.suppressed_by else {}),
        **({"fixes": fixes} if fixes else {}),
        "properties": _properties(finding),
    }


def _suppression(finding: Finding) -> Json:
    return {"kind": "external", "justification": visible(finding.suppressed_by)}


def _properties(finding: Finding) -> Json:
    return {
        "confidence": finding.confidence.label,
        "environments": [visible(name) for name in sorted(finding.environments)],
        "routes": [visible(name) for name in finding.routes[:_MOST_ROUTES]],
        "arithmetic": visible(finding.arithmetic) or None,
        "budgetMs": finding.budget_ms,
        "neededMs": finding.needed_ms,
    }


def _related(finding: Finding, place: Span, prefix: str) -> list[Json]:
    """Both ends and every factor of the proof, each place once."""
    said: dict[tuple[str, int], tuple[Span, str]] = {}
    for step in finding.steps:
        if step.span is not None:
            said.setdefault((step.span.file, step.span.line), (step.span, step_line(step)))
    for end in (finding.outer, finding.inner):
        if end is not None:
            words = f"{end.component} {end.setting}".strip()
            said.setdefault((end.span.file, end.span.line), (end.span, words))
    said.pop((place.file, place.line), None)
    located = [(span, words) for span, words in said.values() if repository_path(span, prefix)]
    return [
        {"id": number, "physicalLocation": physical(span, prefix), "message": text(words)}
        for number, (span, words) in enumerate(located[:MOST_RELATED], start=1)
    ]


def _flow(finding: Finding, place: Span, context: Context) -> Iterator[Json]:
    """The way of the request from the outside in, then the proof step by step.

    What stands in no file of the repository is shown at the place of the finding: viewers need one.
    """
    prefix = context.options.prefix

    def location(span: Span | None, words: str, nesting: int) -> Json:
        shown = span if span is not None and repository_path(span, prefix) else place
        inner: Json = {"physicalLocation": physical(shown, prefix), "message": text(words)}
        return {"location": inner, "nestingLevel": nesting}

    item = context.route(finding)
    for part, words in _way(item) if item else ():
        yield location(part.hop.span, words, 0)
    for step in finding.steps:
        yield location(step.span, step_line(step), step.indent + 1)


def _way(item: RouteReport) -> Iterator[tuple[HopReport, str]]:
    """The hops, and what each costs its caller."""
    classes = method_classes(item.route.methods)
    for part in item.hops:
        worst = {methods: case for methods, case in part.worst_case.items() if methods in classes}
        cost = "; ".join(words for words in (worst_case(worst), link(part.evidence)) if words)
        yield part, f"{hop_name(part.hop)}{f': {cost}' if cost else ''}"


def _fix(fix: Fix, options: RenderOptions) -> Json:
    """Edits that a viewer may apply: all literals were found, and nothing else breaks by it. None if not."""
    if not fix.edits or fix.breaks:
        return None
    changes: dict[str, list[Json]] = {}
    artifacts: dict[str, Json] = {}
    for edit in fix.edits:
        literal = options.literals.get(edit)
        if literal is None or not repository_path(edit.span, options.prefix):
            return None
        artifacts[edit.span.file] = physical(edit.span, options.prefix)["artifactLocation"]
        changes.setdefault(edit.span.file, []).append(_replacement(edit, literal))
    return {
        "description": text(remedy_line(fix)),
        "artifactChanges": [
            {"artifactLocation": artifacts[file], "replacements": replacements}
            for file, replacements in changes.items()
        ],
    }


def _replacement(edit: Edit, literal: Literal) -> Json:
    region: Json = {
        "startLine": edit.span.line,
        "startColumn": literal.column,
        "endColumn": literal.column + len(edit.old),
    }
    return {"deletedRegion": region, "insertedContent": {"text": visible(edit.new)}}
