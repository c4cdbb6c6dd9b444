"""Arithmetic and conversions on plain values: what a constant expression of Python comes to.

Sets of possible values go through as sets. Anything that would be large, not a number where one is needed, or
an error in Python is unresolved.
"""

import ast
import operator
from collections.abc import Callable, Sequence

from budgetcheck.model.settings import OneOf, Scalar, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.readers.python.alternatives import choices, combined, either_of, one_of
from budgetcheck.readers.python.values import NOT_KNOWN, Plain, PyValue, unresolved

_MOST_CHOICES = 8
_TOO_LARGE = 1_000_000_000_000_000_000
_MOST_TEXT = 2_000
_MOST_PLACES = 16
_BINARY: dict[type[ast.operator], tuple[str, Callable[..., object]]] = {
    ast.Add: ("add", operator.add),
    ast.Sub: ("sub", operator.sub),
    ast.Mult: ("mul", operator.mul),
    ast.Div: ("truediv", operator.truediv),
    ast.FloorDiv: ("floordiv", operator.floordiv),
    ast.Mod: ("mod", operator.mod),
    ast.Pow: ("pow", operator.pow),
    ast.BitOr: ("or_", operator.or_),
    ast.BitAnd: ("and_", operator.and_),
}
CONVERSIONS: dict[str, Callable[..., object]] = {
    "int": int,
    "float": float,
    "str": str,
    "bool": bool,
    "abs": abs,
    "round": round,
    "max": max,
    "min": min,
    "sum": lambda *numbers: sum(numbers),
}
_FALSE = frozenset({"", "0", "false", "no", "off", "n", "f"})
_TRUE = frozenset({"1", "true", "yes", "on", "t", "y"})


def way(*spans: Span) -> tuple[Span, ...]:
    """The places a value came by, each once; of very many the first ones and the last, the literal."""
    places = tuple(dict.fromkeys(spans))
    return places if len(places) <= _MOST_PLACES else (*places[: _MOST_PLACES - 1], places[-1])


def name_of(symbol: ast.operator) -> str:
    """The function of the module `operator` that a symbol stands for."""
    known = _BINARY.get(type(symbol))
    return known[0] if known else ""


def binary(symbol: ast.operator, left: Plain, right: Plain, span: Span) -> Plain:
    """`left + right` and the like."""
    known = _BINARY.get(type(symbol))
    if known is None:
        return unresolved("this operator is not followed", span)
    return applied(known[1], (left, right), span)


def applied(function: Callable[..., object], given: Sequence[Plain], span: Span) -> Plain:
    """A function of plain values, for every combination of what they may be."""
    spans = way(span, *(place for value in given for place in value.spans))
    for value in given:
        if isinstance(value.value, Unresolved):
            return Plain(value=value.value, spans=spans)
    combinations = combined([value.value for value in given])
    if not 0 < len(combinations) <= _MOST_CHOICES:
        return unresolved("too many possible values", *spans)
    results = [(_call(function, values), where) for values, where in combinations]
    known = [(result, where) for result, where in results if not isinstance(result, _FailedError)]
    if len(known) < len(results):
        return unresolved("this expression has no value that could be worked out", *spans)
    return Plain(value=one_of(known, [value.value for value in given]), spans=spans)


def either(values: Sequence[PyValue], reason: str, span: Span) -> PyValue | None:
    """One of several values, and the files do not say which; None where that cannot be expressed."""
    distinct = list(dict.fromkeys(values))
    if len(distinct) == 1:
        return distinct[0]
    plain = [value for value in distinct if isinstance(value, Plain)]
    if len(plain) != len(distinct):
        return None
    spans = way(span, *(place for value in plain for place in value.spans))
    for value in plain:
        if isinstance(value.value, Unresolved):
            return Plain(value=value.value, spans=spans)
    found = either_of([value.value for value in plain], reason)
    if isinstance(found, OneOf) and len(found.values) > _MOST_CHOICES:
        return Plain(value=Unresolved(reason=reason, needs=NOT_KNOWN), spans=spans)
    return Plain(value=found, spans=spans)


def truth(value: Plain) -> bool | None:
    """Whether a value counts as true; None where that is not known."""
    if isinstance(value.value, Unresolved):
        return None
    found = {bool(one) for one in choices(value.value)}
    return found.pop() if len(found) == 1 else None


def is_usual(number: float) -> bool:
    """A number that a limit may be: finite, and no longer than any time anybody waits."""
    return abs(number) < _TOO_LARGE  # false for nan as well


def boolean(text: str) -> bool:
    """What settings libraries take a text for. Raises ValueError for what is neither."""
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError
    return word in _TRUE


class _FailedError(Exception):
    """Python would raise an error here."""


def _call(function: Callable[..., object], given: Sequence[Scalar]) -> Scalar | _FailedError:
    if function is operator.pow and not all(isinstance(one, int | float) and abs(one) <= 64 for one in given):
        return _FailedError()
    if function is operator.mul and any(isinstance(one, str) for one in given):
        return _FailedError()
    try:
        result = function(*given)
    except (ArithmeticError, TypeError, ValueError):
        return _FailedError()
    if isinstance(result, str):
        return result if len(result) <= _MOST_TEXT else _FailedError()
    if result is None:
        return None
    return result if isinstance(result, int | float) and is_usual(result) else _FailedError()
