"""Functions that hand on one of their arguments; they see unknown arguments and choices as they are."""

from collections.abc import Callable

from budgetcheck.readers.terraform.access import get_index, items_of
from budgetcheck.readers.terraform.operators import to_bool, to_number, to_text
from budgetcheck.readers.terraform.syntax import Atom
from budgetcheck.readers.terraform.values import (
    Choice,
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
    """The first argument that is neither null nor an empty text."""
    candidates: list[Value] = []
    reasons: list[str] = []
    for value in values:
        options = value.options if isinstance(value, Choice) else (value,)
        filled = [option for option in options if not _is_empty(option)]
        candidates.extend(filled)
        if len(filled) == len(options):
            break
        reasons.extend([value.reason] if isinstance(value, Choice) else [])
    if not candidates:
        raise EvaluationError("all arguments are null or empty")
    return choose(candidates, "; ".join(reasons) or "one of several values")


def _is_empty(value: Value) -> bool:
    return isinstance(value, Scalar) and value.value in (None, "")


def _coalesce_list(*values: Value) -> Value:
    for value in values:
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
    name = to_text(key)
    if name in values.entries:
        return via(values.entries[name], values.trail, values.refs)
    if not default:
        raise EvaluationError("there is no such key and no default")
    return default[0]


def _element(values: Value, position: Value) -> Value:
    if isinstance(position, Unknown):
        return get_index(values, position)

    def pick(known: Value, at: Value) -> Value:
        items = items_of(known)
        number = to_number(at)
        if not items or not isinstance(number, int):
            raise EvaluationError("there is no such element")
        return via(items[number % len(items)], known.trail, known.refs)

    return distribute(pick, values, position)


def _one(values: Value) -> Value:
    def pick(known: Value) -> Value:
        if isinstance(known, Scalar) and known.value is None:
            return known
        items = items_of(known)
        if len(items) > 1:
            raise EvaluationError("there is more than one element")
        return via(items[0], known.trail, known.refs) if items else Scalar(value=None, trail=known.trail)

    return distribute(pick, values)


def _same(value: Value) -> Value:
    return value


def _to_number(value: Value) -> Value:
    return _converted(value, to_number)


def _to_text(value: Value) -> Value:
    return _converted(value, to_text)


def _to_bool(value: Value) -> Value:
    return _converted(value, to_bool)


def _converted(value: Value, convert: Callable[[Value], Atom]) -> Value:
    def apply(known: Value) -> Value:
        if isinstance(known, Scalar) and known.value is None:
            return known
        result = convert(known)
        return Scalar(value=result, trail=known.trail, refs=known.refs)

    return distribute(apply, value)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "coalesce": _coalesce,
    "coalescelist": _coalesce_list,
    "element": _element,
    "ephemeralasnull": _same,
    "lookup": _lookup,
    "nonsensitive": _same,
    "one": _one,
    "sensitive": _same,
    "tobool": _to_bool,
    "tonumber": _to_number,
    "tostring": _to_text,
}
