"""Renders Helm's templates as far as they only pick values; whatever else they do stays unknown.

A value that is filled in is a mark in the text while YAML is parsed, so that its place in the values file is
kept. An expression that is not worked out is a value too: what it is, is not known, but two mentions of the
same expression are the same name. A condition that is not known would change the tree, so its template is
refused.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from budgetcheck.model.span import Span
from budgetcheck.readers.kubernetes.template_syntax import (
    Action,
    Block,
    Node,
    TemplateError,
    Text,
    nested,
    parse_template,
)
from budgetcheck.readers.kubernetes.trees import Fields, Items, Scalar, Tree, at

FIRST_MARK, END_MARK = "\ue000", "\ue001"
_MOST_OUTPUT = 2_000_000
_MOST_ROUNDS = 20_000
_SAME = frozenset(
    {"quote", "squote", "toString", "int", "int64", "float64", "trim", "toYaml", "tpl", "print"}
)
_CLUSTER = ("Capabilities", "semverCompare", "kubeVersion", "apiVersion", "capabilities")

Words = Sequence[object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What a template makes: `lines` are the template's lines by its own, `marks` what was filled in."""

    text: str
    lines: Sequence[int]
    marks: Sequence[Tree]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What expressions see: the root (`.Values`, `.Chart`, `.Release`), the dot, variables."""

    root: Tree
    dot: Tree | None
    variables: Mapping[str, Tree | None] = field(default_factory=dict)


def render(content: str, root: Tree) -> Rendered:
    """Renders a template. Raises TemplateError where its structure depends on something unknown."""
    renderer = _Renderer()
    renderer.run(parse_template(content), Scope(root=root, dot=root, variables={"$": root}))
    return Rendered(text="".join(renderer.pieces), lines=renderer.lines, marks=renderer.marks)


class _Renderer:
    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.lines = [1]
        self.marks: list[Tree] = []
        self.size = 0
        self.rounds = 0
        self.fresh = True

    def put(self, text: str, line: int) -> None:
        """Appends text that begins in a line of the template."""
        self.size += len(text)
        if self.size > _MOST_OUTPUT:
            raise TemplateError("what it makes is too long", line)
        self.pieces.append(text)
        for part in text.split("\n"):
            if self.fresh and part.strip():
                self.lines[-1] = line
                self.fresh = False
            line += 1
            self.lines.append(line)
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
        value = evaluate(expression, scope, action.line)
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
        text = mark if isinstance(value, Scalar) and not value.unknown else text
        self.put(("\n" if newline else "") + " " * indent + text, action.line)
        return scope

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
            if holds is None and any(word in " ".join(words) for word in _CLUSTER):
                holds = True  # of a current cluster
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


def truth(value: Tree | None) -> bool | None:
    """Whether a value counts as true; None where that is not known."""
    match value:
        case None:
            return False
        case Scalar(unknown=unknown) if unknown:
            return None
        case Scalar():
            return value.value not in (None, False, 0, "", "false") or value.value == "false"
        case Items():
            return bool(value.items)
        case Fields():
            return bool(value.entries)


def evaluate(words: Words, scope: Scope, line: int) -> Tree | None:
    """The value of a pipeline; an unknown scalar where it is not worked out."""
    parts: list[list[object]] = [[]]
    for word in (
        nested([str(word) if isinstance(word, str) else "" for word in words]) if _flat(words) else words
    ):
        if word == "|":
            parts.append([])
        else:
            parts[-1].append(word)
    value = _call(parts[0], None, scope, line, first=True)
    for part in parts[1:]:
        value = _call(part, value, scope, line, first=False)
    return value


def _flat(words: Words) -> bool:
    return all(isinstance(word, str) for word in words)


def _call(words: Words, piped: Tree | None, scope: Scope, line: int, *, first: bool) -> Tree | None:
    if not words:
        return piped
    if first and len(words) == 1:
        return _operand(words[0], scope, line)
    name = words[0] if isinstance(words[0], str) else ""
    arguments = [_operand(word, scope, line) for word in words[1:]] + ([] if first else [piped])
    return _function(name, arguments, words, piped, line)


def _function(
    name: str, arguments: Sequence[Tree | None], words: Words, piped: Tree | None, line: int
) -> Tree | None:
    last = arguments[-1] if arguments else None
    if name in _SAME and name != "tpl":
        return last
    if name == "tpl":
        given = arguments[0] if arguments else None
        plain = not (isinstance(given, Scalar) and "{{" in given.text)
        return given if plain else _unknown(words, piped, line)
    if name == "required" or (name == "default" and truth(last)):
        return last
    if name == "default":
        return arguments[0] if truth(last) is False else _unknown(words, piped, line)
    if name in ("not", "empty"):
        known = truth(last)
        return _unknown(words, piped, line) if known is None else _switch(not known, line)
    if name in ("and", "or"):
        return _logical(name, arguments, words, piped, line)
    if name in ("eq", "ne") and len(arguments) == 2:
        return _compared(name, arguments, words, piped, line)
    if name == "coalesce" and all(truth(one) is not None for one in arguments):
        return next((one for one in arguments if truth(one)), None)
    if name == "hasKey" and isinstance(arguments[0], Fields) and isinstance(arguments[-1], Scalar):
        return _switch(arguments[-1].text in arguments[0].entries, line)
    if name == "index" and isinstance(arguments[0], Fields | Items):
        keys = [one.text for one in arguments[1:] if isinstance(one, Scalar)]
        return at(arguments[0], *[int(k) if k.isdigit() and len(k) < 6 else k for k in keys])
    if name == "include" and words[1:2] and isinstance(words[1], str):
        return _included(words[1].strip('"'), words, line)
    return _unknown(words, piped, line)


def _logical(
    name: str, arguments: Sequence[Tree | None], words: Words, piped: Tree | None, line: int
) -> Tree | None:
    """`and` and `or` give back the argument that decides."""
    for argument in arguments:
        known = truth(argument)
        if known is (name == "or"):
            return argument
        if known is None:
            others = [truth(other) for other in arguments]
            decided = next((a for a, k in zip(arguments, others, strict=True) if k is (name == "or")), None)
            return decided if (name == "or") in others else _unknown(words, piped, line)
    return arguments[-1] if arguments else None


def _compared(
    name: str, arguments: Sequence[Tree | None], words: Words, piped: Tree | None, line: int
) -> Tree | None:
    texts = []
    for argument in arguments:
        if argument is not None and (not isinstance(argument, Scalar) or argument.unknown):
            return _unknown(words, piped, line)
        texts.append(argument.text if argument is not None else "")
    return _switch((texts[0] == texts[1]) is (name == "eq"), line)


def _included(template: str, words: Words, line: int) -> Tree:
    """What a named template makes is not worked out; of the usual ones it is a name."""
    owner, _, part = template.rpartition(".")
    if part == "fullname" and owner:
        return Scalar(f"release-name-{owner}", f"release-name-{owner}", Span(file="", line=line))
    if part == "name" and owner:
        return Scalar(owner, owner, Span(file="", line=line))
    return _unknown(words, None, line)


def _operand(word: object, scope: Scope, line: int) -> Tree | None:
    if isinstance(word, list):
        return evaluate(word, scope, line)
    text = str(word)
    if text[:1] in ('"', "`"):
        return _literal(text, line)
    if text.lstrip("-").replace(".", "", 1).isdigit():
        value = int(text) if text.lstrip("-").isdigit() else text
        return Scalar(text, value, Span(file="", line=line))
    if text in ("true", "false"):
        return _switch(text == "true", line)
    if text == "nil":
        return None
    if text == ".":
        return scope.dot
    if text.startswith("$"):
        name, *path = text.split(".")
        if name not in scope.variables:
            return _unknown([text], None, line)
        return _reached(scope.variables[name], path, text, line)
    if text.startswith("."):
        return _reached(scope.dot, text[1:].split("."), text, line)
    return _unknown([text], None, line)


def _reached(start: Tree | None, path: Sequence[str], text: str, line: int) -> Tree | None:
    if isinstance(start, Scalar) and start.unknown and path:
        return _unknown([text], None, line)
    if path[:1] in (["Capabilities"], ["Files"], ["Template"], ["Subcharts"]):
        return _unknown([text], None, line)
    return at(start, *[part for part in path if part])


def _literal(text: str, line: int) -> Tree:
    try:
        value = json.loads(text) if text[:1] == '"' else text[1:-1]
    except ValueError:
        value = text[1:-1]
    return Scalar(str(value), str(value), Span(file="", line=line))


def _switch(value: bool, line: int) -> Tree:
    return Scalar(str(value).lower(), value, Span(file="", line=line))


def _unknown(words: Words, piped: Tree | None, line: int) -> Tree:
    """A value that is not worked out, known by its own text: `$` and `.` at the top are the same place."""
    shown = " ".join(_shown(word) for word in words)
    if isinstance(piped, Scalar):
        shown = f"{piped.text.removeprefix('{{').removesuffix('}}')} | {shown}"
    if len(shown) > 300:
        shown = shown[:300]
    reason = "its template uses an expression that is not worked out"
    return Scalar(f"{{{{{shown}}}}}", None, Span(file="", line=line), unknown=reason)


def _shown(word: object) -> str:
    if isinstance(word, list):
        return "(" + " ".join(_shown(one) for one in word) + ")"
    text = str(word)
    return "." if text == "$" else text.removeprefix("$") if text.startswith("$.") else text


def _indented(words: Sequence[str]) -> tuple[int | None, Sequence[str], bool]:
    """The expression in front of `| nindent 4` or `| indent 4`, and how far."""
    if len(words) > 3 and words[-3] == "|" and words[-2] in ("nindent", "indent") and words[-1].isdigit():
        return min(int(words[-1]), 100), words[:-3], words[-2] == "nindent"
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
