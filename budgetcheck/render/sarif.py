"""SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), within what GitHub's code scanning takes.

One run, at most 25,000 results with the worst first, locations only of files in the repository: an upload
with a result that has none is refused as a whole, so such findings are notifications of the run.
https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit
"""

from collections.abc import Iterator, Mapping, Sequence

from budgetcheck import __version__
from budgetcheck.model.findings import Finding
from budgetcheck.model.report import Report
from budgetcheck.model.span import Span
from budgetcheck.render import RenderOptions
from budgetcheck.render.escape import harmless_json, visible
from budgetcheck.render.json_text import Json, indented
from budgetcheck.render.places import anchor
from budgetcheck.render.prose import counts, unchecked, worst_first
from budgetcheck.render.sarif_places import ROOT
from budgetcheck.render.sarif_results import Context, message, result
from budgetcheck.render.sarif_rules import descriptors

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS = 25_000


def render(report: Report, options: RenderOptions) -> str:
    """The log, indented, with a newline at its end."""
    log: Json = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, options)]}
    return harmless_json(indented(log)) + "\n"


def _run(report: Report, options: RenderOptions) -> Json:
    findings = [*worst_first(report), *report.suppressed]
    rules = descriptors(options.rules, findings)
    numbers = {str(rule["id"]): number for number, rule in enumerate(rules)}
    context = Context.of(report, options, numbers)
    placed, homeless = _placed(findings, options.prefix)
    return {
        "tool": {"driver": {"name": "budgetcheck", "semanticVersion": __version__, "rules": [*rules]}},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    *(_notification(finding, numbers) for finding in homeless if not finding.suppressed_by),
                    *(_remark(words) for words in _remarks(report, placed[MOST_RESULTS:])),
                ],
            }
        ],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [result(finding, place, context) for finding, place in placed[:MOST_RESULTS]],
    }


def _placed(findings: Sequence[Finding], prefix: str) -> tuple[list[tuple[Finding, Span]], list[Finding]]:
    """The findings with the place each is shown at, and those that have none in the repository."""
    anchors = [(finding, anchor(finding, prefix)) for finding in findings]
    placed = [(finding, place) for finding, place in anchors if place is not None]
    return placed, [finding for finding, place in anchors if place is None]


def _notification(finding: Finding, numbers: Mapping[str, int]) -> Json:
    rule = visible(finding.rule)
    return {
        "level": finding.severity.label,
        "message": message(finding),
        "associatedRule": {"id": rule, "index": numbers[rule]},
    }


def _remarks(report: Report, left_out: Sequence[tuple[Finding, Span]]) -> Iterator[str]:
    """What the results do not say by themselves."""
    reported = [finding for finding, _ in left_out if not finding.suppressed_by]
    if reported:
        yield f"Not among the {MOST_RESULTS} results: {counts(reported)}; --format json has all."
    if unchecked(report):
        yield unchecked(report)


def _remark(words: str) -> Json:
    return {"level": "warning", "message": {"text": words}}
