"""One finding as Markdown: message, proof, consequence, notes and remedies."""

from budgetcheck.model.findings import Finding
from budgetcheck.render.layout import EMPTY, Line
from budgetcheck.render.markdown_text import fence, prose
from budgetcheck.render.paint import plain
from budgetcheck.render.prose import remedy_line, where
from budgetcheck.render.text_finding import proof

MOST_STEPS = 60
"""Steps of a proof beyond this many are counted only."""
_WIDTH = 110


def body(finding: Finding) -> list[str]:
    """The finding's lines, without an empty one at either end."""
    blocks = [[prose(finding.message)]]
    if finding.steps:
        blocks.append(fence(proof_lines(finding)))
    if finding.consequence:
        blocks.append([prose(finding.consequence)])
    aside = [f"- {prose(text)}" for text in (where(finding), *finding.notes) if text]
    aside += [f"- remedy: {prose(remedy_line(fix))}" for fix in finding.fixes]
    blocks += [aside] if aside else []
    return [line for block in blocks for line in ("", *block)][1:]


def proof_lines(finding: Finding) -> list[str]:
    """The arithmetic as text, to stand in a fence."""
    steps = finding.steps[:MOST_STEPS]
    lines: list[Line] = [*proof(steps, _WIDTH), EMPTY]
    left = len(finding.steps) - len(steps)
    more = [f"and {left} more steps; --format json lists them all"] if left else []
    return [*plain(lines).splitlines()[:-1], *more]
