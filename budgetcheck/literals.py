"""Which hops read the same literal: a change of it is a change of all of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from budgetcheck.model.bound import exactly
from budgetcheck.model.duration import MS_PER
from budgetcheck.model.limits import Count, Limit, Origin, RetryPolicy
from budgetcheck.model.topology import Hop

_Place = tuple[str, int, int | str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Literals:
    """Addresses of the hops that read a literal, by its place."""

    _readers: dict[_Place, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, hops: Iterable[Hop]) -> None:
        """Enters every literal of these hops."""
        for hop in hops:
            for number in _numbers(hop):
                place = _place(number)
                if place is not None:
                    self._readers[place][hop.address] = None

    def spread(self, changes: Mapping[str, Hop], hops: Mapping[str, Hop]) -> dict[str, Hop]:
        """The changes and those of every other hop that reads a literal that they change."""
        found = dict(changes)
        for address, changed in changes.items():
            if address not in hops:
                continue
            for old, new in _changed(hops[address], changed):
                for reader in self._readers.get(_place(old) or ("", 0, 0, ""), ()):
                    if reader in hops:
                        found[reader] = _with_literal(found.get(reader, hops[reader]), old, new)
        return found

    @staticmethod
    def same_change(mine: Hop, theirs: Hop, changed: Hop) -> Hop:
        """What a change of `theirs` makes of the same hop of another environment."""
        if mine == theirs:
            return changed
        for old, new in _changed(theirs, changed):
            if _place(old) is not None:
                mine = _with_literal(mine, old, new)
            elif isinstance(new, Limit):  # a new setting goes into the block that both are
                limits = tuple(new if limit == old else limit for limit in mine.limits)
                mine = replace(mine, limits=limits)
        return mine


def _numbers(hop: Hop) -> Iterator[Limit | Count]:
    yield from hop.limits
    if hop.retry.count is not None:
        yield hop.retry.count


def _changed(before: Hop, after: Hop) -> Iterator[tuple[Limit | Count, Limit | RetryPolicy]]:
    """Every number that is different; `None` stands for nothing."""
    known = {limit.setting: limit for limit in after.limits}
    for limit in before.limits:
        new = known.get(limit.setting)
        if new is not None and new != limit:
            yield limit, new
    if before.retry != after.retry and before.retry.count is not None:
        yield before.retry.count, after.retry


def _place(number: Limit | Count) -> _Place | None:
    """Where a literal stands; without a column two settings of a line are told apart by their names."""
    if not number.spans or not number.literal:
        return None
    span = number.spans[-1]
    return (span.file, span.line, span.column or number.setting, number.literal)


def _with_literal(hop: Hop, old: Limit | Count, new: Limit | RetryPolicy) -> Hop:
    """The hop with every number that is read from the place of `old`."""
    place = _place(old)
    if isinstance(new, RetryPolicy):
        same = hop.retry.count is not None and _place(hop.retry.count) == place
        retry = replace(
            hop.retry,
            attempts=new.attempts,
            attempts_unsafe=new.attempts_unsafe,
            answered=new.answered,
            answered_unsafe=new.answered_unsafe,
            connects=new.connects,
        )
        return replace(hop, retry=retry) if same else hop
    limits = tuple(_moved(limit, old, new) if _place(limit) == place else limit for limit in hop.limits)
    return replace(hop, limits=limits)


def _moved(limit: Limit, old: Limit | Count, new: Limit) -> Limit:
    """The limit with the new number; a bare one counts in the unit of each setting that reads it."""
    value = new.bound.value
    if value is None or not isinstance(old, Limit):
        return limit
    if limit.literal.replace(".", "", 1).isdigit():
        value = value * MS_PER[limit.unit] // MS_PER[old.unit]
    return replace(limit, bound=exactly(value), origin=Origin.WRITTEN)
