"""Functions of lists, sets and maps."""

from collections.abc import Callable, Iterator
from typing import Literal

from budgetcheck.readers.terraform.access import items_of, pairs_of
from budgetcheck.readers.terraform.operators import equal, to_bool, to_number, to_text
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
    content,
    fully_known,
    list_value,
    map_value,
    merge_unknown,
    via,
)


def _entries(value: Value) -> dict[str, Value]:
    if isinstance(value, MapValue):
        return dict(value.entries)
    if isinstance(value, Handle):
        raise NotKnownError(merge_unknown([value.subject.everything()]))
    if isinstance(value, Scalar) and value.value is None:
        return {}
    raise EvaluationError("a map is needed")


def _length(value: Value) -> Value:
    if isinstance(value, Scalar) and isinstance(value.value, str):
        return Scalar(value=len(value.value))
    return Scalar(value=sum(1 for _ in pairs_of(value)))


def _contains(values: Value, wanted: Value) -> Value:
    found = [equal(item, wanted) if isinstance(item, Scalar) else None for item in items_of(values)]
    if True in found:
        return Scalar(value=True)
    if None in found:
        raise NotKnownError(Unknown(reason="an element of the list is not known"))
    return Scalar(value=False)


def _index_of(values: Value, wanted: Value) -> Value:
    for position, item in enumerate(items_of(values)):
        same = equal(item, wanted)
        if same is None:
            raise NotKnownError(Unknown(reason="an element of the list is not known"))
        if same:
            return Scalar(value=position)
    raise EvaluationError("the element is not in the list")


def _all_true(values: Value) -> Value:
    return Scalar(value=all(to_bool(item) for item in items_of(values)))


def _any_true(values: Value) -> Value:
    return Scalar(value=any(to_bool(item) for item in items_of(values)))


def _keys(value: Value) -> Value:
    return list_value(Scalar(value=key) for key in sorted(_entries(value)))


def _range_of(values: Value, start: Value, end: Value) -> Value:
    items, first, last = items_of(values), int(to_number(start)), int(to_number(end))
    if not 0 <= first <= last <= len(items):
        raise EvaluationError("the slice is outside of the list")
    return list_value(items[first:last])


COMPUTED: dict[str, Callable[..., Value]] = {
    "length": _length,
    "contains": _contains,
    "index": _index_of,
    "alltrue": _all_true,
    "anytrue": _any_true,
    "keys": _keys,
}


def _values(value: Value) -> Value:
    entries = _entries(value)
    return via(list_value(entries[key] for key in sorted(entries)), value.trail, value.refs)


def _merge(*maps: Value) -> Value:
    entries: dict[str, Value] = {}
    for one in maps:
        entries |= {key: via(item, one.trail, one.refs) for key, item in _entries(one).items()}
    return map_value(entries)


def _concat(*lists: Value) -> Value:
    return list_value(via(item, one.trail, one.refs) for one in lists for item in items_of(one))


def _flatten(value: Value) -> Value:
    return list_value(_flat(value))


def _flat(value: Value) -> Iterator[Value]:
    for item in items_of(value):
        if isinstance(item, ListValue):
            yield from _flat(item)
        elif isinstance(item, Unknown | Choice):  # it may be a list itself
            raise NotKnownError(merge_unknown([item], "an element of the list is not known"))
        else:
            yield item


def _distinct(value: Value) -> Value:
    return list_value(_without_duplicates(items_of(value)))


def _without_duplicates(items: list[Value]) -> list[Value]:
    unknown = [item for item in items if not fully_known(item) and not isinstance(item, Handle | MapValue)]
    if unknown and len(items) > 1:
        raise NotKnownError(merge_unknown(unknown, "an element of the list is not known"))
    return list({content(item): item for item in items}.values())


def _compact(value: Value) -> Value:
    kept: list[Value] = []
    for item in items_of(value):
        if isinstance(item, Unknown | Choice | Encoded | Handle):
            raise NotKnownError(merge_unknown([item], "an element of the list is not known"))
        if not (isinstance(item, Scalar) and item.value in (None, "")):
            kept.append(item)
    return list_value(kept)


def _to_set(value: Value) -> Value:
    items = _without_duplicates(items_of(value))
    if all(isinstance(item, Scalar) for item in items):
        items = sorted(items, key=to_text)
    return _collection(items, "set", value)


def _to_list(value: Value) -> Value:
    return _collection(items_of(value), "list", value)


def _collection(items: list[Value], kind: Literal["list", "set"], source: Value) -> Value:
    return via(list_value(items, kind), source.trail, source.refs)


def _to_map(value: Value) -> Value:
    return via(map_value(_entries(value)), value.trail, value.refs)


def _sorted(value: Value) -> Value:
    return _collection(sorted(items_of(value), key=to_text), "list", value)


def _reverse(value: Value) -> Value:
    return _collection(items_of(value)[::-1], "list", value)


def _zip_map(keys: Value, values: Value) -> Value:
    names, items = [to_text(key) for key in items_of(keys)], items_of(values)
    if len(names) != len(items):
        raise EvaluationError("keys and values are not of the same number")
    return map_value(dict(zip(names, items, strict=True)))


def _union(*sets: Value) -> Value:
    return _to_set(_concat(*sets))


def _intersection(first: Value, *others: Value) -> Value:
    kept = _without_duplicates(items_of(first))
    for other in others:
        there = {content(item) for item in _without_duplicates(items_of(other))}
        kept = [item for item in kept if content(item) in there]
    return list_value(kept, "set")


def _subtract(first: Value, second: Value) -> Value:
    gone = {content(item) for item in _without_duplicates(items_of(second))}
    kept = [item for item in _without_duplicates(items_of(first)) if content(item) not in gone]
    return list_value(kept, "set")


def _product(*lists: Value) -> Value:
    combinations: list[list[Value]] = [[]]
    for one in lists:
        items = items_of(one)
        if len(combinations) * len(items) > 10_000:
            raise NotKnownError(Unknown(reason="setproduct() expands too far"))
        combinations = [[*row, item] for row in combinations for item in items]
    return list_value(list_value(row) for row in combinations)


PICKED: dict[str, Callable[..., Value]] = {
    "values": _values,
    "merge": _merge,
    "concat": _concat,
    "flatten": _flatten,
    "distinct": _distinct,
    "compact": _compact,
    "toset": _to_set,
    "tolist": _to_list,
    "tomap": _to_map,
    "sort": _sorted,
    "reverse": _reverse,
    "slice": _range_of,
    "zipmap": _zip_map,
    "setunion": _union,
    "setintersection": _intersection,
    "setsubtract": _subtract,
    "setproduct": _product,
}
