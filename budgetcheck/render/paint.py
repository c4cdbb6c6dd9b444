"""Turns finished lines into text: bare, or with terminal styles through rich.

Both hold the same words. rich is imported only where colour is wanted.
"""

from collections.abc import Sequence

from budgetcheck.render.layout import Line, Style, finished, text_of

_LOOKS = {
    Style.NONE: "",
    Style.ERROR: "bold red",
    Style.WARNING: "bold yellow",
    Style.NOTE: "bold blue",
    Style.GOOD: "green",
    Style.STRONG: "bold",
    Style.PLACE: "cyan",
    Style.FAINT: "dim",
}


def plain(lines: Sequence[Line]) -> str:
    """The words alone, each line ended by a newline."""
    return "".join(f"{text_of(finished(line))}\n" for line in lines)


def coloured(lines: Sequence[Line]) -> str:
    """The same with ANSI styles; whether to use them has been decided, the environment is not asked again."""
    from rich.color import ColorSystem
    from rich.style import Style as RichStyle

    looks = {style: RichStyle.parse(look) for style, look in _LOOKS.items() if look}

    def dressed(line: Line) -> str:
        return "".join(
            looks[part.style].render(part.text, color_system=ColorSystem.STANDARD)
            if part.style in looks
            else part.text
            for part in finished(line)
        )

    return "".join(f"{dressed(line)}\n" for line in lines)
