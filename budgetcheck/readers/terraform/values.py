"""What an expression is worth: known, null, one of several values, or unknown with a reason.

Every value carries two things through all computations: its *trail*, the places it came through on the
way from the literal to its use, and its *refs*, the resources whose attributes went into it. The refs are
how references between resources are found wherever they are hidden: in templates, function calls,
conditionals, or behind the inputs and outputs of modules.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from typing import Literal as Kind
from typing import Protocol

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.syntax import Atom
from budgetcheck.readers.terraform.types import UNSEEN, Type

MOST_CHOICES = 16
"""More possible values than this are not followed one by one."""
_MOST_STEPS = 12
_MOST_REFS = 64
_MOST_ELEMENTS = 20_000
_MOST_NESTED = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """An attribute of a resource instance: `address` is the key of the instance (`Resource.key`)."""

    address: str
    attribute: str


Trail = tuple[Span, ...]
Refs = tuple[Ref, ...]
ListKind = Kind["tuple", "list", "set"]
MapKind = Kind["object", "map"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a text: what it is, and where it is written. An `Encoded` is the text of its value."""

    value: "Value"
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A known text, number, boolean or null (`type` is that of a null that has one).

    `pieces` are what a text was put together from, where it may be a document (JSON, YAML) of which single
    values and their places matter; they say nothing that the text does not.
    """

    value: Atom
    trail: Trail = ()
    refs: Refs = ()
    type: Type | None = None
    pieces: tuple[Piece, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListValue:
    """A list, tuple or set whose length is known; elements may be unknown.

    `element` is the type of all elements of a list or set, where a conversion settled it. A set is sorted.
    """

    items: tuple["Value", ...]
    kind: ListKind = "tuple"
    element: Type | None = None
    trail: Trail = ()
    refs: Refs = ()
    size: int = 1
    depth: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MapValue:
    """A map or object whose keys are known; values may be unknown. `element`: the type of a map's values."""

    entries: Mapping[str, "Value"]
    kind: MapKind = "object"
    element: Type | None = None
    trail: Trail = ()
    refs: Refs = ()
    size: int = 1
    depth: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """Text that is known to be the encoding of a value, parts of which are unknown (`jsonencode`)."""

    inner: "Value"
    syntax: Kind["json", "yaml"] = "json"
    trail: Trail = ()
    refs: Refs = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of several values, depending on something these files do not say."""

    options: tuple["Value", ...]
    reason: str
    trail: Trail = ()
    refs: Refs = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A value nobody could work out.

    Attributes:
        reason, needs: why, and how to supply it; empty where nothing in these files could.
        failed: the expression is an error in Terraform itself, which `try` and `can` catch.
        not_null: whatever it is, it is there: the id or address of a resource.
        type: its type, where that much is known.
        pieces, sketch: of a text, its parts, some of which are known; and the text with marks (`sketches`).
    """

    reason: str
    needs: str = ""
    failed: bool = False
    not_null: bool = False
    trail: Trail = ()
    refs: Refs = ()
    type: Type = UNSEEN
    pieces: tuple[Piece, ...] = field(default=(), compare=False, repr=False)
    sketch: str = field(default="", compare=False, repr=False)


class Subject(Protocol):
    """Something with attributes that are worked out when they are asked for: a resource, block or module."""

    def attribute(self, name: str) -> "Value":
        """The value of one attribute."""

    def element(self, key: "Value") -> "Value":
        """What stands under an index or key."""

    def everything(self) -> "Value":
        """The value as a whole, as far as it can be known: what a function sees."""

    def sample(self) -> "Value | None":
        """An element that stands for all, where their number is not known; None for a single thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """A subject as a value: a resource or module that is passed on before an attribute is picked."""

    subject: Subject
    trail: Trail = ()
    refs: Refs = ()


Value = Scalar | ListValue | MapValue | Encoded | Choice | Unknown | Handle


class NotKnownError(Exception):
    """A value is needed that is not known; carries why."""

    def __init__(self, value: Unknown) -> None:
        super().__init__(value.reason)
        self.value = value


class EvaluationError(Exception):
    """Terraform itself would refuse the expression; `try` and `can` catch it."""


NULL = Scalar(value=None)


def failed(reason: str) -> Unknown:
    """The value of an expression that Terraform would refuse."""
    return Unknown(reason=reason, failed=True)


def via(value: Value, steps: Trail = (), refs: Refs = ()) -> Value:
    """The value with further places in front of its trail and further resources in its refs."""
    if not steps and not refs:
        return value
    trail = join_trails(steps, value.trail)
    joined = join_refs(refs, value.refs)
    if trail == value.trail and joined == value.refs:
        return value
    return replace(value, trail=trail, refs=joined)


def join_trails(*trails: Trail) -> Trail:
    """All steps in order, each once; very long ways are cut in the middle, keeping use and literal."""
    steps = tuple(dict.fromkeys(span for trail in trails for span in trail))
    if len(steps) <= _MOST_STEPS:
        return steps
    return steps[: _MOST_STEPS // 2] + steps[-_MOST_STEPS // 2 :]


def join_refs(*groups: Refs) -> Refs:
    """All references, each once, in order."""
    if not any(groups):
        return ()
    return tuple(dict.fromkeys(ref for refs in groups for ref in refs))[:_MOST_REFS]


def without_errors(values: Iterable["Value"]) -> list["Value"]:
    """The parts of a collection. Raises NotKnownError where one is an error, which makes all of it one."""
    parts = list(values)
    for part in parts:
        if isinstance(part, Unknown) and part.failed:
            raise NotKnownError(part)
    return parts


def merge_unknown(values: Iterable[Value], fallback: str = "") -> Unknown:
    """Not known because of the unknown ones among `values`; refs and trails of all are kept."""
    parts = list(values)
    unknown = [part for part in parts if isinstance(part, Unknown)]
    reasons = list(dict.fromkeys(part.reason for part in unknown if part.reason)) or [fallback]
    needs = list(dict.fromkeys(part.needs for part in unknown if part.needs))
    return Unknown(
        reason="; ".join(reasons[:2]),
        needs="; ".join(needs[:2]),
        failed=any(part.failed for part in unknown),
        trail=join_trails(*(part.trail for part in parts)),
        refs=join_refs(*(part.refs for part in parts)),
    )


def choose(options: Iterable[Value], reason: str, trail: Trail = (), refs: Refs = ()) -> Value:
    """One of the options: that one where all are alike, unknown where one of them is."""
    flat: list[Value] = []
    for option in options:
        if isinstance(option, Choice):
            flat.extend(via(inner, option.trail, option.refs) for inner in option.options)
        else:
            flat.append(option)
    unknown = [option for option in flat if isinstance(option, Unknown)]
    if unknown:
        # What fails is no state that can be applied: the others say what it refers to.
        others = () if not all(one.failed for one in unknown) else tuple(map(_referred, flat))
        return via(merge_unknown(flat), trail, join_refs(refs, *others))
    distinct: dict[object, Value] = {}
    for option in flat:
        distinct.setdefault(content(option), option)
    if len(distinct) == 1:
        return via(flat[0], trail, refs)
    if len(distinct) > MOST_CHOICES:
        return via(Unknown(reason=reason), trail, join_refs(refs, *(option.refs for option in flat)))
    return Choice(
        options=tuple(distinct.values()),
        reason=reason,
        trail=join_trails(trail, *(option.trail for option in distinct.values())),
        refs=join_refs(refs, *(option.refs for option in distinct.values())),
    )


def _referred(value: Value) -> Refs:
    return value.subject.everything().refs if isinstance(value, Handle) else value.refs


def distribute(function: Callable[..., Value], *values: Value) -> Value:
    """Applies a function of values to every combination of their possibilities.

    The function sees neither choices nor unknown values at the top: an unknown operand makes the result
    unknown.
    """
    if any(isinstance(value, Unknown) for value in values):
        return merge_unknown(values)
    choices = [value for value in values if isinstance(value, Choice)]
    if not choices:
        return function(*values)
    columns = [value.options if isinstance(value, Choice) else (value,) for value in values]
    combinations = 1
    for column in columns:
        combinations *= len(column)
    reason = "; ".join(dict.fromkeys(choice.reason for choice in choices))
    trail = join_trails(*(choice.trail for choice in choices))
    refs = join_refs(*(choice.refs for choice in choices))
    if combinations > MOST_CHOICES * MOST_CHOICES:
        return Unknown(reason=reason, trail=trail, refs=refs)
    return choose((distribute(function, *row) for row in product(*columns)), reason, trail, refs)


def content(value: Value) -> object:
    """A hashable stand-in that is equal for equal values, wherever they came from."""
    match value:
        case Scalar(value=bool() as flag):
            return ("bool", flag)
        case Scalar(value=inner):
            return ("scalar", type(inner).__name__ == "str", inner)
        case ListValue(items=items, kind=kind):
            return (kind, tuple(content(item) for item in items))
        case MapValue(entries=entries, kind=kind):
            return (kind, tuple((key, content(entry)) for key, entry in sorted(entries.items())))
        case Encoded(inner=encoded, syntax=syntax):
            return (syntax, content(encoded))
        case Choice(options=options):
            return ("choice", tuple(content(option) for option in options))
        case Handle(subject=subject):
            return ("handle", id(subject))
        case Unknown():
            return ("unknown", id(value))


def fully_known(value: Value) -> bool:
    """No part of the value is unknown, and none is one of several."""
    match value:
        case Scalar():
            return True
        case ListValue(items=items):
            return all(fully_known(item) for item in items)
        case MapValue(entries=entries):
            return all(fully_known(entry) for entry in entries.values())
        case _:
            return False


def all_refs(value: Value) -> Refs:
    """The references of a value and of everything in it."""
    match value:
        case ListValue(items=items):
            return join_refs(value.refs, *(all_refs(item) for item in items))
        case MapValue(entries=entries):
            return join_refs(value.refs, *(all_refs(entry) for entry in entries.values()))
        case Encoded(inner=inner):
            return join_refs(value.refs, all_refs(inner))
        case _:
            return value.refs


@dataclass(slots=True)
class Nesting:
    """How deep evaluations stand in one another; shared by all that may ask one another for values."""

    depth: int = 0


@dataclass(slots=True)
class Fuel:
    """Bounds the work of one evaluation: nested loops in a hostile file must not run for ever."""

    left: int = 400_000
    nesting: Nesting = field(default_factory=Nesting)

    @property
    def spent(self) -> bool:
        """There has been too much work."""
        return self.left < 0

    def try_burn(self, amount: int) -> bool:
        """Counts work; False when there has been too much of it."""
        self.left -= amount
        return self.left >= 0

    def burn(self, amount: int = 1) -> None:
        """Counts work. Raises NotKnownError when there has been too much of it."""
        if not self.try_burn(amount):
            reason = "too much work: the expressions of this module expand too far"
            raise NotKnownError(Unknown(reason=reason))


def number(value: Fraction | int) -> int | Fraction:
    """A whole number as int, anything else as a fraction."""
    if isinstance(value, int):
        return value
    return value.numerator if value.denominator == 1 else value


def list_value(items: Iterable["Value"], kind: ListKind = "tuple", element: Type | None = None) -> ListValue:
    """A tuple, list or set of values. Raises NotKnownError where it grows beyond all reason."""
    held = tuple(items)
    size, depth = _extent_of(held)
    return ListValue(items=held, kind=kind, element=element, size=size, depth=depth)


def map_value(
    entries: Mapping[str, "Value"], kind: MapKind = "object", element: Type | None = None
) -> MapValue:
    """An object or map of values. Raises NotKnownError where it grows beyond all reason."""
    size, depth = _extent_of(entries.values())
    return MapValue(entries=entries, kind=kind, element=element, size=size, depth=depth)


def _extent_of(values: Iterable[Value]) -> tuple[int, int]:
    """Number of elements in all, and how deep they nest. Raises NotKnownError beyond all reason."""
    # Shared parts count each time: `[local.a, local.a]`, forty times over, is a small tree in memory
    # but an endless one to walk.
    size, depth = 1, 0
    for value in values:
        value_size, value_depth = _extent(value)
        size, depth = size + value_size, max(depth, value_depth)
    if size > _MOST_ELEMENTS or depth >= _MOST_NESTED:
        what = f"more than {_MOST_ELEMENTS} elements or {_MOST_NESTED} levels"
        raise NotKnownError(Unknown(reason=f"a collection of {what} is not followed"))
    return size, depth + 1


def _extent(value: Value) -> tuple[int, int]:
    match value:
        case ListValue() | MapValue():
            return value.size, value.depth
        case Encoded(inner=inner):
            return _extent(inner)
        case Choice(options=options):
            extents = [_extent(option) for option in options]
            return sum(size for size, _ in extents), max(depth for _, depth in extents)
        case _:
            return 1, 0
