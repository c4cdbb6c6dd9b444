"""Which setting of a server or client a key of the app document means, as the facts name it.

A key that is a setting (or an alias) of the component keeps its name. The general words of the document
(`timeout`, `keepalive`, `read`, `retries`) are translated where exactly one setting can be meant; where none
or several can, that is a fault that lists them: nothing is guessed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from budgetcheck import facts
from budgetcheck.hints import did_you_mean, list_known
from budgetcheck.model.limits import Meaning, Origin
from budgetcheck.model.settings import Known, Setting, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Layer
from budgetcheck.readers.app_schema import Call, Server, TimeoutParts
from budgetcheck.schema_errors import SchemaFault, fault_at
from budgetcheck.schema_types import duration_fault
from budgetcheck.yaml_nodes import Loc, Node, ScalarNode, follow

_SERVER_MEANINGS = {
    "timeout": frozenset({Meaning.TOTAL, Meaning.PER_ATTEMPT, Meaning.FIRST_BYTE, Meaning.HEARTBEAT}),
    "keepalive": frozenset({Meaning.KEEPALIVE}),
    "graceful_timeout": frozenset({Meaning.DRAIN}),
}
_PART_MEANINGS = {
    "connect": frozenset({Meaning.CONNECT}),
    "read": frozenset(
        {Meaning.IDLE, Meaning.FIRST_BYTE, Meaning.PER_ATTEMPT, Meaning.HEADER_TOTAL_BODY_IDLE}
    ),
    "write": frozenset({Meaning.SEND}),
    "pool": frozenset({Meaning.ACQUIRE}),
    "total": frozenset({Meaning.TOTAL}),
}
UNSTATED_SERVER = "server"
"""The component that stands for a server whose kind is not stated."""
_RETRY_KEYS = ("max_retries", "retries", "attempts")
_LOOP = "write loop: {max: N, calls: [...]} around the call"


@dataclass(frozen=True, slots=True)
class Place:
    """A mapping of the document: the file, the document's tree, and the way to the mapping."""

    file: str
    root: Node
    loc: Loc

    def at(self, *parts: str | int) -> "Place":
        """A mapping further down."""
        return Place(self.file, self.root, (*self.loc, *parts))

    def span(self, *parts: str | int, text: str = "") -> Span:
        """Where a value stands."""
        _, _, node = follow(self.root, (*self.loc, *parts))
        return Span(file=self.file, line=node.line, column=node.column, text=text)

    def key_span(self, key: str, *, text: str = "") -> Span:
        """Where a key stands."""
        _, node, _ = follow(self.root, (*self.loc, key))
        return Span(file=self.file, line=node.line, column=node.column, text=text) if node else self.span()

    def written(self, *parts: str | int) -> str:
        """A scalar as it is written (`1.10`, which YAML takes for a number); empty where there is none."""
        found, _, node = follow(self.root, (*self.loc, *parts))
        return node.text if isinstance(node, ScalarNode) and len(found) == len(self.loc) + len(parts) else ""

    def fault(self, *parts: str | int, text: str, fix: str = "", key: bool = False) -> SchemaFault:
        """A fault of a value below this mapping, or of its key."""
        return fault_at(self.root, (*self.loc, *parts), text, fix, key=key)

    def setting(self, name: str, value: str | int | None, *parts: str) -> Setting:
        """A duration, count or null that stands at `parts`, under the name the facts have for it."""
        shown = "null" if value is None else self.written(*parts) or value
        span = self.span(*parts, text=f"{parts[-1]}: {shown}")
        return Setting(name=name, value=Known(value=value), spans=(span,))


Outcome = Setting | SchemaFault


def components_of(layer: Layer) -> tuple[str, ...]:
    """Names of all components with that role; for messages, because it loads every facts file."""
    found = (facts.find(name) for name in facts.component_names())
    named = (component.name for component in found if component and component.layer is layer)
    return tuple(name for name in named if name != UNSTATED_SERVER)


_SLOTS = frozenset({"workers", "threads", "pm.max_children"})
"""Numbers that are no limits, and say how many requests a server works on at once."""


def server_settings(server: Server, place: Place, component: facts.Component | None) -> Iterator[Outcome]:
    """What a `server:` mapping sets; `component` is None for a server without facts."""
    for key, meanings in _SERVER_MEANINGS.items():
        if key in server.model_fields_set:
            outcome = _general(getattr(server, key), place, (key,), component, (key,), meanings)
            # A server without such a limit has none, whatever its operator hoped for: that is known.
            yield replace(outcome, harmless=True) if isinstance(outcome, SchemaFault) else outcome
    if server.threads is not None:
        yield place.setting("threads", server.threads, "threads")
    yield from _extras(server, place, component)


def call_settings(call: Call, place: Place, component: facts.Component | None) -> Iterator[Outcome]:
    """What one call sets on its client; `component` is None for a client without facts."""
    if isinstance(call.timeout, TimeoutParts):
        for part in sorted(call.timeout.model_fields_set):
            names = (f"timeout.{part}", f"{part}_timeout")
            value = getattr(call.timeout, part)
            yield _general(value, place, ("timeout", part), component, names, _PART_MEANINGS[part])
    elif "timeout" in call.model_fields_set:
        yield _general(call.timeout, place, ("timeout",), component, ("timeout",), frozenset())
    if "deadline" in call.model_fields_set:  # stands around the client, so every client can have one
        yield place.setting("deadline", call.deadline, "deadline")
    yield from _tries(call, place, component)
    yield from _extras(call, place, component)


def _general(
    value: str | None,
    place: Place,
    parts: tuple[str, ...],
    component: facts.Component | None,
    names: tuple[str, ...],
    meanings: frozenset[Meaning],
) -> Outcome:
    """A general word: the first of `names` the component has, else its only limit of these meanings."""
    if component is None:
        return place.setting(names[0], value, *parts)
    known = limit_names(component)
    possible = [name for name in names if name in known][:1] or sorted(
        {fact.setting for fact in component.limits if fact.meaning in meanings and not fact.fixed}
    )
    if len(possible) == 1:
        return place.setting(possible[0], value, *parts)
    if possible:
        text = f"can mean several settings of {component.name}"
        return place.fault(*parts, text=text, fix=f"write one of {', '.join(possible)}", key=True)
    fix = f"its settings are {', '.join(sorted(known))}" if known else "remove the key"
    return place.fault(*parts, text=f"{component.name} has no such limit", fix=fix, key=True)


def _tries(call: Call, place: Place, component: facts.Component | None) -> Iterator[Outcome]:
    """The number of tries in the words of the client: `attempts: 3` is 2 where it counts retries."""
    written = [key for key in _RETRY_KEYS if key in call.model_fields_set]
    if len(written) > 1:
        text = f"one of {', '.join(written)} says it all"
        yield from (place.fault(key, text=text, fix="keep one of them", key=True) for key in written)
        return
    for key in written:
        value: int | None = getattr(call, key)
        counted = {fact.setting: fact.retries for fact in component.attempts} if component else {}
        counted.pop("", None)
        if component is None or key in attempt_names(component):
            yield place.setting(key, value, key)
        elif len(counted) == 1:
            ((name, retries),) = counted.items()
            surplus = int(key != "attempts") - int(retries)
            yield place.setting(name, None if value is None else value + surplus, key)
        else:
            fix = f"write one of {', '.join(sorted(counted))}" if counted else _LOOP
            yield place.fault(key, text=f"{component.name} has no such setting", fix=fix, key=True)


def _extras(stated: Server | Call, place: Place, component: facts.Component | None) -> Iterator[Outcome]:
    """Further keys: settings of the component under their own names."""
    for key, value in sorted((stated.model_extra or {}).items()):
        counts = value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)
        wrong = "" if value is None else duration_fault(value)
        if component is None:
            if counts or not wrong:
                yield place.setting(key, value, key)
        elif key in limit_names(component):
            yield place.fault(key, text=wrong) if wrong else place.setting(key, value, key)
        elif key in attempt_names(component):
            text = "must be a whole number, not negative"
            yield place.setting(key, value, key) if counts else place.fault(key, text=text)
        elif key in component.passes_through:
            if key in _SLOTS and counts and value is not None:
                yield place.setting(key, value, key)
        else:
            own = (*limit_names(component), *attempt_names(component), *component.passes_through)
            hint = did_you_mean(key, (*type(stated).model_fields, *own))
            text = f"is no key here and no setting of {component.name}{hint}"
            yield place.fault(key, text=text, fix="" if hint else list_known(own), key=True)


def unknown_rest(written: Iterable[Setting], place: Place, component: facts.Component) -> Iterator[Setting]:
    """Every setting of the component that is not written, as one whose value is not known."""
    names = {setting.name for setting in written}
    value = Unresolved(reason=f"the call in {place.span().place} has a fault", needs="correct the call")
    given: tuple[facts.LimitFact | facts.AttemptsFact, ...] = (
        *(fact for fact in component.limits if not fact.fixed),
        *component.attempts,
    )
    for name in sorted({fact.setting for fact in given if not names & {fact.setting, *fact.aliases}} - {""}):
        yield Setting(name=name, value=value, spans=(place.span(),), origin=Origin.UNRESOLVED)


def limit_names(component: facts.Component) -> frozenset[str]:
    """Every name a limit of the component can be set by."""
    return _names(fact for fact in component.limits if not fact.fixed)


def attempt_names(component: facts.Component) -> frozenset[str]:
    """Every name its number of tries can be set by."""
    return _names(component.attempts)


def _names(given: Iterable[facts.LimitFact | facts.AttemptsFact]) -> frozenset[str]:
    return frozenset(name for fact in given for name in (fact.setting, *fact.aliases) if name)
