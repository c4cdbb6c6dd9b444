"""A directive in the `location` or `server` block that a hop is.

It goes behind the directives of its family that stand there on lines of their own, else behind the brace.
"""

import re
from collections.abc import Sequence

from budgetcheck.additions.place import Place, below, indent_of, inside
from budgetcheck.model.findings import Addition
from budgetcheck.model.span import Span

_MOST_LINES = 400
_HEADER = re.compile(r"\s*(?:location\b[^;#]*|server\s*)\{")
_INCLUDE = re.compile(r"^[^#]*\binclude\s+(?!\S*(?:_params|mime\.types);)")
"""A file that may hold the directive too: nginx refuses it a second time."""
_TOKEN = re.compile(r"#.*|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\$\{\w*\}?|\\.|[{}]")


def place(lines: Sequence[str], span: Span, addition: Addition) -> Place | None:
    """Inside the block whose header is the line of the span."""
    header = lines[span.line - 1].rstrip("\r\n")
    found = _HEADER.match(header)
    if found is None:
        return None
    text = f"{addition.path[-1]} {addition.value};"
    depths = _depths(lines, span.line)
    end = next((number for number, (_, after) in depths.items() if after == 0), None)
    if end is None:
        return None
    block = lines[span.line - 1 : end]
    if any(_written(line, addition.path[-1]) or _INCLUDE.search(line) for line in block):
        return None
    if end == span.line:
        brace = header.rindex("}")
        return inside(end, len(header[:brace].rstrip()), f" {text}")
    family = addition.path[-1].split("_")[0]
    own = [n for n in range(span.line + 1, end) if depths[n] == (1, 1) and _is_directive(lines[n - 1])]
    related = [n for n in own if lines[n - 1].lstrip().startswith(f"{family}_")]
    if related:
        return below(lines, related[-1], indent_of(lines[related[-1] - 1]) + text)
    deeper = indent_of(lines[own[0] - 1]) if own else indent_of(header) + "    "
    return below(lines, span.line, deeper + text) if header.rstrip().endswith("{") else None


def _depths(lines: Sequence[str], start: int) -> dict[int, tuple[int, int]]:
    """How deep each line of the block begins and ends, up to the one that closes it."""
    found: dict[int, tuple[int, int]] = {}
    depth = 0
    for number in range(start, min(len(lines), start + _MOST_LINES) + 1):
        before = depth
        for token in _TOKEN.findall(lines[number - 1]):
            depth += {"{": 1, "}": -1}.get(token, 0)
        found[number] = (before, depth)
        if depth <= 0:
            break
    return found


def _is_directive(line: str) -> bool:
    """One whole directive on a line of its own."""
    return bool(re.fullmatch(r"\s*[a-z]\w*\s[^{}#]*;\s*(?:#.*)?", line.rstrip("\r\n")))


def _written(line: str, name: str) -> bool:
    return bool(re.search(rf"(?:^|[\s;{{}}]){name}\s", line.partition("#")[0]))
