"""One module per output format, each a pure function from a report to text.

`FORMATS` is the table of all of them; adding a format is one module and one line here. Renderers import only
the model, and everything that stands in the user's files passes through `escape` on its way out.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:  # the model costs more to load than all of `budgetcheck --version` otherwise takes
    from collections.abc import Callable

    from budgetcheck.model.report import Report

PLAIN_WIDTH = 100
"""Columns of the text report where nobody says how wide the terminal is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    """How a report is to look; formats for machines heed none of it.

    Attributes:
        width: columns at which text wraps.
        color: styles may be used (text only).
        ascii_only: the chains are drawn with ASCII characters.
        quiet: findings and counts only.
        kinds: what kinds of files are understood, for a run that recognised nothing.
    """

    width: int = PLAIN_WIDTH
    color: bool = False
    ascii_only: bool = False
    quiet: bool = False
    kinds: tuple[str, ...] = ()


Render: TypeAlias = "Callable[[Report, RenderOptions], str]"

FORMATS: dict[str, str] = {
    "text": "budgetcheck.render.text:render",
    "json": "budgetcheck.render.json_v1:render",
}
"""Name of the format -> `module:function`, imported only when the format is asked for."""


def load(name: str) -> Render:
    """The renderer of a format. Raises KeyError for a name that is not in `FORMATS`."""
    module, _, function = FORMATS[name].partition(":")
    loaded: Render = getattr(import_module(module), function)
    return loaded
