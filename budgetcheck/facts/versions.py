"""Version ranges of facts: `>=1.0,<4`, compared as tuples of numbers.

Only what facts need: a range is one interval, and whatever follows the number in a part of a version
(`3.0.0rc1`, `1.22.1-debian`) is ignored.
"""

import re
from dataclasses import dataclass

_PART = re.compile(r"\s*(>=|>|<=|<|==)\s*(\d+(?:\.\d+)*)\s*")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRange:
    """All versions from `low` to `high`; None where open, the flags say whether the ends belong to it."""

    low: tuple[int, ...] | None = None
    low_included: bool = True
    high: tuple[int, ...] | None = None
    high_included: bool = True

    def holds(self, version: str) -> bool:
        """The version lies in the range. A version that is not known, or not a number, may: True."""
        numbers = parse_version(version)
        if numbers is None:
            return True
        return self._above_low(numbers) and self._below_high(numbers)

    def overlaps(self, other: "VersionRange") -> bool:
        """Some version lies in both ranges."""
        return _below(self, other) and _below(other, self)

    def _above_low(self, numbers: tuple[int, ...]) -> bool:
        if self.low is None:
            return True
        return numbers > self.low or (self.low_included and numbers == self.low)

    def _below_high(self, numbers: tuple[int, ...]) -> bool:
        if self.high is None:
            return True
        return numbers < self.high or (self.high_included and numbers == self.high)


def parse_version(text: str) -> tuple[int, ...] | None:
    """The numbers of a version without trailing zeros (`2` equals `2.0.0`); None where there are none."""
    numbers = []
    for part in text.strip().removeprefix("v").split("."):
        found = _NUMBER.match(part)
        if found is None:
            break
        numbers.append(int(found.group()))
        if found.end() != len(part):  # `0rc1`: nothing after a suffix is part of the number
            break
    return _without_trailing_zeros(tuple(numbers)) if numbers else None


def parse_range(text: str) -> VersionRange:
    """The range of `>=1.0,<4`; every version for an empty text. Raises ValueError when it is not a range."""
    low: tuple[int, ...] | None = None
    high: tuple[int, ...] | None = None
    low_included = high_included = True
    for part in text.split(",") if text else ():
        found = _PART.fullmatch(part)
        if found is None:
            raise ValueError(f"{text!r} is not a version range; write for example '>=1.0,<4'")
        operator = found.group(1)
        numbers = _without_trailing_zeros(tuple(int(number) for number in found.group(2).split(".")))
        if operator in (">", ">=", "=="):
            low, low_included = numbers, operator != ">"
        if operator in ("<", "<=", "=="):
            high, high_included = numbers, operator != "<"
    result = VersionRange(low=low, low_included=low_included, high=high, high_included=high_included)
    if not _below(result, result):
        raise ValueError(f"no version lies in {text!r}")
    return result


def _below(left: VersionRange, right: VersionRange) -> bool:
    """The left range begins before, or where, the right one ends."""
    if left.low is None or right.high is None:
        return True
    return left.low < right.high or (left.low == right.high and left.low_included and right.high_included)


def _without_trailing_zeros(numbers: tuple[int, ...]) -> tuple[int, ...]:
    while numbers and numbers[-1] == 0:
        numbers = numbers[:-1]
    return numbers
