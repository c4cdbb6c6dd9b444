"""Which values a variable may have, where the files say so: `set`, `map`, `geo`, `split_clients`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product

from budgetcheck.readers.nginx.context import Block
from budgetcheck.readers.nginx.directives import Kind

MOST_VALUES = 32
"""Of more possible values only the first are listed, and the variable itself for the rest."""

_MOST_STEPS = 8
_LONGEST = 1_000
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
_MAP_OPTIONS = {"hostnames", "volatile", "ranges", "delete", "proxy", "proxy_recursive"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """The maps of a configuration, and the blocks around one pass with their `set`s, innermost first."""

    maps: Mapping[str, tuple[str, ...]]
    scopes: Sequence[Block] = ()
    _known: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def texts(self, text: str) -> tuple[str, ...]:
        """Every text that `text` may stand for; a variable whose value is not known stays in it."""
        return self._expand(text, 0) if "$" in text else (text,)

    def _expand(self, text: str, steps: int) -> tuple[str, ...]:
        pieces: list[tuple[str, ...]] = []
        position = 0
        for match in _VARIABLE.finditer(text):
            pieces += [(text[position : match.start()],), self._variable(match, steps)]
            position = match.end()
        pieces.append((text[position:],))
        found = dict.fromkeys("".join(choice) for choice in islice(product(*pieces), MOST_VALUES + 1))
        if len(found) > MOST_VALUES or any(len(value) > _LONGEST for value in found):
            return (*(value for value in list(found)[:MOST_VALUES] if len(value) <= _LONGEST), text)
        return tuple(found)

    def _variable(self, match: re.Match[str], steps: int) -> tuple[str, ...]:
        name = match[1] or match[2]
        if name not in self._known:
            self._known[name] = (match[0],)  # also what a variable made of itself comes to
            values = self._values(name) if steps < _MOST_STEPS else ()
            found = dict.fromkeys(
                text for value in values[: MOST_VALUES + 1] for text in self._expand(value, steps + 1)
            )
            if len(found) > MOST_VALUES:
                self._known[name] = (*list(found)[:MOST_VALUES], match[0])
            elif found:
                self._known[name] = tuple(found)
        return self._known[name]

    def _values(self, name: str) -> tuple[str, ...]:
        """What `set` gives it: the last one of the innermost block and conditional ones; else a map."""
        conditional: list[str] = []
        for block in self.scopes:
            for inner in block.of_kind(Kind.IF):
                conditional += _assigned(inner, name)
            plain = _assigned(block, name)
            if plain:
                return tuple(dict.fromkeys((plain[-1], *conditional)))
        return tuple(dict.fromkeys(conditional)) or self.maps.get(name, ())


def read_maps(blocks: Sequence[Block]) -> dict[str, tuple[str, ...]]:
    """Variable name to possible values, of all `map`, `geo` and `split_clients` blocks in `blocks`."""
    return {
        child.args[-1].lstrip("$"): _map_values(child)
        for block in blocks
        for child in block.of_kind(Kind.MAP)
        if child.args
    }


def _map_values(block: Block) -> tuple[str, ...]:
    entries = [entry for entry in block.directives.get("", ()) if entry.statement.name not in _MAP_OPTIONS]
    values = tuple(dict.fromkeys(entry.args[0] for entry in entries if entry.args and entry.args[0]))
    # entries that cannot be seen leave the variable itself as one of the possibilities
    return (*values, block.args[-1]) if block.gaps else values


def _assigned(block: Block, name: str) -> list[str]:
    written = block.directives.get("set", [])
    return [placed.args[1] for placed in written if len(placed.args) > 1 and placed.args[0] == f"${name}"]
