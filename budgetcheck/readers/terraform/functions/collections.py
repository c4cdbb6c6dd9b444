"""Functions of lists, sets and maps."""

from collections.abc import Callable, Iterable, Iterator

from budgetcheck.readers.terraform.access import items_of, pairs_of
from budgetcheck.readers.terraform.comparison import equal
from budgetcheck.readers.terraform.conversion import as_sequence, converted, type_of
from budgetcheck.readers.terraform.functions.numbers import whole
from budgetcheck.readers.terraform.functions.strings import characters
from budgetcheck.readers.terraform.operators import to_bool, to_text
from budgetcheck.readers.terraform.ordering import distinct_items
from budgetcheck.readers.terraform.types import (
    ANY,
    BOOL,
    STRING,
    UNSEEN,
    Collection,
    ObjectType,
    TupleType,
    Type,
    unified,
)
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
    list_value,
    map_value,
    merge_unknown,
    via,
)

_MOST_COMBINATIONS = 10_000
_LIST, _SET, _MAP = Collection("list", ANY), Collection("set", ANY), Collection("map", ANY)


def _sequence(value: Value, what: str = "a list is needed") -> ListValue:
    """A list or tuple, whose elements have an order. Raises EvaluationError for anything else."""
    if isinstance(value, ListValue) and value.kind != "set":
        return value
    if isinstance(value, ListValue | MapValue | Scalar):
        raise EvaluationError(what)
    raise NotKnownError(merge_unknown([value], "a list is not known"))


def _listed(value: Value, element: Type = ANY) -> ListValue:
    """The value as a list, also of a set or tuple. Raises EvaluationError where it is none."""
    found = converted(_not_null(value), Collection("list", element))
    if isinstance(found, ListValue):
        return found
    raise NotKnownError(merge_unknown([value], "a list is not known"))


def _not_null(value: Value) -> Value:
    if isinstance(value, Scalar) and value.value is None:
        raise EvaluationError("null is not allowed")
    return value


def _mapping(value: Value) -> MapValue:
    if isinstance(value, MapValue):
        return value
    if isinstance(value, Handle):
        raise NotKnownError(merge_unknown([value.subject.everything()]))
    if isinstance(value, Encoded):
        raise NotKnownError(merge_unknown([value], "a map is not known"))
    raise EvaluationError("a map is needed")


def _texts(value: Value) -> list[str]:
    return [to_text(item) for item in _listed(value, STRING).items]


def _length(value: Value) -> Value:
    if isinstance(value, Scalar) and isinstance(value.value, str):
        return Scalar(value=len(characters(value.value)))
    return Scalar(value=sum(1 for _ in pairs_of(value)))


def _contains(values: Value, wanted: Value) -> Value:
    if isinstance(wanted, Scalar) and wanted.value is None:
        raise NotKnownError(Unknown(reason="contains() with null depends on the version of Terraform"))
    found = [equal(wanted, item) for item in items_of(values)]
    if True in found:
        return Scalar(value=True)
    if None in found:
        raise NotKnownError(Unknown(reason="an element of the list is not known"))
    return Scalar(value=False)


def _index_of(values: Value, wanted: Value) -> Value:
    for position, item in enumerate(_sequence(values).items):
        same = equal(item, _not_null(wanted))
        if same is None:
            raise NotKnownError(Unknown(reason="an element of the list is not known"))
        if same:
            return Scalar(value=position)
    raise EvaluationError("the element is not in the list")


def _truths(values: Value) -> list[bool | None]:
    items = _listed(values, BOOL).items
    return [None if isinstance(item, Scalar) and item.value is None else to_bool(item) for item in items]


def _all_true(values: Value) -> Value:
    return Scalar(value=all(_truths(values)))


def _any_true(values: Value) -> Value:
    return Scalar(value=any(_truths(values)))


def _keys(value: Value) -> Value:
    mapping = _mapping(value)
    names = (Scalar(value=key) for key in sorted(mapping.entries))
    return list_value(names, "list", STRING) if mapping.kind == "map" else list_value(names)


def _transposed(values: Value) -> Value:
    groups: dict[str, list[str]] = {}
    found = converted(_mapping(values), Collection("map", Collection("list", STRING)))
    for key, item in sorted(_mapping(found).entries.items()):
        for name in _texts(item):
            groups.setdefault(name, []).append(key)
    entries: dict[str, Value] = {
        name: list_value((Scalar(value=key) for key in sorted(keys)), "list", STRING)
        for name, keys in groups.items()
    }
    return map_value(entries, "map", Collection("list", STRING))


COMPUTED: dict[str, Callable[..., Value]] = {
    "length": _length,
    "contains": _contains,
    "index": _index_of,
    "alltrue": _all_true,
    "anytrue": _any_true,
    "keys": _keys,
    "transpose": _transposed,
}


def _values(value: Value) -> Value:
    mapping = _mapping(value)
    items = [mapping.entries[key] for key in sorted(mapping.entries)]
    found = list_value(items, "list", mapping.element) if mapping.kind == "map" else list_value(items)
    return via(found, value.trail, value.refs)


def _is_null_map(value: Value) -> bool:
    if not isinstance(value, Scalar) or value.value is not None:
        return False
    match value.type:
        case None | ObjectType() | Collection(kind="map"):
            return True
        case type_:
            return type_ == ANY


def _merge(*maps: Value) -> Value:
    present = [one for one in maps if not _is_null_map(one)]
    entries: dict[str, Value] = {}
    for one in present:
        entries |= {key: via(item, one.trail, one.refs) for key, item in _mapping(one).entries.items()}
    types = [type_of(one) for one in present]
    if len(present) == len(maps) and types and isinstance(types[0], Collection) and len(set(types)) == 1:
        return map_value(entries, "map", types[0].element)
    return map_value(entries)


def _concat(*lists: Value) -> Value:
    if not lists:
        raise EvaluationError("at least one list is needed")
    found = [_sequence(_not_null(one)) for one in lists]
    items = [via(item, one.trail, one.refs) for one in found for item in one.items]
    if all(one.kind == "list" for one in found):
        common = unified([type_of(one) for one in found])
        if isinstance(common, Collection):
            return as_sequence(items, "list", common.element)
    return list_value(items)


def _flatten(value: Value) -> Value:
    if not isinstance(value, ListValue):
        items_of(value)  # for its errors
        raise EvaluationError("a list is needed")
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
    found = _listed(value)
    return list_value(distinct_items(found.items), "list", found.element)


def _compact(value: Value) -> Value:
    kept: list[Value] = []
    for item in _listed(value, STRING).items:
        if isinstance(item, Unknown | Choice | Encoded | Handle):
            raise NotKnownError(merge_unknown([item], "an element of the list is not known"))
        if not (isinstance(item, Scalar) and item.value in (None, "")):
            kept.append(item)
    return list_value(kept, "list", STRING)


def _to(wanted: Type) -> Callable[[Value], Value]:
    def convert(value: Value) -> Value:
        if isinstance(value, Handle):
            items_of(value)  # for its errors
        return converted(value, wanted)

    return convert


def _sorted(value: Value) -> Value:
    items = _listed(value, STRING).items
    return _again(sorted(items, key=to_text), "list", STRING, value)


def _again(items: Iterable[Value], kind: str, element: Type | None, source: Value) -> Value:
    found = list_value(items, "list", element) if kind == "list" else list_value(items)
    return via(found, source.trail, source.refs)


def _reverse(value: Value) -> Value:
    if not isinstance(value, ListValue):
        items_of(value)
        raise EvaluationError("a list is needed")
    kind = "tuple" if value.kind == "tuple" else "list"
    return _again(reversed(value.items), kind, value.element, value)


def _slice(values: Value, start: Value, end: Value) -> Value:
    found, first, last = _sequence(values), whole(start), whole(end)
    if not 0 <= first <= last <= len(found.items):
        raise EvaluationError("the slice is outside of the list")
    return _again(found.items[first:last], found.kind, found.element, values)


def _chunks(values: Value, size: Value) -> Value:
    found, count = _listed(values), whole(size)
    if count < 0:
        raise EvaluationError("the size is negative")
    step = count or max(len(found.items), 1)
    pieces = (found.items[start : start + step] for start in range(0, len(found.items), step))
    inner = type_of(found)
    return list_value((list_value(piece, "list", found.element) for piece in pieces), "list", inner)


def _zip_map(keys: Value, values: Value) -> Value:
    names, found = _texts(keys), _sequence(values)
    if len(names) != len(found.items):
        raise EvaluationError("keys and values are not of the same number")
    entries = dict(zip(names, found.items, strict=True))
    return map_value(entries, "map", found.element) if found.kind == "list" else map_value(entries)


def _match_keys(values: Value, keys: Value, wanted: Value) -> Value:
    found, names, searched = _listed(values), _listed(keys), _listed(wanted)
    common = unified([type_of(names), type_of(searched)])
    if common is None or len(found.items) != len(names.items):
        raise EvaluationError("keys and values are not of the same number or type")
    names, searched = _listed(converted(names, common)), _listed(converted(searched, common))
    kept: list[Value] = []
    for item, name in zip(found.items, names.items, strict=True):
        matches = [equal(name, one) for one in searched.items]
        if None in matches:
            raise NotKnownError(merge_unknown([name], "an element of the list is not known"))
        kept += [item] if True in matches else []
    return list_value(kept, "list", found.element)


def _as_sets(sets: tuple[Value, ...]) -> list[ListValue]:
    found: list[ListValue] = []
    for one in sets:
        held = converted(_not_null(one), _SET)
        if not isinstance(held, ListValue):
            raise NotKnownError(merge_unknown([one], "a set is not known"))
        found.append(held)
    types = [type_of(one) for one in found if one.items or one.element not in (ANY, None)]
    common = unified(types) if types else _SET
    if common is None:
        raise EvaluationError("the sets have no type in common")
    again = [converted(one, common) for one in found]
    return [one for one in again if isinstance(one, ListValue)]


def _union(first: Value, *others: Value) -> Value:
    sets = _as_sets((first, *others))
    return as_sequence([item for one in sets for item in one.items], "set", sets[0].element or ANY)


def _intersection(first: Value, *others: Value) -> Value:
    sets = _as_sets((first, *others))
    kept = list(sets[0].items)
    for other in sets[1:]:
        kept = [item for item in kept if _among(item, other)]
    return as_sequence(kept, "set", sets[0].element or ANY)


def _subtract(first: Value, second: Value) -> Value:
    one, other = _as_sets((first, second))
    return as_sequence([item for item in one.items if not _among(item, other)], "set", one.element or ANY)


def _symmetric(first: Value, *others: Value) -> Value:
    sets = _as_sets((first, *others))
    result = sets[0]
    for other in sets[1:]:
        kept = [item for item in result.items if not _among(item, other)]
        added = [item for item in other.items if not _among(item, result)]
        result = as_sequence([*kept, *added], "set", sets[0].element or ANY)
    return result


def _among(item: Value, values: ListValue) -> bool:
    matches = [equal(item, one) for one in values.items]
    if None in matches and True not in matches:
        raise NotKnownError(merge_unknown([item], "an element of the set is not known"))
    return True in matches


def _product(*lists: Value) -> Value:
    if len(lists) < 2:
        raise EvaluationError("at least two lists are needed")
    combinations: list[list[Value]] = [[]]
    elements: list[Type] = []
    for one in lists:
        items = [] if isinstance(_not_null(one), MapValue) else items_of(one)
        held = as_sequence(items, "list") if isinstance(one, ListValue) and one.kind == "tuple" else one
        if not isinstance(held, ListValue):
            raise EvaluationError("a list is needed")
        if len(combinations) * max(len(held.items), 1) > _MOST_COMBINATIONS:
            raise NotKnownError(Unknown(reason="setproduct() expands too far"))
        combinations = [[*row, item] for row in combinations for item in held.items]
        elements.append(held.element or UNSEEN)
    kind = "list" if all(isinstance(one, ListValue) and one.kind != "set" for one in lists) else "set"
    return as_sequence([list_value(row) for row in combinations], kind, TupleType(tuple(elements)))


PICKED: dict[str, Callable[..., Value]] = {
    "values": _values,
    "merge": _merge,
    "concat": _concat,
    "flatten": _flatten,
    "distinct": _distinct,
    "compact": _compact,
    "toset": _to(_SET),
    "tolist": _to(_LIST),
    "tomap": _to(_MAP),
    "sort": _sorted,
    "reverse": _reverse,
    "slice": _slice,
    "chunklist": _chunks,
    "zipmap": _zip_map,
    "matchkeys": _match_keys,
    "setunion": _union,
    "setintersection": _intersection,
    "setsubtract": _subtract,
    "setsymmetricdifference": _symmetric,
    "setproduct": _product,
}
