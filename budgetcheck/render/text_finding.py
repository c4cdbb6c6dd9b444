"""One finding as text: what and where, the proof line by line, what follows, and the remedies."""

from collections.abc import Sequence

from budgetcheck.model.findings import Confidence, Finding, Fix, Severity, Step
from budgetcheck.render.layout import GAP, Line, Piece, Style, columns, flow
from budgetcheck.render.words import listing

SEVERITY_STYLES = {
    Severity.ERROR: Style.ERROR,
    Severity.WARNING: Style.WARNING,
    Severity.NOTE: Style.NOTE,
}

_INDENT = 2
_CLAIM = 27  # least width of the first column: proofs of several findings line up


def show_finding(finding: Finding, width: int) -> list[Line]:
    """The finding's lines, without an empty one."""
    lines = header(finding, width)
    if not _proof_says_it_all(finding):
        message = [Piece(finding.message), Piece(" "), Piece(f" {finding.span.place}", Style.PLACE)]
        lines += flow(message, width=width, indent=_INDENT, hang=2 * _INDENT)
    lines += proof(finding.steps, width)
    if finding.consequence:
        lines += flow([Piece(finding.consequence)], width=width, indent=_INDENT)
    for note in finding.notes:
        lines += _labelled("note: ", [Piece(note)], width)
    return [*lines, *_remedies(finding, width)]


def header(finding: Finding, width: int) -> list[Line]:
    """Severity, rule and where it holds."""
    style = SEVERITY_STYLES[finding.severity]
    pieces = [
        Piece(f"{finding.severity.label} ", style),
        Piece(f"{finding.rule} {finding.name}", Style.STRONG),
    ]
    if finding.since_base:
        new = finding.since_base == "new"
        pieces.append(Piece(f"  {finding.since_base}", Style.STRONG if new else Style.FAINT))
    where = _where(finding)
    if where:
        pieces.append(Piece(f"  {where}"))
    if finding.confidence is not Confidence.HIGH:
        pieces.append(Piece(f"  ({finding.confidence.label} confidence)", Style.FAINT))
    return flow(pieces, width=width, hang=2 * _INDENT)


def _where(finding: Finding) -> str:
    routes, environments = finding.routes, finding.environments
    parts = []
    if routes:
        parts.append(f"{'route' if len(routes) == 1 else 'routes'} {listing(routes)}")
    if environments:
        parts.append(f"in {listing(environments)}")
    return " ".join(parts)


def _proof_says_it_all(finding: Finding) -> bool:
    """The steps of a pair begin with both claims, so the message would only repeat them."""
    paired = finding.outer is not None and finding.inner is not None
    return paired and finding.budget_ms is not None and bool(finding.steps)


def proof(steps: Sequence[Step], width: int) -> list[Line]:
    """Steps as one grid; the first two cells of factors under a claim share the claim's column."""
    factor_widths = _factor_widths(steps)
    rows = [_step_row(step, factor_widths.get(step.indent, 0)) for step in steps]
    return columns(rows, width=width, indent=_INDENT, least=[_CLAIM])


def _factor_widths(steps: Sequence[Step]) -> dict[int, int]:
    widths: dict[int, int] = {}
    for step in steps:
        cells = _cells(step)
        if step.indent and len(cells) > 1:
            widths[step.indent] = max(widths.get(step.indent, 0), len(Piece(cells[0]).text))
    return widths


def _step_row(step: Step, factor_width: int) -> list[Piece]:
    cells = _cells(step)
    if step.indent:
        factor = Piece(cells[0]).text
        if len(cells) > 1:
            factor = f"{factor:<{factor_width}}{' ' * GAP}{cells[1]}"
        cells = [" " * _INDENT * step.indent + factor, *cells[2:]]
    row = [Piece(cell) for cell in cells]
    if step.span is not None and step.span.file:
        row.append(Piece(step.span.place, Style.PLACE))
    return row


def _cells(step: Step) -> list[str]:
    return step.text.split("\t")


def _remedies(finding: Finding, width: int) -> list[Line]:
    label = "remedy: " if len(finding.fixes) == 1 else "remedies: "
    lines: list[Line] = []
    for fix in finding.fixes:
        lines += _labelled(" " * len(label) if lines else label, _fix(fix, finding), width)
    return lines


def _fix(fix: Fix, finding: Finding) -> list[Piece]:
    pieces = [Piece(fix.text)]
    if fix.cost:
        pieces.append(Piece(f" ({fix.cost})"))
    if fix.breaks:
        pieces.append(Piece(f" -> {fix.breaks}"))
    proved = {step.span.place for step in finding.steps if step.span is not None} | {finding.span.place}
    places = list(dict.fromkeys(edit.span.place for edit in fix.edits if edit.span.place not in proved))
    if places:
        pieces.append(Piece(f" [{listing(places)}]", Style.PLACE))
    return pieces


def _labelled(label: str, pieces: Sequence[Piece], width: int) -> list[Line]:
    """A paragraph behind a label, its further lines below its first word."""
    hang = _INDENT + len(label)
    lines = flow(pieces, width=width, indent=hang)
    if not lines:
        return []
    first = (Piece(f"{'':{_INDENT}}{label}", Style.FAINT), *lines[0][1:])
    return [first, *lines[1:]]
