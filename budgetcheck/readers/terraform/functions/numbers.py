"""Numeric functions."""

import math
from collections.abc import Callable
from fractions import Fraction

from budgetcheck.readers.terraform.access import items_of
from budgetcheck.readers.terraform.operators import to_number, to_text
from budgetcheck.readers.terraform.values import (
    EvaluationError,
    NotKnownError,
    Scalar,
    Unknown,
    Value,
    list_value,
    number,
)

_LONGEST_RANGE = 1_024  # Terraform's own limit


def _plain(value: int | Fraction) -> Value:
    return Scalar(value=number(value))


def _max(*values: Value) -> Value:
    return _extreme(values, max)


def _min(*values: Value) -> Value:
    return _extreme(values, min)


def _extreme(values: tuple[Value, ...], choose: Callable[[list[int | Fraction]], int | Fraction]) -> Value:
    if not values:
        raise EvaluationError("at least one number is needed")
    return _plain(choose([to_number(value) for value in values]))


def _power(base: Value, exponent: Value) -> Value:
    power = to_number(exponent)
    if not isinstance(power, int) or abs(power) > 64:
        raise NotKnownError(Unknown(reason="a power is out of all proportion"))
    if power < 0 and to_number(base) == 0:
        raise EvaluationError("division by zero")
    return _plain(Fraction(to_number(base)) ** power)


def _sum(values: Value) -> Value:
    return _plain(sum((to_number(item) for item in items_of(values)), Fraction(0)))


def _range(*values: Value) -> Value:
    bounds = [to_number(value) for value in values]
    if not 1 <= len(bounds) <= 3:
        raise EvaluationError("one to three numbers are needed")
    start: int | Fraction = 0 if len(bounds) == 1 else bounds[0]
    limit = bounds[0] if len(bounds) == 1 else bounds[1]
    step: int | Fraction = 1 if start <= limit else -1
    if len(bounds) == 3:
        step = bounds[2]
    if step == 0:
        raise EvaluationError("the step is zero")
    steps = max(math.ceil(Fraction(limit - start) / Fraction(step)), 0)
    if steps > _LONGEST_RANGE:
        raise EvaluationError("the range is too long")
    return list_value(_plain(start + position * step) for position in range(steps))


def _parse_int(text: Value, base: Value) -> Value:
    try:
        return Scalar(value=int(to_text(text)[:64], int(to_number(base))))
    except ValueError:
        raise EvaluationError("this is not a number in that base") from None


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "abs": lambda value: _plain(abs(Fraction(to_number(value)))),
    "ceil": lambda value: Scalar(value=math.ceil(to_number(value))),
    "floor": lambda value: Scalar(value=math.floor(to_number(value))),
    "max": _max,
    "min": _min,
    "pow": _power,
    "sum": _sum,
    "signum": lambda value: Scalar(value=(to_number(value) > 0) - (to_number(value) < 0)),
    "parseint": _parse_int,
    "range": _range,
}
