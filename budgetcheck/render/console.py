"""What the terminal can show: colour, line drawing, width. Pure decisions over what the caller found."""

import codecs
from collections.abc import Mapping

from budgetcheck.render import PLAIN_WIDTH

_NARROWEST, _WIDEST = 60, 140


def wants_color(choice: str, environment: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether to colour: the option decides, then NO_COLOR, then FORCE_COLOR, then whether somebody looks.

    https://no-color.org, https://bixense.com/clicolors/ and https://force-color.org agree that a variable
    counts when it is set and not empty.
    """
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if any(environment.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return terminal and environment.get("TERM") != "dumb" and environment.get("CLICOLOR") != "0"


def text_width(columns: int, *, terminal: bool) -> int:
    """Columns to wrap at: the terminal's within reason, otherwise always the same."""
    return min(max(columns, _NARROWEST), _WIDEST) if terminal else PLAIN_WIDTH


def draws_boxes(encoding: str | None) -> bool:
    """Whether an output declared to be in that encoding shows box characters."""
    try:
        return codecs.lookup(encoding or "utf-8").name == "utf-8"
    except LookupError:
        return False
