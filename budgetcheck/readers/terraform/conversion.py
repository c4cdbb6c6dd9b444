"""Conversions of values from one type to another, and the types that values have."""

from collections.abc import Callable, Iterable

from budgetcheck.readers.terraform.operators import to_bool, to_number, to_text
from budgetcheck.readers.terraform.ordering import set_items
from budgetcheck.readers.terraform.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    UNSEEN,
    Collection,
    ObjectType,
    Primitive,
    TupleType,
    Type,
    convertible,
    object_type,
    unified,
)
from budgetcheck.readers.terraform.values import (
    Choice,
    Encoded,
    EvaluationError,
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


def type_of(value: Value) -> Type:
    """The type of a value, UNSEEN where it or a part of it is not known."""
    match value:
        case Scalar(value=None):
            return value.type or ANY
        case Scalar(value=bool()):
            return BOOL
        case Scalar(value=str()) | Encoded():
            return STRING
        case Scalar():
            return NUMBER
        case ListValue(items=items, kind="tuple"):
            return TupleType(tuple(type_of(item) for item in items))
        case ListValue(items=items, kind="list" | "set" as kind):
            return Collection(kind, value.element or _common(items))
        case MapValue(entries=entries, kind="object"):
            return object_type({key: type_of(entry) for key, entry in entries.items()})
        case MapValue(entries=entries):
            return Collection("map", value.element or _common(entries.values()))
        case Unknown(type=type_, failed=failed):
            return ANY if failed and type_ == UNSEEN else type_
        case Choice(options=options):
            types = {type_of(option) for option in options}
            return types.pop() if len(types) == 1 else UNSEEN
        case _:
            return UNSEEN


def _common(values: Iterable[Value]) -> Type:
    return unified([type_of(value) for value in values]) or ANY


def converted(value: Value, wanted: Type) -> Value:
    """The value as one of the wanted type; what is not known stays as it is.

    Raises EvaluationError where it does not fit.
    """
    if wanted in (ANY, UNSEEN):
        return value
    if isinstance(value, Choice):
        return distribute(lambda one: converted(one, wanted), value)
    if not isinstance(value, Scalar | ListValue | MapValue):
        return value
    have = type_of(value)
    if have == wanted:
        return value
    if not convertible(have, wanted):
        raise EvaluationError(f"a value of the type {title(have)} is no {title(wanted)}")
    if isinstance(value, Scalar):
        return _scalar(value, wanted)
    return via(_structure(value, wanted), value.trail, value.refs)


def _scalar(value: Scalar, wanted: Type) -> Value:
    if value.value is None:
        return Scalar(value=None, trail=value.trail, refs=value.refs, type=wanted)
    found = _PRIMITIVES[wanted](value)
    return Scalar(value=found, trail=value.trail, refs=value.refs)


_PRIMITIVES: dict[Type, Callable[[Value], str | int | bool]] = {
    STRING: to_text,
    NUMBER: to_number,  # type: ignore[dict-item]
    BOOL: to_bool,
}


def _structure(value: ListValue | MapValue, wanted: Type) -> Value:
    match value, wanted:
        case ListValue(items=items), Collection(kind="list" | "set" as kind, element=element):
            return as_sequence(items, kind, element, value.element)
        case ListValue(items=items), TupleType(elements=elements):
            return list_value(converted(item, one) for item, one in zip(items, elements, strict=True))
        case MapValue(entries=entries), Collection(kind="map", element=element):
            return as_map(dict(entries), element, value.element)
        case MapValue(entries=entries), ObjectType():
            return _as_object(dict(entries), wanted)
        case _:
            return value


def as_sequence(
    items: Iterable[Value], kind: str, element: Type = ANY, usual: Type | None = None
) -> ListValue:
    """A list or set of elements of one type; of their common type, or the `usual` one, where it is open.

    Raises EvaluationError where they have none.
    """
    held, found = _of_one_type(list(items), element, usual)
    if kind == "set":
        return list_value(set_items(held), "set", found)
    return list_value(held, "list", found)


def as_map(entries: dict[str, Value], element: Type = ANY, usual: Type | None = None) -> MapValue:
    """A map whose values are of one type, as `as_sequence` for lists."""
    held, found = _of_one_type(list(entries.values()), element, usual)
    return map_value(dict(zip(entries, held, strict=True)), "map", found)


def _of_one_type(items: list[Value], element: Type, usual: Type | None) -> tuple[list[Value], Type]:
    if not items:
        return [], (usual or ANY) if element == ANY else element
    wanted = element
    if wanted == ANY:
        common = unified([type_of(item) for item in items])
        if common is None:
            raise EvaluationError("the elements have no type in common")
        wanted = common
    held = [converted(item, wanted) for item in items]
    types = [type_of(item) for item in held]
    if any(one != types[0] for one in types):  # a constraint that is open further inside
        inner = unified(types)
        if inner is None:
            raise EvaluationError("the elements have no type in common")
        return [converted(item, inner) for item in held], inner
    return held, types[0]


def _as_object(entries: dict[str, Value], wanted: ObjectType) -> MapValue:
    found: dict[str, Value] = {}
    for name, attribute in wanted.attributes:
        if name in entries:
            found[name] = converted(entries[name], attribute)
        elif name in wanted.optional:
            found[name] = Scalar(value=None, type=attribute)
        else:
            raise EvaluationError(f"the attribute {name} is missing")
    return map_value(found)


def title(type_: Type) -> str:
    """A type in a message."""
    match type_:
        case Primitive(name=name):
            return name or "value that is not known"
        case Collection(kind=kind):
            return kind
        case TupleType():
            return "tuple"
        case ObjectType():
            return "object"
