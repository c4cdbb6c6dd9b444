"""An attribute of a Terraform resource, or of a block in it that stands there once.

Behind the first group of attributes, aligned with them where the name is not longer than theirs, as
`terraform fmt` would have it.
"""

import re
from collections.abc import Iterator, Sequence

from budgetcheck.additions.place import Place, below, indent_of
from budgetcheck.model.findings import Addition
from budgetcheck.model.span import Span

_MOST_LINES = 1_000
_RESOURCE = re.compile(r'\s*resource\s+"[\w-]+"\s+"[\w-]+"\s*\{\s*(?:(?:#|//).*)?')
_ATTRIBUTE = re.compile(r"(\s*)([A-Za-z_][\w-]*)(\s*)=(?!=)\s*\S.*")
_BLOCK = re.compile(r"\s*([A-Za-z_][\w-]*)\s*\{\s*(?:(?:#|//).*)?")
_TOKEN = re.compile(r"#.*|//.*|\"(?:[^\"\\]|\\.)*\"|[{}()\[\]]")


def place(lines: Sequence[str], span: Span, addition: Addition) -> Place | None:
    """Inside the resource whose header is the line of the span."""
    if not _RESOURCE.fullmatch(lines[span.line - 1].rstrip("\r\n")):
        return None
    start, depths = span.line, _depths(lines, span.line)
    if depths is None:
        return None
    for name in addition.path[:-1]:
        blocks = [n for n in _body(start, depths) if _is_block(lines[n - 1], name)]
        if len(blocks) != 1:
            return None
        start = blocks[0]
    attributes = [n for n in _body(start, depths) if _ATTRIBUTE.fullmatch(lines[n - 1].rstrip("\r\n"))]
    name = addition.path[-1]
    if any(_name(lines[n - 1]) == name for n in attributes):
        return None
    return _placed(
        lines, start, [n for n in attributes if depths[n][0] == depths[n][1]], name, addition.value
    )


def _placed(lines: Sequence[str], start: int, attributes: list[int], name: str, value: str) -> Place:
    """Behind the last of the first attributes that follow one another."""
    if not attributes:
        return below(lines, start, f"{indent_of(lines[start - 1])}  {name} = {value}")
    last = attributes[0]
    for number in attributes[1:]:
        if number != last + 1:
            break
        last = number
    found = _ATTRIBUTE.fullmatch(lines[last - 1].rstrip("\r\n"))
    indent, width = (found.group(1), len(found.group(2) + found.group(3)) - 1) if found else ("  ", 0)
    if len(name) <= width:
        return below(lines, last, f"{indent}{name:<{width}} = {value}")
    return below(lines, last, f"\n{indent}{name} = {value}")


def _depths(lines: Sequence[str], start: int) -> dict[int, tuple[int, int]] | None:
    """How deep each line of the block begins and ends; None where its end is not certain."""
    found: dict[int, tuple[int, int]] = {}
    depth = 0
    for number in range(start, min(len(lines), start + _MOST_LINES) + 1):
        line = lines[number - 1]
        if "<<" in line or "/*" in line or "%{" in line:
            return None
        before = depth
        for token in _TOKEN.findall(line):
            depth += {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}.get(token, 0)
        found[number] = (before, depth)
        if depth <= 0:
            return found
    return None


def _body(start: int, depths: dict[int, tuple[int, int]]) -> Iterator[int]:
    """The lines that begin directly inside the block that begins in a line."""
    inner = depths[start][1]
    for number in range(start + 1, max(depths) + 1):
        before, after = depths[number]
        if before < inner or (before == inner and after < inner):
            return
        if before == inner:
            yield number


def _is_block(line: str, name: str) -> bool:
    found = _BLOCK.fullmatch(line.rstrip("\r\n"))
    return found is not None and found.group(1) == name


def _name(line: str) -> str:
    found = _ATTRIBUTE.fullmatch(line.rstrip("\r\n"))
    return found.group(2) if found else ""
