"""Arguments as far as they matter for what a function does: so that it is followed few times.

Two calls that give a function the same numbers, clients and objects do the same. Where a text or a switch was
written, and why something is not known, changes nothing; numbers keep their places, to show where limits come
from.
"""

from dataclasses import replace
from typing import TypeGuard

from budgetcheck.model.settings import Known, OneOf, Unresolved
from budgetcheck.readers.python.scopes import Object, Partial, Value
from budgetcheck.readers.python.values import Items, Made, Named, Plain, PyValue, Table, unresolved

_MOST_CHARACTERS = 80
_MOST_ITEMS = 12
_DEEPEST = 4

_NOTHING_SAID = frozenset(
    {
        "what the caller gives is not known",
        "it is not known what this expression gives",
        "it is given by * or **",
        "a part of this text is not known",
        "its items are not known",
    }
)
"""Reasons that say nothing anybody could act on."""
NOT_KNOWN = unresolved("what the caller gives is not known")
"""Stands for every argument that is not known."""

Given = tuple[tuple[str, Value], ...]


def reduced(given: Given) -> Given:
    """The arguments by parameter, in the order of their names."""
    return tuple(sorted(((name, _value(value, 0)) for name, value in given), key=lambda one: one[0]))


def forgotten(given: Given) -> Given:
    """The same where too many different ones were met: only clients and objects are kept."""
    return tuple((name, NOT_KNOWN if _is_plain(value) else value) for name, value in given)


def _value(value: Value, depth: int) -> Value:
    match value:
        case Plain(value=Unresolved(reason=reason)):
            said = reason not in _NOTHING_SAID and not reason.endswith("is given by the caller")
            return value if said else NOT_KNOWN
        case Plain(value=Known(value=known)) if isinstance(known, str | bool):
            short = not isinstance(known, str) or len(known) <= _MOST_CHARACTERS
            return replace(value, spans=()) if short else NOT_KNOWN
        case Plain(value=Known() | OneOf()):
            return value
        case Named():
            return replace(value, spans=())
        case Object(klass=klass, given=given):
            inner = () if depth >= _DEEPEST else tuple((name, _value(one, depth + 1)) for name, one in given)
            return Object(klass, inner)
        case Partial(function=function, given=given):
            return Partial(function, tuple((name, _value(one, depth + 1)) for name, one in given))
        case Items(items=items):
            if depth >= _DEEPEST or len(items) > _MOST_ITEMS:
                return NOT_KNOWN
            each = (_value(item, depth + 1) for item in items)
            return Items(items=tuple(one if _is_plain(one) else NOT_KNOWN for one in each), spans=())
        case Table(entries=entries, open=is_open):
            if depth >= _DEEPEST or len(entries) > _MOST_ITEMS:
                return NOT_KNOWN
            inside = ((name, _value(one, depth + 1)) for name, one in entries)
            kept = tuple((name, one if _is_plain(one) else NOT_KNOWN) for name, one in inside)
            return Table(entries=kept, spans=(), open=is_open)
        case _:
            return value


def _is_plain(value: Value) -> TypeGuard[PyValue]:
    return isinstance(value, Plain | Items | Table | Named | Made)
