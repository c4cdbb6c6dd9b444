"""`[tool.budgetcheck]` of a pyproject.toml as the same nodes a YAML file gives.

tomllib knows no positions: lines are found again by the keys, which is exact for one key per line and near
enough for inline tables.
"""

import datetime
import re
import tomllib
from collections.abc import Sequence

from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode, YamlFault

MOST_KEYS = 1_000
_LONGEST_LINE = 300  # of a longer line the beginning is searched: keys stand there
_HEADER = re.compile(r"^[ \t]*\[+[ \t]*tool[ \t]*\.[ \t]*\"?budgetcheck\b")
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")


def toml_table(text: str) -> tuple[MapNode | None, tuple[YamlFault, ...]]:
    """The table as nodes, None where there is none; what is wrong where it is no TOML."""
    try:
        table = tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place else (0, 0)
        # Only the place is taken: the message of the parser quotes the text.
        return None, (YamlFault(line=line, column=column, text="is not valid TOML"),)
    except RecursionError:
        return None, (YamlFault(line=1, column=1, text="is nested too deeply"),)
    own = table.get("budgetcheck") if isinstance(table, dict) else None
    if own is None:
        return None, ()
    if _count(own) > MOST_KEYS:
        return None, (YamlFault(line=1, column=1, text=f"holds more than {MOST_KEYS} values"),)
    lines = [line[:_LONGEST_LINE] for line in text.splitlines()]
    start = next((number for number, line in enumerate(lines, 1) if _HEADER.match(line)), 1)
    node = _node(own, lines, start)
    if not isinstance(node, MapNode):
        return None, (YamlFault(line=start, column=1, text="tool.budgetcheck must be a table"),)
    return node, ()


def _count(value: object) -> int:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(_count(child) for child in children)


def _node(value: object, lines: Sequence[str], line: int) -> Node:
    match value:
        case dict():
            entries: dict[str, tuple[ScalarNode, Node]] = {}
            for key, child in value.items():
                at = _line_of(key, lines, line)
                entries[key] = (_scalar(key, at), _node(child, lines, at))
            return MapNode(line=line, column=1, entries=entries)
        case list():
            items: list[Node] = []
            at = line
            for index, item in enumerate(value):
                if index:
                    at = _next_header(lines, at)
                items.append(_node(item, lines, at))
            return ListNode(line=line, column=1, items=tuple(items))
        case datetime.date() | datetime.datetime() | datetime.time():
            return _scalar(value.isoformat(), line)
        case str() | bool() | int() | float():
            return ScalarNode(line=line, column=1, text=str(value), value=value)
        case _:
            return ScalarNode(line=line, column=1, text="", value=None)


def _line_of(key: str, lines: Sequence[str], start: int) -> int:
    """The first line from `start` where the key is set or heads a table; `start` where it is not found."""
    name = rf'["\']?{re.escape(key)}["\']?'
    sets = re.compile(rf"(?<![\w-]){name}\s*=|^\s*\[+[^\]#]*\.\s*{name}\s*[.\]]")
    return next((number for number, line in enumerate(lines[start - 1 :], start) if sets.search(line)), start)


def _next_header(lines: Sequence[str], line: int) -> int:
    """The next line below with the same `[[header]]`; the line itself where it is no such header."""
    header = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    if not header.startswith("[["):
        return line
    return next(
        (number for number, text in enumerate(lines[line:], line + 1) if text.strip() == header), line
    )


def _scalar(text: str, line: int) -> ScalarNode:
    return ScalarNode(line=line, column=1, text=text, value=text)
