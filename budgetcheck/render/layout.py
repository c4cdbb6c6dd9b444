"""Lines of styled pieces: word wrap and columns, the same with and without colour.

Styles are names here; `paint` gives them their looks. A piece can only be made from harmless text, and a
finished line is guarded as a whole, because a wrap can bring anything to its start.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from budgetcheck.render.escape import command_breaks, visible

GAP = 3
"""Blanks between two columns."""

_WIDEST_COLUMN = 44  # a longer cell pushes its own row only
_WORD = re.compile(r"( *)([^ ]+)")


class Style(Enum):
    """What a piece of text is, for whoever gives it a colour."""

    NONE = "none"
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    GOOD = "good"
    STRONG = "strong"
    PLACE = "place"
    FAINT = "faint"


@dataclass(frozen=True, slots=True)
class Piece:
    """Printable text of one style."""

    text: str
    style: Style = Style.NONE

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", visible(self.text))


Line = tuple[Piece, ...]
EMPTY: Line = ()


def text_of(line: Line) -> str:
    """The words of a line."""
    return "".join(part.text for part in line)


def blanks(count: int) -> Piece:
    """So many spaces."""
    return Piece(" " * count)


def flow(pieces: Iterable[Piece], *, width: int, indent: int = 0, hang: int | None = None) -> list[Line]:
    """Wraps between words; `indent` of the first line, `hang` of the further ones (default: the same).

    Words are never broken: a path must stay one that can be copied.
    """
    further = indent if hang is None else hang
    lines: list[Line] = []
    current, used, pending = [blanks(indent)], indent, 0
    for part in pieces:
        rest = part.text
        for gap, word in _WORD.findall(rest):
            gap_size, pending = len(gap) + pending, 0
            started = len(current) > 1
            if started and used + gap_size + len(word) > width:
                lines.append(tuple(current))
                current, used, gap_size, started = [blanks(further)], further, 0, False
            space = " " * gap_size if started else ""
            current.append(Piece(space + word, part.style))
            used += len(space) + len(word)
        pending += len(rest) - len(rest.rstrip(" "))
    return [*lines, tuple(current)] if len(current) > 1 else lines


def columns(
    rows: Sequence[Sequence[Piece]],
    *,
    width: int,
    indent: int,
    least: Sequence[int] = (),
    prefix: Line = EMPTY,
) -> list[Line]:
    """Rows of cells under one another; what does not fit goes on below the second column.

    `least` holds smallest widths of the first columns; `prefix` stands in front of every line, within the
    indent. Leading blanks of a cell are kept.
    """
    starts = _starts(rows, indent, least)
    lead = (*prefix, blanks(indent - len(text_of(prefix))))
    return [line for row in rows for line in _row(row, starts, width, lead)]


def _starts(rows: Sequence[Sequence[Piece]], indent: int, least: Sequence[int]) -> list[int]:
    """Where each column starts: wide enough for every cell that something follows."""
    starts = [indent]
    for index in range(max((len(row) for row in rows), default=0)):
        cells = (len(row[index].text) for row in rows if index < len(row) - 1)
        fitting = [size for size in cells if size <= _WIDEST_COLUMN]
        starts.append(starts[-1] + max([*fitting, *least[index : index + 1]], default=0) + GAP)
    return starts


def _row(cells: Sequence[Piece], starts: Sequence[int], width: int, lead: Line) -> list[Line]:
    indent = len(text_of(lead))
    hang = starts[1] if len(starts) > 1 and starts[1] <= width // 2 else indent + 2 * GAP
    lines: list[Line] = []
    current, used = list(lead), indent
    for index, cell in enumerate(cells):
        if not cell.text:
            continue
        start = max(starts[index], used + 2) if used > indent else starts[index]
        if used > indent and start + len(cell.text) > width:
            lines.append(tuple(current))
            current, used, start = list(lead), indent, hang
        start += len(cell.text) - len(cell.text.lstrip(" "))
        wrapped = flow([cell], width=width - start, indent=0)
        if not wrapped:
            continue
        current += [blanks(start - used), *wrapped[0]]
        used = start + len(text_of(wrapped[0]))
        for further in wrapped[1:]:
            lines.append(tuple(current))
            current = [*lead, blanks(start - indent), *further]
            used = start + len(text_of(further))
    return [*lines, tuple(current)] if used > indent else lines


def finished(line: Line) -> Line:
    """The line without trailing blanks and without anything a CI runner takes for a command."""
    words = text_of(line).rstrip()
    cuts = [cut for cut in command_breaks(words) if cut < len(words)]
    parts: list[Piece] = []
    offset = 0
    for part in line:
        kept = part.text[: max(len(words) - offset, 0)]
        inside = [cut - offset for cut in cuts if offset <= cut < offset + len(kept)]
        for cut in reversed(inside):
            kept = f"{kept[:cut]} {kept[cut:]}"
        offset += len(part.text)
        if kept:
            parts.append(Piece(kept, part.style))
    return tuple(parts)
