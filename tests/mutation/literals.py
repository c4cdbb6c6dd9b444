"""A number as it stands in a line of some file, and the same number with another value.

Written anew for these tests: the code that proposes fixes must not vouch for itself.
"""

import re
from dataclasses import dataclass

_MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}
_NUMBER = re.compile(r"(\d+)(\.0|)(ms|s|m|h|)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A plain number with or without a unit, `30s`, `30` or `30.0`; `unit` is what it counts."""

    text: str
    digits: int
    fraction: str
    suffix: str
    unit: str

    @property
    def step(self) -> int:
        """Milliseconds of one unit."""
        return _MILLISECONDS[self.unit]

    def written(self, milliseconds: int) -> str:
        """Another value in the same manner; a finer unit where it is needed and one is written."""
        if milliseconds % self.step == 0:
            return f"{milliseconds // self.step}{self.fraction}{self.suffix}"
        if not self.suffix:
            raise ValueError(f"{milliseconds} ms is no whole number of {self.unit}")
        return f"{milliseconds}ms" if milliseconds % 1_000 else f"{milliseconds // 1_000}s"


def literal(text: str, unit: str) -> Literal | None:
    """What was written, where it is a plain number; `unit` is that of a bare one."""
    match = _NUMBER.fullmatch(text.strip("\"'"))
    if match is None:
        return None
    digits, fraction, suffix = match.groups()
    return Literal(
        text=match.group(), digits=int(digits), fraction=fraction, suffix=suffix, unit=suffix or unit
    )


def replaced(line: str, old: str, new: str, *, column: int = 0, after: str = "") -> str | None:
    """The line with `old` replaced where it is a word of its own.

    `column` is where the setting begins, `after` its name: the first such word behind these is meant. None
    where there is none, or where several are left to choose from.
    """
    begin = max(column - 1, 0)
    name = re.search(rf"(?<!\w){re.escape(after)}(?!\w)", line[begin:]) if after else None
    begin += name.end() if name else 0
    found = list(re.finditer(rf"(?<![\w.]){re.escape(old)}(?![\w.])", line[begin:]))
    if not found or (len(found) > 1 and not (name or column)):
        return None
    at = begin + found[0].start()
    return line[:at] + new + line[at + len(old) :]
