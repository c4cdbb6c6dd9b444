"""The parts of the page that are no Python: its style, its scripts and its template."""

from functools import cache
from importlib.resources import files

SCRIPTS = ("bound", "series", "budget", "model", "drawing", "whatif", "page")
"""In the order in which they build on one another."""


@cache
def asset(name: str) -> str:
    """The text of a file in this package."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def script(name: str) -> str:
    """One script by its name."""
    return asset(f"{name}.js")
