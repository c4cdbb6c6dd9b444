"""Evaluates expressions to values: known, null, one of several, or unknown with the reason.

The promise: never a wrong value. What is not supported, not written or only known after `apply` comes out
as unknown; an unknown condition yields the values of both branches.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from budgetcheck.readers.terraform import syntax
from budgetcheck.readers.terraform.access import get_attribute, get_index, items_of, pairs_of, splat_items
from budgetcheck.readers.terraform.comparison import equality
from budgetcheck.readers.terraform.conversion import type_of
from budgetcheck.readers.terraform.operators import binary, both, either, negate, to_text, truth
from budgetcheck.readers.terraform.pieces import literal_pieces, may_be_document, may_be_host, pieces_of
from budgetcheck.readers.terraform.scope import Names, Scope
from budgetcheck.readers.terraform.shapes import alike, check, loop_type, typed
from budgetcheck.readers.terraform.sketches import of_call, of_its_own, of_parts, read_from
from budgetcheck.readers.terraform.syntax import Expression, Part, written
from budgetcheck.readers.terraform.types import (
    ANY,
    UNSEEN,
    Collection,
    TupleType,
    object_type,
    unified,
)
from budgetcheck.readers.terraform.values import (
    EvaluationError,
    Handle,
    ListKind,
    ListValue,
    MapValue,
    NotKnownError,
    Scalar,
    Unknown,
    Value,
    all_refs,
    choose,
    distribute,
    failed,
    join_refs,
    join_trails,
    list_value,
    map_value,
    merge_unknown,
    via,
    without_errors,
)

__all__ = ["Names", "Scope", "evaluate", "room_for_evaluation"]

_DEEPEST = 300
"""Nested evaluations beyond which a value is given up; Python's own stack must never decide this."""

_FRAMES_PER_LEVEL = 20
"""More than one evaluation needs on the way to the next: attribute, variable, conversion, handler."""


@contextmanager
def room_for_evaluation() -> Iterator[None]:
    """Lets Python nest as deep as evaluations may; its usual limit is meant for runaway recursion."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, _DEEPEST * _FRAMES_PER_LEVEL))
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)


def evaluate(expression: Expression, scope: Scope) -> Value:
    """The value of an expression; never raises."""
    fuel = scope.names.fuel
    nesting = fuel.nesting
    nesting.depth += 1
    try:
        fuel.burn()
        if nesting.depth > _DEEPEST:
            return Unknown(reason="the expression refers through too many steps to be followed")
        value = _HANDLERS[type(expression)](expression, scope)
    except NotKnownError as error:
        value = replace(error.value, sketch="")
    except EvaluationError as error:
        value = failed(str(error))
    finally:
        nesting.depth -= 1
    return typed(expression, of_its_own(expression, value)) if isinstance(value, Unknown) else value


def _literal(node: syntax.Literal, _: Scope) -> Value:
    pieces = literal_pieces(node.value, node.span) if isinstance(node.value, str) else ()
    return Scalar(value=node.value, pieces=pieces)


def _invalid(node: syntax.Invalid, _: Scope) -> Value:
    return Unknown(reason=f"the expression at {node.span.place} could not be read: {node.reason}")


def _reference(node: Expression, scope: Scope) -> Value:
    """A name with all that is picked from it: `var.a.b[0]`."""
    steps: list[syntax.Traversal | syntax.Index] = []
    target = node
    while isinstance(target, syntax.Traversal | syntax.Index):
        steps.append(target)
        target = target.target
    steps.reverse()
    if isinstance(target, syntax.Name):
        value, used = _root(target.name, steps, scope)
    else:
        value, used = evaluate(target, scope), 0
    for step in steps[used:]:
        value = _step(value, step, scope)
    return read_from(node, target, value, scope, steps=len(steps), used=used)


def _step(value: Value, step: syntax.Traversal | syntax.Index, scope: Scope) -> Value:
    if isinstance(step, syntax.Traversal):
        return get_attribute(value, step.name)
    return get_index(value, evaluate(step.key, scope))


def _root(name: str, steps: list[syntax.Traversal | syntax.Index], scope: Scope) -> tuple[Value, int]:
    """What the first names stand for, and how many of the steps belong to it."""
    if name in scope.bindings:
        return scope.bindings[name], 0
    words = []
    for step in steps[:2]:
        if not isinstance(step, syntax.Traversal):
            break
        words.append(step.name)
    names = scope.names
    match name, words:
        case "var", [first, *_]:
            return names.variable(first), 1
        case "local", [first, *_]:
            return names.local(first), 1
        case "module", [first, *_]:
            return names.call(first), 1
        case (("data" | "ephemeral"), [kind, label]):
            return names.data(kind, label), 2
        case (("path" | "terraform" | "tofu"), [first, *_]):
            return names.meta(name, first), 1
        case (("each" | "count" | "self"), _):
            return Unknown(reason=f"{name} has no meaning here"), len(steps)
        case _, [first, *_]:
            return names.resource(name, first), 1
        case _:
            return failed(f"{name} alone is not a value"), len(steps)


def _splat(node: syntax.Splat, scope: Scope) -> Value:
    target = evaluate(node.target, scope)

    def apply(value: Value) -> Value:
        sample = value.subject.sample() if isinstance(value, Handle) else None
        if sample is not None:  # the number of elements is unknown, but what they refer to is not
            inner = evaluate(node.body, scope.bind(**{syntax.SPLAT_ELEMENT: sample}))
            return Unknown(reason=f"the number of {written(node.target)} is not known", refs=all_refs(inner))
        items = [
            evaluate(node.body, scope.bind(**{syntax.SPLAT_ELEMENT: item})) for item in splat_items(value)
        ]
        kind: ListKind = "list" if isinstance(value, ListValue) and value.kind != "tuple" else "tuple"
        check(items, lambda types: Collection("list", ANY) if kind == "list" else TupleType(types))
        return via(list_value(items, kind), value.trail, value.refs)

    return distribute(apply, target)


def _call(node: syntax.Call, scope: Scope) -> Value:
    if node.function == "try":
        return _try(node, scope)
    if node.function == "can":
        value = evaluate(node.arguments[0], scope) if node.arguments else failed("can() needs an argument")
        if isinstance(value, Unknown):
            decided = value.failed or value.not_null
            return Scalar(value=not value.failed) if decided else merge_unknown([value])
        return Scalar(value=True)
    arguments = without_errors(evaluate(argument, scope) for argument in node.arguments)
    if node.expand and arguments:
        arguments = [*arguments[:-1], *_expanded(arguments[-1])]
    try:
        value = scope.names.function(node.function, tuple(arguments))
    except NotKnownError as error:
        value = error.value
    return replace(value, sketch=of_call(node.function, arguments)) if isinstance(value, Unknown) else value


def _expanded(value: Value) -> Iterator[Value]:
    if isinstance(value, Unknown):
        raise NotKnownError(value)
    yield from items_of(value)


def _try(node: syntax.Call, scope: Scope) -> Value:
    value: Value = failed("try() needs an argument")
    for argument in node.arguments:
        value = evaluate(argument, scope)
        if not (isinstance(value, Unknown) and value.failed):
            return value
    return value


def _conditional(node: syntax.Conditional, scope: Scope) -> Value:
    condition = evaluate(node.condition, scope)
    try:
        decided = truth(condition)
    except EvaluationError as error:
        condition, decided = failed(str(error)), None
    if decided is None:
        then, otherwise = evaluate(node.then, scope), evaluate(node.otherwise, scope)
        if isinstance(condition, Unknown) and condition.failed:
            return replace(condition, type=unified((type_of(then), type_of(otherwise))) or UNSEEN)
        options = (alike(then, otherwise), alike(otherwise, then))
        reason = getattr(condition, "reason", "") or "a condition is not known"
        return _after(choose(options, f"it depends on a condition: {reason}"), condition)
    taken, other = (node.then, node.otherwise) if decided else (node.otherwise, node.then)
    value = evaluate(taken, scope)
    if not isinstance(value, Unknown | Handle):
        value = alike(value, evaluate(other, scope))
    return _after(value, condition)


def _after(value: Value, condition: Value) -> Value:
    """The value with the condition's way behind its own: the literal that was picked comes first."""
    if not condition.trail or isinstance(value, ListValue | MapValue | Handle):
        return value  # what is picked from a collection later must not carry the condition along
    return replace(value, trail=join_trails(value.trail, condition.trail))


def _binary(node: syntax.Binary, scope: Scope) -> Value:
    value = evaluate(node.first, scope)
    for operator, operand in node.rest:
        right = evaluate(operand, scope)
        if operator in ("==", "!="):
            value = equality(value, right, wanted=operator == "==")
        elif operator == "&&":
            value = both(value, right)
        elif operator == "||":
            value = either(value, right)
        else:
            value = binary(operator, value, right)
    return value


def _unary(node: syntax.Unary, scope: Scope) -> Value:
    return negate(node.operator, evaluate(node.operand, scope))


def _tuple(node: syntax.Tuple, scope: Scope) -> Value:
    items = [evaluate(item, scope) for item in node.items]
    check(items, TupleType)
    return list_value(items)


def _object(node: syntax.Object, scope: Scope) -> Value:
    entries: dict[str, Value] = {}
    for element in node.elements:
        key = evaluate(element.key, scope)
        if not isinstance(key, Scalar):
            raise NotKnownError(merge_unknown([key], "a key of an object is not known"))
        entries[to_text(key)] = via(evaluate(element.value, scope), (element.span,))
    check(list(entries.values()), lambda types: object_type(dict(zip(entries, types, strict=True))))
    return map_value(entries)


def _for(node: syntax.For, scope: Scope) -> Value:
    return distribute(lambda value: _loop(node, value, scope), evaluate(node.collection, scope))


def _loop(node: syntax.For, collection: Value, scope: Scope) -> Value:
    sample = collection.subject.sample() if isinstance(collection, Handle) else None
    if sample is not None:
        inner = evaluate(
            node.result, _loop_scope(node, Unknown(reason="the key is not known"), sample, scope)
        )
        return Unknown(reason=f"the number of {written(node.collection)} is not known", refs=all_refs(inner))
    results: list[tuple[str, Value]] = []
    pairs = list(pairs_of(collection))
    if node.condition is not None and not pairs:  # a condition that is wrong for any element is an error
        anything = Unknown(reason="there is no element")
        condition = evaluate(node.condition, _loop_scope(node, anything, anything, scope))
        if isinstance(condition, Unknown) and condition.failed:
            raise NotKnownError(replace(condition, type=UNSEEN))
    for key, item in pairs:
        inside = _loop_scope(node, key, item, scope)
        if node.condition is not None and not _holds(node.condition, inside):
            continue
        name = ""
        if node.result_key is not None:
            result_key = evaluate(node.result_key, inside)
            if not isinstance(result_key, Scalar):
                raise NotKnownError(merge_unknown([result_key], "a key of a map is not known"))
            name = to_text(result_key)
        results.append((name, evaluate(node.result, inside)))
    check(
        [value for _, value in results], lambda types: loop_type(node, [name for name, _ in results], types)
    )
    if node.result_key is None:
        return via(list_value(value for _, value in results), collection.trail, collection.refs)
    return via(_collected(node, results), collection.trail, collection.refs)


def _holds(condition: Expression, scope: Scope) -> bool:
    value = evaluate(condition, scope)
    decided = truth(value)
    if decided is None:
        raise NotKnownError(merge_unknown([value], "which elements are kept is not known"))
    return decided


def _collected(node: syntax.For, results: list[tuple[str, Value]]) -> MapValue:
    if not node.grouped:
        found = dict(results)
        if len(found) < len(results):
            raise EvaluationError("two elements have the same key")
        return map_value(found)
    groups: dict[str, list[Value]] = {}
    for name, value in results:
        groups.setdefault(name, []).append(value)
    return map_value({name: list_value(values) for name, values in groups.items()})


def _loop_scope(node: syntax.For, key: Value, item: Value, scope: Scope) -> Scope:
    bindings = {node.value_name: item}
    if node.key_name:
        bindings[node.key_name] = key
    return scope.bind(**bindings)


def _template(node: syntax.Template, scope: Scope) -> Value:
    if len(node.parts) == 1 and not isinstance(node.parts[0], str | syntax.TemplateIf | syntax.TemplateFor):
        return evaluate(node.parts[0], scope)  # "${x}" is x itself, whatever its type
    return _text(node.parts, scope)


def _text(parts: tuple[Part, ...], scope: Scope) -> Value:
    values = [_part(part, scope) for part in parts]
    try:
        result = distribute(lambda *pieces: Scalar(value=_joined(pieces, scope)), *values)
    except NotKnownError as error:
        result = error.value
    kept = may_be_document(parts) or (isinstance(result, Unknown) and may_be_host(parts))
    if kept and isinstance(result, Scalar | Unknown):
        result = replace(result, pieces=pieces_of(parts, values))
    if isinstance(result, Unknown):
        result = replace(result, sketch=of_parts(values))
    return via(result, join_trails(*(v.trail for v in values)), join_refs(*(all_refs(v) for v in values)))


def _joined(pieces: tuple[Value, ...], scope: Scope) -> str:
    text = "".join(to_text(piece) for piece in pieces)
    scope.names.fuel.burn(len(text) // 200)
    if len(text) > 500_000:
        raise NotKnownError(Unknown(reason="a text of more than 500000 characters is not followed"))
    return text


def _part(part: Part, scope: Scope) -> Value:
    if isinstance(part, str):
        return Scalar(value=part)
    if isinstance(part, syntax.TemplateIf):
        decided = truth(condition := evaluate(part.condition, scope))
        if isinstance(condition, Unknown) and condition.failed:
            return condition
        if decided is None:
            options = (_text(part.then, scope), _text(part.otherwise, scope))
            return choose(options, getattr(condition, "reason", "a condition is not known"))
        return _text(part.then if decided else part.otherwise, scope)
    if isinstance(part, syntax.TemplateFor):
        return distribute(lambda value: _text_loop(part, value, scope), evaluate(part.collection, scope))
    return evaluate(part, scope)


def _text_loop(part: syntax.TemplateFor, collection: Value, scope: Scope) -> Value:
    texts = []
    for key, item in pairs_of(collection):
        bindings = {part.value_name: item} | ({part.key_name: key} if part.key_name else {})
        texts.append(_text(part.body, scope.bind(**bindings)))
    return distribute(lambda *pieces: Scalar(value=_joined(pieces, scope)), *texts)


_HANDLERS: dict[type, Callable[..., Value]] = {
    syntax.Literal: _literal,
    syntax.Invalid: _invalid,
    syntax.Name: _reference,
    syntax.Traversal: _reference,
    syntax.Index: _reference,
    syntax.Splat: _splat,
    syntax.Call: _call,
    syntax.Conditional: _conditional,
    syntax.Binary: _binary,
    syntax.Unary: _unary,
    syntax.Tuple: _tuple,
    syntax.Object: _object,
    syntax.For: _for,
    syntax.Template: _template,
}
