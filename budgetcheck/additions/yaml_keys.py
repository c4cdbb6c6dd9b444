"""A key of a mapping in a YAML document, in block or flow style.

The mapping is the one that begins, or has an entry, where the span says; of an annotation the root of its
document. Keys of the path that are there already are followed.
"""

from collections.abc import Iterator, Sequence

from budgetcheck.additions.place import Place, below, inside
from budgetcheck.model.findings import Addition
from budgetcheck.model.span import Span
from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode, parse_yaml

_ROOT = "metadata"
"""Paths that begin with it begin at the root of a manifest."""


def place(lines: Sequence[str], span: Span, addition: Addition) -> Place | None:
    """In the mapping at the span, or in the manifest round it."""
    stream = parse_yaml("".join(lines))
    roots = [node for node in stream.documents if node is not None and node.line <= span.line]
    if stream.faults or not roots:
        return None
    root = roots[-1]
    if addition.path[0] == _ROOT:
        if not isinstance(root, MapNode) or "apiVersion" not in root.entries or "items" in root.entries:
            return None
        return _into(lines, root, addition.path, addition.value)
    found = [node for node in _mappings(root) if _is_at(node, span)]
    return _into(lines, found[-1], addition.path, addition.value) if found else None


def _mappings(node: Node) -> Iterator[MapNode]:
    """All mappings, the outer ones first."""
    if isinstance(node, MapNode):
        yield node
        for _, value in node.entries.values():
            yield from _mappings(value)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _mappings(item)


def _is_at(node: MapNode, span: Span) -> bool:
    place = (span.line, span.column)
    ends = ((one.line, one.column) for entry in node.entries.values() for one in entry)
    return (node.line, node.column) == place or place in ends


def _into(lines: Sequence[str], node: MapNode, path: tuple[str, ...], value: str) -> Place | None:
    """The rest of a path put into the last mapping of it that is there."""
    entry = node.entries.get(path[0])
    if entry is None:
        return _added(lines, node, path[0], _nested(path[1:], value, block=path[0] == "annotations"))
    if len(path) > 1 and isinstance(entry[1], MapNode):
        return _into(lines, entry[1], path[1:], value)
    return _instead_of_null(lines, entry[1], _nested(path[1:], value))


def _nested(path: tuple[str, ...], value: str, *, block: bool = False) -> str:
    """`{read: 28s}`; annotations, whose names are long, stand on lines of their own."""
    if block and path:
        return f"\n  {path[0]}: {value}"
    for key in reversed(path):
        value = f"{{{key}: {value}}}"
    return value


def _instead_of_null(lines: Sequence[str], node: Node, value: str) -> Place | None:
    if not isinstance(node, ScalarNode) or node.value is not None or node.text not in ("null", "~"):
        return None
    start = node.column - 1
    end = start + len(node.text)
    if lines[node.line - 1][start:end] != node.text:
        return None
    return Place(line=node.line, start=start, end=end, text=value)


def _added(lines: Sequence[str], node: MapNode, key: str, value: str) -> Place | None:
    line = lines[node.line - 1]
    if line[node.column - 1 : node.column] == "{":
        end = _closing(line, node.column - 1)
        if end is None or "\n" in value:
            return None
        head = line[:end].rstrip()
        comma = "" if head.endswith(("{", ",")) else ","
        gap = "" if head.endswith("{") else " "
        return inside(node.line, len(head), f"{comma}{gap}{key}: {value}")
    last = _last_of_first_lines(lines, node)
    if last is None:
        return None
    indent = " " * (node.column - 1)
    return below(lines, last, f"{indent}{key}: " + value.replace("\n", f"\n{indent}") if "\n" not in value
                 else f"{indent}{key}:" + value.replace("\n", f"\n{indent}"))  # fmt: skip


def _last_of_first_lines(lines: Sequence[str], node: MapNode) -> int | None:
    """The last line of the entries at the beginning of a block that take one line each."""
    own = [entry for entry in node.entries.values() if entry[0].column == node.column]
    last = None
    for number, (key, value) in enumerate(own):
        following = own[number + 1][0].line if number + 1 < len(own) else None
        if value.line != key.line or lines[key.line - 1].rstrip().endswith(("|", ">", "|-", ">-")):
            break
        if following != key.line + 1 and not (following is None or _ends_here(lines, key.line, node.column)):
            break
        if following is None and not _ends_here(lines, key.line, node.column):
            break
        last = key.line
    return last


def _ends_here(lines: Sequence[str], line: int, column: int) -> bool:
    """What follows a line is no continuation of its value."""
    if line == len(lines):
        return True
    after = lines[line].rstrip("\r\n")
    return not after.strip() or len(after) - len(after.lstrip()) < column


def _closing(line: str, start: int) -> int | None:
    """Where the flow mapping that begins at a column ends on the same line."""
    depth, quote = 0, ""
    for position in range(start, len(line)):
        char = line[position]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "{[":
            depth += 1
        elif char in "}]":
            depth -= 1
            if depth == 0:
                return position
    return None
