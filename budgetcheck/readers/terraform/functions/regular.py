"""Regular expressions of the RE2 dialect, in time linear in pattern and text.

Terraform matches with Go's engine, whose dialect and rules (leftmost, first alternative, no backtracking
into the past) are not those of Python's `re`; and a pattern in somebody's pull request must not be able to
keep the checker busy for ever. This is the part of the dialect that configurations use
(https://github.com/google/re2/wiki/Syntax); anything else is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from budgetcheck.readers.terraform.functions.regular_syntax import (
    WORD,
    CharacterClass,
    Parser,
    PatternError,
    UnsupportedPatternError,
    is_name,
)

__all__ = ["METER", "Pattern", "PatternError", "UnsupportedPatternError"]

_MOST_STEPS = 300_000


@dataclass(slots=True)
class Meter:
    """Counts the steps of all matching, so that many slow patterns can be paid for like other work."""

    steps: int = 0


METER = Meter()


class Pattern:
    """A compiled pattern; `names` has an entry for each group, empty where it has no name."""

    def __init__(self, pattern: str) -> None:
        """Raises PatternError or UnsupportedPatternError."""
        parser = Parser(pattern)
        self._program = parser.program()
        self.names: list[str] = parser.names

    def matches(self, text: str) -> Iterator[tuple[int, ...]]:
        """All matches that do not overlap: start and end of the whole and of each group, -1 where unused.

        Raises UnsupportedPatternError where it takes too long.
        """
        position, last_end = 0, -1
        budget = _MOST_STEPS
        while position <= len(text):
            before = budget
            found, budget = self._search(text, position, budget)
            METER.steps += before - budget
            if found is None:
                return
            start, end = found[0], found[1]
            # An empty match right behind the one before it does not count.
            if start != end or start != last_end:
                yield found
            last_end = end
            position = end + 1 if start == end else end

    def replace(self, text: str, replacement: str) -> str:
        """The text with each match replaced; `$1`, `${1}` and `${name}` stand for groups."""
        pieces: list[str] = []
        position = 0
        for found in self.matches(text):
            pieces.extend((text[position : found[0]], self._expanded(replacement, found, text)))
            position = found[1]
        pieces.append(text[position:])
        return "".join(pieces)

    def _expanded(self, replacement: str, found: tuple[int, ...], text: str) -> str:
        result: list[str] = []
        rest = replacement
        while "$" in rest:
            before, _, rest = rest.partition("$")
            result.append(before)
            if rest.startswith("$"):
                result.append("$")
                rest = rest[1:]
                continue
            name, length = _reference(rest)
            if not name:
                result.append("$")
                continue
            result.append(self._group(name, found, text))
            rest = rest[length:]
        return "".join((*result, rest))

    def _group(self, name: str, found: tuple[int, ...], text: str) -> str:
        known = {"0": 0} | {str(n): n for n in range(1, len(self.names) + 1)}
        known |= {given: n for n, given in enumerate(self.names, start=1) if given}
        number = known.get(name.lstrip("0") or "0" if name.isdigit() else name, -1)
        if number < 0 or found[2 * number] < 0:
            return ""
        return text[found[2 * number] : found[2 * number + 1]]

    def _search(self, text: str, start: int, budget: int) -> tuple[tuple[int, ...] | None, int]:
        for position in range(start, len(text) + 1):
            found, budget = self._match(text, position, budget)
            if found is not None:
                return found, budget
        return None, budget

    def _match(self, text: str, start: int, budget: int) -> tuple[tuple[int, ...] | None, int]:
        """The match that begins at a position: the first in order of preference, each state tried once."""
        empty = (-1,) * (2 * len(self.names) + 2)
        todo: list[tuple[int, int, tuple[int, ...]]] = [(0, start, (start, *empty[1:]))]
        visited: set[tuple[int, int]] = set()
        while todo:
            state, position, slots = todo.pop()
            if (state, position) in visited:
                continue
            visited.add((state, position))
            budget -= 1
            if budget < 0:
                METER.steps += _MOST_STEPS
                raise UnsupportedPatternError("it takes too long")
            step = self._program[state]
            if step.kind == "match":
                return (slots[0], position, *slots[2:]), budget
            if step.kind == "jump":
                todo.append((state + step.first, position, slots))
            elif step.kind == "split":
                todo.append((state + step.second, position, slots))
                todo.append((state + step.first, position, slots))
            elif step.kind == "save":
                slots = (*slots[: step.first], position, *slots[step.first + 1 :])
                todo.append((state + 1, position, slots))
            elif step.kind == "assert":
                if _asserted(step.anchor, text, position):
                    todo.append((state + 1, position, slots))
            elif position < len(text) and step.held.holds(text[position]):
                todo.append((state + 1, position + 1, slots))
        return None, budget


def _reference(text: str) -> tuple[str, int]:
    """The group that a replacement refers to, and how long the reference is."""
    if text.startswith("{"):
        name, closed, _ = text[1:].partition("}")
        return (name, len(name) + 2) if closed and is_name(name) else ("", 0)
    length = 0
    while length < len(text) and is_name(text[length]):
        length += 1
    return text[:length], length


def _asserted(kind: str, text: str, position: int) -> bool:
    before = text[position - 1] if position else ""
    after = text[position] if position < len(text) else ""
    if kind == "begin":
        return position == 0
    if kind == "end":
        return position == len(text)
    if kind == "line begin":
        return before in ("", "\n")
    if kind == "line end":
        return after in ("", "\n")
    word = CharacterClass(WORD)
    boundary = (before != "" and word.holds(before)) != (after != "" and word.holds(after))
    return boundary is (kind == "boundary")
