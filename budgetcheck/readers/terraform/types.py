"""The types of the Terraform language, and what several of them have in common.

A list, a tuple and a set are different things (`[1] == tolist([1])` is false), and so are a map and an
object. Conditionals, `coalesce`, `tolist` and others convert their operands to a common type, which changes
values: `true ? 1 : "a"` is the text "1". The rules are those of the language's own type library:
https://github.com/zclconf/go-cty/blob/main/docs/convert.md
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Primitive:
    """`string`, `number`, `bool`; `any` for null without a type; empty for what is not known."""

    name: str


@dataclass(frozen=True, slots=True)
class Collection:
    """`list(element)`, `set(element)` or `map(element)`."""

    kind: Literal["list", "set", "map"]
    element: "Type"


@dataclass(frozen=True, slots=True)
class TupleType:
    """`tuple([...])`."""

    elements: tuple["Type", ...]


@dataclass(frozen=True, slots=True)
class ObjectType:
    """`object({...})`: attributes sorted by name; the optional ones count in conversions only."""

    attributes: tuple[tuple[str, "Type"], ...]
    optional: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def names(self) -> list[str]:
        """The attributes' names."""
        return [name for name, _ in self.attributes]


Type = Primitive | Collection | TupleType | ObjectType

STRING, NUMBER, BOOL = Primitive("string"), Primitive("number"), Primitive("bool")
ANY = Primitive("any")
"""Any type: of a null that is just written, or where a constraint does not say."""
UNSEEN = Primitive("")
"""The type of a value that is not known; compatible with everything."""


def object_type(attributes: Mapping[str, Type], optional: Iterable[str] = ()) -> ObjectType:
    """An object type."""
    return ObjectType(tuple(sorted(attributes.items())), frozenset(optional))


def has_gaps(type_: Type) -> bool:
    """Some part of the type is not known to us, though Terraform would know it."""
    match type_:
        case Primitive():
            return type_ == UNSEEN
        case Collection(element=element):
            return has_gaps(element)
        case TupleType(elements=elements):
            return any(has_gaps(element) for element in elements)
        case ObjectType(attributes=attributes):
            return any(has_gaps(attribute) for _, attribute in attributes)


def unified(types: Sequence[Type]) -> Type | None:
    """The type that values of all these types can be converted to; None where there is none."""
    seen = [type_ for type_ in types if type_ != UNSEEN]
    if not seen:
        return UNSEEN if types else None
    if all(type_ == seen[0] for type_ in seen):
        return seen[0]
    handled, result = _alike(seen)
    return result if handled else _preferred(seen)


def _alike(types: Sequence[Type]) -> tuple[bool, Type | None]:
    """A type made of parts of types of one kind, and whether that settles it."""
    counts = {kind: sum(_kind(type_) == kind for type_ in types) for kind in _KINDS}
    free, total = counts["any"], len(types)
    if counts["map"] and counts["map"] + free == total:
        return True, ANY if free else _of_elements("map", types)
    if counts["map"] and counts["map"] + counts["object"] + free == total:
        found = _with_replaced(types, ObjectType, "map")
        return found is not None, found
    if counts["list"] and counts["list"] + free == total:
        return True, ANY if free else _of_elements("list", types)
    if counts["list"] and counts["list"] + counts["tuple"] + free == total:
        found = _with_replaced(types, TupleType, "list")
        return found is not None, found
    if counts["set"] and counts["set"] + free == total:
        return True, ANY if free else _of_elements("set", types)
    if counts["object"] and counts["object"] + free == total:
        return True, ANY if free else _of_objects([t for t in types if isinstance(t, ObjectType)])
    if counts["tuple"] and counts["tuple"] + free == total:
        return True, ANY if free else _of_tuples([t for t in types if isinstance(t, TupleType)])
    return bool(counts["object"] and counts["tuple"]), None


_KINDS = ("map", "list", "set", "object", "tuple", "any", "")


def _kind(type_: Type) -> str:
    match type_:
        case Collection(kind=kind):
            return kind
        case TupleType():
            return "tuple"
        case ObjectType():
            return "object"
        case _:
            return "any" if type_ == ANY else ""


def _of_elements(kind: Literal["list", "set", "map"], types: Sequence[Type]) -> Type | None:
    element = unified([type_.element for type_ in types if isinstance(type_, Collection)])
    return Collection(kind, element) if element else None


def _with_replaced(types: Sequence[Type], structural: type, kind: Literal["list", "map"]) -> Type | None:
    """The common type once tuples are taken for lists, or objects for maps."""
    parts = [part for type_ in types if isinstance(type_, structural) for part in _parts(type_)]
    element = unified(parts)
    if element is None:
        return None
    found = unified([Collection(kind, element) if isinstance(t, structural) else t for t in types])
    return found if isinstance(found, Collection) and found.kind == kind else None


def _parts(type_: Type) -> Iterator[Type]:
    match type_:
        case TupleType(elements=elements):
            yield from elements
        case ObjectType(attributes=attributes):
            yield from (attribute for _, attribute in attributes)
        case _:
            pass


def _of_objects(types: Sequence[ObjectType]) -> Type | None:
    if any(type_.names != types[0].names for type_ in types):
        return _collected("map", types)
    found: dict[str, Type] = {}
    for column in zip(*(type_.attributes for type_ in types), strict=True):
        common = unified([attribute for _, attribute in column])
        if common is None:
            return None
        found[column[0][0]] = common
    result = object_type(found)
    return result if all(convertible(type_, result) for type_ in types) else _collected("map", types)


def _of_tuples(types: Sequence[TupleType]) -> Type | None:
    if any(len(type_.elements) != len(types[0].elements) for type_ in types):
        return _collected("list", types)
    found: list[Type] = []
    for column in zip(*(type_.elements for type_ in types), strict=True):
        common = unified(column)
        if common is None:
            return None
        found.append(common)
    result = TupleType(tuple(found))
    return result if all(convertible(type_, result) for type_ in types) else _collected("list", types)


def _collected(kind: Literal["list", "map"], types: Sequence[Type]) -> Type | None:
    element = unified([part for type_ in types for part in _parts(type_)])
    if element is None:
        return None
    result = Collection(kind, element)
    return result if all(convertible(type_, result) for type_ in types) else None


def _preferred(types: Sequence[Type]) -> Type | None:
    """The first of the types, more general ones before others, that all can be converted to."""
    for wanted in _from_general(types):
        if all(convertible(type_, wanted) for type_ in types):
            return wanted
    return None


def _from_general(types: Sequence[Type]) -> Iterator[Type]:
    """Sorts topologically by generality, keeping the order of what cannot be compared."""
    below: dict[int, list[int]] = {index: [] for index in range(len(types))}
    degree = [0] * len(types)
    for first in range(len(types)):
        for second in range(first + 1, len(types)):
            order = _compare(types[first], types[second])
            if order:
                upper, lower = (first, second) if order < 0 else (second, first)
                below[upper].append(lower)
                degree[lower] += 1
    ready = [index for index, count in enumerate(degree) if count == 0]
    while ready:
        current = ready.pop(0)
        yield types[current]
        for lower in below[current]:
            degree[lower] -= 1
            if degree[lower] == 0:
                ready.append(lower)


_SEQUENCE_RANK = {"list": 0, "tuple": 1, "set": 2}


def _compare(first: Type, second: Type) -> int:
    """-1 where the first type is the more general one, 1 where the second is, 0 where neither is."""
    if ANY in (first, second):
        return (first == ANY) - (second == ANY)
    if STRING in (first, second) and isinstance(first, Primitive) and isinstance(second, Primitive):
        return (second == STRING) - (first == STRING)
    match first, second:
        case Collection(), Collection() if first.kind == second.kind:
            return _compare(first.element, second.element)
        case ObjectType(), ObjectType() if first.names == second.names:
            return _compare_parts(_parts(first), _parts(second))
        case TupleType(), TupleType() if len(first.elements) == len(second.elements):
            return _compare_parts(first.elements, second.elements)
    kinds = _kind(first), _kind(second)
    if set(kinds) == {"map", "object"}:
        return -1 if kinds[0] == "map" else 1
    if kinds[0] != kinds[1] and set(kinds) <= _SEQUENCE_RANK.keys():
        return -1 if _SEQUENCE_RANK[kinds[0]] < _SEQUENCE_RANK[kinds[1]] else 1
    return 0


def _compare_parts(first: Iterable[Type], second: Iterable[Type]) -> int:
    orders = {_compare(one, other) for one, other in zip(first, second, strict=True)} - {0}
    return orders.pop() if len(orders) == 1 else 0


def convertible(have: Type, wanted: Type) -> bool:
    """Values of one type may be converted to the other; single ones may not fit (`"x"` to a number)."""
    if UNSEEN in (have, wanted) or ANY in (have, wanted) or have == wanted:
        return True
    match have, wanted:
        case Primitive(), Primitive():
            return STRING in (have, wanted)
        case ObjectType(), ObjectType():
            return _object_fits(dict(have.attributes), wanted)
        case TupleType(), TupleType():
            return len(have.elements) == len(wanted.elements) and all(
                convertible(one, other) for one, other in zip(have.elements, wanted.elements, strict=True)
            )
        case Collection(kind=kind), Collection(kind=other) if (kind == "map") == (other == "map"):
            return convertible(have.element, wanted.element)
        case TupleType(), Collection(kind="list" | "set"):
            return _parts_fit(have.elements, wanted.element)
        case ObjectType(), Collection(kind="map"):
            return _parts_fit(tuple(_parts(have)), wanted.element)
        case Collection(kind="map"), ObjectType():
            return all(
                convertible(have.element, attribute) or name in wanted.optional
                for name, attribute in wanted.attributes
            )
        case _:
            return False


def _object_fits(have: Mapping[str, Type], wanted: ObjectType) -> bool:
    return all(
        convertible(have[name], attribute) if name in have else name in wanted.optional
        for name, attribute in wanted.attributes
    )


def _parts_fit(parts: tuple[Type, ...], element: Type) -> bool:
    if element == ANY and parts:
        common = unified(parts)
        if common is None or (common == ANY and any(part not in (ANY, UNSEEN) for part in parts)):
            return False
        element = common
    return all(convertible(part, element) for part in parts)
