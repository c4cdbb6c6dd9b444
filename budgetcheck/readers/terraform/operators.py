"""Arithmetic, comparison and logic, with the conversions Terraform makes on the way."""

import re
from collections.abc import Callable
from fractions import Fraction

from budgetcheck.readers.terraform.numerals import Number, rounded, show_number
from budgetcheck.readers.terraform.values import (
    Choice,
    Encoded,
    EvaluationError,
    Handle,
    ListValue,
    MapValue,
    NotKnownError,
    Scalar,
    Unknown,
    Value,
    distribute,
    join_refs,
    join_trails,
    merge_unknown,
    number,
)

_NUMBER = re.compile(r"[+-]?(?:\d{1,150}\.?\d{0,150}|\.\d{1,150})(?:[eE][+-]?\d{1,3})?", re.ASCII)
_UNUSUAL = re.compile(r"[+-]?(?:[iI]nf|[\d.]+(?:[pPeE][+-]?\d+)?)", re.ASCII)  # numbers too, but no settings


def to_number(value: Value) -> int | Fraction:
    """A number, also one in quotes. Raises EvaluationError for anything else, NotKnownError if unknown."""
    match value:
        case Scalar(value=bool()):
            raise EvaluationError("true or false is not a number")
        case Scalar(value=int() | Fraction() as found):
            return found
        case Scalar(value=str() as text):
            return _parsed(text)
        case Scalar(value=None):
            raise EvaluationError("null is not a number")
        case Scalar() | ListValue() | MapValue():
            raise EvaluationError("a number is needed")
        case _:
            raise not_known(value)


def _parsed(text: str) -> Number:
    if _NUMBER.fullmatch(text):
        return number(rounded(Fraction(text)))
    if _UNUSUAL.fullmatch(text):
        raise NotKnownError(Unknown(reason="a number is written in a way that is not followed"))
    raise EvaluationError("the text is not a number")


def to_text(value: Value) -> str:
    """The value as text. Raises EvaluationError where it has none, NotKnownError if unknown."""
    match value:
        case Scalar(value=bool() as flag):
            return "true" if flag else "false"
        case Scalar(value=str() as text):
            return text
        case Scalar(value=int() | Fraction() as found):
            return show_number(found)
        case Scalar():
            raise EvaluationError("null is not a text")
        case ListValue() | MapValue():
            raise EvaluationError("a collection is not a text")
        case _:
            raise not_known(value)


def to_bool(value: Value) -> bool:
    """True or false, also in quotes. Raises as `to_number` does."""
    match value:
        case Scalar(value=bool() as flag):
            return flag
        case Scalar(value="true" | "false" | "1" | "0" as word):
            return word in ("true", "1")
        case Scalar() | ListValue() | MapValue():
            raise EvaluationError("true or false is needed")
        case _:
            raise not_known(value)


def not_known(value: Value) -> NotKnownError:
    """The exception for a value that is needed and not known; keeps what it refers to."""
    if isinstance(value, Unknown):
        return NotKnownError(value)
    if isinstance(value, Handle):
        return NotKnownError(
            merge_unknown([value.subject.everything(), value], "a resource is not a plain value")
        )
    if isinstance(value, Encoded):
        return NotKnownError(
            Unknown(reason="parts of an encoded text are not known", trail=value.trail, refs=value.refs)
        )
    reason = value.reason if isinstance(value, Choice) else "the value is not known"
    return NotKnownError(Unknown(reason=reason, trail=value.trail, refs=value.refs))


def truth(value: Value) -> bool | None:
    """Whether a condition holds; None where that is not known. Raises EvaluationError if it is none."""
    if isinstance(value, Choice):
        found = {truth(option) for option in value.options}
        return found.pop() if len(found) == 1 else None
    try:
        return to_bool(value)
    except NotKnownError:
        return None


def both(left: Value, right: Value) -> Value:
    """`left && right`: false as soon as one side is."""
    return _logic(left, right, decisive=False)


def either(left: Value, right: Value) -> Value:
    """`left || right`: true as soon as one side is."""
    return _logic(left, right, decisive=True)


def _logic(left: Value, right: Value, *, decisive: bool) -> Value:
    if isinstance(left, Unknown) and left.failed:
        return left  # the right side may be wrong where the left one decides (Terraform 1.13), not this one
    sides = [(value, truth(value)) for value in (left, right)]
    for value, found in sides:
        if found is decisive:
            return Scalar(value=decisive, trail=value.trail, refs=value.refs)
    trail, refs = join_trails(left.trail, right.trail), join_refs(left.refs, right.refs)
    if all(found is not None for _, found in sides):
        return Scalar(value=not decisive, trail=trail, refs=refs)
    open_sides = [value for value, found in sides if found is None]
    if any(isinstance(value, Unknown) for value in open_sides):
        return merge_unknown(open_sides)
    return distribute(lambda *_: Unknown(reason="a condition is not known"), *open_sides)


def negate(operator: str, value: Value) -> Value:
    """`-value` or `!value`."""

    def apply(one: Value) -> Value:
        result = not to_bool(one) if operator == "!" else -to_number(one)
        return Scalar(value=result, trail=one.trail, refs=one.refs)

    return distribute(apply, value)


def binary(operator: str, left: Value, right: Value) -> Value:
    """`left operator right` for arithmetic and comparison."""

    def apply(a: Value, b: Value) -> Value:
        result = _COMPUTE[operator](to_number(a), to_number(b))
        result = result if isinstance(result, bool) else number(result)
        return Scalar(value=result, trail=join_trails(a.trail, b.trail), refs=join_refs(a.refs, b.refs))

    return distribute(apply, left, right)


def _divide(left: Number, right: Number) -> Number:
    if right == 0:
        raise NotKnownError(Unknown(reason="a division by zero is infinite"))
    return rounded(Fraction(left) / Fraction(right))


def _modulo(left: Number, right: Number) -> Number:
    if right == 0:
        return left
    whole = int(_divide(left, right))  # towards zero: the result has the sign of the left side
    return rounded(left - rounded(right * whole))


_COMPUTE: dict[str, Callable[[Number, Number], Number | bool]] = {
    "+": lambda a, b: rounded(a + b),
    "-": lambda a, b: rounded(a - b),
    "*": lambda a, b: rounded(a * b),
    "/": _divide,
    "%": _modulo,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
