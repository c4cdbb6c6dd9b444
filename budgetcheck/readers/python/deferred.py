"""Functions that are only parsed when something asks for them: most are never asked for.

A syntax tree takes forty times the memory of its text, and making it most of the time of reading. Of a module
only the outline is parsed at first, in which `def name` stands without its parameters and statements; these
are parsed from the function's own lines, with the same positions, when they are first read.
"""

import ast
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

_SHORTEST = 2
"""Lines of a function that are worth it."""
_SET = r"\s*(?:=(?!=)|:|,[^\n]*=|[)\]]\s*=|in\b|[-+*/%@&|^<>]{1,2}=|\\)"
"""What follows an attribute that is set: `=`, an annotation, a further target, the end of a `with ... as`."""
_DEFINITION = re.compile(r"^([ \t]*)(?:async[ \t]+)?def[ \t]+\w+(?=[ \t]*[(\[])", re.MULTILINE)
_QUOTED = re.compile(
    r"[#'\"](?:(?<=#)[^\n]*"
    r'|(?<=")(?:""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""|[^"\\\n]*(?:\\.[^"\\\n]*)*")'
    r"|(?<=')(?:''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''|[^'\\\n]*(?:\\.[^'\\\n]*)*'))",
    re.DOTALL,
)
"""Comments and strings, whichever begins first, so that what looks like one in the other is none."""
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"))
_MADE_LATER = ("args", "body", "returns", "type_params")
_LONGEST_HEADER = 200

_NOTHING = "def nothing(*args, **keywords): pass"

Function = ast.FunctionDef | ast.AsyncFunctionDef
Parse = Callable[[str, int], ast.Module | None]
"""Parses a text of which the interesting part begins in a line; None where that is not possible."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines(Sequence[str]):
    """The lines of a text, cut out of it when they are asked for."""

    text: str
    starts: Sequence[int]

    @classmethod
    def of(cls, text: str) -> "Lines":
        """The lines of a text whose ends are single line feeds."""
        lengths = (len(line) + 1 for line in text.split("\n"))
        return cls(text, array("L", accumulate(lengths, initial=0))[:-1])

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, number):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204
        start = self.starts[number]
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]

    def number(self, at: int) -> int:
        """The line, counted from 1, that a place in the text is in."""
        return bisect_right(self.starts, at)

    def between(self, first: int, last: int) -> str:
        """The text of some lines, counted from 1."""
        end = self.starts[last] if last < len(self.starts) else len(self.text)
        return self.text[self.starts[first - 1] : end]


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """The module that a function is not parsed of yet."""

    lines: Lines
    parse: Parse

    def text(self, function: Function) -> str:
        """What stands below the first line."""
        return self.lines.between(function.lineno + 1, function.end_lineno or 0)

    def parsed(self, function: Function) -> Function:
        first, indented = function.lineno, function.col_offset > 0
        before = "\n" * (first - 2) + "if 1:\n" if indented else "\n" * (first - 1)
        tree = self.parse(before + self.lines.between(first, function.end_lineno or first), first)
        holder = tree.body[0] if tree is not None else None
        if isinstance(holder, ast.If):
            holder = holder.body[0]
        return holder if isinstance(holder, Function) else _nothing(first)


def _nothing(line: int) -> Function:
    """Stands in for a function that is not to be followed."""
    (made,) = (one for one in ast.parse(_NOTHING).body if isinstance(one, ast.FunctionDef))
    return ast.increment_lineno(made, line - 1)


def _made(function: Function) -> Function:
    known = function.__dict__
    if "_made" not in known:
        source: _Source = known["_source"]
        known["_made"] = source.parsed(function)
    made: Function = known["_made"]
    return made


def _later(name: str) -> property:
    return property(lambda function: getattr(_made(function), name))


# The names are those of the syntax tree: visitors find their methods by them. A class with a second base
# could not take the place of the one that a node has.
_DEFERRED: dict[type[Function], type[Function]] = {
    kind: type(
        kind.__name__,
        (kind,),
        {"__slots__": (), **{name: _later(name) for name in _MADE_LATER if name in kind._fields}},
    )
    for kind in (ast.FunctionDef, ast.AsyncFunctionDef)
}


def outline(lines: Lines) -> tuple[str, dict[int, int]]:
    """A text with bare names for functions, and their first and last lines.

    What belongs to a function is seen by its indentation. Should that go wrong the rest is no Python, and
    the whole text is to be parsed.
    """
    text = lines.text
    bare = _QUOTED.sub(_blank, text)
    parts: list[str] = []
    kept_to = 0
    cuts: dict[int, int] = {}
    for match in _DEFINITION.finditer(bare):
        if match.start() < kept_to:
            continue
        start = _body_start(bare, match.end())
        end = _body_end(bare, start, len(match[1])) if start else 0
        first, last = lines.number(match.start()), lines.number(end - 1)
        if last - first < _SHORTEST:
            continue
        parts += [text[kept_to : match.end()], "(): ...", "\n" * (last - first)]
        kept_to = end
        cuts[first] = last
    return "".join([*parts, text[kept_to:]]), cuts


def _blank(quoted: re.Match[str]) -> str:
    """As long as a string or comment, but on one line, without a bracket."""
    start, end = quoted.span()
    return (" " if quoted[0][0] == "#" else "_") * (end - start)


def _body_start(bare: str, at: int) -> int:
    """Where the line behind the header of a function begins; 0 where a statement follows on it."""
    depth = 0
    for _ in range(_LONGEST_HEADER):
        end = bare.find("\n", at)
        line = bare[at:end].rstrip()
        depth += _opened(line)
        if end < 0 or (depth == 0 and not line.endswith("\\")):
            return end + 1 if line.endswith(":") else 0
        at = end + 1
    return 0


def _body_end(bare: str, start: int, indentation: int) -> int:
    """Where the last line of a function ends: the next one is indented less, and goes on with nothing."""
    depth, seen_to = 0, start
    for match in _less_indented(indentation).finditer(bare, start):
        end = match.start()
        depth += sum(
            bare.count(left, seen_to, end) - bare.count(right, seen_to, end) for left, right in _PAIRS
        )
        seen_to = end
        if depth == 0 and bare[end - 2 : end] != "\\\n":
            break
    else:
        end = len(bare)
    return start + len(bare[start:end].rstrip())


def _opened(bare: str) -> int:
    """How many more brackets are opened than closed."""
    return sum(bare.count(left) - bare.count(right) for left, right in _PAIRS)


@cache
def _less_indented(indentation: int) -> re.Pattern[str]:
    return re.compile(rf"^[ \t]{{0,{indentation}}}(?=\S)", re.MULTILINE)


def defer(tree: ast.Module, lines: Lines, parse: Parse, cuts: Mapping[int, int]) -> None:
    """Makes of a module's outline what the whole would be: functions that are parsed when they are read."""
    source = _Source(lines, parse)
    holders: list[tuple[ast.stmt, list[ast.stmt]]] = []
    stack: list[ast.stmt] = list(tree.body)
    while stack:
        statement = stack.pop()
        if isinstance(statement, Function):
            if statement.lineno in cuts:
                _defer(statement, source, cuts[statement.lineno])
        elif inner := list(_inner(statement)):
            holders.append((statement, inner))
            stack.extend(inner)
    for holder, inner in reversed(holders):  # what a class or branch holds was put before it
        last = max(inner, key=lambda one: one.end_lineno or 0)
        if (last.end_lineno or 0) > (holder.end_lineno or 0):
            holder.end_lineno, holder.end_col_offset = last.end_lineno, last.end_col_offset


def _defer(function: Function, source: _Source, last: int) -> None:
    function.end_lineno, function.end_col_offset = last, len(source.lines[last - 1].encode())
    for name in _MADE_LATER:
        function.__dict__.pop(name, None)
    function.__dict__["_source"] = source
    function.__class__ = _DEFERRED[type(function)]


def may_hold(function: ast.AST, words: Iterable[str]) -> bool:
    """Whether a function may hold one of the words below its first line: known without parsing it."""
    text = _unparsed(function)
    return text is None or any(word in text for word in words)


def may_set(function: ast.AST, attribute: str) -> bool:
    """Whether a function may set an attribute of something: known without parsing it."""
    text = _unparsed(function)
    return text is None or (f".{attribute}" in text and bool(re.search(rf"\.{attribute}{_SET}", text)))


def _unparsed(function: ast.AST) -> str | None:
    source: _Source | None = function.__dict__.get("_source")
    if source is None or "_made" in function.__dict__ or not isinstance(function, Function):
        return None
    return source.text(function)


def _inner(statement: ast.stmt) -> Iterator[ast.stmt]:
    for name in ("body", "orelse", "finalbody"):
        found = getattr(statement, name, None)
        yield from found if isinstance(found, list) else ()
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield from part.body
