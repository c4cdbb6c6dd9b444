"""Code Quality report of GitLab, a part of Code Climate's format.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from collections import Counter

from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.report import Report
from budgetcheck.model.span import Span
from budgetcheck.render import RenderOptions
from budgetcheck.render.escape import harmless_json, visible
from budgetcheck.render.json_text import Json, indented
from budgetcheck.render.markdown_finding import body
from budgetcheck.render.places import repository_path
from budgetcheck.render.prose import worst_first

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def render(report: Report, options: RenderOptions) -> str:
    """A list of issues, worst first."""
    seen: Counter[str] = Counter()
    issues: list[Json] = []
    for finding in worst_first(report):
        issues.append(_issue(finding, seen[finding.fingerprint], options.prefix))
        seen[finding.fingerprint] += 1
    return harmless_json(indented(issues)) + "\n"


def _issue(finding: Finding, occurrence: int, prefix: str) -> Json:
    """GitLab drops an issue whose fingerprint another one has."""
    fingerprint = visible(finding.fingerprint)
    others = _other_locations(finding, prefix)
    return {
        "type": "issue",
        "check_name": visible(f"{finding.rule}/{finding.name}"),
        "description": visible(f"{finding.rule} {finding.message}"),
        "content": {"body": "\n".join(body(finding))},
        "categories": ["Bug Risk"],
        "severity": _SEVERITIES[finding.severity],
        "fingerprint": f"{fingerprint}-{occurrence}" if occurrence else fingerprint,
        "location": _location(finding.span, prefix),
        **({"other_locations": others} if others else {}),
    }


def _location(span: Span, prefix: str) -> Json:
    """A path and a line are required: what has none is said of the first line, or of the directory."""
    path = repository_path(span, prefix) or span.file or "."
    return {"path": visible(path), "lines": {"begin": span.line or 1}}


def _other_locations(finding: Finding, prefix: str) -> list[Json]:
    spans = [step.span for step in finding.steps if step.span is not None and step.span.file]
    places = {(span.file, span.line): span for span in spans}
    places.pop((finding.span.file, finding.span.line), None)
    return [_location(span, prefix) for span in places.values()]
