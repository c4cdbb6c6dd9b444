"""JUnit XML: one suite per rule, one case per finding; a rule without findings is one case that passes.

A finding fails its case where it fails the run (`--fail-on`, `--new-only`); others pass and say what they
found, suppressed ones are skipped with their reason.
"""

from collections.abc import Iterator, Sequence

from budgetcheck.model.findings import Finding
from budgetcheck.model.report import Report
from budgetcheck.render import RenderOptions
from budgetcheck.render.escape import MOST_CHARACTERS, guarded, visible
from budgetcheck.render.prose import explanation, heading, worst_first

_CHARACTERS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def render(report: Report, options: RenderOptions) -> str:
    """The document, indented; no times, since the same input gives the same bytes."""
    suites = list(_suites(report, options))
    failures = sum(map(report.fails, report.findings))
    cases = sum(max(len(found) + len(skipped), 1) for _, found, skipped in suites)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(
        f'<testsuites name="budgetcheck" tests="{cases}" failures="{failures}" errors="0"'
        f' skipped="{len(report.suppressed)}">'
    )
    for title, found, skipped in suites:
        lines += _suite(title, found, skipped, report)
    return "\n".join([*lines, "</testsuites>", ""])


def _suites(
    report: Report, options: RenderOptions
) -> Iterator[tuple[str, Sequence[Finding], Sequence[Finding]]]:
    """Title, findings and suppressed findings of every rule, by code."""
    titles = {rule.code: f"{rule.code} {rule.name}" for rule in options.rules}
    for finding in (*report.findings, *report.suppressed):
        titles.setdefault(finding.rule, heading(finding))
    findings = worst_first(report)
    for code in sorted(titles):
        found = [finding for finding in findings if finding.rule == code]
        yield titles[code], found, [finding for finding in report.suppressed if finding.rule == code]


def _suite(title: str, found: Sequence[Finding], skipped: Sequence[Finding], report: Report) -> Iterator[str]:
    failures = sum(map(report.fails, found))
    yield (
        f'  <testsuite name="{_attribute(title)}" tests="{max(len(found) + len(skipped), 1)}"'
        f' failures="{failures}" errors="0" skipped="{len(skipped)}">'
    )
    for finding in found:
        yield from _case(finding, _outcome(finding, report))
    for finding in skipped:
        yield from _case(finding, [f'      <skipped message="{_attribute(finding.suppressed_by)}"/>'])
    if not found and not skipped:
        yield f'    <testcase classname="budgetcheck" name="{_attribute(title)}"/>'
    yield "  </testsuite>"


def _case(finding: Finding, outcome: Sequence[str]) -> Iterator[str]:
    """Named after place and message, in a class named after the rule."""
    span = finding.span
    name = f"{span.place}: {finding.message}"
    line = f' line="{span.line}"' if span.line else ""
    yield (
        f'    <testcase classname="{_attribute(heading(finding))}" name="{_attribute(name)}"'
        f' file="{_attribute(span.file)}"{line}>'
    )
    yield from outcome
    yield "    </testcase>"


def _outcome(finding: Finding, report: Report) -> list[str]:
    text = "\n".join(_text(line) for line in (visible(finding.message), *explanation(finding)))
    if not report.fails(finding):
        return [f"      <system-out>{text}</system-out>"]
    kind = finding.severity.label
    return [f'      <failure type="{kind}" message="{_attribute(finding.message)}">{text}</failure>']


def _text(line: str) -> str:
    """A line of character data: printable characters are all allowed in XML 1.0, and no command begins it."""
    return "".join(_CHARACTERS.get(character, character) for character in guarded(line))


def _attribute(value: str) -> str:
    return _text(visible(value)[:MOST_CHARACTERS])
