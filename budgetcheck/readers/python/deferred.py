"""Functions whose statements are parsed again when something asks for them: most are never asked for.

A syntax tree takes forty times the memory of its text. Of a parsed file only what stands outside of functions
is kept; `body` of a function is made again from its lines, with the same positions, when it is first read.
"""

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

_SHORTEST = 3
"""Lines of a function that are worth it."""

_SET = r"\s*(?:=(?!=)|:|,[^\n]*=|[)\]]\s*=|in\b|[-+*/%@&|^<>]{1,2}=|\\)"
"""What follows an attribute that is set: `=`, an annotation, a further target, the end of a `with ... as`."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, eq=False)
class Lines(Sequence[str]):
    """The lines of a text, cut out of it when they are asked for."""

    text: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "Lines":
        """The lines of a text whose ends are single line feeds."""
        return cls(text, (0, *(match.end() for match in re.finditer("\n", text))))

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, number):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204
        start = self.starts[number]
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]

    def between(self, first: int, last: int) -> str:
        """The text of some lines, counted from 1."""
        end = self.starts[last] if last < len(self.starts) else len(self.text)
        return self.text[self.starts[first - 1] : end]


@dataclass(slots=True)
class _Source:
    """Where the statements of a function stand. `check` may say that they are not to be looked at."""

    lines: Lines
    first: int
    last: int
    indented: bool
    check: Callable[[ast.AST], bool]
    body: list[ast.stmt] | None = None

    def text(self) -> str:
        return self.lines.between(self.first, self.last)

    def parsed(self) -> list[ast.stmt]:
        before = "\n" * (self.first - 2) + "if 1:\n" if self.indented else "\n" * (self.first - 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(before + self.text())
        holder = tree.body[0]
        function = holder.body[0] if isinstance(holder, ast.If) else holder
        if isinstance(function, Function) and self.check(function):
            return function.body
        return [ast.Pass(lineno=self.first, col_offset=0)]


def _body(function: ast.AST) -> list[ast.stmt]:
    source: _Source = function.__dict__["_source"]
    if source.body is None:
        source.body = source.parsed()
    return source.body


# The names are those of the syntax tree: visitors find their methods by them. A class with a second base
# could not take the place of the one that a node has.
_DEFERRED: dict[type[Function], type[Function]] = {
    kind: type(kind.__name__, (kind,), {"__slots__": (), "body": property(_body)})
    for kind in (ast.FunctionDef, ast.AsyncFunctionDef)
}


def defer(tree: ast.Module, lines: Lines, check: Callable[[ast.AST], bool]) -> None:
    """Lets go of what stands in the functions of a module. `check`: a body that was made may be looked at."""
    for function in list(_outermost(tree.body)):
        last = function.end_lineno or function.lineno
        if last - function.lineno < _SHORTEST:
            continue
        indented = function.col_offset > 0
        if indented and function.lineno < 2:
            continue
        source = _Source(lines=lines, first=function.lineno, last=last, indented=indented, check=check)
        del function.body
        function.__dict__["_source"] = source
        function.__class__ = _DEFERRED[type(function)]


def may_hold(function: ast.AST, words: Iterable[str]) -> bool:
    """Whether a function may hold one of the words below its first line; its text is asked while unparsed."""
    source: _Source | None = function.__dict__.get("_source")
    if source is None or source.body is not None:
        return True
    text = source.lines.between(source.first + 1, source.last)
    return any(word in text for word in words)


def may_set(function: ast.AST, attribute: str) -> bool:
    """Whether a function may set an attribute of something; looks at its text until it is parsed."""
    source: _Source | None = function.__dict__.get("_source")
    if source is None or source.body is not None:
        return True
    text = source.lines.between(source.first + 1, source.last)
    return f".{attribute}" in text and bool(re.search(rf"\.{attribute}{_SET}", text))


def _outermost(statements: Iterable[ast.stmt]) -> Iterator[Function]:
    """The functions that stand in no other one, also in classes and branches."""
    stack = list(statements)
    while stack:
        statement = stack.pop()
        if isinstance(statement, Function):
            yield statement
        else:
            stack.extend(_inner(statement))


def _inner(statement: ast.stmt) -> Iterator[ast.stmt]:
    for name in ("body", "orelse", "finalbody"):
        found = getattr(statement, name, None)
        yield from found if isinstance(found, list) else ()
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield from part.body
