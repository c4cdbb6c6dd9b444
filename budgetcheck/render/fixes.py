"""The remedies of all findings as diffs, each with its cost, for people."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from budgetcheck.model.changes import ByHand, Proposal
from budgetcheck.render import RenderOptions
from budgetcheck.render.layout import EMPTY, Line, Piece, Style, flow
from budgetcheck.render.paint import coloured, plain
from budgetcheck.render.text_finding import header
from budgetcheck.render.words import counted

_INDENT = 2


def render(proposals: Sequence[Proposal], options: RenderOptions) -> str:
    """A block for each finding: what it is, and below it every remedy with what it would change."""
    lines = list(_lines(proposals, options.width))
    return coloured(lines) if options.color else plain(lines)


def _lines(proposals: Sequence[Proposal], width: int) -> Iterator[Line]:
    for finding, group in groupby(proposals, key=lambda proposal: proposal.finding):
        yield from header(finding, width)
        yield from flow([Piece(finding.message)], width=width, indent=_INDENT)
        for proposal in group:
            yield EMPTY
            yield from _proposal(proposal, width)
        yield EMPTY
    findings = len({proposal.finding.fingerprint for proposal in proposals})
    if not proposals:
        yield from flow([Piece("no finding has a remedy that can be worked out")], width=width)
        return
    remedies = "1 remedy" if len(proposals) == 1 else f"{len(proposals)} remedies"
    text = f"{remedies} for {counted(findings, 'finding')}. None is safe: each takes something away."
    yield from flow([Piece(text)], width=width)


def _proposal(proposal: Proposal, width: int) -> Iterator[Line]:
    fix = proposal.fix
    cost = [Piece(f" ({fix.cost})")] if fix.cost else []
    breaks = [Piece(f" -> {fix.breaks}")] if fix.breaks else []
    yield from flow(
        [Piece(f"{fix.kind.value}: ", Style.STRONG), Piece(fix.text), *cost, *breaks],
        width=width,
        indent=_INDENT,
        hang=2 * _INDENT,
    )
    for line in proposal.diff.splitlines():
        yield (Piece(" " * 2 * _INDENT), Piece(line, _style(line)))
    for edit, reason in proposal.by_hand:
        yield from flow(
            [
                Piece("by hand: ", Style.STRONG),
                Piece(edit.new),
                Piece(f" {edit.span.place}", Style.PLACE),
                Piece(f" ({reason.value})", Style.FAINT),
            ],
            width=width,
            indent=2 * _INDENT,
        )
    if not proposal.changes and not proposal.by_hand:
        yield from flow(
            [Piece("by hand: ", Style.STRONG), Piece(ByHand.NO_FILE.value)], width=width, indent=2 * _INDENT
        )


def _style(line: str) -> Style:
    if line.startswith(("+++", "---", "@@")):
        return Style.FAINT
    return {"+": Style.GOOD, "-": Style.ERROR}.get(line[:1], Style.NONE)
