"""What is known of one number: exact, a range, a set of possible values, unlimited or unknown.

A `Bound` is uncertainty about *configuration*, never variability of traffic: jitter and retries enter
as their worst value, an unresolved variable widens the interval. Numbers are non-negative integers
(milliseconds or counts) extended by infinity, which is written `None`.

All arithmetic here is monotone in every operand, so applying it to both ends is exact. That is what makes
the central promise hold: no concrete resolution of the unknowns contradicts a verdict.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

Extended = int | None
"""A non-negative integer, or None for infinity."""
Where = tuple[str, ...]
"""Where a value is the one in force: names of what may be given different ones (containers), sorted."""

_MOST_CHOICES = 16  # beyond this many combinations the interval alone is kept: the list would not be read


def less_or_equal(left: Extended, right: Extended) -> bool:
    """`left <= right` where None is infinity."""
    return right is None or (left is not None and left <= right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Possible values of one number: `low` to `high`, both included; None is infinity.

    Attributes:
        low: smallest possible value; None when the number is certainly unlimited.
        high: largest possible value; None when there is no end, or when none is known.
        choices: the possible values one by one where they are few and known (a conditional on an
            unknown variable); empty when only the interval is known.
        cases: each choice with where it counts, where that is known: numbers that come from the same
            variables go together, and are never combined otherwise.
        reason: why the number is not exact (`var.idle has no value`); empty for exact numbers.
    """

    low: Extended
    high: Extended
    choices: tuple[Extended, ...] = ()
    reason: str = ""
    cases: tuple[tuple[Extended, Where], ...] = ()

    def __post_init__(self) -> None:
        if not less_or_equal(self.low, self.high):
            raise ValueError(f"empty bound: {self.low} to {self.high}")

    @property
    def exact(self) -> bool:
        """The number is known, also when it is known to be unlimited."""
        return self.low == self.high

    @property
    def unlimited(self) -> bool:
        """There is certainly no end."""
        return self.low is None

    @property
    def value(self) -> int | None:
        """The number where it is known and finite, else None."""
        return self.low if self.exact else None

    @property
    def places(self) -> Where:
        """Everywhere that one of the cases counts."""
        return tuple(sorted({place for _, where in self.cases for place in where}))

    def within(self, places: Collection[str]) -> "Bound":
        """What is left of the cases in some places; the bound itself where none of them counts there."""
        left = [(value, tuple(one for one in where if one in places)) for value, where in self.cases]
        left = [(value, where) for value, where in left if where]
        return of_cases(left, self.reason) if left else self

    def __add__(self, other: "Bound") -> "Bound":
        if self.low == self.high and other.low == other.high:  # as nearly always
            return exactly(_add(self.low, other.low))
        return lift(_add, self, other)

    def __mul__(self, other: "Bound") -> "Bound":
        if self.low == self.high and other.low == other.high:
            return exactly(_multiply(self.low, other.low))
        return lift(_multiply, self, other)


def exactly(value: Extended) -> Bound:
    """A known number; None for one that is known to be unlimited."""
    return Bound(low=value, high=value)


UNLIMITED = exactly(None)
ZERO = exactly(0)
ONE = exactly(1)


def unknown(reason: str, *, low: int = 0, high: Extended = None) -> Bound:
    """A number nobody could find out, within what the component allows."""
    return Bound(low=low, high=high, reason=reason)


def one_of(values: Iterable[Extended], reason: str = "") -> Bound:
    """One of several possible numbers; the same number several times is exact."""
    distinct = sorted(set(values), key=_order)
    if len(distinct) == 1:
        return exactly(distinct[0])
    return Bound(low=distinct[0], high=distinct[-1], choices=tuple(distinct), reason=reason)


def of_cases(cases: Iterable[tuple[Extended, Where | None]], reason: str = "") -> Bound:
    """One of several possible numbers, each with where it counts; None for numbers that may count anywhere.

    Where some say where they count and others do not, nothing is known of where.
    """
    found: dict[Extended, set[str]] = {}
    known = True
    for value, where in cases:
        known = known and where is not None
        found.setdefault(value, set()).update(where or ())
    bound = one_of(found, reason)
    if not known or bound.exact:
        return bound
    tied = tuple((value, tuple(sorted(found[value]))) for value in bound.choices)
    return Bound(low=bound.low, high=bound.high, choices=bound.choices, reason=reason, cases=tied)


def union(bounds: Iterable[Bound]) -> Bound:
    """Everything that any of the bounds allows (default by version, value by environment)."""
    parts = list(dict.fromkeys(bounds))
    if len(parts) == 1:
        return parts[0]
    if all(part.exact or part.choices for part in parts):
        places = _tied_by(parts)
        anywhere = places or None
        columns = [_column(part, places) for part in parts]
        pairs = [(value, where or anywhere) for column in columns for value, where in column]
        return of_cases(pairs, _reasons(parts))
    return Bound(
        low=smallest(part.low for part in parts),
        high=largest(part.high for part in parts),
        reason=_reasons(parts),
    )


def minimum(first: Bound, *others: Bound) -> Bound:
    """The smaller of numbers that are all in force: a cap, or several limits on the same wait."""
    finite = [bound for bound in (first, *others) if bound.low is not None]
    if len(finite) < 2:  # what is certainly unlimited takes nothing away
        return finite[0] if finite else first
    return lift(lambda *values: smallest(values), *finite)


def maximum(first: Bound, *others: Bound) -> Bound:
    """The larger of numbers: parallel work is over when the longest part is."""
    return lift(lambda *values: largest(values), first, *others)


def lift(function: Callable[..., Extended], *bounds: Bound) -> Bound:
    """Applies a function that is monotone in every argument to bounds.

    The result is exact for the interval; a set of possible values is carried along while it stays small.
    """
    low = function(*[bound.low for bound in bounds])
    if all(bound.low == bound.high for bound in bounds):
        return Bound(low=low, high=low)
    high = function(*(bound.high for bound in bounds))
    if low == high:
        return exactly(low)
    rows = combinations(bounds, _MOST_CHOICES)
    if rows is None:
        return Bound(low=low, high=high, reason=_reasons(bounds))
    return of_cases(((function(*values), where) for values, where in rows), _reasons(bounds))


def combinations(
    bounds: Sequence[Bound], most: int
) -> list[tuple[tuple[Extended, ...], Where | None]] | None:
    """Every combination of values that can occur, and where; None where they are too many, or a range.

    Values with cases only meet those that count in the same place.
    """
    places = _tied_by(bounds)
    rows: list[tuple[tuple[Extended, ...], Where | None]] = [((), places or None)]
    for bound in bounds:
        rows = [
            ((*values, value), both)
            for values, where in rows
            for value, other in _column(bound, places)
            if (both := _both(where, other)) != ()
        ]
        if not 0 < len(rows) <= most:
            return None
    return rows


def smallest(values: Iterable[Extended]) -> Extended:
    """The smallest of the values; infinity where there is none."""
    return min((value for value in values if value is not None), default=None)


def largest(values: Iterable[Extended]) -> Extended:
    """The largest of the values; infinity beats all numbers. Raises ValueError where there is none."""
    found = list(values)
    return None if None in found else max(value for value in found if value is not None)


def _tied_by(bounds: Iterable[Bound]) -> Where:
    """The places whose cases are kept together: those of the first bound that has any."""
    return next((bound.places for bound in bounds if bound.cases), ())


def _column(bound: Bound, places: Where) -> list[tuple[Extended, Where | None]]:
    """The values of one bound. Cases of other places than `places` count anywhere."""
    if bound.cases and bound.places == places:
        return list(bound.cases)
    return [(value, None) for value in bound.choices or ((bound.low,) if bound.exact else ())]


def _both(where: Where | None, other: Where | None) -> Where | None:
    if where is None or other is None:
        return other if where is None else where
    return where if where == other else tuple(one for one in where if one in other)


def _reasons(bounds: Iterable[Bound]) -> str:
    return "; ".join(dict.fromkeys(bound.reason for bound in bounds if bound.reason))


def _order(value: Extended) -> tuple[bool, int]:
    return (value is None, value or 0)


def _add(left: Extended, right: Extended) -> Extended:
    return None if left is None or right is None else left + right


def _multiply(left: Extended, right: Extended) -> Extended:
    if left == 0 or right == 0:  # no attempts of an endless call take no time
        return 0
    return None if left is None or right is None else left * right
