"""Equality, which never converts: a text is not equal to a number, a list not to a tuple."""

from budgetcheck.readers.terraform.conversion import type_of
from budgetcheck.readers.terraform.operators import to_text
from budgetcheck.readers.terraform.values import (
    Choice,
    Encoded,
    Handle,
    ListValue,
    Scalar,
    Unknown,
    Value,
    content,
    distribute,
    fully_known,
    join_refs,
    join_trails,
    merge_unknown,
)


def equality(left: Value, right: Value, *, wanted: bool) -> Value:
    """`left == right`, or `left != right` where False is wanted."""

    def compare(one: Value, other: Value) -> Value:
        same = equal(one, other)
        if same is None:
            return merge_unknown([one, other], "the two sides of a comparison are not known")
        trail, refs = join_trails(one.trail, other.trail), join_refs(one.refs, other.refs)
        return Scalar(value=same is wanted, trail=trail, refs=refs)

    if _is_there(left, right) or _is_there(right, left):
        return Scalar(value=not wanted)
    return distribute(compare, left, right)


def _is_there(value: Value, null: Value) -> bool:
    """A value that is not known, but known not to be null, is compared with null."""
    return isinstance(value, Unknown) and value.not_null and _is_null(null)


def equal(left: Value, right: Value) -> bool | None:
    """Whether two values are equal; None where that is not known."""
    if _is_null(left) or _is_null(right):
        return _equals_null(right if _is_null(left) else left)
    if isinstance(left, Handle | Encoded | Choice) or isinstance(right, Handle | Encoded | Choice):
        return None
    if fully_known(left) and fully_known(right):
        if _only_type_may_differ(left, right):
            return None
        return content(left) == content(right) and _types_equal(left, right)
    if isinstance(left, ListValue) and isinstance(right, ListValue) and len(left.items) != len(right.items):
        return False
    return None


def _equals_null(other: Value) -> bool | None:
    if isinstance(other, Choice):
        found = {_equals_null(option) for option in other.options}
        return found.pop() if len(found) == 1 else None
    if isinstance(other, Unknown):
        return False if other.not_null else None
    return _is_null(other)


def _only_type_may_differ(left: Value, right: Value) -> bool:
    """`"60"` and 60, one of them an argument of a resource: the provider's schema decides its type."""
    if not isinstance(left, Scalar) or not isinstance(right, Scalar) or not (left.refs or right.refs):
        return False
    return content(left) != content(right) and to_text(left) == to_text(right)


def _types_equal(left: Value, right: Value) -> bool:
    # Empty collections and nulls inside may differ in the types of elements that are not there.
    return isinstance(left, Scalar) or type_of(left) == type_of(right)


def _is_null(value: Value) -> bool:
    return isinstance(value, Scalar) and value.value is None
