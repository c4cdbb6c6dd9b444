"""A terminal with the coloured output of a run, as an SVG: dark on its own ground, so it suits any page."""

from collections.abc import Iterator, Sequence

from rich.style import Style
from rich.text import Text
from svg import MONO, Canvas

WIDTH = 960
COLUMNS = 104
_CELL = 8.8  # width of a character at the size below
_SIZE = 14.6
_LINE = 20.8
_SIDE, _TOP, _BOTTOM = 22, 62, 20
_CARD, _BAR, _EDGE = "#14181d", "#20262d", "#39424c"
_INK, _DIM = "#dfe4ea", "#939daa"
# By the terminal's own number for a colour.
_COLOURS = {1: "#ff7b72", 2: "#7ee787", 3: "#e3b341", 4: "#79b8ff", 6: "#6cd3e0"}
_LIGHTS = ("#ec6a5e", "#f4bf4f", "#61c554")


def terminal(command: str, output: str, title: str) -> str:
    """The picture of `$ command` and what it printed with ANSI styles. Raises ValueError for a long line."""
    lines = [
        Text.assemble(("$ ", "green"), (command, "bold")),
        *Text.from_ansi(output.rstrip("\n")).split("\n"),
    ]
    columns = max(line.cell_len for line in lines)
    if columns > COLUMNS:
        raise ValueError(f"a line of {columns} columns does not fit the picture")
    canvas = Canvas(width=WIDTH, height=round(_TOP + len(lines) * _LINE + _BOTTOM), title=title)
    _frame(canvas, title)
    for number, line in enumerate(lines):
        _line(canvas, line, _TOP + number * _LINE + 10)
    return canvas.markup(MONO)


def _frame(canvas: Canvas, title: str) -> None:
    canvas.rect(0.5, 0.5, canvas.width - 1, canvas.height - 1, rx=10, fill=_CARD, stroke=_EDGE)
    edge = canvas.width - 0.5
    canvas.add(
        "path", d=f"M0.5 38V10.5Q0.5 0.5 10.5 0.5H{edge - 10:g}Q{edge:g} 0.5 {edge:g} 10.5V38Z", fill=_BAR
    )
    for number, colour in enumerate(_LIGHTS):
        canvas.add("circle", cx=22 + 20 * number, cy=19.5, r=6, fill=colour)
    canvas.text(canvas.width / 2, 24, title, font_size=13, fill=_DIM, text_anchor="middle")


def _line(canvas: Canvas, line: Text, y: float) -> None:
    """One element for each stretch of one style; `textLength` keeps columns straight in every font."""
    for column, words, style in _stretches(line):
        canvas.text(
            _SIDE + column * _CELL,
            y,
            words,
            font_size=_SIZE,
            fill=_colour(style),
            textLength=len(words) * _CELL,
            lengthAdjust="spacingAndGlyphs",
            **({"font_weight": 700} if style.bold else {}),
        )


def _stretches(line: Text) -> Iterator[tuple[int, str, Style]]:
    """Column, words and style; neighbours of one style are one, and blanks at either end are left out."""
    styles = [_style(line, at) for at in range(len(line))]
    start = 0
    for at in range(1, len(line) + 1):
        if (
            at < len(line)
            and (styles[at] == styles[start] or line.plain[at] == " ")
            and "   " not in line.plain[start:at]
        ):
            continue
        words = line.plain[start:at]
        if words.strip():
            yield start + len(words) - len(words.lstrip()), words.strip(), _shown(styles, words, start)
        start = at


def _shown(styles: Sequence[Style], words: str, start: int) -> Style:
    return styles[start + len(words) - len(words.lstrip())]


def _style(line: Text, at: int) -> Style:
    found = Style()
    for span in line.spans:
        if span.start <= at < span.end:
            found += span.style if isinstance(span.style, Style) else Style.parse(span.style)
    return found


def _colour(style: Style) -> str:
    if style.dim:
        return _DIM
    return _COLOURS.get(style.color.number, _INK) if style.color else _INK
