"""A finding in plain lines, for formats that have a field of text for it: proof, consequence, remedies.

Every line is harmless by itself: visible characters only.
"""

from collections.abc import Iterable, Iterator

from budgetcheck.model.findings import Finding, Fix, Severity, Step
from budgetcheck.model.report import Report
from budgetcheck.render.escape import visible
from budgetcheck.render.words import counted, listing

MOST_STEPS = 1_000
"""Steps of one finding beyond this many are not shown."""


def worst_first(report: Report) -> list[Finding]:
    """The findings by severity, those that were there before last; the order within is the report's own."""
    return sorted(report.findings, key=lambda finding: (finding.since_base == "unchanged", -finding.severity))


def heading(finding: Finding) -> str:
    """`BC102 retries-outlive-outer`."""
    return visible(f"{finding.rule} {finding.name}")


def dated(finding: Finding) -> str:
    """The same, and whether the finding is new where that was looked at."""
    since = f" ({finding.since_base})" if finding.since_base else ""
    return f"{heading(finding)}{since}"


def where(finding: Finding) -> str:
    """`route api.example.com/chat in prod`; empty for a finding about no route."""
    routes = f"{'route' if len(finding.routes) == 1 else 'routes'} {listing(finding.routes)}"
    environments = f"in {listing(sorted(finding.environments))}"
    parts = (routes if finding.routes else "", environments if finding.environments else "")
    return visible(" ".join(part for part in parts if part))


def step_line(step: Step) -> str:
    """`nginx grants 30 s: proxy_read_timeout (nginx.conf:31)`, a factor without the colon."""
    claim, *details = step.text.split("\t")
    text = f"{claim}{' ' if step.indent else ': '}{' '.join(details)}" if details else claim
    place = f" ({step.span.place})" if step.span is not None and step.span.file else ""
    return visible(text + place)


def proof_lines(finding: Finding) -> list[str]:
    """The arithmetic line by line, factors indented under their sum."""
    steps = finding.steps[:MOST_STEPS]
    return [f"{'  ' * step.indent}{step_line(step)}" for step in steps]


def remedy_line(fix: Fix) -> str:
    """The change, what it costs, what would break next, and where."""
    cost = f" ({fix.cost})" if fix.cost else ""
    breaks = f" -> {fix.breaks}" if fix.breaks else ""
    places = list(dict.fromkeys(edit.span.place for edit in fix.edits))
    return visible(f"{fix.text}{cost}{breaks}{f' [{listing(places)}]' if places else ''}")


def explanation(finding: Finding) -> Iterator[str]:
    """All there is to say after the message, line by line."""
    if where(finding):
        yield where(finding)
    yield from proof_lines(finding)
    if finding.consequence:
        yield visible(finding.consequence)
    yield from (visible(f"note: {note}") for note in finding.notes)
    yield from (f"remedy: {remedy_line(fix)}" for fix in finding.fixes)


def counts(findings: Iterable[Finding]) -> str:
    """`1 error, 2 warnings, 0 notes`."""
    severities = [finding.severity for finding in findings]
    return ", ".join(
        counted(severities.count(severity), severity.label) for severity in sorted(Severity, reverse=True)
    )


def since_base(report: Report) -> str:
    """`1 new, 2 unchanged, 0 fixed since main`; empty where no earlier state was looked at."""
    base = report.base
    if base is None:
        return ""
    return visible(f"{base.new} new, {base.unchanged} unchanged, {base.fixed} fixed since {base.name}")


def joint_counts(report: Report) -> str:
    """`2 proven, 1 broken, 0 cannot tell, 1 open`."""
    joints = report.joints
    checked = f"{joints.proven} proven, {joints.broken} broken, {joints.cannot_tell} cannot tell"
    return f"{checked}, {joints.open} open"


def unchecked(report: Report) -> str:
    """Why the absence of findings says nothing; empty where something was compared or found."""
    if not report.recognised:
        return "Nothing was recognised in the given files."
    about_the_system = any(not finding.rule.startswith("BC9") for finding in report.findings)
    if report.joints.checked or about_the_system:
        return ""
    return "Not checked: no two neighbours with known limits were found in these files."
