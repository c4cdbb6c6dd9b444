"""Loops over objects that are written one by one: what the loop's variable is in each round."""

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from budgetcheck.readers.python.scopes import ClientPath, Function, Kept, Object, Partial, Scope, Value
from budgetcheck.readers.python.values import Items, Made, Plain, PyValue

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

_MOST = 8
"""Rounds that are gone through one by one."""


def unpacked(found: Value | None) -> Value | None:
    """The client or object that a list or dictionary holds; anything else as it is."""
    match found:
        case Made(instance=instance) if instance is not None:
            return instance
        case Kept(held=held):
            return held
        case _:
            return found


def kept(evaluator: "Evaluator", node: ast.AST, scope: Scope) -> PyValue:
    """What a list or dictionary holds: a plain value, or an object that can be taken out of it again."""
    found = evaluator.evaluate(node, scope)
    plain = evaluator.as_plain(found, node, scope)
    if isinstance(found, Object | Function | Partial | ClientPath) and isinstance(plain, Plain):
        return Kept(value=plain.value, spans=plain.spans, held=found)
    return plain


def round_of(source: ast.expr) -> str:
    """The name under which a scope keeps what the variable of a loop over `source` is in one round."""
    return f"round {source.lineno}:{source.col_offset}"


def each_round(evaluator: "Evaluator", source: ast.expr, scope: Scope) -> list[Scope]:
    """The scope of each round, where the rounds are about different objects; else the one of all."""
    found = evaluator.evaluate(source, scope)
    items = found.items if isinstance(found, Items) else ()
    if not 2 <= len(items) <= _MOST or not all(map(_holds, items)) or len(set(items)) < 2:
        return [scope]
    return [_in_round(source, item, scope) for item in items]


def all_rounds(evaluator: "Evaluator", source: ast.expr, scope: Scope) -> list[Scope] | None:
    """The scope of each round of a loop over a few things; None where they are not known."""
    found = evaluator.evaluate(source, scope)
    if not isinstance(found, Items) or len(found.items) > _MOST:
        return None
    return [_in_round(source, item, scope) for item in found.items]


def _in_round(source: ast.expr, item: PyValue, scope: Scope) -> Scope:
    chosen = unpacked(item)
    assert chosen is not None
    return replace(scope, values=(*scope.values, (round_of(source), chosen)))


def _holds(item: PyValue) -> bool:
    return isinstance(item, Kept) or (isinstance(item, Items) and any(map(_holds, item.items)))
