"""Numbers that stand for "not given": `if timeout > 0: get(url, timeout=timeout)` never passes on a -1."""

import ast
import operator
from collections.abc import Callable, Iterator, Sequence

from budgetcheck.readers.python.bindings import Place, blocks, contains

_OPERATORS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def is_ruled_out(statements: Sequence[ast.stmt], name: str, place: Place, value: float) -> bool:
    """The place is in a branch that a test of the name keeps this value out of.

    For a name that has one value in the whole function: a branch may not set it either.
    """
    for test, wanted in _tests_around(statements, place):
        if _outcome(test, name, value) is (not wanted):
            return True
    return False


def _tests_around(statements: Sequence[ast.stmt], place: Place) -> Iterator[tuple[ast.expr, bool]]:
    """The conditions of the branches that hold a place, each with how it came out there."""
    for statement in statements:
        if not contains(statement, place):
            continue
        if isinstance(statement, ast.If):
            if any(contains(one, place) for one in statement.body):
                yield statement.test, True
            elif any(contains(one, place) for one in statement.orelse):
                yield statement.test, False
        for block in blocks(statement):
            yield from _tests_around(block, place)


def _outcome(test: ast.expr, name: str, value: float) -> bool | None:
    """How a test of the name alone comes out for a value; None where something else has a say."""
    match test:
        case ast.Name(id=tested) if tested == name:
            return bool(value)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _outcome(operand, name, value)
            return None if inner is None else not inner
        case ast.BoolOp(op=ast.And(), values=parts):
            return False if any(_outcome(one, name, value) is False for one in parts) else None
        case ast.BoolOp(op=ast.Or(), values=parts):
            return True if any(_outcome(one, name, value) is True for one in parts) else None
        case ast.Compare(left=ast.Name(id=tested), ops=[op], comparators=[right]) if tested == name:
            against = _number(right)
            compare = _OPERATORS.get(type(op))
            return None if against is None or compare is None else compare(value, against)
        case _:
            return None


def _number(node: ast.expr) -> float | None:
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _number(operand)
            return None if inner is None else -inner
        case _:
            return None
