"""One finding in a comment: what happens, remedies, and folds with the proof, the chain, how to accept it."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from budgetcheck.model.difference import Difference
from budgetcheck.model.findings import Confidence, Edit, Finding, Fix, Severity
from budgetcheck.model.report import RouteReport
from budgetcheck.render.comment_options import CommentOptions
from budgetcheck.render.comment_routes import short
from budgetcheck.render.escape import guarded
from budgetcheck.render.markdown_finding import proof_lines
from budgetcheck.render.markdown_text import code, fence, prose
from budgetcheck.render.paint import plain
from budgetcheck.render.text_routes import draw_route
from budgetcheck.render.words import listing

MOST_REMEDIES = 3
_WIDTH = 100
_MOST_CHAIN = 60
_LONG = 600
_UNCOMMENTED = frozenset({".json", ".tfstate"})
"""Files without comments: there the suppression stands in the configuration."""


def about(finding: Finding, found: Difference, options: CommentOptions) -> list[list[str]]:
    """Blocks, the first the one that must not be missing."""
    route = f": {code(short(finding.first_route))}" if finding.first_route else ""
    title = f"#### {finding.severity.label} {finding.rule} {prose(finding.name)}{route}"
    # The two ends of a pair stand in the table with their files.
    alone = finding.outer is None and bool(finding.span.file)
    place = f" ({code(short(finding.span.place))})" if alone else ""
    text = [title, "", f"{prose(short(finding.message, _LONG))}{place}"]
    if finding.consequence:
        text += ["", f"What happens: {prose(short(finding.consequence, _LONG))}"]
    text += [line for doubt in _doubts(finding) for line in ("", doubt)]
    blocks = [text, *_remedies(finding, options)]
    if finding.steps:
        blocks.append(_fold("The places" if alone else "The arithmetic", proof_lines(finding)))
    chain = _chain(finding, found)
    if chain is not None:
        lines = plain(draw_route(chain, width=_WIDTH, ascii_only=False)).splitlines()
        more = [f"and {len(lines) - _MOST_CHAIN} more lines"] if len(lines) > _MOST_CHAIN else []
        blocks.append(_fold("The chain", [*lines[:_MOST_CHAIN], *more]))
    return [block for block in (*blocks, _suppression(finding)) if block]


def _doubts(finding: Finding) -> Iterator[str]:
    """Why this is no error, and what the rule has to add."""
    exceeds = (
        finding.budget_ms is not None
        and finding.needed_ms is not None
        and finding.needed_ms > finding.budget_ms
    )
    if finding.severity is Severity.WARNING and (exceeds or finding.confidence is not Confidence.HIGH):
        yield "This is not proven: a link between the two, or one of the numbers, is not certain."
    for note in finding.notes[:3]:
        yield f"Note: {prose(short(note, _LONG))}"


def _remedies(finding: Finding, options: CommentOptions) -> Iterator[list[str]]:
    if not finding.fixes:
        return
    chosen = finding.fixes[:MOST_REMEDIES]
    yield ["One of these helps:" if len(chosen) > 1 else "This helps:", "", *(_item(fix) for fix in chosen)]
    for fix in chosen:
        line = _suggested(fix, options)
        if line is not None:
            place = code(short(fix.edits[0].span.place))
            yield [f"{place} as the remedy {prose(short(fix.text))} has it:", "", *_suggestion(line)]


def _item(fix: Fix) -> str:
    cost = f" Cost: {prose(short(fix.cost, _LONG))}." if fix.cost else ""
    breaks = f" But {prose(short(fix.breaks, _LONG))}." if fix.breaks else ""
    places = [short(place) for place in dict.fromkeys(edit.span.place for edit in fix.edits)]
    where = f" ({code(listing(places))})" if places else ""
    return f"- {prose(short(fix.text, _LONG))}{where}.{cost}{breaks}"


def _suggested(fix: Fix, options: CommentOptions) -> str | None:
    """The line that is the whole remedy; None where it is more, or where the change does not touch it."""
    if len(fix.edits) != 1 or fix.breaks:
        return None
    edit: Edit = fix.edits[0]
    return options.suggestions.get(edit)


def _suggestion(line: str) -> list[str]:
    first, *lines = fence([line])
    return [first.replace("text", "suggestion"), *lines]


def _chain(finding: Finding, found: Difference) -> RouteReport | None:
    """The route drawn: the one in the title, in the first of its environments."""
    return next(
        (
            item
            for item in found.report.routes
            if item.route.name == finding.first_route
            and (not finding.environments or item.route.environment in ("", *finding.environments))
        ),
        None,
    )


def _suppression(finding: Finding) -> list[str]:
    """The comment that accepts the finding, to copy; the day is left to whoever accepts it."""
    if not finding.span.line or PurePosixPath(finding.span.file).suffix.lower() in _UNCOMMENTED:
        return []
    line = f"# budgetcheck: ignore[{finding.rule}] until=YYYY-MM-DD reason"
    return _fold("Accept it for a while", [line], f"Above {code(short(finding.span.place))}:")


def _fold(title: str, lines: list[str], lead: str = "") -> list[str]:
    """`title` is ours: between the tags of a summary stands HTML."""
    first = [guarded(lead), ""] if lead else []
    return [f"<details><summary>{title}</summary>", "", *first, *fence(lines), "", "</details>"]
