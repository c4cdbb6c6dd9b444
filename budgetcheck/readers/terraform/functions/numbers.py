"""Numeric functions."""

import math
import string
from collections.abc import Callable
from fractions import Fraction

from budgetcheck.readers.terraform.numerals import Number, rounded
from budgetcheck.readers.terraform.operators import to_number
from budgetcheck.readers.terraform.types import NUMBER
from budgetcheck.readers.terraform.values import (
    EvaluationError,
    ListValue,
    NotKnownError,
    Scalar,
    Unknown,
    Value,
    list_value,
    number,
)

_LONGEST_RANGE = 1_024  # Terraform's own limit
_LARGEST = 2**63 - 1
_EXACT = 2**53  # up to here a float64 holds whole numbers
_DIGITS = string.digits + string.ascii_lowercase


def whole(value: Value) -> int:
    """A whole number. Raises EvaluationError for any other, NotKnownError if unknown."""
    found = to_number(value)
    if not isinstance(found, int) or abs(found) > _LARGEST:
        raise EvaluationError("a whole number is needed")
    return found


def _plain(value: Number) -> Value:
    return Scalar(value=number(rounded(value)))


def _max(*values: Value) -> Value:
    return _extreme(values, max)


def _min(*values: Value) -> Value:
    return _extreme(values, min)


def _extreme(values: tuple[Value, ...], choose: Callable[[list[Number]], Number]) -> Value:
    if not values:
        raise EvaluationError("at least one number is needed")
    return _plain(choose([to_number(value) for value in values]))


def _power(base: Value, exponent: Value) -> Value:
    """Computed in float64 by Terraform: only where that is exact is the result the same everywhere."""
    found, power = to_number(base), to_number(exponent)
    if isinstance(power, int) and abs(power) <= 64 and (found != 0 or power >= 0):
        result = number(Fraction(found) ** power)
        fraction = Fraction(result)
        if abs(fraction.numerator) < _EXACT and fraction.denominator & (fraction.denominator - 1) == 0:
            return Scalar(value=result)
    raise NotKnownError(Unknown(reason="a power that is not exact is not evaluated"))


def _sum(values: Value) -> Value:
    if not isinstance(values, ListValue):
        raise EvaluationError("a list of numbers is needed")
    if not values.items:
        raise EvaluationError("the list is empty")
    total: Number = 0
    for item in values.items:
        total = number(rounded(total + to_number(item)))
    return Scalar(value=total)


def _range(*values: Value) -> Value:
    bounds = [to_number(value) for value in values]
    if not 1 <= len(bounds) <= 3:
        raise EvaluationError("one to three numbers are needed")
    start, limit = (0, bounds[0]) if len(bounds) == 1 else bounds[:2]
    step = bounds[2] if len(bounds) == 3 else 1 if start <= limit else -1
    if step == 0:
        raise EvaluationError("the step is zero")
    if start != limit and (step > 0) != (start < limit):
        raise EvaluationError("the step leads away from the end")
    found: list[Value] = []
    current = start
    while current < limit if step > 0 else current > limit:
        if len(found) >= _LONGEST_RANGE:
            raise EvaluationError("the range is too long")
        found.append(_plain(current))
        current = rounded(current + step)
    return list_value(found, "list", NUMBER)


def _parse_int(text: Value, base: Value) -> Value:
    if not isinstance(text, Scalar) or not isinstance(text.value, str):
        raise EvaluationError("a text is needed")
    radix = whole(base)
    if not 2 <= radix <= 62:
        raise EvaluationError("there is no such base")
    digits = text.value.removeprefix("-") if text.value.startswith("-") else text.value.removeprefix("+")
    if radix > len(_DIGITS) or len(digits) > 100:
        raise NotKnownError(Unknown(reason="parseint() of so long a number, or in such a base"))
    allowed = _DIGITS[:radix]
    if not digits or any(digit not in allowed for digit in digits.lower()):
        raise EvaluationError("this is not a number in that base")
    found = int(digits, radix)
    return _plain(-found if text.value.startswith("-") else found)


def _signum(value: Value) -> Value:
    found = whole(value)
    return Scalar(value=(found > 0) - (found < 0))


def _absolute(value: Value) -> Value:
    found = to_number(value)
    return Scalar(value=-found if found < 0 else found)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "abs": _absolute,
    "ceil": lambda value: Scalar(value=math.ceil(to_number(value))),
    "floor": lambda value: Scalar(value=math.floor(to_number(value))),
    "max": _max,
    "min": _min,
    "pow": _power,
    "sum": _sum,
    "signum": _signum,
    "parseint": _parse_int,
    "range": _range,
}
