"""One edit of one file: where, what, and which findings it must lead to, if any."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from budgetcheck.model.limits import Limit
from budgetcheck.model.report import HopReport
from budgetcheck.model.span import Span

from .literals import Literal, literal, replaced

Lines = Callable[[str], Sequence[str]]
"""The lines of a file of the ground."""

OUTLASTS = ("BC101", "BC102", "BC104", "BC105")
"""The rules that compare a grant with a need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A file with another text.

    Attributes:
        kind: what was done, for the table.
        line: where `old` stood and `new` stands; `text` is the whole file.
        rules: one of these must name one of `ends` (addresses of hops); empty where nothing may be said.
        may: rules that may speak although nothing is wrong with the budget.
        setting: what has another value now; empty where that is not a limit.
    """

    kind: str
    file: str
    line: int
    old: str
    new: str
    text: str
    rules: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    setting: str = ""
    milliseconds: int = 0

    @property
    def place(self) -> str:
        """Where it is."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A limit that stands in a file as a plain number."""

    one: HopReport
    limit: Limit
    literal: Literal
    span: Span

    @property
    def place(self) -> tuple[str, int]:
        """File and line."""
        return (self.span.file, self.span.line)

    @property
    def key(self) -> tuple[str, int, str]:
        """Which number of the line: that of one setting, on however many routes."""
        return (*self.place, self.limit.setting)

    def edit(
        self, kind: str, milliseconds: int, lines: Lines, rules: Sequence[str] = (), ends: Sequence[str] = ()
    ) -> Iterator[Edit]:
        """The number replaced; nothing where it cannot be found in its line."""
        old = lines(self.span.file)[self.span.line - 1]
        new = replaced(
            old,
            self.literal.text,
            self.literal.written(milliseconds),
            column=self.span.column,
            after=self.limit.setting.rpartition(".")[2],
        )
        if new is not None and new != old:
            yield Edit(
                kind=kind,
                file=self.span.file,
                line=self.span.line,
                old=old.strip(),
                new=new.strip(),
                text=with_line(lines(self.span.file), self.span.line, new),
                rules=tuple(rules),
                ends=tuple(ends),
                setting=self.limit.setting,
                milliseconds=milliseconds,
            )


def spot(one: HopReport, limit: Limit) -> Spot | None:
    """Where a limit is written; None where nobody wrote it, or not as a plain number."""
    if not limit.written or not limit.spans or limit.bound.value is None:
        return None
    number = literal(limit.literal, limit.unit)
    if number is None or number.digits * number.step != limit.bound.value or not limit.spans[-1].line:
        return None
    return Spot(one=one, limit=limit, literal=number, span=limit.spans[-1])


def with_line(lines: Sequence[str], line: int, new: str) -> str:
    """The text with one line replaced."""
    return "".join([*lines[: line - 1], new, *lines[line:]])


def renamed(
    kind: str, file: str, words: Sequence[str], lines: Lines, ends: Sequence[str], *, only: int = 0
) -> Iterator[Edit]:
    """Names, ports and paths changed wherever they stand in a file, or only in one of its lines."""
    old = list(lines(file))
    new = [_renamed(line, words) if only in (0, at) else line for at, line in enumerate(old, start=1)]
    changed = [at for at, line in enumerate(old, start=1) if line != new[at - 1]]
    if changed:
        at = changed[0]
        yield Edit(
            kind=kind,
            file=file,
            line=at,
            old=old[at - 1].strip(),
            new=new[at - 1].strip(),
            text="".join(new),
            ends=tuple(ends),
        )


def _renamed(line: str, words: Sequence[str]) -> str:
    for word in words:
        other = str(int(word) + 7) if word.isdigit() else f"{word}{'_' if '_' in line else '-'}gone"
        line = re.sub(rf"(?<![\w-])(?<![^/]/){re.escape(word)}(?![\w/-]|\.(?!\w+$))", other, line)
    return line


def between(random: Random, low: int, high: int, step: int) -> int | None:
    """A multiple of the step from `low` to `high`, both included; None where there is none."""
    first, last = -(-low // step), high // step
    return random.randint(first, last) * step if first <= last else None
