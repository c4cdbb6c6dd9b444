"""The end of the text report: counts, what is missing and how to supply it, and what to do next."""

import json
from collections.abc import Sequence

from budgetcheck.model.findings import Severity
from budgetcheck.model.report import OpenEnd, Report, UnresolvedItem, Verdict
from budgetcheck.render import RenderOptions
from budgetcheck.render.layout import EMPTY, Line, Piece, Style, columns, flow
from budgetcheck.render.prose import since_base
from budgetcheck.render.text_finding import SEVERITY_STYLES
from budgetcheck.render.words import VERDICTS, counted, duration, listing

_MOST = 12
"""So many unresolved settings and open ends are listed; after that, how many more."""

_LABEL = 11


def closing(report: Report, options: RenderOptions) -> list[Line]:
    """The last part of the report. `quiet` leaves the counts and the next step."""
    lines: list[Line] = []
    if not options.quiet:
        lines += _unresolved(report.unresolved, options.width)
        lines += _open_ends(report.open_ends, options.width)
    if report.recognised or report.findings:
        lines += _counts(report, options.width)
    return [*lines, *flow(_next_step(report, options.kinds), width=options.width)]


def _counts(report: Report, width: int) -> list[Line]:
    return [
        line
        for label, pieces in (
            ("findings", _finding_counts(report)),
            ("routes", _route_counts(report)),
            ("joints", _joint_counts(report)),
        )
        for line in flow([Piece(f"{label:<{_LABEL}}"), *pieces], width=width, hang=_LABEL)
    ]


def _finding_counts(report: Report) -> list[Piece]:
    pieces: list[Piece] = []
    for severity in sorted(Severity, reverse=True):
        number = report.count(severity)
        style = SEVERITY_STYLES[severity] if number else Style.NONE
        pieces += [Piece(counted(number, severity.label), style), Piece(", ")]
    since = since_base(report)
    return [*pieces, Piece(f"{len(report.suppressed)} suppressed{f'; {since}' if since else ''}")]


def _route_counts(report: Report) -> list[Piece]:
    verdicts = [item.verdict for item in report.routes]
    parts = [f"{verdicts.count(verdict)} {_plural(verdict, verdicts.count(verdict))}" for verdict in Verdict]
    return [Piece(", ".join(parts))]


def _plural(verdict: Verdict, number: int) -> str:
    if number != 1 and verdict in (Verdict.FITS, Verdict.EXCEEDS):
        return {Verdict.FITS: "fit", Verdict.EXCEEDS: "exceed"}[verdict]
    return VERDICTS[verdict]


def _joint_counts(report: Report) -> list[Piece]:
    joints = report.joints
    text = f"{joints.proven} proven, {joints.broken} broken, {joints.cannot_tell} cannot tell"
    aside = " (the neighbour is not in these files)" if joints.open else ""
    return [Piece(f"{text}, {joints.open} open{aside}")]


def _unresolved(items: Sequence[UnresolvedItem], width: int) -> list[Line]:
    if not items:
        return []
    rows = [
        [
            Piece(item.setting, Style.STRONG),
            Piece(item.span.place, Style.PLACE),
            Piece("; ".join(part for part in (item.reason, item.needs) if part)),
        ]
        for item in items[:_MOST]
    ]
    lines = [(Piece("unresolved", Style.STRONG),), *columns(rows, width=width, indent=2)]
    return [*lines, *_more(len(items), width), EMPTY]


def _open_ends(ends: Sequence[OpenEnd], width: int) -> list[Line]:
    if not ends:
        return []
    lines: list[Line] = [(Piece("open ends", Style.STRONG),)]
    for end in ends[:_MOST]:
        lines += flow(_open_end(end), width=width, indent=2, hang=4)
        if end.candidates:
            lines += flow([Piece(_declaration(end))], width=width, indent=6)
    return [*lines, *_more(len(ends), width), EMPTY]


def _more(number: int, width: int) -> list[Line]:
    if number <= _MOST:
        return []
    return flow([Piece(f"and {number - _MOST} more; --format json lists them all")], width=width, indent=2)


def _open_end(end: OpenEnd) -> list[Piece]:
    pieces = [Piece(end.hop.address, Style.STRONG), Piece(f" {open_end_text(end)}")]
    if not end.candidates:
        return [*pieces, Piece("; no candidate in these files: add the ones that declare it")]
    pieces.append(Piece(f"; {'candidate' if len(end.candidates) == 1 else 'candidates'}: "))
    pieces.append(Piece(listing(end.candidates, 4)))
    if end.agreed is not None:
        which = "it" if len(end.candidates) == 1 else "any of them"
        pieces.append(Piece(f" (with {which} the verdict is: {VERDICTS[end.agreed]})"))
    return [*pieces, Piece("; declare the right one in budgetcheck.yaml:")]


def _declaration(end: OpenEnd) -> str:
    """What to write for the first candidate."""
    outer, inner = end.candidates[0], end.hop.address
    if end.side == "inner":
        outer, inner = inner, outer
    # Quoted as in JSON, which YAML reads: an address may hold any character.
    return f"links: [{{outer: {json.dumps(outer)}, inner: {json.dumps(inner)}}}]"


def open_end_text(end: OpenEnd) -> str:
    """What the hop grants or needs, as the end of a sentence about it."""
    if end.side == "outer":
        if end.needs is None:
            return "has nothing in front of it"
        need = "an endless wait" if end.needs.unlimited else duration(end.needs)
        return f"needs {'up to ' if end.needs.value else ''}{need} from what stands in front of it"
    if end.grants is None:
        return "sends requests to something that is not in these files"
    return f"grants {duration(end.grants)} to what it sends requests to"


def _next_step(report: Report, kinds: Sequence[str]) -> list[Piece]:
    """What the outcome is worth, then where to begin."""
    worst = max((finding.severity for finding in report.findings), default=Severity.NOTE)
    if not _checked(report) or worst is Severity.NOTE:
        pieces = _coverage(report, kinds)
    else:
        pieces = [] if worst is Severity.ERROR else [Piece("No error was found. ")]
    if worst > Severity.NOTE:
        first = next(finding for finding in report.findings if finding.severity is worst)
        pieces.append(Piece(f"Start with the first {worst.label}: `budgetcheck explain {first.rule}` tells"))
        pieces.append(Piece(" what it means and what helps."))
    return pieces


def _checked(report: Report) -> bool:
    """Something was compared, or something is wrong with the system itself (BC9xx are about the reading)."""
    about_the_system = any(not finding.rule.startswith("BC9") for finding in report.findings)
    return bool(report.recognised and report.joints.checked) or about_the_system


def _coverage(report: Report, kinds: Sequence[str]) -> list[Piece]:
    """How much of the system the silence is about."""
    joints = report.joints
    if not report.recognised:
        understood = listing(kinds, len(kinds)) or "configuration of the hops on a request's way"
        return [
            Piece("Nothing was recognised in the given files. ", Style.WARNING),
            Piece(f"budgetcheck understands: {understood}. Give it the files of two neighbours. "),
        ]
    if not joints.checked:
        return [
            Piece("Not checked: ", Style.WARNING),
            Piece(
                "no two neighbours with known limits were found in these files. Add the files of the missing"
            ),
            Piece(" neighbours or declare the links; --allow-unchecked accepts this. "),
        ]
    if joints.broken:  # nothing above a note says so
        return [
            Piece(f"{counted(joints.broken, 'broken joint')} left: ", Style.WARNING),
            Piece("the finding is suppressed, known from the baseline, or a note."),
        ]
    if joints.cannot_tell or joints.open or report.unresolved:
        return [
            Piece("What could be compared fits. ", Style.GOOD),
            Piece("Supply what is listed as unresolved or open to have the rest checked."),
        ]
    return [Piece("Every joint is proven: each inner limit fits inside the outer one.", Style.GOOD)]
