"""Where requests come in: one module per framework; `FRAMEWORKS` is the table of all of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from budgetcheck.readers.python.handlers import fastapi
from budgetcheck.readers.python.handlers.base import Code, Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """One framework.

    Attributes:
        marks: words of which every file that registers handlers has one.
        find: the endpoints in such files.
    """

    name: str
    marks: tuple[str, ...]
    find: Callable[[Code], Iterator[Endpoint]]


FRAMEWORKS: tuple[Framework, ...] = (Framework(name="fastapi", marks=fastapi.MARKS, find=fastapi.find),)
