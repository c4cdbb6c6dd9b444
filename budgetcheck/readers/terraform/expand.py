"""`count` and `for_each`: which instances a block has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from budgetcheck.readers.terraform.access import pairs_of
from budgetcheck.readers.terraform.operators import to_number, to_text
from budgetcheck.readers.terraform.values import (
    Choice,
    EvaluationError,
    Handle,
    ListValue,
    MapValue,
    NotKnownError,
    Scalar,
    Subject,
    Unknown,
    Value,
    all_refs,
    choose,
    failed,
    list_value,
    map_value,
    merge_unknown,
    via,
)

_MOST_INSTANCES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One instance of a block: what follows its address (`["x"]`, `[0]`), and what `each` or `count` is.

    `key` tells instances apart; `certain` is False where it depends on something unknown whether there
    is such an instance at all.
    """

    suffix: str = ""
    bindings: Mapping[str, Value]
    key: str | int | None = None
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """All instances of a block.

    `known` is False where their number is not known: then one instance stands for all of them.
    `shapes` are the sets of keys that are possible; one where nothing is unknown, none for a single block.
    """

    instances: tuple[Instance, ...]
    shapes: tuple[tuple[str | int, ...], ...] = ()
    kind: str = "single"
    known: bool = True
    reason: str = ""


SINGLE = Expansion(instances=(Instance(bindings={}),))


def expand_count(count: Value) -> Expansion:
    """The instances of a block with `count`."""
    options = count.options if isinstance(count, Choice) else (count,)
    try:
        numbers = [to_number(option) for option in options]
    except (NotKnownError, EvaluationError):
        return _open(count, "count")
    if any(not isinstance(number, int) or number < 0 or number > _MOST_INSTANCES for number in numbers):
        return _open(count, "count")
    whole = sorted(int(number) for number in numbers)
    instances = tuple(_counted(position, certain=position < whole[0]) for position in range(whole[-1]))
    shapes = tuple(tuple(range(number)) for number in whole)
    reason = count.reason if isinstance(count, Choice) else ""
    return Expansion(instances=instances, shapes=shapes, kind="count", reason=reason)


def _counted(position: int, *, certain: bool) -> Instance:
    count = map_value({"index": Scalar(value=position)})
    return Instance(suffix=f"[{position}]", bindings={"count": count}, key=position, certain=certain)


def expand_each(for_each: Value) -> Expansion:
    """The instances of a block with `for_each`."""
    options = for_each.options if isinstance(for_each, Choice) else (for_each,)
    try:
        walks = [_keyed(option) for option in options]
    except (NotKnownError, EvaluationError):
        return _open(for_each, "for_each")
    if any(len(walk) > _MOST_INSTANCES for walk in walks):
        return _open(for_each, "for_each")
    merged: dict[str, list[Value]] = {}
    for walk in walks:
        for key, item in walk.items():
            merged.setdefault(key, []).append(item)
    reason = for_each.reason if isinstance(for_each, Choice) else ""
    instances = tuple(
        Instance(
            suffix=f'["{_escaped(key)}"]',
            bindings={"each": map_value({"key": Scalar(value=key), "value": choose(items, reason)})},
            key=key,
            certain=len(items) == len(walks),
        )
        for key, items in merged.items()
    )
    return Expansion(
        instances=instances, shapes=tuple(tuple(walk) for walk in walks), kind="each", reason=reason
    )


def _escaped(key: str) -> str:
    return key.replace("\\", "\\\\").replace('"', '\\"')


def _keyed(value: Value) -> dict[str, Value]:
    if not isinstance(value, MapValue | Handle) and not (
        isinstance(value, ListValue) and value.kind == "set"
    ):
        raise EvaluationError("for_each needs a map or a set")
    return {to_text(key): via(item, value.trail, value.refs) for key, item in pairs_of(value)}


def _open(source: Value, what: str) -> Expansion:
    """The number of instances is not known: one stands for all."""
    reason = getattr(source, "reason", "") or f"the instances of this {what} are not known"
    needs = getattr(source, "needs", "")
    unknown = Unknown(reason=reason, needs=needs, refs=all_refs(source))
    each = map_value({"key": unknown, "value": unknown})
    bindings: dict[str, Value] = (
        {"each": each} if what == "for_each" else {"count": map_value({"index": unknown})}
    )
    return Expansion(
        instances=(Instance(bindings=bindings, certain=False),), kind="open", known=False, reason=reason
    )


def expanded_value(expansion: Expansion, subject_of: Callable[[Instance], Subject]) -> Value:
    """What a reference to the block as a whole is worth: one thing, a list, or a map of its instances."""
    if expansion.kind == "single":
        return Handle(subject=subject_of(expansion.instances[0]))
    if not expansion.known:
        return Handle(subject=OpenSet(element_=subject_of(expansion.instances[0]), reason=expansion.reason))
    handles = {
        instance.key: Handle(subject=subject_of(instance))
        for instance in expansion.instances
        if instance.key is not None
    }
    options: list[ListValue | MapValue] = []
    for shape in expansion.shapes:
        if expansion.kind == "count":
            options.append(list_value(handles[key] for key in shape))
        else:
            options.append(map_value({str(key): handles[key] for key in shape}))
    return choose(options, expansion.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSet:
    """Instances whose number is not known, represented by one of them."""

    element_: Subject
    reason: str

    def attribute(self, name: str) -> Value:
        """Instances have no attributes in common."""
        return failed(f"the instances have to be indexed before .{name}")

    def element(self, key: Value) -> Value:
        """The instance that stands for all, whatever the key."""
        del key
        return Handle(subject=self.element_)

    def everything(self) -> Value:
        """Unknown, but it is known what it refers to."""
        return merge_unknown([Unknown(reason=self.reason), self.element_.everything()])

    def sample(self) -> Value | None:
        """The instance that stands for all."""
        return Handle(subject=self.element_)
