"""The waterfall of one route as an SVG: lanes of hops on an axis of time, attempts, limits, orphaned work."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest

from svg import SANS, Canvas, Palette
from timeline import Cut, Lane, LimitBar, Segment, Timeline

from budgetcheck.model.duration import show_duration

WIDTH = 960
_LEFT, _RIGHT = 292, 932  # of the axis
_TOP = 122  # of the first lane
_FLAG = 26  # height of the flag above the axis
_BUSY = 22  # height of a busy stretch
_LIMIT = 28  # height of a limit below it
_TRIES = 18  # height of a line about attempts
_LEAST = 36  # height of a lane's name and need
_GAP = 18
_LONGEST_NAME = 31
_LEAST_NUMBERED = 16  # width of a stretch with a number in it
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)


@dataclass(slots=True, kw_only=True)
class _Painter:
    """A picture being painted: canvas, colours and the scale of its axis."""

    canvas: Canvas
    colours: Palette
    most: int
    cut: Cut | None

    @property
    def top(self) -> float:
        """Where the first lane begins."""
        return _TOP + (_FLAG if self.cut else 0)

    def at(self, milliseconds: int) -> float:
        """The place of a moment; what is later than the axis stands at its end."""
        return _LEFT + (_RIGHT - _LEFT) * min(milliseconds / self.most, 1)


def waterfall(drawn: Timeline, heading: str, colours: Palette) -> str:
    """The picture, for a page as light or dark as the palette."""
    canvas = Canvas(width=WIDTH, height=0, title=f"{heading} {gist(drawn)}")
    painter = _Painter(canvas=canvas, colours=colours, most=_scale(drawn), cut=drawn.cut)
    tops = [*accumulate(map(_height, drawn.lanes), initial=painter.top)]
    bottom = tops.pop()
    canvas.height = bottom + (74 if drawn.cut else 44)
    _ground(painter, heading, gist(drawn))
    _axis(painter, bottom)
    for lane, top in zip(drawn.lanes[1:], tops[1:], strict=True):  # not through the hook of a call
        x = 42 if lane.inside else 24
        canvas.line(x, top - _GAP / 2, _RIGHT, top - _GAP / 2, stroke=colours.grid)
    if drawn.cut:
        _cut(painter, drawn.cut, bottom)
    for lane, top in zip(drawn.lanes, tops, strict=True):
        _lane(painter, lane, top)
    _legend(painter, canvas.height - 18)
    return canvas.markup(SANS)


def _height(lane: Lane) -> int:
    rows = _BUSY + _LIMIT * len(lane.limits) + (_TRIES if lane.tries else 0)
    return max(rows, _LEAST) + _GAP


def gist(drawn: Timeline) -> str:
    """What the picture shows, in one or two sentences."""
    cut = drawn.cut
    if cut is None:
        return "Every hop waits until the one behind it is done."
    said = f"answers {cut.symptom}" if cut.symptom.isdigit() else "gives up"
    more = (
        f" and starts {cut.attempts} more {'attempt' if cut.attempts == 1 else 'attempts'}"
        if cut.attempts
        else ""
    )
    after = f"{cut.worker.capitalize()} works on for {show_duration(cut.orphaned)}{more}, for nobody."
    return f"{cut.component} {said} after {show_duration(cut.at)}. {after}"


def _scale(drawn: Timeline) -> int:
    """The end of the axis: all work, and the limits that are not far beyond it."""
    busy = max(segment.stop for lane in drawn.lanes for segment in lane.segments)
    near = [bar.start + bar.length for lane in drawn.lanes for bar in lane.limits]
    return max([1_000, busy, *(end for end in near if end <= 1.6 * busy)]) * 104 // 100


def _ground(painter: _Painter, heading: str, said: str) -> None:
    canvas, colours = painter.canvas, painter.colours
    canvas.raw(
        '<defs><pattern id="orphan" width="7" height="7" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="7" height="7" fill="{colours.bad_wash}"/>'
        f'<rect width="2.5" height="7" fill="{colours.bad}"/></pattern></defs>'
    )
    canvas.rect(0.5, 0.5, WIDTH - 1, canvas.height - 1, rx=10, fill=colours.card, stroke=colours.edge)
    canvas.text(24, 38, heading, font_size=18, font_weight=600, fill=colours.ink)
    canvas.text(24, 62, said, font_size=14.5, fill=colours.bad if painter.cut else colours.soft)


def _axis(painter: _Painter, bottom: float) -> None:
    canvas, colours, cut = painter.canvas, painter.colours, painter.cut
    seconds = painter.most // 1_000
    step = next((one for one in _STEPS if seconds / one <= 8), 1_200)
    canvas.text(24, painter.top - 18, "time since the request", font_size=12.5, fill=colours.soft)
    for moment in range(0, seconds + 1, step):
        x = painter.at(moment * 1_000)
        canvas.line(x, painter.top - 10, x, bottom - 4, stroke=colours.grid)
        if cut and abs(x - painter.at(cut.at)) < 24:  # its flag says the same
            continue
        words = show_duration(moment * 1_000) if moment else "0"
        canvas.text(x, painter.top - 18, words, font_size=12.5, fill=colours.soft, text_anchor="middle")


def _lane(painter: _Painter, lane: Lane, top: float) -> None:
    canvas, colours = painter.canvas, painter.colours
    x = 42 if lane.inside else 24
    if lane.inside:
        canvas.add("path", d=f"M30 {top - 12:g}V{top + 9:g}H38", fill="none", stroke=colours.soft)
    canvas.text(x, top + 13, _short(lane.name), font_size=14, font_weight=600, fill=colours.ink)
    canvas.text(x, top + 31, lane.takes, font_size=12.5, fill=colours.soft)
    _pauses(painter, lane, top)
    for segment in lane.segments:
        _segment(painter, segment, top)
    for name, stretch in _named(painter, lane.segments):
        _attempt(painter, name, stretch, top)
    for number, bar in enumerate(lane.limits):
        _limit(painter, bar, top + _BUSY + _LIMIT * number)
    if lane.tries:
        y = top + _BUSY + _LIMIT * len(lane.limits) + 13
        _words(painter, painter.at(lane.segments[0].start), y, lane.tries, colours.ink)


def _short(name: str) -> str:
    """A name that fits; of a long one whole words from its end, which tells resources of one kind apart."""
    kept = name
    while len(kept) > _LONGEST_NAME and re.search("[_./ -]", kept[1:]):
        kept = f"…{re.split('[_./ -]', kept, maxsplit=1)[1]}"
    return kept[:_LONGEST_NAME]


def _words(painter: _Painter, x: float, y: float, words: str, colour: str) -> None:
    """Words that stay legible on whatever runs behind them; turned left where the right is not free."""
    room = 6.6 * len(words)
    anchor = "start"
    cut = painter.at(painter.cut.at) if painter.cut else 0
    if x < cut < x + room and cut - 8 - room >= _LEFT:
        x, anchor = cut - 8, "end"
    elif x + room > WIDTH - 12:
        anchor = "end"
    halo = {"paint_order": "stroke", "stroke": painter.colours.card, "stroke_width": 4}
    painter.canvas.text(x, y, words, font_size=12.5, fill=colour, text_anchor=anchor, **halo)


def _pauses(painter: _Painter, lane: Lane, top: float) -> None:
    """The backoff between two attempts."""
    for one, following in zip(lane.segments, lane.segments[1:], strict=False):
        if following.start > one.stop and following.number > 1:
            y = top + _BUSY / 2
            looks = {"stroke": painter.colours.soft, "stroke_width": 1.5}
            painter.canvas.line(painter.at(one.stop), y, painter.at(following.start), y, **looks)


def _segment(painter: _Painter, segment: Segment, top: float) -> None:
    canvas, colours = painter.canvas, painter.colours
    start, width = painter.at(segment.start), painter.at(segment.stop) - painter.at(segment.start)
    y, height = (top + 6, _BUSY - 12) if segment.passive else (top, _BUSY)
    looks = {"fill": colours.passive if segment.passive else colours.busy}
    if segment.orphan:
        looks = {"fill": "url(#orphan)", "stroke": colours.bad}
    canvas.rect(start + 0.5, y, max(width - 1, 1.5), height, rx=3, **looks)


def _named(painter: _Painter, segments: Sequence[Segment]) -> Iterator[tuple[int, Segment]]:
    """Each attempt with the stretch that has room for its number: before the caller left, or after."""
    for one, following in zip_longest(segments, segments[1:]):
        if not one.number:
            continue
        goes_on = following is not None and following.start == one.stop and not following.number
        for part in (one, following) if goes_on else (one,):
            if painter.at(part.stop) - painter.at(part.start) >= _LEAST_NUMBERED:
                yield one.number, part
                break


def _attempt(painter: _Painter, number: int, stretch: Segment, top: float) -> None:
    canvas, colours = painter.canvas, painter.colours
    start, stop = painter.at(stretch.start), painter.at(stretch.stop)
    words = f"attempt {number}" if stop - start > 74 else str(number)
    look = {"font_size": 12.5, "font_weight": 600, "text_anchor": "middle"}
    if stretch.orphan:  # words on hatching need a ground of their own
        room = 7.2 * len(words) + 10
        canvas.rect((start + stop - room) / 2, top + 3, room, _BUSY - 6, rx=3, fill=colours.card)
    fill = colours.bad if stretch.orphan else colours.on_busy
    canvas.text((start + stop) / 2, top + 15.5, words, fill=fill, **look)


def _limit(painter: _Painter, bar: LimitBar, top: float) -> None:
    """A line from the start of the wait to the limit, closed by a stop; an arrow where it ends elsewhere."""
    canvas, colours = painter.canvas, painter.colours
    colour = colours.bad if bar.decides else colours.limit
    start, stop = painter.at(bar.start), painter.at(bar.start + bar.length)
    beyond = bar.start + bar.length > painter.most
    y = top + 8
    looks = {"stroke": colour, "stroke_width": 2 if bar.decides else 1.5}
    if not bar.written:
        looks["stroke_dasharray"] = "4 3"
    canvas.line(start, y, stop, y, **looks)
    if beyond:
        head = f"M{stop - 6:g} {y - 4:g}L{stop:g} {y:g}L{stop - 6:g} {y + 4:g}"
        canvas.add("path", d=head, fill="none", stroke=colour)
    else:
        canvas.line(stop, y - 5, stop, y + 5, stroke=colour, stroke_width=2.5)
    _words(painter, start, y + 17, f"{bar.setting} {show_duration(bar.length)}  ({bar.said})", colour)


def _cut(painter: _Painter, cut: Cut, bottom: float) -> None:
    """The line at which nobody waits any more, and what goes on after it."""
    canvas, colours = painter.canvas, painter.colours
    x, end = painter.at(cut.at), painter.at(cut.at + cut.orphaned)
    canvas.line(x, painter.top - 40, x, bottom + 12, stroke=colours.bad, stroke_width=2)
    words = f"{show_duration(cut.at)}: {cut.component} " + (
        f"answers {cut.symptom}" if cut.symptom.isdigit() else "gives up"
    )
    room = 7.6 * len(words) + 16
    middle = min(max(x, _LEFT + room / 2), _RIGHT - room / 2)
    canvas.rect(middle - room / 2, painter.top - 62, room, 24, rx=4, fill=colours.bad)
    look = {"font_size": 13, "font_weight": 600, "text_anchor": "middle"}
    canvas.text(middle, painter.top - 45.5, words, fill=colours.on_bad, **look)
    y = bottom + 6
    canvas.add(
        "path", d=f"M{x:g} {y:g}H{end:g}M{end:g} {y - 5:g}V{y + 5:g}", stroke=colours.bad, stroke_width=2
    )
    said = f"{show_duration(cut.orphaned)} of work for nobody"
    canvas.text((x + end) / 2, y + 18, said, fill=colours.bad, **look)


def _legend(painter: _Painter, y: float) -> None:
    canvas, colours = painter.canvas, painter.colours
    look = {"font_size": 12.5, "fill": colours.soft}
    canvas.rect(24, y - 11, 22, 12, rx=2, fill=colours.busy)
    canvas.text(52, y, "waiting", **look)
    canvas.rect(118, y - 8, 22, 6, rx=2, fill=colours.passive)
    canvas.text(146, y, "passing it on", **look)
    _key(painter, 248, y, "limit in a file")
    _key(painter, 382, y, "default, in no file", stroke_dasharray="4 3")
    if painter.cut:
        canvas.rect(550, y - 11, 22, 12, rx=2, fill="url(#orphan)", stroke=colours.bad)
        canvas.text(578, y, "work that nobody waits for any more", **look)


def _key(painter: _Painter, x: float, y: float, words: str, **looks: object) -> None:
    """A limit in the legend."""
    canvas, colours = painter.canvas, painter.colours
    canvas.line(x, y - 5, x + 22, y - 5, stroke=colours.limit, stroke_width=1.5, **looks)
    canvas.line(x + 22, y - 10, x + 22, y, stroke=colours.limit, stroke_width=2.5)
    canvas.text(x + 30, y, words, font_size=12.5, fill=colours.soft)
