"""Arguments as far as they matter for what a function does: so that it is followed few times.

Two calls that give a function the same numbers, clients and objects do the same. Where a text or a switch was
written, and why something is not known, changes nothing; numbers keep their places, to show where limits come
from.
"""

from dataclasses import dataclass, replace
from typing import TypeGuard

from budgetcheck.model.settings import Known, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.readers.python.scopes import ClientPath, Function, Kept, Object, Partial, Value
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
_UNKNOWN = "what the caller gives is not known"

Given = tuple[tuple[str, Value], ...]


def reduced(given: Given, place: Span) -> Given:
    """The arguments by parameter, in the order of their names.

    `place` is that of the function: where the place of a value does not matter, that is where it comes from.
    """
    keeping = _Reducing(place=place)
    return tuple(sorted(((name, keeping.value(value, 0)) for name, value in given), key=lambda one: one[0]))


def forgotten(given: Given, place: Span) -> Given:
    """The same where too many different ones were met: only clients and objects are kept."""
    unknown = unresolved(_UNKNOWN, place)
    return tuple((name, unknown if _is_plain(value) else value) for name, value in given)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reducing:
    place: Span

    @property
    def unknown(self) -> Plain:
        return unresolved(_UNKNOWN, self.place)

    def value(self, value: Value, depth: int) -> Value:
        """A value with as few differences as possible to others that do the same."""
        match value:
            case Kept(held=held):
                inner = self.value(held, depth + 1)
                if not isinstance(inner, Object | Function | Partial | ClientPath):
                    return self.unknown
                return Kept(value=self.unknown.value, spans=(self.place,), held=inner)
            case Plain(value=Unresolved(reason=reason)):
                said = reason not in _NOTHING_SAID and not reason.endswith("is given by the caller")
                return value if said else self.unknown
            case Plain(value=Known(value=known)) if isinstance(known, str | bool):
                short = not isinstance(known, str) or len(known) <= _MOST_CHARACTERS
                return replace(value, spans=(self.place,)) if short else self.unknown
            case Named():
                return replace(value, spans=(self.place,))
            case Object(given=given):
                return replace(value, given=() if depth >= _DEEPEST else self._each(given, depth))
            case Partial(function=function, given=given):
                return Partial(function, self._each(given, depth))
            case Items(items=items):
                if depth >= _DEEPEST or len(items) > _MOST_ITEMS:
                    return self.unknown
                return Items(items=tuple(self._plain(item, depth) for item in items), spans=(self.place,))
            case Table(entries=entries, open=is_open):
                if depth >= _DEEPEST or len(entries) > _MOST_ITEMS:
                    return self.unknown
                kept = tuple((name, self._plain(one, depth)) for name, one in entries)
                return Table(entries=kept, spans=(self.place,), open=is_open)
            case _:
                return value

    def _each(self, given: Given, depth: int) -> Given:
        return tuple((name, self.value(one, depth + 1)) for name, one in given)

    def _plain(self, value: PyValue, depth: int) -> PyValue:
        kept = self.value(value, depth + 1)
        return kept if _is_plain(kept) else self.unknown


def _is_plain(value: Value) -> TypeGuard[PyValue]:
    return isinstance(value, Plain | Items | Table | Named | Made)
