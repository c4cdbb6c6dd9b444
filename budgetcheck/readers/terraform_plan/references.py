"""Which resource instances an attribute refers to, by the configuration that a plan keeps.

The configuration names references only (`aws_lb.api.arn`, `module.front.listener_arn`, `var.group`): they are
followed through inputs and outputs of modules. Local values and dynamic blocks are not kept in a plan, so
what refers through them is found by equal values alone, where those are known.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from budgetcheck.readers.terraform.values import Ref
from budgetcheck.readers.terraform_plan.document import Document, Entry, Json, Key, Path, mapping, sequence

_TOKEN = re.compile(r'\.?([^.\[\]]+)|\[(?:(\d+)|"((?:[^"\\]|\\.)*)")\]')
_MOST_STEPS = 2_000
_Kind = TypeVar("_Kind")
_NOT_FOLLOWED = frozenset({"data", "local", "path", "terraform", "self", "ephemeral"})


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Place:
    """Where an expression stands: module instance, the own key of the instance, what it is repeated over."""

    module: Path
    key: Key = None
    repeated: tuple[str, ...] = ()


class References:
    """Follows references through the modules of one plan."""

    def __init__(self, document: Document) -> None:
        self._root = document.configuration or {}
        self._named: dict[tuple[Path, str, str], list[Entry]] = {}
        self._calls: dict[tuple[Path, str], list[Path]] = {}
        for entry in document.entries:
            self._named.setdefault((entry.module, entry.type, entry.name), []).append(entry)
            for depth, (name, _) in enumerate(entry.module):
                found = self._calls.setdefault((entry.module[:depth], name), [])
                if entry.module[: depth + 1] not in found:
                    found.append(entry.module[: depth + 1])
        self._resources: dict[int, Mapping[tuple[str, str], Json]] = {}
        self._steps = 0

    def resource(self, entry: Entry) -> Json | None:
        """The configuration of a resource; None where the document does not keep it."""
        module = self._module(entry.module)
        if module is None:
            return None
        if id(module) not in self._resources:
            self._resources[id(module)] = {
                (str(one.get("type")), str(one.get("name"))): one
                for one in map(mapping, sequence(module.get("resources")))
                if one.get("mode") == "managed"
            }
        return self._resources[id(module)].get((entry.type, entry.name))

    def place(self, entry: Entry) -> Place:
        """Where the expressions of a resource instance stand."""
        return Place(module=entry.module, key=entry.key, repeated=_repeated(self.resource(entry) or {}))

    def of(self, expression: object, place: Place) -> tuple[Ref, ...]:
        """The resource instances that an expression refers to, directly or through modules, each once."""
        self._steps = _MOST_STEPS  # a hostile plan may refer in circles, or to everything from everywhere
        return tuple(dict.fromkeys(self._follow(references_in(expression), place)))

    def _follow(self, names: tuple[str, ...], place: Place) -> Iterator[Ref]:
        own = place.key if {name.partition(".")[0] for name in names} & {"each", "count"} else None
        for name in _longest(names):
            self._steps -= 1
            if self._steps < 0:
                return
            yield from self._one(_tokens(name), place, own)

    def _one(self, tokens: list[str | int], place: Place, own: Key) -> Iterator[Ref]:
        match tokens:
            case ["var", str(name), *_]:
                yield from self._input(name, place)
            case ["module", str(name), *rest]:
                yield from self._output(name, rest, place, own)
            case ["each", "value", *_]:
                yield from self._follow(place.repeated, Place(module=place.module))
            case [str(kind), str(name), *rest] if kind not in _NOT_FOLLOWED:
                entries = self._named.get((place.module, kind, name), [])
                key, rest = _key_of(rest)
                attribute = next((part for part in rest if isinstance(part, str)), "")
                for entry in _picked([(entry.key, entry) for entry in entries], key, own):
                    yield Ref(address=entry.address, attribute=attribute)

    def _input(self, name: str, place: Place) -> Iterator[Ref]:
        """A variable: what the call of the module sets it to."""
        if not place.module:
            return
        outer = place.module[:-1]
        call_name, key = place.module[-1]
        call = mapping(mapping((self._module(outer) or {}).get("module_calls")).get(call_name))
        names = references_in(mapping(call.get("expressions")).get(name))
        yield from self._follow(names, Place(module=outer, key=key, repeated=_repeated(call)))

    def _output(self, name: str, rest: list[str | int], place: Place, own: Key) -> Iterator[Ref]:
        """An output of a module; all of them where it is picked by a key that is not written out."""
        key, rest = _key_of(rest)
        calls = self._calls.get((place.module, name), [])
        for path in _picked([(path[-1][1], path) for path in calls], key, own):
            outputs = mapping((self._module(path) or {}).get("outputs"))
            wanted = [rest[0]] if rest and isinstance(rest[0], str) else list(outputs)
            for output in wanted:
                names = references_in(mapping(outputs.get(output)).get("expression"))
                yield from self._follow(names, Place(module=path))

    def _module(self, path: Path) -> Json | None:
        module: Json | None = self._root or None
        for name, _ in path:
            call = mapping(mapping((module or {}).get("module_calls")).get(name))
            module = mapping(call.get("module")) or None
        return module


def references_in(expression: object) -> tuple[str, ...]:
    """All references of an expression, also in the blocks below it where it is one of those."""
    found: list[str] = []
    pending = [expression]
    while pending:
        one = pending.pop()
        if isinstance(one, list):
            pending.extend(reversed(one))
        elif isinstance(one, dict):
            references = one.get("references")
            if isinstance(references, list):
                found.extend(name for name in references if isinstance(name, str))
            else:
                pending.extend(value for key, value in one.items() if key != "constant_value")
    return tuple(dict.fromkeys(found))


def _repeated(block: Json) -> tuple[str, ...]:
    return references_in(block.get("for_each_expression"))


def _longest(names: tuple[str, ...]) -> Iterator[str]:
    """The names without those that only begin another one: `aws_lb.api` beside `aws_lb.api.arn`."""
    for name in names:
        if not any(other.startswith((f"{name}.", f"{name}[")) for other in names):
            yield name


def _tokens(name: str) -> list[str | int]:
    """The parts of `aws_lb.api["x"].arn`; a key in brackets is marked with a leading `[` where it is text."""
    parts: list[str | int] = []
    for word, index, key in (match.groups() for match in _TOKEN.finditer(name)):
        parts.append(word if word is not None else int(index) if index is not None else f"[{key}")
    return parts


def _key_of(rest: list[str | int]) -> tuple[Key, list[str | int]]:
    """The key that is written out right behind a name, None where there is none, and what follows it."""
    if rest and isinstance(rest[0], int):
        return rest[0], rest[1:]
    if rest and isinstance(rest[0], str) and rest[0].startswith("["):
        return rest[0][1:], rest[1:]
    return None, rest


def _picked(found: list[tuple[Key, _Kind]], written: Key, own: Key) -> list[_Kind]:
    """What has the key that is written out; else what shares the referring instance's own key; else all."""
    if written is not None:
        return [one for key, one in found if key == written]
    return [one for key, one in found if own is not None and key == own] or [one for _, one in found]
