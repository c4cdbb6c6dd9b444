"""Picking from values: attributes, indexes, splats and walks over collections."""

from collections.abc import Iterator

from budgetcheck.readers.terraform.operators import to_number, to_text
from budgetcheck.readers.terraform.types import Collection, TupleType
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
    choose,
    distribute,
    failed,
    merge_unknown,
    via,
)


def get_attribute(value: Value, name: str) -> Value:
    """`value.name`."""
    return distribute(lambda one: _attribute(one, name), value)


def _attribute(value: Value, name: str) -> Value:
    match value:
        case MapValue(entries=entries):
            if name not in entries:
                return failed(f"there is no attribute {name}")
            return via(entries[name], value.trail, value.refs)
        case Handle(subject=subject):
            return via(subject.attribute(name), value.trail, value.refs)
        case Scalar(value=None):
            return failed(f"null has no attribute {name}")
        case _:
            return failed(f"the value has no attribute {name}")


def get_index(value: Value, key: Value) -> Value:
    """`value[key]`. A key that is not known gives every element that there is."""
    if isinstance(key, Unknown) and not key.failed and isinstance(value, ListValue | MapValue):
        items = value.items if isinstance(value, ListValue) else tuple(value.entries.values())
        if items:
            return choose(items, f"the index is not known: {key.reason}", value.trail, value.refs)
        return merge_unknown([key])
    if isinstance(value, Handle) and isinstance(key, Unknown | Choice):
        return via(value.subject.element(key), value.trail, value.refs)
    return distribute(_index, value, key)


def _index(value: Value, key: Value) -> Value:
    match value:
        case ListValue(kind="set"):
            return failed("elements of a set have no index")
        case ListValue(items=items):
            position = to_number(key)
            if not isinstance(position, int) or not 0 <= position < len(items):
                return failed(f"there is no element {position}")
            return via(items[position], (*value.trail, *key.trail), value.refs)
        case MapValue(entries=entries):
            name = to_text(key)
            if name not in entries:
                return failed("there is no element under that key")
            return via(entries[name], (*value.trail, *key.trail), value.refs)
        case Handle(subject=subject):
            return via(subject.element(key), value.trail, value.refs)
        case Scalar(value=None):
            return failed("null has no elements")
        case _:
            return failed("the value has no elements")


def splat_items(value: Value) -> list[Value]:
    """The elements a splat walks over: none for null, the value itself where it is no list.

    Raises EvaluationError for a null that would have to be a list.
    """
    if isinstance(value, ListValue):
        return list(value.items)
    if isinstance(value, Scalar) and value.value is None:
        if isinstance(value.type, TupleType) or (
            isinstance(value.type, Collection) and value.type.kind != "map"
        ):
            raise EvaluationError("null is no list")
        return []
    return [value]


def items_of(value: Value) -> list[Value]:
    """The elements of a list or set. Raises as `pairs_of` does, also for a map."""
    if isinstance(value, MapValue):
        raise EvaluationError("a list is needed, not a map")
    return [item for _, item in pairs_of(value)]


def pairs_of(value: Value) -> Iterator[tuple[Value, Value]]:
    """Keys and elements of a collection. Raises where it is none, or not known."""
    match value:
        case ListValue(items=items, kind="set"):
            for item in items:
                yield item, item
        case ListValue(items=items):
            for position, item in enumerate(items):
                yield Scalar(value=position), item
        case MapValue(entries=entries):
            for key, item in sorted(entries.items()):
                yield Scalar(value=key), item
        case Handle(subject=subject):
            raise NotKnownError(merge_unknown([subject.everything()], "a resource as a whole is not known"))
        case Unknown():
            raise NotKnownError(value)
        case Encoded() | Choice():
            raise NotKnownError(Unknown(reason="the collection is not known", refs=value.refs))
        case _:
            raise EvaluationError("the value is not a collection")
