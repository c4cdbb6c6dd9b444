"""YAML with positions: frozen nodes that know their line and column.

The tree is built from the parser's events, not by PyYAML's composer: no tag is ever constructed, nesting
and the size that aliases expand to are bounded, and one bad document does not hide the others of its file.
Consumers may therefore walk a tree recursively.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

MOST_NODES = 20_000
"""Nodes of one document with every alias written out; a few lines of aliases can stand for billions."""
MOST_DEPTH = 64
MOST_DOCUMENTS = 200

Loc = tuple[str | int, ...]
"""A way through a tree: keys and list positions."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})")
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlFault:
    """Something wrong with the YAML itself. The texts hold no value of the file."""

    line: int
    column: int
    text: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode:
    """A single value: `text` as written (without quotes), `value` as YAML understands it."""

    line: int
    column: int
    text: str
    value: str | int | float | bool | None
    size: int = 1
    depth: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNode:
    """A list; `size` counts all nodes in it with aliases written out."""

    line: int
    column: int
    items: tuple["Node", ...]
    size: int = 1
    depth: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNode:
    """A mapping: every key once, merge keys (`<<`) applied; `faults` are its duplicate or odd keys."""

    line: int
    column: int
    entries: Mapping[str, tuple[ScalarNode, "Node"]]
    faults: tuple[YamlFault, ...] = ()
    size: int = 1
    depth: int = 1

    def get(self, key: str) -> "Node | None":
        """The value under a key, None where the key is absent."""
        entry = self.entries.get(key)
        return entry[1] if entry else None


Node = ScalarNode | ListNode | MapNode


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlStream:
    """The documents of one file (None for an empty one), and what could not be parsed."""

    documents: tuple[Node | None, ...]
    faults: tuple[YamlFault, ...]


class _FaultError(Exception):
    """Ends the parsing of one document."""

    def __init__(self, fault: YamlFault) -> None:
        super().__init__(fault.text)
        self.fault = fault


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is still open."""

    mapping: bool
    line: int
    column: int
    anchor: str | None
    tag: str | None
    children: list[Node] = field(default_factory=list)


def parse_yaml(text: str, *, tagged: bool = False, most: int = MOST_NODES) -> YamlStream:
    """All documents of a text. Never raises: after a fault it goes on with the next `---`.

    Tags of an application's own (`!Ref`) say nothing, unless `tagged`: then a node that has one is the only
    entry of a mapping whose key is the tag. `most` is how many nodes a document may stand for.
    """
    documents: list[Node | None] = []
    faults: list[YamlFault] = []
    start = lines = 0
    while True:
        try:
            _parse_segment(text[start:], lines, documents, tagged=tagged, most=most)
        except _FaultError as error:
            faults.append(error.fault)
        else:
            break
        following = _next_document(text, faults[-1].line, start)
        if following is None or len(faults) > MOST_DOCUMENTS:
            break
        lines += text.count("\n", start, following)
        start = following
    return YamlStream(documents=tuple(documents), faults=tuple(faults))


def plain(node: Node) -> object:
    """The tree as dicts, lists and scalars, for validation."""
    match node:
        case MapNode():
            return {key: plain(child) for key, (_, child) in node.entries.items()}
        case ListNode():
            return [plain(child) for child in node.items]
        case ScalarNode():
            return node.value


def follow(root: Node, loc: Loc) -> tuple[Loc, ScalarNode | None, Node]:
    """The deepest node on the way of `loc`, the key it stands under, and the part of the way that exists.

    Parts that name no child are skipped: validators put names of alternatives into their locations.
    """
    found: list[str | int] = []
    key: ScalarNode | None = None
    node = root
    for part in loc:
        if isinstance(node, MapNode) and isinstance(part, str) and part in node.entries:
            key, node = node.entries[part]
        elif isinstance(node, ListNode) and isinstance(part, int) and 0 <= part < len(node.items):
            key, node = None, node.items[part]
        else:
            continue
        found.append(part)
    return tuple(found), key, node


def without(node: Node, loc: Loc) -> Node:
    """The tree without the entry at `loc`; the tree itself where there is none."""
    if not loc:
        return node
    first, rest = loc[0], loc[1:]
    if isinstance(node, MapNode) and isinstance(first, str) and first in node.entries:
        entries = dict(node.entries)
        key, child = entries.pop(first)
        if rest:
            entries = {**node.entries, first: (key, without(child, rest))}
        return replace(node, entries=entries)
    if isinstance(node, ListNode) and isinstance(first, int) and first < len(node.items):
        kept = (without(node.items[first], rest),) if rest else ()
        return replace(node, items=(*node.items[:first], *kept, *node.items[first + 1 :]))
    return node


def faults_in(node: Node, loc: Loc = ()) -> Iterator[tuple[Loc, YamlFault]]:
    """Duplicate and odd keys anywhere in a tree, each with the way to its mapping."""
    match node:
        case MapNode():
            for fault in node.faults:
                yield loc, fault
            for key, (_, child) in node.entries.items():
                yield from faults_in(child, (*loc, key))
        case ListNode():
            for index, child in enumerate(node.items):
                yield from faults_in(child, (*loc, index))
        case ScalarNode():
            return


def show_key(key: str) -> str:
    """A key for messages: one short line of printable characters."""
    printable = "".join(character if character.isprintable() else "?" for character in key[:60])
    return f"{printable}..." if len(key) > 60 else printable


def show_loc(loc: Loc) -> str:
    """`routes[0].calls[1].timeout`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{show_key(part)}" for part in loc)
    return text.removeprefix(".")


def _parse_segment(text: str, lines: int, documents: list[Node | None], *, tagged: bool, most: int) -> None:
    """Appends the documents of a text whose first line is line `lines` + 1 of its file."""
    loader = _LOADER(text)
    try:
        while loader.check_event():
            event = loader.get_event()
            line = event.start_mark.line + lines + 1
            if isinstance(event, yaml.DocumentStartEvent):
                if len(documents) >= MOST_DOCUMENTS:
                    raise _fault(line, 1, f"holds more than {MOST_DOCUMENTS} documents", "split the file")
                documents.append(_build_document(loader, lines, tagged=tagged, most=most))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 0)
        raise _fault(line + lines, column, f"is not valid YAML: {error.problem or 'syntax error'}") from None
    except yaml.reader.ReaderError as error:
        raise _fault(_line_of(text, error.position) + lines, 0, "holds a character YAML forbids") from None
    finally:
        loader.dispose()


def _build_document(
    loader: Any,  # noqa: ANN401 - the C parser is untyped
    lines: int,
    *,
    tagged: bool,
    most: int,
) -> Node | None:
    """The document whose start was just seen, up to its end; None for an empty one."""
    stack: list[_Frame] = []
    anchors: dict[str, Node] = {}
    total = 0
    while True:
        event = loader.get_event()
        line, column = event.start_mark.line + lines + 1, event.start_mark.column + 1
        if total > most:  # counted on the way: a document of a million lines is not read to its end
            raise _fault(line, column, f"stands for more than {most} values, aliases included")
        node: Node
        match event:
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                if len(stack) >= MOST_DEPTH:
                    raise _fault(line, column, f"is nested more than {MOST_DEPTH} levels deep")
                mapping = isinstance(event, yaml.MappingStartEvent)
                tag = event.tag if tagged else None
                stack.append(_Frame(mapping=mapping, line=line, column=column, anchor=event.anchor, tag=tag))
                total += 1
                continue
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                frame = stack.pop()
                node, anchor = _tagged(_close(frame), frame.tag), frame.anchor
            case yaml.AliasEvent():
                known = anchors.get(str(event.anchor))
                if known is None:
                    raise _fault(line, column, "refers to an anchor that is not defined before")
                node, anchor = known, None
                total += known.size
            case yaml.ScalarEvent():
                tag = event.tag or loader.resolve(yaml.ScalarNode, event.value, event.implicit)
                value = _scalar_value(tag, event.value)
                node = ScalarNode(line=line, column=column, text=event.value, value=value)
                node, anchor = _tagged(node, event.tag if tagged else None), event.anchor
                total += 1
            case _:
                raise _fault(line, column, "is not valid YAML: syntax error")
        if anchor:
            anchors[anchor] = node
        if stack:
            stack[-1].children.append(node)
        else:
            return None if isinstance(node, ScalarNode) and node.value is None else node


def _tagged(node: Node, tag: str | None) -> Node:
    """The node under its tag, where that is one of an application."""
    if not tag or not tag.startswith("!") or len(tag) == 1:
        return node
    key = ScalarNode(line=node.line, column=node.column, text=tag, value=tag)
    return MapNode(
        line=node.line,
        column=node.column,
        entries={tag: (key, node)},
        size=node.size + 1,
        depth=node.depth + 1,
    )


def _close(frame: _Frame) -> ListNode | MapNode:
    size = 1 + sum(child.size for child in frame.children)
    depth = 1 + max((child.depth for child in frame.children), default=0)
    if depth > MOST_DEPTH:
        raise _fault(frame.line, frame.column, f"is nested more than {MOST_DEPTH} levels deep")
    if frame.mapping:
        return _close_mapping(frame, size, depth)
    return ListNode(line=frame.line, column=frame.column, items=tuple(frame.children), size=size, depth=depth)


def _close_mapping(frame: _Frame, size: int, depth: int) -> MapNode:
    entries: dict[str, tuple[ScalarNode, Node]] = {}
    merged: dict[str, tuple[ScalarNode, Node]] = {}
    faults: list[YamlFault] = []
    for key, value in zip(frame.children[::2], frame.children[1::2], strict=True):
        if not isinstance(key, ScalarNode):
            faults.append(YamlFault(line=key.line, column=key.column, text="a key must be plain text"))
        elif key.text == "<<":
            for source in value.items if isinstance(value, ListNode) else (value,):
                if isinstance(source, MapNode):
                    merged = {**source.entries, **merged}
                else:
                    text = "a merge key (<<) takes a mapping"
                    faults.append(YamlFault(line=key.line, column=key.column, text=text))
        elif key.text in entries:
            text = f"the key is written twice, first in line {entries[key.text][0].line}"
            text = f"`{show_key(key.text)}`: {text}"
            faults.append(YamlFault(line=key.line, column=key.column, text=text, fix="keep one of them"))
        else:
            entries[key.text] = (key, value)
    return MapNode(
        line=frame.line,
        column=frame.column,
        entries={**merged, **entries},
        faults=tuple(faults),
        size=size,
        depth=depth,
    )


def _scalar_value(tag: str | None, text: str) -> str | int | float | bool | None:
    """Null, booleans and decimal numbers; everything else (dates, octal, custom tags) stays text."""
    match (tag or "").removeprefix(_TAG):
        case "null":
            return None
        case "bool":
            return text.lower() in {"yes", "true", "on"}
        case "int" if _INTEGER.fullmatch(text):
            return int(text)
        case "float" if len(text) < 40:
            try:
                return float(text)
            except ValueError:
                return text
        case _:
            return text


def _next_document(text: str, line: int, start: int) -> int | None:
    """Offset of the first `---` in or below a line and behind `start`, None where there is none.

    The line itself counts: an unclosed list is noticed at the separator that follows it.
    """
    offset = 0
    for _ in range(line - 1):
        offset = text.find("\n", offset) + 1
        if not offset:
            return None
    match = _SEPARATOR.search(text, max(offset, start + 1))
    return match.start() if match else None


def _line_of(text: str, position: int) -> int:
    # libyaml counts bytes, the pure Python parser characters; for a line number of a file that holds
    # control characters the former is what nearly always runs.
    return text.encode("utf-8", "replace")[:position].count(b"\n") + 1


def _fault(line: int, column: int, text: str, fix: str = "") -> _FaultError:
    return _FaultError(YamlFault(line=line, column=column, text=text, fix=fix))
