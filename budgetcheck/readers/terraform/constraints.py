"""Type constraints of variables: conversions, and the defaults of `optional()`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from budgetcheck.readers.terraform.conversion import as_sequence, converted, type_of
from budgetcheck.readers.terraform.evaluate import evaluate
from budgetcheck.readers.terraform.operators import to_text
from budgetcheck.readers.terraform.scope import Scope
from budgetcheck.readers.terraform.syntax import Call, Expression, Literal, Name, Object, Tuple
from budgetcheck.readers.terraform.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    Collection,
    TupleType,
    Type,
    object_type,
    unified,
)
from budgetcheck.readers.terraform.values import (
    Choice,
    EvaluationError,
    ListKind,
    ListValue,
    MapValue,
    Scalar,
    Value,
    choose,
    list_value,
    map_value,
    via,
)

_DEEPEST = 30
_NAMED: dict[str, Type] = {
    "string": STRING,
    "number": NUMBER,
    "bool": BOOL,
    "list": Collection("list", ANY),  # what `list(any)` was written as before Terraform 0.12
    "map": Collection("map", ANY),
}
_EACH = ""
"""The place of what holds for every element of a collection; a tuple's elements have their numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What stands for optional attributes that are left out or null, here and further inside."""

    values: Mapping[str, Value] = field(default_factory=dict)
    inside: Mapping[str, "Defaults"] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Nothing is filled in anywhere."""
        return not self.values and not self.inside

    def within(self, place: str) -> "Defaults":
        """The defaults of an attribute, or of an element."""
        return self.inside.get(place) or self.inside.get(_EACH) or _NOTHING


_NOTHING = Defaults()


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """A type, and the defaults of the optional attributes in it."""

    type: Type
    defaults: Defaults = _NOTHING

    def apply(self, value: Value) -> Value:
        """The value as a variable of that type holds it. Raises EvaluationError where it does not fit."""
        if isinstance(value, Choice):
            options = [self.apply(option) for option in value.options]
            return choose(options, value.reason, value.trail, value.refs)
        return converted(_filled(value, self.defaults), self.type)


def constraint(written: Expression, scope: Scope, depth: int = 0) -> Constraint:
    """Reads a type expression (`map(object({ timeout = optional(number, 30) }))`)."""
    if depth > _DEEPEST:
        return Constraint(type=ANY)
    match written:
        case Name(name=name) | Literal(value=str() as name):
            return Constraint(type=_NAMED.get(name, ANY))
        case Call(function="list" | "set" | "map" as kind, arguments=(inner,)):
            element = constraint(inner, scope, depth + 1)
            inside = {} if element.defaults.empty else {_EACH: element.defaults}
            return Constraint(type=_collection(kind, element.type), defaults=Defaults(inside=inside))
        case Call(function="tuple", arguments=(Tuple(items=inners),)):
            elements = [constraint(inner, scope, depth + 1) for inner in inners]
            inside = {str(n): one.defaults for n, one in enumerate(elements) if not one.defaults.empty}
            return Constraint(
                type=TupleType(tuple(one.type for one in elements)), defaults=Defaults(inside=inside)
            )
        case Call(function="object", arguments=(Object() as fields,)):
            return _object(fields, scope, depth)
        case _:
            return Constraint(type=ANY)


def _collection(kind: str, element: Type) -> Type:
    if kind == "set":
        return Collection("set", element)
    return Collection("map" if kind == "map" else "list", element)


def _object(fields: Object, scope: Scope, depth: int) -> Constraint:
    types: dict[str, Type] = {}
    optional: set[str] = set()
    values: dict[str, Value] = {}
    inside: dict[str, Defaults] = {}
    for element in fields.elements:
        name, written = to_text(evaluate(element.key, scope)), element.value
        default = None
        if isinstance(written, Call) and written.function == "optional" and written.arguments:
            optional.add(name)
            written, *rest = written.arguments
            default = evaluate(rest[0], scope) if rest else None
        inner = constraint(written, scope, depth + 1)
        types[name] = inner.type
        if default is not None:
            values[name] = via(converted(default, inner.type), (element.span,))
        if not inner.defaults.empty:
            inside[name] = inner.defaults
    return Constraint(type=object_type(types, optional), defaults=Defaults(values=values, inside=inside))


def _filled(value: Value, defaults: Defaults) -> Value:
    """The value with defaults in the place of attributes that are left out or null."""
    if defaults.empty:
        return value
    match value:
        case Choice(options=options):
            filled = [_filled(option, defaults) for option in options]
            return choose(filled, value.reason, value.trail, value.refs)
        case ListValue(items=items):
            held = [_filled(item, defaults.within(str(place))) for place, item in enumerate(items)]
            return via(_alike(held, value.kind), value.trail, value.refs)
        case MapValue():
            return via(_filled_map(value, defaults), value.trail, value.refs)
        case _:
            return value


def _filled_map(value: MapValue, defaults: Defaults) -> Value:
    entries = {key: _filled(entry, defaults.within(key)) for key, entry in value.entries.items()}
    for key, default in defaults.values.items():
        entry = entries.get(key)
        if entry is None or (isinstance(entry, Scalar) and entry.value is None):
            entries[key] = _filled(default, defaults.within(key))
    return map_value(entries)


def _alike(items: list[Value], kind: ListKind) -> Value:
    """A list or set again where the filled elements still have a type in common, else a tuple."""
    if kind == "tuple" or unified([type_of(item) for item in items]) is None:
        return list_value(items)
    try:
        return as_sequence(items, kind)
    except EvaluationError:
        return list_value(items)
