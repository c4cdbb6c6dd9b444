"""The chains of the routes, drawn outermost to innermost: limits, who set them, and what they add up to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from budgetcheck.model.bound import ONE, Bound
from budgetcheck.model.duration import show_duration
from budgetcheck.model.limits import Limit, Meaning, Origin
from budgetcheck.model.report import HopReport, Report, RouteReport, Verdict
from budgetcheck.model.topology import Hop, Layer, MethodClass, method_classes
from budgetcheck.render.layout import Line, Piece, Style, blanks, columns, flow
from budgetcheck.render.words import MEANINGS, VERDICTS, duration, link, number, origin, worst_case

_FEW = 5
"""So many routes are all drawn, the ones without a finding too."""

_MOST = 20
"""More drawings than this are not looked at."""

_WIDEST = (36, 16)
"""Longer settings and values push their own row only."""

_VERDICT_STYLES = {
    Verdict.FITS: Style.GOOD,
    Verdict.EXCEEDS: Style.ERROR,
    Verdict.CANNOT_TELL: Style.WARNING,
    Verdict.NOT_COMPARED: Style.FAINT,
}

_WORST_FIRST = (Verdict.EXCEEDS, Verdict.CANNOT_TELL, Verdict.FITS, Verdict.NOT_COMPARED)

_DECIDING = frozenset(
    {
        Meaning.TOTAL,
        Meaning.PER_ATTEMPT,
        Meaning.FIRST_BYTE,
        Meaning.IDLE,
        Meaning.HEADER_TOTAL_BODY_IDLE,
        Meaning.HEARTBEAT,
    }
)
"""Meanings worth a row also where nobody wrote the number; the rest is in the JSON report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strokes:
    first: str
    middle: str
    last: str
    down: str


_BOX = _Strokes(first="┌ ", middle="├ ", last="└ ", down="│ ")
_ASCII = _Strokes(first="+ ", middle="+ ", last="+ ", down="| ")


def show_routes(report: Report, *, width: int, ascii_only: bool) -> Iterator[list[Line]]:
    """One block of lines per route worth drawing, then how many more there are."""
    chosen = _chosen(report)
    for route in chosen[:_MOST]:
        yield draw_route(route, width=width, ascii_only=ascii_only)
    if len(chosen) > _MOST:
        left = len(chosen) - _MOST
        yield flow([Piece(f"{left} more routes with findings; --format json lists them all")], width=width)


def _chosen(report: Report) -> list[RouteReport]:
    if len(report.routes) <= _FEW:
        return sorted(report.routes, key=lambda item: _WORST_FIRST.index(item.verdict))
    everywhere = {name for finding in report.findings if not finding.environments for name in finding.routes}
    somewhere = {
        (name, environment)
        for finding in report.findings
        for name in finding.routes
        for environment in finding.environments
    }
    found = (
        item
        for item in report.routes
        if item.route.name in everywhere or (item.route.name, item.route.environment) in somewhere
    )
    return sorted(found, key=lambda item: _WORST_FIRST.index(item.verdict))


def draw_route(item: RouteReport, *, width: int, ascii_only: bool, every: bool = False) -> list[Line]:
    """The heading and the hops, a handler's calls further in; `every` limit, or those that matter."""
    strokes = _ASCII if ascii_only else _BOX
    lines = _heading(item, width)
    handled = any(part.hop.layer is Layer.HANDLER for part in item.hops)
    calls = [part for part in item.hops if handled and part.hop.layer is Layer.CALL]
    chain = [part for part in item.hops if part not in calls]
    sizes = _column_widths(item, every=every)
    classes = method_classes(item.route.methods)
    for index, part in enumerate(chain):
        node, below = _marks(index, len(chain), strokes)
        lines += _hop(part, f"  {node}", f"  {below}", width, sizes, classes, every=every)
    for index, part in enumerate(calls):
        _, below = _marks(index, len(calls), strokes)
        node = strokes.last if index == len(calls) - 1 else strokes.middle
        inner = [sizes[0] - 2, *sizes[1:]]
        lines += _hop(part, f"    {node}", f"    {below}", width, inner, classes, every=every)
    return lines + _capacity(item, width)


def _capacity(item: RouteReport, width: int) -> list[Line]:
    found = item.capacity
    if found is None:
        return []
    places = ", ".join(dict.fromkeys(span.place for span in found.slots.spans))
    return flow([Piece(f"{found.text} "), Piece(f" {places}", Style.PLACE)], width=width, indent=2, hang=4)


def _column_widths(item: RouteReport, *, every: bool) -> list[int]:
    """Widths of the setting and the value, so that the columns of all hops stand below one another."""
    classes = method_classes(item.route.methods)
    rows = [row for part in item.hops for row in _rows(part, classes, every=every)]
    return [
        max((size for row in rows if (size := len(row[index].text)) <= most), default=0)
        for index, most in enumerate(_WIDEST)
    ]


def _heading(item: RouteReport, width: int) -> list[Line]:
    route = item.route
    methods = "" if route.name.startswith(route.methods) else "/".join(route.methods)
    details = ", ".join(part for part in (methods, route.environment) if part)
    verdict = VERDICTS[item.verdict]
    if item.verdict is Verdict.FITS and item.slack_ms is not None:
        verdict += f" with {show_duration(item.slack_ms)} to spare"
    pieces = [Piece("route "), Piece(route.name, Style.STRONG)]
    if details:
        pieces.append(Piece(f" ({details})"))
    pieces += [Piece(": "), Piece(verdict, _VERDICT_STYLES[item.verdict])]
    return flow(pieces, width=width, hang=4)


def _marks(index: int, count: int, strokes: _Strokes) -> tuple[str, str]:
    """What stands before a node and before the lines below it."""
    if index == count - 1:
        return strokes.last, "  "
    return (strokes.middle if index else strokes.first), strokes.down


def _hop(
    part: HopReport,
    node: str,
    below: str,
    width: int,
    sizes: Sequence[int],
    classes: Sequence[MethodClass],
    *,
    every: bool,
) -> list[Line]:
    """A hop with its worst case and its limits; `node` and `below` are the strokes on its left."""
    depth = len(node)
    linked = "" if part.hop.layer is Layer.CALL else link(part.evidence)
    worst = {methods: case for methods, case in part.worst_case.items() if methods in classes}
    tail = "; ".join(text for text in (worst_case(worst), linked) if text)
    pieces = [Piece(hop_name(part.hop), Style.STRONG), Piece(f"  {tail}")]
    first, *further = flow(pieces, width=width, indent=depth, hang=depth + 2)
    down = Piece(below, Style.FAINT)
    lines = [(Piece(node, Style.FAINT), *first[1:])]
    lines += [(down, blanks(2), *line[1:]) for line in further]
    rows = _rows(part, classes, every=every)
    return lines + columns(rows, width=width, indent=depth + 2, least=sizes, prefix=(down,))


def hop_name(hop: Hop) -> str:
    """Component and title, the component once."""
    named = hop.title.startswith(hop.component) or hop.title.endswith(f"({hop.component})")
    return hop.title if named else f"{hop.component} {hop.title}"


def _rows(part: HopReport, classes: Sequence[MethodClass], *, every: bool) -> list[list[Piece]]:
    hop = part.hop
    rows = [_limit_row(limit, hop.component) for limit in hop.limits if every or _drawn(limit)]
    attempts = _attempts(hop, classes)
    count = hop.retry.count
    if any(made != ONE for made in attempts) or (count is not None and count.written):
        rows.append(_attempts_row(hop, attempts))
    return rows + [row for layer in part.layers for row in _layer_rows(layer)]


def _layer_rows(layer: Hop) -> list[list[Piece]]:
    """What stands round a call in code: a deadline, retries."""
    found = [
        [Piece(f"in {layer.component}"), *_limit_row(limit, layer.component)[1:]]
        for limit in layer.limits
        if _drawn(limit) or limit.meaning is Meaning.TOTAL
    ]
    if layer.retry.attempts != ONE:
        tries = _attempts_row(layer, [layer.retry.attempts])
        found.append([Piece(f"in {layer.component}"), Piece(f"{tries[1].text} attempts"), *tries[2:]])
    return found


def _attempts(hop: Hop, classes: Sequence[MethodClass]) -> list[Bound]:
    by_class = {
        MethodClass.IDEMPOTENT: hop.retry.attempts,
        MethodClass.NON_IDEMPOTENT: hop.retry.attempts_unsafe,
    }
    return [by_class[methods] for methods in classes]


def _attempts_row(hop: Hop, attempts: Sequence[Bound]) -> list[Piece]:
    """How often the hop tries; without a count the number follows from the upstreams it has."""
    safe, unsafe = number(attempts[0]), number(attempts[-1])
    row = [Piece("attempts"), Piece(safe if safe == unsafe else f"{safe}; POST and PATCH {unsafe}")]
    count = hop.retry.count
    if count is None:
        return row
    if count.setting not in count.source:
        row.append(Piece(count.setting, Style.FAINT))
    return [*row, Piece(origin(count, hop.component), _origin_style(count.written))]


def _drawn(limit: Limit) -> bool:
    """What somebody wrote or could not be resolved, and the defaults that end the wait for an answer."""
    unwritten = limit.origin in (Origin.DEFAULT, Origin.CAP)
    return not unwritten or (limit.of_answer and limit.meaning in _DECIDING)


def _limit_row(limit: Limit, component: str) -> list[Piece]:
    return [
        Piece(limit.setting),
        Piece(duration(limit.bound)),
        Piece(MEANINGS[limit.meaning], Style.FAINT),
        Piece(origin(limit, component), _origin_style(limit.written)),
    ]


def _origin_style(written: bool) -> Style:
    return Style.PLACE if written else Style.FAINT
