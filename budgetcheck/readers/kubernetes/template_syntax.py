"""The syntax of Helm's templates: text, actions and blocks, with lines. Nothing is evaluated here.

https://pkg.go.dev/text/template
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_ACTIONS = 5_000
_MOST_DEPTH = 40

_ACTION = re.compile(r"\{\{(-\s)?\s*(.*?)\s*(\s-)?\}\}", re.DOTALL)
_TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|:=|\)(?:\.[A-Za-z_0-9]+)+|[()|,=]|\$?[A-Za-z_0-9]*(?:\.[A-Za-z_0-9]+)+\.?|\$[A-Za-z_0-9]*|\.|-?\d+(?:\.\d+)?|[A-Za-z_]\w*'
)
FIELD_OF = ").a"
"""The function that `(expression).field` is a call of; no template can write it."""
_BLOCKS = frozenset({"if", "with", "range", "define", "block"})


class TemplateError(Exception):
    """A template that is not worked out; the text says why, `line` where."""

    def __init__(self, text: str, line: int) -> None:
        super().__init__(text)
        self.line = line


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text and the line it begins in."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Action:
    """An expression whose value is put out, or an assignment."""

    words: tuple[str, ...]
    line: int


@dataclass(slots=True)
class Block:
    """`if`, `with` or `range`: its branches in order; an `else` without condition has no words."""

    word: str
    line: int
    branches: list[tuple[tuple[str, ...], list["Node"]]] = field(default_factory=list)


Node = Text | Action | Block


def parse_template(content: str) -> list[Node]:
    """The nodes of a template. Raises TemplateError where its blocks do not match."""
    parser = _Parser()
    end = 0
    for match in _ACTION.finditer(content):
        parser.text(content[end : match.start()], cut=bool(match.group(1)))
        parser.action(match.group(2))
        parser.line += match.group().count("\n")
        parser.trim = bool(match.group(3))
        end = match.end()
    parser.text(content[end:], cut=False)
    if parser.stack:
        raise TemplateError("a block has no `end`", parser.stack[-1][0].line)
    return parser.top


class _Parser:
    """`current` is the list that nodes go to, `stack` the open blocks and the lists they stand in."""

    def __init__(self) -> None:
        self.top: list[Node] = []
        self.current = self.top
        self.stack: list[tuple[Block, list[Node]]] = []
        self.line = 1
        self.actions = 0
        self.trim = False

    def text(self, raw: str, *, cut: bool) -> None:
        """Text between two actions; `cut`: the next one takes the blanks before it away."""
        kept = raw.lstrip() if self.trim else raw
        start = self.line + raw[: len(raw) - len(kept)].count("\n")
        kept = kept.rstrip() if cut else kept
        if kept:
            self.current.append(Text(kept, start))
        self.line += raw.count("\n")

    def action(self, inner: str) -> None:
        """What stands between the braces."""
        self.actions += 1
        if self.actions > MOST_ACTIONS:
            raise TemplateError(f"it has more than {MOST_ACTIONS} actions", self.line)
        words = tuple(_TOKEN.findall(inner))
        if inner.startswith("/*") or not words:
            return
        if words[0] in _BLOCKS:
            self._open(words)
        elif words[0] == "else":
            self._require_open()
            self.current = []
            inside = words[2:] if words[1:2] in (("if",), ("with",)) else ()
            self.stack[-1][0].branches.append((inside, self.current))
        elif words[0] == "end":
            self._require_open()
            self.current = self.stack.pop()[1]
        else:
            self.current.append(Action(words, self.line))

    def _open(self, words: tuple[str, ...]) -> None:
        block = Block(words[0], self.line)
        body: list[Node] = []
        block.branches.append((words[1:], body))
        self.current.append(block)
        self.stack.append((block, self.current))
        self.current = body
        if len(self.stack) > _MOST_DEPTH:
            raise TemplateError(f"its blocks are nested more than {_MOST_DEPTH} levels deep", self.line)

    def _require_open(self) -> None:
        if not self.stack:
            raise TemplateError("an `end` or `else` without a beginning", self.line)


def nested(words: Sequence[str]) -> list["str | list[object]"]:
    """Words with those in parentheses as lists of their own; a field of one is a call of FIELD_OF."""
    found: list[str | list[object]] = []
    stack: list[list[str | list[object]]] = []
    for word in words:
        if word == "(":
            stack.append(found)
            found = []
        elif word.startswith(")") and stack:
            inner: list[object] = list(found)
            found = stack.pop()
            found.append(inner if word == ")" else [FIELD_OF, inner, f'"{word[2:]}"'])
        else:
            found.append(word)
    return stack[0] if stack else found
