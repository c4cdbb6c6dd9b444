"""A place in a file, and what is written there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`text` goes into line `line` (from 1) instead of the columns `start` to `end` (from 0)."""

    line: int
    start: int
    end: int
    text: str


def inside(line: int, start: int, text: str) -> Place:
    """A text in a line, without replacing anything."""
    return Place(line=line, start=start, end=start, text=text)


def below(lines: Sequence[str], line: int, text: str) -> Place:
    """A text as lines of its own behind line number `line`."""
    content = lines[line - 1].rstrip("\r\n")
    return inside(line, len(content), f"\n{text}")


def indent_of(line: str) -> str:
    """The white space that a line begins with."""
    found = re.match(r"[ \t]*", line)
    return found.group() if found else ""
