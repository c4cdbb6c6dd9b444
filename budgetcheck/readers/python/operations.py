"""What operators, displays and f-strings come to."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from budgetcheck.model.settings import Known
from budgetcheck.model.span import Span
from budgetcheck.readers.python import calls, names
from budgetcheck.readers.python.operators import binary, name_of, truth
from budgetcheck.readers.python.rounds import all_rounds, kept
from budgetcheck.readers.python.scopes import (
    Class,
    ClientPath,
    Function,
    Object,
    Scope,
    Several,
    Unset,
    Value,
)
from budgetcheck.readers.python.values import (
    Args,
    Instance,
    Items,
    Made,
    Named,
    Plain,
    PyValue,
    Table,
    unresolved,
)

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

_CONDITION = "it depends on a condition"


def operation(evaluator: "Evaluator", node: ast.AST, scope: Scope) -> Value | None:
    """Operators, conditional expressions, f-strings and lambdas; None where nothing is known."""
    span = evaluator.span(node, scope)
    match node:
        case ast.BinOp(left=left, op=symbol, right=right):
            return _binary(
                evaluator, evaluator.plain(left, scope), symbol, evaluator.plain(right, scope), span
            )
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            found = evaluator.plain(operand, scope)
            zero = Plain(value=Known(value=0), spans=())
            change = ast.Sub() if isinstance(sign, ast.USub) else ast.Add()
            return binary(change, zero, found, span) if isinstance(found, Plain) else None
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            decided = evaluator.truth(operand, scope)
            return None if decided is None else Plain(value=Known(value=not decided), spans=(span,))
        case ast.BoolOp(op=symbol, values=values):
            return _either_operand(evaluator, values, scope, span, wanted=isinstance(symbol, ast.Or))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            decided = evaluator.decided(test, scope)
            if decided is not None:
                return evaluator.evaluate(body if decided else orelse, scope)
            both = [evaluator.plain_or_object(body, scope), evaluator.plain_or_object(orelse, scope)]
            return evaluator.merged(both, _CONDITION, span)
        case ast.JoinedStr(values=values):
            return _text(evaluator, values, scope, span)
        case ast.Lambda():
            return Function(scope.module, node, None, None, scope if scope.function or scope.klass else None)
        case _:
            return None


def _binary(evaluator: "Evaluator", left: PyValue, symbol: ast.operator, right: PyValue, span: Span) -> Value:
    if isinstance(left, Plain) and isinstance(right, Plain):
        return binary(symbol, left, right, span)
    if isinstance(left, Items) and isinstance(right, Items) and isinstance(symbol, ast.Add):
        return Items(items=(*left.items, *right.items), spans=(span,))
    if isinstance(left, Table) and isinstance(right, Table) and isinstance(symbol, ast.BitOr):
        entries = {**dict(left.entries), **dict(right.entries)}
        return Table(entries=tuple(entries.items()), spans=(span,), open=left.open or right.open)
    piped = _piped(evaluator, left, right, span) if isinstance(symbol, ast.BitOr) else None
    if piped is not None:
        return piped
    args = Args(positional=(left, right), span=span)
    return Made(callee=f"operator.{name_of(symbol)}", args=args, spans=(span,))


def _piped(evaluator: "Evaluator", left: PyValue, right: PyValue, span: Span) -> Value | None:
    """`prompt | model`: a client made of another one; None where neither side is a client."""
    for value, other, path in ((left, right, "__or__"), (right, left, "__ror__")):
        if isinstance(value, Made) and value.instance is not None:
            args = Args(positional=(other,), span=span)
            return calls.of_client(evaluator, value.instance, path, args)
    return None


def _either_operand(
    evaluator: "Evaluator", values: Sequence[ast.expr], scope: Scope, span: Span, *, wanted: bool
) -> Value | None:
    """`a or b`, `a and b`: the first that decides, or any of them where that is not known."""
    possible: list[Value] = []
    for node in values:
        found = evaluator.plain_or_object(node, scope)
        decided = truth_of(found)
        if decided is None or decided is wanted or node is values[-1]:
            possible.append(_only(found, wanted=wanted) if node is not values[-1] else found)
        if decided is wanted:
            break
    return evaluator.merged(possible, "it depends on whether another value is set", span)


def items(evaluator: "Evaluator", elements: Sequence[ast.expr], node: ast.AST, scope: Scope) -> Value:
    """A tuple, list or set."""
    found_items: list[PyValue] = []
    for element in elements:
        if isinstance(element, ast.Starred):
            inner = evaluator.evaluate(element.value, scope)
            if not isinstance(inner, Items):
                return unresolved("its items are not known", evaluator.span(node, scope))
            found_items += inner.items
        else:
            found_items.append(kept(evaluator, element, scope))
    return Items(items=tuple(found_items), spans=(evaluator.span(node, scope),))


def listed(
    evaluator: "Evaluator", element: ast.expr, source: ast.expr, node: ast.AST, scope: Scope
) -> Value | None:
    """`[f(x) for x in (1, 2)]`, where the few things to go through are written one by one."""
    rounds = all_rounds(evaluator, source, scope)
    if rounds is None:
        return None
    items = tuple(kept(evaluator, element, one) for one in rounds)
    return Items(items=items, spans=(evaluator.span(node, scope),))


def table(evaluator: "Evaluator", node: ast.Dict, scope: Scope) -> Table:
    """A dictionary; only its text keys are kept."""
    entries: dict[str, PyValue] = {}
    is_open = False
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            inner = evaluator.evaluate(value, scope)
            is_open = is_open or not isinstance(inner, Table) or inner.open
            entries |= dict(inner.entries) if isinstance(inner, Table) else {}
            continue
        name = evaluator.evaluate(key, scope)
        if isinstance(name, Plain) and isinstance(name.known, str):
            entries[name.known] = kept(evaluator, value, scope)
        else:
            is_open = True
    return Table(entries=tuple(entries.items()), spans=(evaluator.span(node, scope),), open=is_open)


def _text(evaluator: "Evaluator", values: Sequence[ast.expr], scope: Scope, span: Span) -> Plain:
    """An f-string, where all its parts are known and have no format."""
    parts: list[str] = []
    for value in values:
        inner = value.value if isinstance(value, ast.FormattedValue) else value
        found = evaluator.evaluate(inner, scope)
        formatted = isinstance(value, ast.FormattedValue) and (value.format_spec or value.conversion != -1)
        if not isinstance(found, Plain) or not isinstance(found.value, Known) or formatted:
            return unresolved("a part of this text is not known", span)
        parts.append(str(found.known))
    return Plain(value=Known(value="".join(parts)), spans=(span,))


def is_none(value: Value | None) -> bool | None:
    """Whether a value is None; None where that is not known."""
    match value:
        case None:
            return None
        case Unset():
            return True
        case Plain(value=Known(value=known)):
            return known is None
        case Plain() | Named() | Several():
            return None
        case _:
            return False


def truth_of(value: Value | None) -> bool | None:
    """Whether a value counts as true; None where that is not known."""
    match value:
        case None:
            return None
        case Unset():
            return False
        case Plain():
            return truth(value)
        case Items(items=items):
            return bool(items)
        case Table(entries=entries, open=is_open):
            return True if entries else None if is_open else False
        case Class() | ClientPath() | Function() | Instance() | Object():
            return True
        case _:
            return None


def _only(value: Value, *, wanted: bool) -> Value:
    """One of the possible values of an operand, as far as they decide."""
    return names.narrowed(value, "true" if wanted else "not true") or value
