"""Any settings file as flat keys with their values and lines: YAML, TOML, JSON, .env, ini and properties.

What a key means nobody knows from here: `bindings` say so, and the key-name grammar only suggests. Values
never leave by way of a message.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode, parse_yaml

Scalar = str | int | float | bool | None

_MOST_KEYS = 20_000
_MOST_DEPTH = 40
_ENV = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]{0,199})[ \t]*=[ \t]*([^\n]{0,2000})")
_INI = re.compile(r"[ \t]*([A-Za-z_][\w. -]{0,199}?)[ \t]*[=:][ \t]*([^\n]{0,2000})")
_SECTION = re.compile(r"[ \t]*\[([\w. :\"'-]{1,200})\][ \t]*(?:[;#][^\n]*)?")
_TOML_SECTION = re.compile(r"[ \t]*\[{1,2}[ \t]*([^\[\]\n]{1,200}?)[ \t]*\]{1,2}[ \t]*(?:#[^\n]*)?")
_TOML_KEY = re.compile(r"[ \t]*([\w\"'.-]{1,200})[ \t]*=")
_COMMENT = re.compile(r"\s[#;][ \t]*([^\n]{0,200})$")
_PLACE_OF_ERROR = re.compile(r"at line (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key: its dotted path, its value, where it stands, and the comment behind it."""

    path: str
    value: Scalar
    line: int
    column: int = 1
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """All keys of a file, in order. `fault` is what is wrong with it, with its line; empty if nothing is."""

    keys: tuple[Key, ...] = ()
    fault: str = ""
    line: int = 1

    def find(self, path: str) -> Key | None:
        """The key of that path: the last one where it stands several times, as most readers have it."""
        return next((key for key in reversed(self.keys) if key.path == path), None)


def read_keys(text: str, name: str) -> Keys:
    """The keys of a settings file; its format follows from its name. What is broken yields a fault."""
    path = PurePosixPath(name)
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml", ".json"):
        return _yaml(text)
    if suffix == ".toml":
        return _toml(text)
    if suffix in (".ini", ".cfg", ".conf", ".properties"):
        return Keys(keys=tuple(_lines(text, _INI, sections=suffix != ".properties")))
    return Keys(keys=tuple(_lines(text, _ENV, sections=False)))


def _yaml(text: str) -> Keys:
    stream = parse_yaml(text)
    comments = dict(_comments(text))
    found: list[Key] = []
    for document in stream.documents:
        if document is not None:
            found += _flat(document, "", comments, 0)
    fault = stream.faults[0] if stream.faults and not found else None
    keys = tuple(found[:_MOST_KEYS])
    return Keys(keys=keys) if fault is None else Keys(fault=fault.text, line=fault.line)


def _flat(node: Node, path: str, comments: Mapping[int, str], depth: int) -> Iterator[Key]:
    if depth > _MOST_DEPTH:
        return
    match node:
        case MapNode(entries=entries):
            for name, (key, child) in entries.items():
                inner = f"{path}.{name}" if path else name
                if isinstance(child, ScalarNode):
                    comment = comments.get(key.line, "")
                    yield Key(
                        path=inner, value=child.value, line=key.line, column=key.column, comment=comment
                    )
                else:
                    yield from _flat(child, inner, comments, depth + 1)
        case ListNode(items=items):
            for number, item in enumerate(items):
                yield from _flat(item, f"{path}.{number}" if path else str(number), comments, depth + 1)
        case ScalarNode():
            return


def _toml(text: str) -> Keys:
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        place = _PLACE_OF_ERROR.search(str(error))
        return Keys(fault="is not TOML", line=int(place[1]) if place else 1)
    lines = _toml_lines(text)
    comments = dict(_comments(text))
    keys = []
    for path, value in _toml_values(document, "", 0):
        line = lines.get(path, 1)
        keys.append(Key(path=path, value=value, line=line, comment=comments.get(line, "")))
    return Keys(keys=tuple(keys[:_MOST_KEYS]))


def _toml_values(value: object, path: str, depth: int) -> Iterator[tuple[str, Scalar]]:
    if depth > _MOST_DEPTH:
        return
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _toml_values(child, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _toml_values(item, f"{path}.{number}", depth + 1)
    elif isinstance(value, str | int | float | bool):
        yield path, value


def _toml_lines(text: str) -> dict[str, int]:
    """The line of each key: what stands under a table header belongs to it."""
    found: dict[str, int] = {}
    table = ""
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if section := _TOML_SECTION.fullmatch(line):
            table = _bare(section[1])
            if line.lstrip().startswith("[["):
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}.{counts[table]}"
        elif key := _TOML_KEY.match(line):
            path = _bare(key[1])
            found.setdefault(f"{table}.{path}" if table else path, number)
    return found


def _bare(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))


def _lines(text: str, form: re.Pattern[str], *, sections: bool) -> Iterator[Key]:
    section = ""
    for number, line in enumerate(text.splitlines()[:_MOST_KEYS], start=1):
        if line.lstrip()[:1] in ("#", ";", "!"):
            continue
        if sections and (header := _SECTION.fullmatch(line)):
            section = header[1].strip()
            continue
        if found := form.match(line):
            value, comment = _value(found[2])
            path = f"{section}.{found[1].strip()}" if section else found[1].strip()
            yield Key(path=path, value=value, line=number, comment=comment)


def _value(written: str) -> tuple[str, str]:
    """A value without its quotes and the comment behind it."""
    text = written.strip()
    if text[:1] in ("'", '"'):
        end = text.find(text[0], 1)
        return (text[1:end], "") if end > 0 else (text, "")
    comment = _COMMENT.search(f" {text}" if text.startswith(("#", ";")) else text)
    if comment is None:
        return text, ""
    return text[: comment.start()].strip(), comment[1].strip()


def _comments(text: str) -> Iterable[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _COMMENT.search(line):
            yield number, found[1].strip()
