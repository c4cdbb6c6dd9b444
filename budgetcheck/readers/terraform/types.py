"""Type constraints of variables: conversions, and the defaults of `optional()`."""

from budgetcheck.readers.terraform.evaluate import Scope, evaluate
from budgetcheck.readers.terraform.operators import to_bool, to_number, to_text
from budgetcheck.readers.terraform.syntax import Call, Expression, Literal, Name, Object, Tuple
from budgetcheck.readers.terraform.values import (
    NULL,
    EvaluationError,
    Handle,
    ListValue,
    MapValue,
    Scalar,
    Unknown,
    Value,
    distribute,
    list_value,
    map_value,
    via,
)

_DEEPEST = 30


def convert(value: Value, type_: Expression, scope: Scope, depth: int = 0) -> Value:
    """The value as a variable of that type holds it. Raises EvaluationError where it does not fit."""
    if depth > _DEEPEST:
        return value
    if isinstance(value, Unknown):
        return value
    if isinstance(value, MapValue | ListValue | Scalar | Handle):
        return _convert(value, type_, scope, depth)
    return distribute(lambda one: _convert(one, type_, scope, depth), value)


def _convert(value: Value, type_: Expression, scope: Scope, depth: int) -> Value:
    if isinstance(value, Handle) or (isinstance(value, Scalar) and value.value is None):
        return value
    match type_:
        case Name(name=name) | Literal(value=str() as name):
            return _primitive(value, name)
        case Call(function="optional", arguments=(inner, *_)):
            return convert(value, inner, scope, depth + 1)
        case Call(function="list" | "set" as kind, arguments=(inner,)):
            return _collection(value, inner, kind, scope, depth)
        case Call(function="map", arguments=(inner,)) if isinstance(value, MapValue):
            entries = {key: convert(entry, inner, scope, depth + 1) for key, entry in value.entries.items()}
            return via(map_value(entries), value.trail, value.refs)
        case Call(function="object", arguments=(Object() as fields, *_)) if isinstance(value, MapValue):
            return _object(value, fields, scope, depth)
        case Call(function="tuple", arguments=(Tuple(items=inners),)) if isinstance(value, ListValue):
            return _tuple(value, inners, scope, depth)
        case Call(function="map" | "object" | "tuple" as kind):
            raise EvaluationError(f"it is not of the type {kind}")
        case _:
            return value


def _primitive(value: Value, name: str) -> Value:
    if name == "any" or name not in ("string", "number", "bool"):
        return value
    if not isinstance(value, Scalar):
        if isinstance(value, ListValue | MapValue):
            raise EvaluationError(f"it is not of the type {name}")
        return value
    if name == "string" and isinstance(value.value, str):
        return value
    if name == "string":
        return Scalar(value=to_text(value), trail=value.trail, refs=value.refs)
    found = to_number(value) if name == "number" else to_bool(value)
    return Scalar(value=found, trail=value.trail, refs=value.refs)


def _collection(value: Value, inner: Expression, kind: str, scope: Scope, depth: int) -> Value:
    if not isinstance(value, ListValue):
        raise EvaluationError(f"it is not a {kind}")
    items = [convert(item, inner, scope, depth + 1) for item in value.items]
    return via(list_value(items, "set" if kind == "set" else "list"), value.trail, value.refs)


def _tuple(value: ListValue, inners: tuple[Expression, ...], scope: Scope, depth: int) -> Value:
    if len(inners) != len(value.items):
        raise EvaluationError("it is a tuple of another length")
    pairs = zip(value.items, inners, strict=True)
    items = [convert(item, inner, scope, depth + 1) for item, inner in pairs]
    return via(list_value(items), value.trail, value.refs)


def _object(value: MapValue, fields: Object, scope: Scope, depth: int) -> Value:
    entries: dict[str, Value] = {}
    for field in fields.elements:
        name = to_text(evaluate(field.key, scope))
        entry = value.entries.get(name, NULL)
        optional = isinstance(field.value, Call) and field.value.function == "optional"
        if isinstance(entry, Scalar) and entry.value is None and optional:
            entries[name] = via(_default(field.value, scope, depth), (field.span,))
        elif name in value.entries:
            entries[name] = convert(entry, field.value, scope, depth + 1)
        elif optional:
            entries[name] = NULL
        else:
            raise EvaluationError(f"the attribute {name} is missing")
    return via(map_value(entries), value.trail, value.refs)


def _default(optional: Expression, scope: Scope, depth: int) -> Value:
    """What stands for an attribute that is left out or null."""
    if not isinstance(optional, Call) or len(optional.arguments) < 2:
        return NULL
    inner, default = optional.arguments[:2]
    return convert(evaluate(default, scope), inner, scope, depth + 1)
