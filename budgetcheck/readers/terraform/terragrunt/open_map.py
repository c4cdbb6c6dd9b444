"""Maps of which only a part is known: `merge(local.secrets, {idle = 60})` has `idle` in any case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from budgetcheck.readers.terraform.operators import to_text
from budgetcheck.readers.terraform.values import (
    Choice,
    Handle,
    ListValue,
    MapValue,
    Scalar,
    Unknown,
    Value,
    choose,
    failed,
    list_value,
    map_value,
    merge_unknown,
    via,
)

_MOST_COMBINATIONS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMap:
    """Known entries, and something that may hold further ones. A Subject."""

    entries: Mapping[str, Value]
    rest: Unknown

    def attribute(self, name: str) -> Value:
        """The entry; unknown where it is not among the known ones."""
        return self.entries.get(name, self.rest)

    def element(self, key: Value) -> Value:
        """The entry under a key."""
        return self.attribute(to_text(key)) if isinstance(key, Scalar) else self.rest

    def everything(self) -> Value:
        """The map as a whole is not known."""
        return self.rest

    def sample(self) -> Value | None:
        """A map is a single thing."""
        return None


def merged(maps: Sequence[Value], *, deep: bool = False) -> Value:
    """The maps laid over one another, the last on top; `deep` does the same with the maps inside them."""
    columns = [one.options if isinstance(one, Choice) else (one,) for one in maps]
    combinations = 1
    for column in columns:
        combinations *= len(column)
    if combinations > _MOST_COMBINATIONS:
        return merge_unknown(
            [one for column in columns for one in column], "there are too many possibilities"
        )
    reasons = [one.reason for one in maps if isinstance(one, Choice)]
    return choose((_merged(row, deep=deep) for row in product(*columns)), "; ".join(dict.fromkeys(reasons)))


def _merged(maps: Iterable[Value], *, deep: bool) -> Value:
    entries: dict[str, Value] = {}
    rest: Unknown | None = None
    for one in maps:
        found, unknown = _content(one)
        if unknown is not None:
            if unknown.failed:
                return unknown
            entries = dict.fromkeys(entries, unknown)  # any of them may be set anew
            rest = unknown
        for key, value in found.items():
            entries[key] = _laid_over(entries[key], value) if deep and key in entries else value
    return map_value(entries) if rest is None else Handle(subject=OpenMap(entries=entries, rest=rest))


def _content(value: Value) -> tuple[Mapping[str, Value], Unknown | None]:
    """The known entries of a map, and why there may be more."""
    match value:
        case MapValue(entries=entries):
            return {key: via(entry, value.trail, value.refs) for key, entry in entries.items()}, None
        case Handle(subject=OpenMap(entries=entries, rest=rest)):
            return entries, rest
        case Scalar(value=None):
            return {}, None
        case Handle(subject=subject):
            everything = subject.everything()
            if isinstance(everything, MapValue):
                return _content(via(everything, value.trail, value.refs))
            return {}, _whole(merge_unknown([everything], "a part of it is not known"))
        case Unknown():
            return {}, _whole(value)
        case _:
            return {}, failed("merge() takes maps only")


def _laid_over(below: Value, above: Value) -> Value:
    if isinstance(below, MapValue) and isinstance(above, MapValue):
        return merged([below, above], deep=True)
    if isinstance(below, ListValue) and isinstance(above, ListValue):
        return list_value((*below.items, *above.items))
    return above


def entry(value: Value, name: str) -> Value | None:
    """The entry of a map; None where it certainly has none."""
    match value:
        case MapValue(entries=entries):
            found = entries.get(name)
            return None if found is None else via(found, value.trail, value.refs)
        case Choice(options=options):
            found_in = [entry(option, name) for option in options]
            known = [one for one in found_in if one is not None]
            if known and len(known) < len(found_in):
                return Unknown(reason=value.reason)
            return choose(known, value.reason) if known else None
        case Handle(subject=subject):
            return subject.attribute(name)
        case Unknown():
            return _whole(value)
        case _:
            return None


def _whole(unknown: Unknown) -> Unknown:
    """What is said of each entry of a map that is not known: it need not refer to what the map refers to."""
    return replace(unknown, refs=(), sketch="", pieces=())


def known_names(value: Value) -> frozenset[str]:
    """The keys that a map is known to have, in every possibility."""
    match value:
        case MapValue(entries=entries) | Handle(subject=OpenMap(entries=entries)):
            return frozenset(entries)
        case Choice(options=options):
            return frozenset.intersection(*(known_names(option) for option in options))
        case _:
            return frozenset()
