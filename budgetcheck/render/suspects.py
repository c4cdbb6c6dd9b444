"""Which limits can have ended a request, the likeliest first, as text and as a JSON document."""

from collections.abc import Iterator

from budgetcheck.model.duration import show_duration
from budgetcheck.model.suspects import Suspect, Suspects
from budgetcheck.render import RenderOptions
from budgetcheck.render.escape import harmless_json
from budgetcheck.render.json_text import Json, indented
from budgetcheck.render.layout import EMPTY, Line, Piece, Style, flow
from budgetcheck.render.paint import coloured, plain

SCHEMA = "budgetcheck/why/v1"


def render_text(found: Suspects, options: RenderOptions) -> str:
    """The suspects for people."""
    lines = list(_lines(found, options.width))
    return coloured(lines) if options.color else plain(lines)


def render_json(found: Suspects) -> str:
    """The suspects as one JSON document."""
    document: dict[str, Json] = {
        "schema": SCHEMA,
        "request": str(found.answer.asked),
        "status": found.seen.status or None,
        "after_ms": found.seen.after_ms,
        "server": found.seen.server or None,
        "suspects": [_object(suspect) for suspect in found.suspects],
    }
    return harmless_json(indented(document)) + "\n"


def _object(suspect: Suspect) -> Json:
    return {
        "component": suspect.component,
        "title": suspect.title,
        "setting": suspect.setting,
        "fires_ms": suspect.fires_ms,
        "shows": suspect.shows or None,
        "log": suspect.log or None,
        "route": suspect.route,
        "score": suspect.score,
        "reasons": list(suspect.reasons),
        "path": suspect.span.file if suspect.span else None,
        "line": suspect.span.line if suspect.span else None,
    }


def _lines(found: Suspects, width: int) -> Iterator[Line]:
    word, name = found.answer.heading
    yield from flow([Piece(f"{word} "), Piece(name, Style.STRONG), Piece(_seen(found))], width=width)
    yield EMPTY
    if not found.taken:
        yield from flow(
            [Piece(f"Nothing here takes that request. {found.answer.remark}".strip())], width=width
        )
        return
    if not found.suspects:
        yield from flow(
            [Piece("No limit on its way can have done that, as far as these files say.")], width=width
        )
        return
    several = len({suspect.route for suspect in found.suspects}) > 1
    for number, suspect in enumerate(found.suspects, start=1):
        yield from _suspect(number, suspect, width, suspect.route if several else "")


def _seen(found: Suspects) -> str:
    seen = found.seen
    parts = [f"status {seen.status}"] if seen.status else []
    parts += [f"after {show_duration(seen.after_ms)}"] if seen.after_ms is not None else []
    parts += [f"server {seen.server}"] if seen.server else []
    return f": {', '.join(parts)}" if parts else ""


def _suspect(number: int, suspect: Suspect, width: int, route: str) -> Iterator[Line]:
    place = (
        Piece(f"  {suspect.span.place}", Style.PLACE)
        if suspect.span
        else Piece(f"  {suspect.source}", Style.FAINT)
    )
    head = f"{number}. {suspect.title} {suspect.setting} {show_duration(suspect.fires_ms)}"
    yield from flow([Piece(head, Style.STRONG), place], width=width, hang=3)
    if route:
        yield from flow([Piece(f"on route {route}")], width=width, indent=3, hang=5)
    if suspect.reasons:
        yield from flow([Piece("; ".join(suspect.reasons))], width=width, indent=3)
    if suspect.shows:
        yield from flow([Piece(f"the caller sees: {suspect.shows}")], width=width, indent=3, hang=5)
    if suspect.log:
        yield from flow([Piece(f"look for: {suspect.log}")], width=width, indent=3, hang=5)
