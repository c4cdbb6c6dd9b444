"""Workflow commands of GitHub Actions: annotations on the lines of a pull request.

The runner keeps ten annotations of a level per step and drops the rest without a word, and it does not
forward messages beyond 4,096 characters: https://github.com/actions/runner (`_maxCountPerIssueType` and
`_maxIssueMessageLength` of `ExecutionContext`). So the worst come first, and what is left out is counted.
"""

from collections.abc import Iterator, Mapping, Sequence

from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.report import Report
from budgetcheck.render import RenderOptions
from budgetcheck.render.escape import guarded, visible
from budgetcheck.render.places import anchor, repository_path
from budgetcheck.render.prose import (
    counts,
    dated,
    explanation,
    joint_counts,
    since_base,
    unchecked,
    worst_first,
)
from budgetcheck.render.words import counted

MOST_PER_LEVEL = 10
MOST_CHARACTERS = 4_096

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report, options: RenderOptions) -> str:
    """One command a line, then the counts as an ordinary line of the log."""
    shown, hidden = _chosen(worst_first(report))
    lines = [_annotation(finding, options.prefix) for finding in shown]
    if hidden:
        lines.append(_command("notice", {"title": "budgetcheck"}, _more(hidden)))
    return "".join(f"{line}\n" for line in (*lines, *_log(report)))


def _chosen(findings: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """The findings that get an annotation, and the others, about which one more notice tells."""
    levels = {
        severity: [finding for finding in findings if finding.severity is severity] for severity in Severity
    }
    places = dict.fromkeys(Severity, MOST_PER_LEVEL)
    if any(len(level) > MOST_PER_LEVEL for level in levels.values()):
        places[Severity.NOTE] -= 1
    worst = sorted(Severity, reverse=True)
    return (
        [finding for severity in worst for finding in levels[severity][: places[severity]]],
        [finding for severity in worst for finding in levels[severity][places[severity] :]],
    )


def _annotation(finding: Finding, prefix: str) -> str:
    span = anchor(finding, prefix)
    line = span.line if span else 0
    properties = {
        "file": repository_path(span, prefix),
        "line": str(line or ""),
        "col": str(span.column or "") if span and line else "",
        "title": dated(finding),
    }
    return _command(_COMMANDS[finding.severity], properties, _message(finding))


def _message(finding: Finding) -> str:
    """As many whole lines as the runner forwards."""
    message = visible(finding.message)
    size = len(message)
    for line in explanation(finding):
        size += len(line) + 1
        if size > MOST_CHARACTERS:
            break
        message += f"\n{line}"
    return message


def _more(hidden: Sequence[Finding]) -> str:
    numbers = [
        f"{counted(number, f'more {severity.label}')}"
        for severity in sorted(Severity, reverse=True)
        if (number := sum(finding.severity is severity for finding in hidden))
    ]
    return f"{', '.join(numbers)}: GitHub shows {MOST_PER_LEVEL} of a level; --format text lists all"


def _log(report: Report) -> Iterator[str]:
    if unchecked(report):
        yield f"budgetcheck: {unchecked(report)}"
    suppressed = f"{len(report.suppressed)} suppressed"
    since = f"; {since_base(report)}" if report.base else ""
    yield f"budgetcheck: {counts(report.findings)}, {suppressed}{since}; joints: {joint_counts(report)}"


def _command(name: str, properties: Mapping[str, str], message: str) -> str:
    """One finished line; https://github.com/actions/toolkit escapes the same characters."""
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::{name} {written}::{_data(message)}"


def _data(text: str) -> str:
    # `##[` anywhere in a line is a command of the old kind where the runner does not know the new one.
    harmless = "\n".join(guarded(line) for line in text.split("\n"))
    return harmless.replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return guarded(visible(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C"))
