"""Functions that hand on one of their arguments; they see unknown arguments and choices as they are."""

from collections.abc import Callable

from budgetcheck.readers.terraform.access import get_index, items_of
from budgetcheck.readers.terraform.conversion import converted, type_of
from budgetcheck.readers.terraform.functions.numbers import whole
from budgetcheck.readers.terraform.operators import to_text
from budgetcheck.readers.terraform.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    UNSEEN,
    Collection,
    Type,
    has_gaps,
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
    choose,
    distribute,
    merge_unknown,
    via,
)


def _coalesce(*values: Value) -> Value:
    """The first argument that is neither null nor an empty text, in the type that all have in common."""
    types = [type_of(value) for value in values]
    common = unified(types)
    if common is None and any(has_gaps(one) for one in types):
        common = UNSEEN
    if common is None:
        raise EvaluationError("the arguments have no type in common")
    candidates: list[Value] = []
    reasons: list[str] = []
    for value in values:
        try:
            alike = converted(value, common)
        except EvaluationError:  # passed over, like null
            continue
        options = alike.options if isinstance(alike, Choice) else (alike,)
        filled = [option for option in options if not _is_empty(option)]
        candidates.extend(filled)
        if len(filled) == len(options):
            break
        reasons.extend([alike.reason] if isinstance(alike, Choice) else [])
    if not candidates:
        raise EvaluationError("all arguments are null or empty")
    return choose(candidates, "; ".join(reasons) or "one of several values")


def _is_empty(value: Value) -> bool:
    return isinstance(value, Scalar) and value.value in (None, "")


def _coalesce_list(*values: Value) -> Value:
    for value in values:
        if isinstance(value, Scalar | MapValue) and not (isinstance(value, Scalar) and value.value is None):
            raise EvaluationError("a list is needed")
        if isinstance(value, Scalar):
            continue
        if not isinstance(value, ListValue):
            raise NotKnownError(merge_unknown([value], "a list is not known"))
        if value.items:
            return value
    raise EvaluationError("all lists are empty")


def _lookup(values: Value, key: Value, *default: Value) -> Value:
    if isinstance(key, Unknown | Choice) or isinstance(values, Unknown | Choice):
        if isinstance(key, Unknown) and isinstance(values, MapValue) and values.entries:
            return choose((get_index(values, key), *default[:1]), f"the key is not known: {key.reason}")
        return distribute(lambda *known: _lookup(*known, *default), values, key)
    if isinstance(values, Handle):
        return get_index(values, key)
    if not isinstance(values, MapValue):
        raise EvaluationError("a map is needed")
    if len(default) > 1:
        raise EvaluationError("there are too many arguments")
    name = to_text(key)
    # A default is converted to the type of the map's values, and has to fit even where it is not used.
    other = [converted(one, _element_type(values)) for one in default]
    if name in values.entries:
        return via(values.entries[name], values.trail, values.refs)
    if not other:
        raise EvaluationError("there is no such key and no default")
    return other[0]


def _element_type(values: MapValue) -> Type:
    """The type of a map's values; any for an object, whose attributes have types of their own."""
    found = type_of(values)
    return found.element if isinstance(found, Collection) else ANY


def _element(values: Value, position: Value) -> Value:
    if isinstance(position, Unknown):
        return get_index(values, position)

    def pick(known: Value, at: Value) -> Value:
        if isinstance(known, ListValue) and known.kind == "set":
            raise EvaluationError("elements of a set have no index")
        items, number = items_of(known), whole(at)
        if not items:
            raise EvaluationError("there is no such element")
        if number < 0:
            raise NotKnownError(Unknown(reason="element() with a negative index depends on the version"))
        return via(items[number % len(items)], known.trail, known.refs)

    return distribute(pick, values, position)


def _one(values: Value) -> Value:
    def pick(known: Value) -> Value:
        items = items_of(known)
        if len(items) > 1:
            raise EvaluationError("there is more than one element")
        if items:
            return via(items[0], known.trail, known.refs)
        element = known.element if isinstance(known, ListValue) else None
        return Scalar(value=None, trail=known.trail, type=element)

    return distribute(pick, values)


def _same(value: Value) -> Value:
    return value


def _to(wanted: Type) -> Callable[[Value], Value]:
    def convert(value: Value) -> Value:
        if isinstance(value, Encoded) and wanted != STRING:
            raise NotKnownError(merge_unknown([value], "parts of an encoded text are not known"))
        return distribute(lambda known: converted(known, wanted), value)

    return convert


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "coalesce": _coalesce,
    "coalescelist": _coalesce_list,
    "element": _element,
    "ephemeralasnull": _same,
    "lookup": _lookup,
    "nonsensitive": _same,
    "one": _one,
    "sensitive": _same,
    "tobool": _to(BOOL),
    "tonumber": _to(NUMBER),
    "tostring": _to(STRING),
}
