"""Variables of the Serverless Framework: `${self:custom.x}`, `${opt:stage, 'dev'}`, `${file(./x.yml):key}`.

What is given on the command line, by the environment or by an account is not known; the value behind the
comma is then the one with a place, as the default of a parameter is.

Source: https://www.serverless.com/framework/docs/guides/variables.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from budgetcheck.yaml_nodes import MapNode, Node, ScalarNode

_SOURCE = re.compile(r"\s*([a-zA-Z][\w-]*)(?:\(([^()]*)\))?:?(.*)\s*", re.DOTALL)
_OURS = re.compile(r"\s{0,8}([a-zA-Z][\w-]{0,20})[:(]")
_QUOTED = re.compile(r"\s*(?:'([^']*)'|\"([^\"]*)\")\s*")
_LITERAL = re.compile(r"\s*(?:-?\d{1,15}|true|false|null)\s*")
SOURCES = frozenset(
    {"self", "opt", "env", "file", "sls", "param", "cf", "ssm", "s3", "aws", "git", "strToBool", "output"}
)
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Variable:
    """`${...}` at a place of a text: what stands between the braces."""

    start: int
    end: int
    inner: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One alternative of a variable: a source with its argument and address, or a literal."""

    source: str
    argument: str = ""
    address: str = ""
    literal: str | int | bool | None = None


def variables_in(text: str) -> Iterator[Variable]:
    """The outermost variables of a text, from left to right; `${...}` of CloudFormation is none.

    A text is cut into variables as far as they end within its first 20000 characters.
    """
    ends = dict(_pairs(text[:_LONGEST]))
    position = 0
    for start in sorted(ends):
        found = _OURS.match(text, start + 2)
        if start >= position and found and found.group(1) in SOURCES:
            position = ends[start]
            yield Variable(start, position, text[start + 2 : position - 1])


def alternatives(inner: str) -> list[Asked]:
    """What a variable tries in order: `opt:stage, 'dev'`."""
    return [_asked(part) for part in _split(inner)]


def at(root: Node, address: str) -> Node | None:
    """The node at `custom.timeouts.prod`; the root for an empty address."""
    node: Node | None = root
    for part in address.split(".") if address else ():
        node = node.get(part) if isinstance(node, MapNode) else None
        if node is None:
            return None
    return node


def is_null(node: Node) -> bool:
    """A plain null: as if it were not written."""
    return isinstance(node, ScalarNode) and node.value is None


def _asked(part: str) -> Asked:
    quoted = _QUOTED.fullmatch(part)
    if quoted:
        return Asked("", literal=next(one for one in quoted.groups() if one is not None))
    if _LITERAL.fullmatch(part):
        word = part.strip()
        words: dict[str, bool | None] = {"true": True, "false": False, "null": None}
        return Asked("", literal=words[word] if word in words else int(word))
    found = _SOURCE.fullmatch(part)
    if found is None:
        return Asked("unknown")
    source, argument, address = found.groups()
    return Asked(source, argument=(argument or "").strip(), address=address.strip())


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    """Where each `${` stands, and the end behind the brace that closes it."""
    opened: list[int] = []
    for index, character in enumerate(text):
        if character == "{":
            opened.append(index - 1 if index and text[index - 1] == "$" else -1)
        elif character == "}" and opened:
            start = opened.pop()
            if start >= 0:
                yield start, index + 1


def _split(inner: str) -> list[str]:
    """At the commas that stand in no quotes, braces or brackets."""
    parts, depth, quote, start = [], 0, "", 0
    for index, character in enumerate(inner):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "{(":
            depth += 1
        elif character in "})":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(inner[start:index])
            start = index + 1
    return [*parts, inner[start:]]
