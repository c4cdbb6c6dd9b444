"""Renders Helm's templates as far as they only pick values; whatever else they do stays unknown.

A value that is filled in is a mark in the text while YAML is parsed, so that its place in the values file is
kept. An expression that is not worked out is a value too: what it is, is not known, but two mentions of the
same expression are the same name. A condition that is not known would change the tree, so its template is
refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from budgetcheck.model.span import Span
from budgetcheck.readers.kubernetes.template_structures import truth
from budgetcheck.readers.kubernetes.template_syntax import (
    Action,
    Block,
    Node,
    TemplateError,
    Text,
    parse_template,
)
from budgetcheck.readers.kubernetes.template_values import PART_OF_A_DOCUMENT, Scope, evaluate
from budgetcheck.readers.kubernetes.trees import Fields, Items, Scalar, Tree

FIRST_MARK, END_MARK = "\ue000", "\ue001"
_MOST_OUTPUT = 2_000_000
_MOST_ROUNDS = 20_000
_MOST_NAMED = 5_000
_MOST_DEPTH = 30
_MARKED = re.compile(f"{FIRST_MARK}(\\d+){END_MARK}")
_STRUCTURE = re.compile(r"\n|:(?: |$)|^[-\[{]")


@dataclass(frozen=True, slots=True)
class Named:
    """A named template (`define`) and the file that it stands in; "" for the one that is rendered."""

    body: Sequence[Node]
    file: str = ""


Definitions = Mapping[str, Named]
Place = tuple[str, int]
"""File ("" for the template itself) and line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What a template makes: `lines` are the places of its lines, `marks` what was filled in."""

    text: str
    lines: Sequence[Place]
    marks: Sequence[Tree]


def render(content: str, root: Tree, named: Definitions | None = None, *, parts: bool = True) -> Rendered:
    """Renders a template. Raises TemplateError where its structure depends on something unknown.

    `parts`: what named templates make of documents is put in; otherwise it is one unknown key.
    """
    nodes = parse_template(content)
    renderer = _Renderer({**(named or {}), **_defined(nodes)}, [_MOST_NAMED], parts=parts)
    renderer.run(nodes, renderer.scope(root))
    return Rendered(text="".join(renderer.pieces), lines=renderer.lines, marks=renderer.marks)


def definitions(files: Iterable[tuple[str, str]]) -> Definitions:
    """The named templates of files, each with its name; what is no template defines nothing."""
    found: dict[str, Named] = {}
    for file, content in files:
        try:
            found |= _defined(parse_template(content), file)
        except TemplateError:
            continue
    return found


def _defined(nodes: Sequence[Node], file: str = "") -> dict[str, Named]:
    blocks = [node for node in nodes if isinstance(node, Block) and node.word in ("define", "block")]
    named = [(block.branches[0][0], block.branches[0][1]) for block in blocks]
    return {words[0].strip('"`'): Named(body, file) for words, body in named if words}


class _Renderer:
    """`named` are the templates that may be included; `left`: how many more may be, in all."""

    def __init__(
        self, named: Definitions, left: list[int], depth: int = 0, *, file: str = "", parts: bool = True
    ) -> None:
        self.file = file
        self.named = named
        self.left = left
        self.depth = depth
        self.parts = parts
        self.pieces: list[str] = []
        self.lines: list[Place] = [(file, 1)]
        self.marks: list[Tree] = []
        self.size = 0
        self.rounds = 0
        self.fresh = True

    def scope(self, dot: Tree | None) -> Scope:
        """What a template sees that is given a dot."""
        return Scope(dot=dot, variables={"$": dot}, named=self.include)

    def include(self, name: str, dot: Tree | None) -> Tree | None:
        """What a named template makes of a dot, where that is one known text; None otherwise."""
        inner = self._rendered(name, dot)
        return inner.plain() if inner else None

    def _rendered(self, name: str, dot: Tree | None) -> "_Renderer | None":
        """A named template with a dot; None where it is not known, or its structure is not worked out."""
        found = self.named.get(name)
        self.left[0] -= 1
        if found is None or self.depth > _MOST_DEPTH or self.left[0] < 0:
            return None
        inner = _Renderer(self.named, self.left, self.depth + 1, file=found.file, parts=self.parts)
        try:
            inner.run(found.body, inner.scope(dot))
        except TemplateError:
            return None
        return inner

    def plain(self) -> Tree | None:
        """What was put out: a value, known text on a line, or blanks; of part of a document only that."""
        text = "".join(self.pieces)
        whole = _MARKED.fullmatch(text.strip())
        if whole:
            made = self.marks[int(whole.group(1))]
            return made if isinstance(made, Fields | Items) or not made.unknown else None
        if any(isinstance(one, Fields | Items) and truth(one) for one in self.marks):
            return PART_OF_A_DOCUMENT
        filled = _MARKED.sub(lambda match: _plain_text(self.marks[int(match.group(1))]), text)
        if _STRUCTURE.search(filled) and _MARKED.sub("", text).strip():
            return PART_OF_A_DOCUMENT
        known = all(isinstance(one, Scalar) and not one.unknown for one in self.marks)
        if not known or (filled.strip() and filled != filled.strip()):
            return None
        return Scalar(filled, filled, Span(file="", line=1))

    def put(self, text: str, line: int, file: str | None = None) -> None:
        """Appends text that begins in a line of the template, or of the file of a named one."""
        file = self.file if file is None else file
        self.size += len(text)
        if self.size > _MOST_OUTPUT:
            raise TemplateError("what it makes is too long", line)
        self.pieces.append(text)
        for part in text.split("\n"):
            if self.fresh and part.strip():
                self.lines[-1] = (file, line)
                self.fresh = False
            line += 1
            self.lines.append((file, line))
            self.fresh = True
        self.lines.pop()
        self.fresh = not text.rpartition("\n")[2].strip() and ("\n" in text or self.fresh)

    def run(self, nodes: Sequence[Node], scope: Scope) -> Scope:
        """Puts out the nodes; returns the scope with the variables they set."""
        for node in nodes:
            match node:
                case Text(text=text, line=line):
                    self.put(text, line)
                case Action():
                    scope = self._action(node, scope)
                case Block():
                    scope = self._block(node, scope)
        return scope

    def _action(self, action: Action, scope: Scope) -> Scope:
        words = action.words
        if len(words) > 2 and words[0].startswith("$") and words[1] in (":=", "="):
            value = evaluate(words[2:], scope, action.line)
            return replace(scope, variables={**scope.variables, words[0]: value})
        indent, expression, newline = _indented(words)
        if self.parts and _includes_a_part(expression, self.named):
            part = self._rendered(expression[1].strip('"'), evaluate(expression[2:], scope, action.line))
            if part is not None and part.plain() is PART_OF_A_DOCUMENT:
                self._splice(part, indent, newline=newline, line=action.line)
                return scope
            if part is None:  # what did not work once need not be tried again
                scope = replace(scope, named=None)
        value = evaluate(expression, scope, action.line)
        blank = isinstance(value, Scalar) and isinstance(value.value, str) and not value.value.strip()
        if blank and (self.fresh or indent is not None):
            return scope
        if indent is None:
            if value is not None and not (
                isinstance(value, Scalar) and value.value is None and not value.unknown
            ):
                self.put(self._mark(value), action.line)
            return scope
        if value is None or (isinstance(value, Scalar) and value.value is None and not value.unknown):
            return scope
        mark = self._mark(value)
        text = f"- {mark}" if isinstance(value, Items) else f"{mark}: "
        plain = isinstance(value, Scalar) and not value.unknown
        text = mark if plain else text
        # `{{- include "x" . | indent 2 }}`: what is put out begins with the line break that was cut away.
        newline = newline or not (plain or self.fresh)
        self.put(("\n" if newline else "") + " " * indent + text, action.line)
        return scope

    def _splice(self, part: "_Renderer", indent: int | None, *, newline: bool, line: int) -> None:
        """Puts in what a named template made, each line with its place; its marks count on."""
        first = len(self.marks)
        self.marks += part.marks
        made = _MARKED.sub(
            lambda found: f"{FIRST_MARK}{first + int(found.group(1))}{END_MARK}", "".join(part.pieces)
        )
        newline = newline or (indent is not None and not self.fresh)
        for number, (text, (file, place)) in enumerate(zip(made.split("\n"), part.lines, strict=True)):
            if number or newline:
                self.put("\n", line)
            self.put(" " * (indent or 0) + text if text.strip() else "", place, file)

    def _mark(self, value: Tree) -> str:
        self.marks.append(value)
        return f"{FIRST_MARK}{len(self.marks) - 1}{END_MARK}"

    def _block(self, block: Block, scope: Scope) -> Scope:
        if block.word in ("define", "block"):
            return scope
        if block.word == "range":
            self._range(block, scope)
            return scope
        for words, body in block.branches:
            if not words:
                return self._inside(body, scope)
            given, expression = _assigned(words)
            value = evaluate(expression, scope, block.line)
            holds = truth(value)
            if holds is None:
                raise TemplateError(f"`{block.word} {' '.join(words)[:80]}` is not worked out", block.line)
            if holds:
                inner = replace(scope, dot=value) if block.word == "with" else scope
                if given:
                    inner = replace(inner, variables={**inner.variables, given[-1]: value})
                return self._inside(body, inner, scope)
        return scope

    def _inside(self, body: Sequence[Node], inner: Scope, outer: Scope | None = None) -> Scope:
        """Variables that are assigned inside stay assigned, new ones are not seen outside."""
        after = self.run(body, inner)
        outer = outer or inner
        kept = {name: after.variables[name] for name in outer.variables if name in after.variables}
        return replace(outer, variables=kept)

    def _range(self, block: Block, scope: Scope) -> None:
        words, body = block.branches[0]
        given, expression = _assigned(words)
        value = evaluate(expression, scope, block.line)
        if isinstance(value, Scalar) and value.unknown:
            raise TemplateError(f"`range {' '.join(words)[:80]}` is not worked out", block.line)
        pairs = list(_pairs(value))
        for key, child in pairs:
            self.rounds += 1
            if self.rounds > _MOST_ROUNDS:
                raise TemplateError("it repeats too often", block.line)
            variables = dict(scope.variables)
            if given:
                variables[given[-1]] = child
            if len(given) == 2:
                variables[given[0]] = key
            self.run(body, replace(scope, dot=child, variables=variables))
        if not pairs and len(block.branches) > 1:
            self.run(block.branches[1][1], scope)


def _plain_text(value: Tree) -> str:
    return value.text if isinstance(value, Scalar) and value.value is not None else ""


def _includes_a_part(words: Sequence[str], named: Definitions) -> bool:
    """`include "web.container" .` of a template that holds lines of YAML; the usual ones are names."""
    if len(words) < 3 or words[0] not in ("include", "template") or "|" in words:
        return False
    found = named.get(words[1].strip('"'))
    return found is not None and any(_STRUCTURE.search(node.text) for node in _texts(found.body))


def _texts(nodes: Sequence[Node]) -> Iterator[Text]:
    for node in nodes:
        if isinstance(node, Text):
            yield node
        elif isinstance(node, Block):
            for _, body in node.branches:
                yield from _texts(body)


def _indented(words: Sequence[str]) -> tuple[int | None, Sequence[str], bool]:
    """The expression without its `| nindent 4` or `| indent 4`, wherever it stands, and how far."""
    for index in range(len(words) - 2):
        name, number = words[index + 1], words[index + 2]
        if words[index] == "|" and name in ("nindent", "indent") and number.isdigit():
            return min(int(number), 100), (*words[:index], *words[index + 3 :]), name == "nindent"
    return None, words, False


def _assigned(words: Sequence[str]) -> tuple[list[str], Sequence[str]]:
    """The variables in front of `:=`, and the expression behind it."""
    if ":=" in words:
        index = list(words).index(":=")
        return [word for word in words[:index] if word.startswith("$")], words[index + 1 :]
    return [], words


def _pairs(value: Tree | None) -> Iterator[tuple[Tree, Tree]]:
    match value:
        case Items():
            for index, child in enumerate(value.items):
                yield Scalar(str(index), index, child.span), child
        case Fields():
            for key in sorted(value.entries):
                place, child = value.entries[key]
                yield Scalar(key, key, place), child
        case _:
            return
