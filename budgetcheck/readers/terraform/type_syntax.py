"""Reads type constraints (`map(object({ timeout = optional(number, 30) }))`) without the big parser.

Constraints are by far the longest expressions of many modules and the simplest: names, calls, objects and
constants. Whatever else stands in one is left to `parse`, so that nothing is read differently here.
"""

import re

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.shortcuts import CONSTANTS, named
from budgetcheck.readers.terraform.shown import shown
from budgetcheck.readers.terraform.syntax import Call, Element, Expression, Literal, Name, Object, Tuple

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|(?:\#|//)[^\n]*|/\*.*?\*/)|(?P<newline>\n)|(?P<name>[A-Za-z_][\w-]*)
    |(?P<number>-?\d{1,18}(?![\w.]))|(?P<text>"[^"\\$%\n]*")|(?P<mark>[(){}\[\],=:])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_DEEPEST = 40


class _UnusualError(Exception):
    """Something that is left to the big parser."""


def read_type(text: str, span: Span) -> Expression | None:
    """The tree of a constraint that begins at the place; None where the big parser has to read it."""
    try:
        reader = _Reader(text, span)
        found = reader.expression(0)
        reader.skip_lines()
    except _UnusualError:
        return None
    return found if reader.kind == "" else None


class _Reader:
    def __init__(self, text: str, span: Span) -> None:
        self.text = text
        self.origin = span
        self.position = self.start = self.ended = 0
        self.line, self.line_start = 0, 0
        self.kind = self.token = ""
        self.advance()

    def advance(self) -> None:
        """Goes to the next token; `kind` is empty at the end, `ended` where the one before it ended."""
        self.ended = self.position
        while True:
            self.start = self.position
            if self.position >= len(self.text):
                self.kind = self.token = ""
                return
            match = _TOKEN.match(self.text, self.position)
            if match is None or match.lastgroup is None:
                raise _UnusualError
            self.position = match.end()
            self.kind, self.token = match.lastgroup, match.group()
            if self.kind != "space":
                return
            self._count_lines(self.start, self.token)

    def _count_lines(self, start: int, token: str) -> None:
        lines = token.count("\n")
        if lines:
            self.line += lines
            self.line_start = start + token.rindex("\n") + 1

    def skip_lines(self) -> None:
        while self.kind == "newline":
            self._count_lines(self.start, self.token)
            self.advance()

    def take(self, mark: str) -> None:
        if self.token != mark or self.kind != "mark":
            raise _UnusualError
        self.advance()

    def place(self, text: str = "") -> Span:
        """Where the current token stands."""
        column = self.start - self.line_start + (1 if self.line else self.origin.column)
        return Span(file=self.origin.file, line=self.origin.line + self.line, column=column, text=text)

    def expression(self, depth: int) -> Expression:
        if depth > _DEEPEST:
            raise _UnusualError
        place, token = self.place(), self.token
        if self.kind == "mark" and token in "{[":
            return self.object(depth) if token == "{" else self.tuple(depth)
        if self.kind not in ("name", "number", "text"):
            raise _UnusualError
        kind = self.kind
        self.advance()
        if kind == "number":
            return Literal(span=place, value=int(token))
        if kind == "text":
            return Literal(span=place, value=token[1:-1])
        if self.token == "(":
            return Call(span=named(place, f"{token}()"), function=token, arguments=self.listed(")", depth))
        if token in CONSTANTS:
            return Literal(span=place, value=CONSTANTS[token])
        return Name(span=named(place, token), name=token)

    def listed(self, end: str, depth: int) -> tuple[Expression, ...]:
        """What stands between brackets, separated by commas."""
        self.advance()
        found: list[Expression] = []
        self.skip_lines()
        while self.token != end:
            found.append(self.expression(depth + 1))
            self.skip_lines()
            if self.token != end:
                self.take(",")
                self.skip_lines()
        self.advance()
        return tuple(found)

    def tuple(self, depth: int) -> Expression:
        place = self.place()
        return Tuple(span=place, items=self.listed("]", depth))

    def object(self, depth: int) -> Expression:
        place = self.place()
        self.advance()
        elements: list[Element] = []
        self.skip_lines()
        while self.token != "}":
            elements.append(self.element(depth))
            if self.token == ",":
                self.advance()
            elif self.kind != "newline" and self.token != "}":
                raise _UnusualError
            self.skip_lines()
        self.advance()
        return Object(span=place, elements=tuple(elements))

    def element(self, depth: int) -> Element:
        place, kind = self.place(), self.kind
        if kind not in ("name", "text"):
            raise _UnusualError
        name = self.token.strip('"')
        self.advance()
        if self.token not in ("=", ":"):
            raise _UnusualError
        self.advance()
        start = self.start
        value = self.expression(depth + 1)
        source = self.text[start : self.ended]
        key = Literal(span=named(place, name if kind == "name" else ""), value=name)
        return Element(span=named(place, shown(name, source)), key=key, value=value)
