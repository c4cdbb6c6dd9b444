"""Sets of possible values, and which of them go together: those that the same containers are given."""

from collections.abc import Iterable, Sequence

from budgetcheck.model.settings import Known, OneOf, Scalar, Value

Where = tuple[str, ...] | None
"""The containers in which a value is the one in force; None for any."""

_MOST = 64


def choices(value: Value) -> tuple[Scalar, ...]:
    """The values one by one; nothing where they are not known."""
    match value:
        case Known(value=known):
            return (known,)
        case OneOf(values=values):
            return values
        case _:
            return ()


def combined(given: Sequence[Value]) -> list[tuple[tuple[Scalar, ...], Where]]:
    """Every combination of values that can occur, and where; nothing where one is not known, or of too many.

    Values that go with containers only meet those of the same ones.
    """
    together = _containers(given)
    rows: list[tuple[tuple[Scalar, ...], Where]] = [((), together)]
    for one in given:
        rows = [
            ((*values, value), both)
            for values, where in rows
            for value, other in _column(one, together)
            if (both := _both(where, other)) != ()
        ]
        if not 0 < len(rows) <= _MOST:
            return []
    return rows


def one_of(results: Iterable[tuple[Scalar, Where]], given: Sequence[Value]) -> Known | OneOf:
    """The results as one value, with the reasons of the values they come from."""
    several = [one for one in given if isinstance(one, OneOf)]
    return _value(results, "; ".join(dict.fromkeys(one.reason for one in several)), several)


def either_of(given: Sequence[Value], reason: str) -> Known | OneOf:
    """One of several known values, wherever none of them says where it counts."""
    together = _containers(given)
    pairs = [(value, where or together) for one in given for value, where in _column(one, together)]
    return _value(pairs, reason, [one for one in given if isinstance(one, OneOf)])


def _value(results: Iterable[tuple[Scalar, Where]], reason: str, several: Sequence[OneOf]) -> Known | OneOf:
    found: dict[Scalar, dict[str, None]] = {}
    known = True
    for value, where in results:
        known = known and where is not None
        found.setdefault(value, {}).update(dict.fromkeys(where or ()))
    values = tuple(found)
    if len(values) == 1:
        return Known(value=values[0])
    if not known:
        return OneOf(values=values, reason=reason)
    places = dict.fromkeys(place for one in several for place in one.places)
    cases = tuple(tuple(sorted(where)) for where in found.values())
    return OneOf(values=values, reason=reason, cases=cases, places=tuple(places))


def _containers(given: Sequence[Value]) -> Where:
    """The containers that values are told apart by: those of the first value that says any."""
    for one in given:
        if isinstance(one, OneOf) and one.cases:
            return _all(one)
    return None


def _all(value: OneOf) -> tuple[str, ...]:
    return tuple(sorted({container for case in value.cases for container in case}))


def _column(value: Value, together: Where) -> list[tuple[Scalar, Where]]:
    if isinstance(value, OneOf) and value.cases and _all(value) == together:
        return list(zip(value.values, value.cases, strict=True))
    return [(one, None) for one in choices(value)]


def _both(where: Where, other: Where) -> Where:
    if where is None or other is None:
        return other if where is None else where
    return tuple(one for one in where if one in other)
