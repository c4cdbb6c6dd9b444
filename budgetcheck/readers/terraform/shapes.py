"""Types that matter although the value is not known, or not used.

Both branches of a conditional are converted to one type, also where the other branch is an error: what it
would have been then follows from its syntax and its parts.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from budgetcheck.readers.terraform import syntax
from budgetcheck.readers.terraform.conversion import converted, type_of
from budgetcheck.readers.terraform.syntax import Expression
from budgetcheck.readers.terraform.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    UNSEEN,
    TupleType,
    Type,
    has_gaps,
    object_type,
    unified,
)
from budgetcheck.readers.terraform.values import EvaluationError, NotKnownError, Unknown, Value


def typed(expression: Expression, value: Unknown) -> Value:
    """The type of what is not known, where the syntax alone decides it."""
    match expression:
        case syntax.Unary(operator=operator):
            type_: Type = BOOL if operator == "!" else NUMBER
        case syntax.Binary(rest=rest):
            type_ = NUMBER if rest[-1][0] in _ARITHMETIC else BOOL
        case syntax.Template(parts=parts) if len(parts) > 1 or isinstance(parts[0], str):
            type_ = STRING
        case syntax.Tuple() | syntax.Object() | syntax.Conditional() | syntax.Splat() | syntax.For():
            return value
        case _:
            # An error somewhere inside leaves open what the whole would be.
            type_ = UNSEEN if value.failed else value.type
    return value if type_ == value.type else replace(value, type=type_)


_ARITHMETIC = frozenset("+-*/%")


def alike(value: Value, other: Value) -> Value:
    """The value as one of the type that both branches of a conditional have in common."""
    have, beside = type_of(value), type_of(other)
    if have == beside or beside == ANY:
        return value
    common = beside if have == ANY else unified((have, beside))
    if common is None:
        if has_gaps(have) or has_gaps(beside):
            return value
        raise EvaluationError("the two results of a conditional are of different types")
    return converted(value, common)


def check(parts: Sequence[Value], whole: Callable[[tuple[Type, ...]], Type]) -> None:
    """Raises NotKnownError where a part of a tuple or object is an error: then all of it is one.

    What type it would have been still matters, where it is one branch of a conditional.
    """
    wrong = next((part for part in parts if isinstance(part, Unknown) and part.failed), None)
    if wrong is None:
        return
    raise NotKnownError(replace(wrong, type=whole(tuple(type_of(part) for part in parts))))


def loop_type(node: syntax.For, names: list[str], types: tuple[Type, ...]) -> Type:
    """The type of a `for` expression's result, by the types of its parts."""
    if node.result_key is None:
        return TupleType(types)
    if not node.grouped:
        return object_type(dict(zip(names, types, strict=True)))
    groups: dict[str, tuple[Type, ...]] = {}
    for name, type_ in zip(names, types, strict=True):
        groups[name] = (*groups.get(name, ()), type_)
    return object_type({name: TupleType(parts) for name, parts in groups.items()})
