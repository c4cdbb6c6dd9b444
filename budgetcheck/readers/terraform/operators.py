"""Arithmetic, comparison and logic, with the conversions Terraform makes on the way."""

import re
from collections.abc import Callable
from fractions import Fraction

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
    content,
    distribute,
    fully_known,
    join_refs,
    join_trails,
    merge_unknown,
    number,
    show_number,
)

_NUMBER = re.compile(r"-?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,2})?")
_MOST_BITS = 1_024  # of a numerator or denominator: repeated squaring must not fill the memory


def to_number(value: Value) -> int | Fraction:
    """A number, also one in quotes. Raises EvaluationError for anything else, NotKnownError if unknown."""
    match value:
        case Scalar(value=bool()):
            raise EvaluationError("true or false is not a number")
        case Scalar(value=int() | Fraction() as found):
            return found
        case Scalar(value=str() as text) if _NUMBER.fullmatch(text):
            return number(Fraction(text))
        case Scalar(value=None):
            raise EvaluationError("null is not a number")
        case Scalar() | ListValue() | MapValue():
            raise EvaluationError("a number is needed")
        case _:
            raise not_known(value)


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
        case Scalar(value="true" | "false" as word):
            return word == "true"
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
    """`left operator right` for arithmetic, comparison and equality."""
    if operator in ("==", "!="):
        if _is_there(left, right) or _is_there(right, left):
            return Scalar(value=operator == "!=")
        return distribute(lambda a, b: _equality(a, b, wanted=operator == "=="), left, right)

    def apply(a: Value, b: Value) -> Value:
        result = _COMPUTE[operator](to_number(a), to_number(b))
        return Scalar(value=result, trail=join_trails(a.trail, b.trail), refs=join_refs(a.refs, b.refs))

    return distribute(apply, left, right)


def _is_there(value: Value, null: Value) -> bool:
    """A value that is not known, but known not to be null, is compared with null."""
    return isinstance(value, Unknown) and value.not_null and _is_null(null)


def _equality(left: Value, right: Value, *, wanted: bool) -> Value:
    same = equal(left, right)
    if same is None:
        return merge_unknown([left, right], "the two sides of a comparison are not known")
    trail, refs = join_trails(left.trail, right.trail), join_refs(left.refs, right.refs)
    return Scalar(value=same is wanted, trail=trail, refs=refs)


def equal(left: Value, right: Value) -> bool | None:
    """Whether two values are equal; None where that is not known."""
    if _is_null(left) or _is_null(right):
        return _is_null(left) and _is_null(right)
    if isinstance(left, Handle | Encoded) or isinstance(right, Handle | Encoded):
        return None
    if fully_known(left) and fully_known(right):
        return content(left) == content(right)
    if isinstance(left, ListValue) and isinstance(right, ListValue) and len(left.items) != len(right.items):
        return False
    return None


def _is_null(value: Value) -> bool:
    return isinstance(value, Scalar) and value.value is None


Number = int | Fraction


def _sized(value: Number) -> Number:
    whole = number(value)
    if max(abs(whole.numerator).bit_length(), whole.denominator.bit_length()) > _MOST_BITS:
        raise NotKnownError(Unknown(reason="a number is out of all proportion"))
    return whole


def _divide(left: Number, right: Number) -> Number:
    if right == 0:
        raise EvaluationError("division by zero")
    return _sized(Fraction(left) / Fraction(right))


def _modulo(left: Number, right: Number) -> Number:
    if right == 0:
        raise EvaluationError("division by zero")
    return _sized(left - right * int(Fraction(left) / Fraction(right)))  # the sign of the left side


_COMPUTE: dict[str, Callable[[Number, Number], Number | bool]] = {
    "+": lambda a, b: _sized(a + b),
    "-": lambda a, b: _sized(a - b),
    "*": lambda a, b: _sized(a * b),
    "/": _divide,
    "%": _modulo,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
