"""The comment on a pull or merge request: what a change does to the budgets, in the order a reviewer asks.

Verdict with the worst route and its slack, what changed, a table of the joints that break and who owns the
files, what happens, remedies, and in folds the arithmetic, the chain and how to accept it. Nothing else is in
it: no finding that was there before, no unknown that this change did not cause, no row per environment, no
time. The same difference gives the same bytes, so a comment is written only when something is different. A
warning says that it is not proven.
"""

from collections.abc import Iterator, Sequence

from budgetcheck.model.difference import Difference
from budgetcheck.model.findings import Finding, Severity
from budgetcheck.render.comment_finding import about
from budgetcheck.render.comment_lost import lost_lines, lost_words
from budgetcheck.render.comment_options import CommentOptions
from budgetcheck.render.comment_routes import Affected, affected, change_words, out_of_sight, request, short
from budgetcheck.render.difference import signed
from budgetcheck.render.escape import guarded
from budgetcheck.render.lost_causes import lost_causes
from budgetcheck.render.markdown_text import code, prose
from budgetcheck.render.words import counted

Block = list[str]

MOST_ROWS = 10
"""Routes, changed numbers and rows of the table; more are counted."""
MOST_DETAILS = 3
"""Findings that are explained; more are counted."""
_MOST_LIST = 9_000
"""Characters of one list or table: hostile names must not crowd out what comes behind it."""


def render(found: Difference, options: CommentOptions) -> str:
    """The comment, below `options.limit` characters; one line where the change breaks nothing."""
    findings = reported(found)
    if not worth_a_comment(found):
        return _written([[_quiet(found)]])
    routes = affected(found, findings)
    head = [
        [_headline(findings, found, routes)],
        _listed([*_verdicts(routes, findings), *lost_lines(found)], "routes"),
        _changed(found, findings),
        _table(findings, options),
    ]
    closing = [[_closing(found)]]
    details = [about(finding, found, options) for finding in findings[:MOST_DETAILS]]
    return _written([*_fitting([block for block in head if block], details, findings, options), *closing])


def reported(found: Difference) -> list[Finding]:
    """The new findings that a reviewer has to know of, worst first: errors and warnings."""
    mine = [finding for finding in found.new if finding.severity >= Severity.WARNING]
    return sorted(mine, key=lambda finding: -finding.severity)


def worth_a_comment(found: Difference) -> bool:
    """There is something to say where nothing has been said before.

    A number that nobody can tell any more wants to be supplied. Where what stands in front of something or
    behind it went away, whoever took it away knows; it is listed beside what has to be said.
    """
    return bool(reported(found) or any(cause.setting for cause in lost_causes(found)))


def _headline(findings: Sequence[Finding], found: Difference, routes: Sequence[Affected]) -> str:
    """How many of what, and the worst of it: the route whose slack it is, else what the finding says."""
    counts = [
        counted(sum(finding.severity is severity for finding in findings), f"new {severity.label}")
        for severity in (Severity.ERROR, Severity.WARNING)
        if any(finding.severity is severity for finding in findings)
    ]
    if found.lost:
        counts.append(counted(len(lost_causes(found)), "lost proof"))
    worst, name = _worst(findings, found, routes)
    names = {route.change.name for route in routes} | {change.name for change in found.lost}
    more = len(names - {name})
    rest = f", and {counted(more, 'more route')}" if worst and more else ""
    return f"### budgetcheck: {': '.join([', '.join(counts), *worst])}{rest}"


def _worst(
    findings: Sequence[Finding], found: Difference, routes: Sequence[Affected]
) -> tuple[list[str], str]:
    """What is worst, in words, and the name of its route."""
    if not findings:
        lost = lost_causes(found)[0].changes[0]
        return [lost_words(lost)], lost.name
    route = next((route for route in routes if findings[0] in route.findings), None)
    if route is None:
        return [_said(findings[0])], findings[0].first_route
    return [f"{request(route)}: {change_words(route.change)}"], route.change.name


def _said(finding: Finding) -> str:
    """``POST `/chat`: openai is called synchronously``: where it is, and what it is."""
    where = f"{code(short(finding.first_route))}: " if finding.first_route else ""
    return f"{where}{prose(short(finding.message, 300))}"


def _verdicts(routes: Sequence[Affected], findings: Sequence[Finding]) -> Iterator[str]:
    """A line per route where they are several, then one per finding that no change of a route tells of.

    A single one of all stands in the headline.
    """
    told = {id(finding) for route in routes for finding in route.findings}
    others = [finding for finding in findings if id(finding) not in told]
    if len(routes) + len(others) < 2:
        return
    for route in routes:
        yield f"- {route.severity.label}: {request(route)}: {change_words(route.change)}"
    for finding in others:
        yield f"- {finding.severity.label}: {_said(finding)}"


def _changed(found: Difference, findings: Sequence[Finding]) -> Block:
    """The numbers that changed on the routes in question; of other routes only how many."""
    names = {name for finding in findings for name in finding.routes} | {route.name for route in found.lost}
    touched = {
        part.hop.address for item in found.report.routes if item.route.name in names for part in item.hops
    }
    near = [change for change in found.settings if change.address in touched]
    near.sort(key=lambda change: (change.span.sort_key, change.setting))
    places: dict[tuple[str, str, str], list[str]] = {}
    for change in near:
        same = places.setdefault((change.setting, change.before, change.after), [])
        same += [change.span.place] if change.span.place not in same else []
    rows = [
        f"- {code(short(setting))} {prose(before)} -> {prose(after)}, {code(short(where[0]))}"
        + (f" and {counted(len(where) - 1, 'more place')}" if len(where) > 1 else "")
        for (setting, before, after), where in places.items()
    ]
    far = len(found.settings) - len(near)
    if far:
        rows.append(f"- and {counted(far, 'limit')} on other routes")
    return ["What changed:", "", *_listed(rows, "limits")] if rows else []


def _table(findings: Sequence[Finding], options: CommentOptions) -> Block:
    """A row per broken pair: environments and routes of one finding are one row."""
    rows = [_row(finding, options) for finding in findings if finding.outer and finding.inner]
    rows = [row for row in rows if row]
    if not rows:
        return []
    shown = _listed(rows, "pairs", note=False)
    left = len(rows) - len(shown)
    more = ["", f"{left} more pairs are in `budgetcheck diff`."] if left else []
    return [
        "| route | granted | needed | files and their owners |",
        "| --- | --- | --- | --- |",
        *shown,
        *more,
    ]


def _row(finding: Finding, options: CommentOptions) -> str:
    outer, inner = finding.outer, finding.inner
    if outer is None or inner is None:
        return ""
    names = code(short(finding.first_route)) if finding.routes else ""
    names += f" and {len(finding.routes) - 1} more" if len(finding.routes) > 1 else ""
    granted = f"{_amount(finding.budget_ms)} {code(short(outer.component))}"
    needed = f"{_amount(finding.needed_ms)} {code(short(inner.component))}"
    files = list(dict.fromkeys(end.span.file for end in (outer, inner) if end.span.file))
    owned = ", ".join(f"{code(short(file))} ({_owners(file, options)})" for file in files)
    return f"| {names} | {granted} | {needed} | {owned} |"


def _amount(milliseconds: int | None) -> str:
    return "no limit" if milliseconds is None else signed(milliseconds)


def _owners(file: str, options: CommentOptions) -> str:
    """As code: a name in code is shown and calls nobody."""
    return " ".join(code(short(owner)) for owner in options.owners.get(file, ())) or "no owner"


def _listed(rows: Sequence[str], noun: str, *, note: bool = True) -> Block:
    """As many rows as may stand in one list."""
    shown: Block = []
    size = 0
    for row in rows[:MOST_ROWS]:
        size += len(row)
        if size > _MOST_LIST:
            break
        shown.append(row)
    left = len(rows) - len(shown)
    return [*shown, f"- and {left} more {noun}"] if left and note else shown


def _fitting(
    head: Sequence[Block],
    details: Sequence[Sequence[Block]],
    findings: Sequence[Finding],
    options: CommentOptions,
) -> Iterator[Block]:
    """Whole blocks as long as there is room, and how many findings are not explained."""
    room = options.limit - 1_000  # the closing lines
    for block in head:
        room -= _size(block)
        if room >= 0:
            yield block
    explained = 0
    for number, blocks in enumerate(details):
        needed = [_size(block) for block in blocks]
        if sum(needed[:1]) > room:
            break
        explained = number + 1
        for block, size in zip(blocks, needed, strict=True):
            if size <= room:
                room -= size
                yield block
    left = len(findings) - explained
    if left:
        yield [f"{counted(left, 'more finding')}: `budgetcheck diff` shows all of them with their proof."]


def _size(block: Block) -> int:
    """In bytes: hosts count characters, and no character is shorter."""
    return sum(len(line.encode(errors="replace")) + 2 for line in block) + 1


def _closing(found: Difference) -> str:
    """What is not in the comment, as counts."""
    notes = sum(finding.severity < Severity.WARNING for finding in found.new)
    unseen = out_of_sight(found)
    fixed = len(found.fixed) - len(unseen)
    parts = [
        f"{counted(found.same_routes, 'route')} unchanged",
        f"{len(lost_causes(found))} lost proof",
        f"{fixed} fixed" if fixed else "",
        f"{len(unseen)} no longer compared" if unseen else "",
        counted(notes, "new note") if notes else "",
    ]
    counts = ", ".join(part for part in parts if part)
    return f"{counts}; {_nothing(found)}" if found.nothing_compared is not None else counts


def _quiet(found: Difference) -> str:
    """The one line of a change that breaks nothing; what it repaired first."""
    unseen = out_of_sight(found)
    repaired = sum(f.severity >= Severity.WARNING and f not in unseen for f in found.fixed)
    parts = [
        f"this change fixes {counted(repaired, 'finding')}" if repaired else "",
        f"{counted(len(unseen), 'finding')} no longer compared" if unseen else "",
    ]
    said = [part for part in parts if part]
    if found.nothing_compared is not None:
        said.append(_nothing(found))
    else:
        said = said or ["this change breaks no budget"]
        said.append(f"{counted(found.same_routes, 'route')} unchanged, {_lost(found)}")
    return f"budgetcheck: {'; '.join(said)}"


def _lost(found: Difference) -> str:
    causes = lost_causes(found)
    return (
        f"{counted(len(causes), 'lost proof')}: {lost_words(causes[0].changes[0])}"
        if causes
        else "0 lost proof"
    )


def _nothing(found: Difference) -> str:
    why = found.nothing_compared
    return f"nothing was compared: {prose(why.text)}" if why is not None else ""


def _written(blocks: Sequence[Block]) -> str:
    lines = [line for block in blocks for line in ("", *block)][1:]
    return "".join(f"{guarded(line)}\n" for line in lines)
