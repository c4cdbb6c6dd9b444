"""A summary in Markdown: counts, a table of the findings, and each finding's proof in a fold.

Made for the summary of a job (`$GITHUB_STEP_SUMMARY`), which holds 1 MiB per step and is dropped as a whole
beyond that. The text depends on the findings alone, so that a comment with it changes only when they do.
"""

import html
from collections.abc import Iterator, Sequence

from budgetcheck.model.findings import Finding
from budgetcheck.model.report import Report, Verdict
from budgetcheck.render import RenderOptions
from budgetcheck.render.escape import guarded, visible
from budgetcheck.render.markdown_finding import body
from budgetcheck.render.markdown_text import code, prose
from budgetcheck.render.prose import counts, dated, joint_counts, since_base, unchecked, worst_first
from budgetcheck.render.text_closing import open_end_text
from budgetcheck.render.words import VERDICTS

MOST_BYTES = 900_000
"""Folds stop here, well below what a step's summary holds."""
MOST_ROWS = 200
MOST_FOLDS = 100
_MOST_ITEMS = 50


def render(report: Report, options: RenderOptions) -> str:  # noqa: ARG001 - the same for everybody
    """The document, with a newline at its end."""
    findings = worst_first(report)
    blocks = [_headline(report), *_table(findings)]
    size = sum(_size(block) for block in blocks)
    for number, finding in enumerate(findings):
        fold = _fold(finding)
        size += _size(fold)
        if number == MOST_FOLDS or size > MOST_BYTES:
            blocks.append(
                [f"The proofs of {len(findings) - number} more are in the report of `--format json`."]
            )
            break
        blocks.append(fold)
    blocks += [block for block in (_unresolved(report), _open_ends(report)) if block]
    lines = [line for block in blocks for line in ("", *block)][1:]
    return "".join(f"{guarded(line)}\n" for line in lines)


def _size(lines: Sequence[str]) -> int:
    return sum(len(line.encode(errors="replace")) + 1 for line in lines)


def _headline(report: Report) -> list[str]:
    verdicts = [item.verdict for item in report.routes]
    routes = ", ".join(f"{verdicts.count(verdict)} {VERDICTS[verdict]}" for verdict in Verdict)
    lines = [f"## budgetcheck: {counts(report.findings)}", ""]
    if unchecked(report):
        lines += [unchecked(report), ""]
    lines += ["| | |", "| --- | --- |", f"| routes | {routes} |", f"| joints | {joint_counts(report)} |"]
    if report.base:
        lines.append(f"| findings | {prose(since_base(report))} |")
    if report.suppressed:
        lines.append(f"| suppressed | {len(report.suppressed)} |")
    return lines


def _table(findings: Sequence[Finding]) -> Iterator[list[str]]:
    if not findings:
        return
    yield [
        "| severity | rule | where | finding |",
        "| --- | --- | --- | --- |",
        *(_row(finding) for finding in findings[:MOST_ROWS]),
    ]
    if len(findings) > MOST_ROWS:
        yield [f"{len(findings) - MOST_ROWS} more are in the report of `--format json`."]


def _row(finding: Finding) -> str:
    place, message = code(finding.span.place), prose(finding.message)
    return f"| {finding.severity.label} | {prose(dated(finding))} | {place} | {message} |"


def _fold(finding: Finding) -> list[str]:
    """What stands between the tags of a summary is HTML, not Markdown."""
    title = f"{finding.severity.label} {html.escape(dated(finding))}"
    place = f"<code>{html.escape(visible(finding.span.place))}</code>"
    return [f"<details><summary>{title}: {place}</summary>", "", *body(finding), "", "</details>"]


def _unresolved(report: Report) -> list[str]:
    items = [
        f"- {code(item.setting)} {code(item.span.place)}: {prose(_both(item.reason, item.needs))}"
        for item in report.unresolved
    ]
    return _listed("Unresolved settings", items)


def _both(reason: str, needs: str) -> str:
    return "; ".join(part for part in (reason, needs) if part)


def _open_ends(report: Report) -> list[str]:
    items = [f"- {code(end.hop.address)} {prose(open_end_text(end))}" for end in report.open_ends]
    return _listed("Open ends: the neighbour is not in these files", items)


def _listed(title: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    shown = list(items[:_MOST_ITEMS])
    if len(items) > len(shown):
        shown.append(f"- and {len(items) - len(shown)} more")
    return [f"<details><summary>{visible(title)} ({len(items)})</summary>", "", *shown, "", "</details>"]
