"""The lines of a configuration of Apache httpd as a tree of directives and sections.

https://httpd.apache.org/docs/2.4/configuring.html#syntax
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span

_OPENING = re.compile(r"<\s*([A-Za-z][\w.:-]*)(.*)$", re.DOTALL)
_CLOSING = re.compile(r"</\s*([A-Za-z][\w.:-]*)\s*>?\s*$")
_ARM = re.compile(r"\{%-?\s*(if|else|elif|endif)\b|<%-?\s*(if|else|elsif|end)\b")
_TEMPLATE = re.compile(r"\{%.*?%\}|\{#.*?#\}|<%(?!=).*?%>")
_FILLED_IN = re.compile(
    r"\{\{.*?\}\}|<%=.*?%>|\$\{[^}]*\}|%\([A-Za-z_]\w*\)s|@[A-Z][A-Z0-9_]+@|%[A-Z][A-Z0-9_]+%"
)
_MOST_LINES = 100_000
_DEEPEST = 40
_MOST_WORDS = 200
_LONGEST_TEXT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A directive, or a section with what stands in it.

    Attributes:
        name: in lower case (`proxypass`); `written` as it stands in the file.
        args: its words without quotes.
        body: what stands in a section; None for a directive.
    """

    name: str
    written: str
    args: tuple[str, ...]
    file: str
    line: int
    body: tuple["Node", ...] | None = None

    @property
    def span(self) -> Span:
        """Where it stands."""
        text = " ".join((self.written, *self.args))
        return Span(file=self.file, line=self.line, text=text[:_LONGEST_TEXT])


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """One file: what stands in it, and what is wrong with it."""

    nodes: tuple[Node, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Open:
    """A section whose end has not come yet."""

    name: str
    written: str
    args: tuple[str, ...]
    line: int
    body: list[Node] = field(default_factory=list)


def is_filled_in(word: str) -> bool:
    """A template or the environment decides about it."""
    return bool(_FILLED_IN.search(word))


def parse(text: str, file: str) -> Parsed:
    """The tree of a text. A section that is not closed ends with the file, or with the section around it."""
    top = _Open("", "", (), 0)
    stack = [top]
    problems: list[Problem] = []
    deep = 0
    arms = _Arms()
    for number, line in _lines(text):
        if arms.switched(line, stack):
            continue
        if deep:
            deep += _depth_change(line)
            continue
        if closing := _CLOSING.match(line):
            _close(closing[1], number, stack, file, problems)
        elif opening := _OPENING.match(line):
            if arms.repeats(opening[1].lower()):
                continue
            words = tuple(_words(opening[2].rstrip().removesuffix(">")))
            stack.append(_Open(opening[1].lower(), f"<{opening[1]}", words, number))
            if len(stack) > _DEEPEST:
                problems.append(_wrong(file, number, "sections are nested too deeply to be read", _SPLIT))
                stack.pop()
                deep = 1
        else:
            name, *rest = _words(line) or [""]
            if name:
                stack[-1].body.append(
                    Node(name=name.lower(), written=name, args=tuple(rest), file=file, line=number)
                )
    while len(stack) > 1:
        section = stack.pop()
        what = f"{section.written}> is not closed"
        fix = f"write </{section.written[1:]}> where it ends"
        problems.append(_wrong(file, section.line, what, fix))
        stack[-1].body.append(_section(section, file))
    # Of a template nobody knows which of its lines are there in the end.
    return Parsed(nodes=tuple(top.body), problems=() if arms.seen else tuple(problems))


@dataclass(slots=True)
class _Arms:
    """Branches of a template: what one of them opens for all, the next one does not open again."""

    seen: bool = False
    _depths: list[int] = field(default_factory=list)
    _opened: list[str] = field(default_factory=list)

    def switched(self, line: str, stack: list[_Open]) -> bool:
        """The line is a tag of a branch."""
        tag = _ARM.match(line)
        if tag is None:
            return False
        self.seen = True
        word = tag[1] or tag[2]
        if word == "if":
            self._depths.append(len(stack))
        elif word in ("endif", "end"):
            if self._depths:
                self._depths.pop()
            self._opened = []
        elif self._depths:
            self._opened = [one.name for one in stack[self._depths[-1] :]]
        return True

    def repeats(self, name: str) -> bool:
        """A section of that name is open from the branch before."""
        if name not in self._opened:
            return False
        self._opened.remove(name)
        return True


_SPLIT = "move the inner sections to a file of their own and include it"


def _close(name: str, number: int, stack: list[_Open], file: str, problems: list[Problem]) -> None:
    """Ends the innermost section of that name; what was opened in it and not closed ends with it."""
    names = [one.name for one in stack]
    if name.lower() not in names[1:]:
        problems.append(
            _wrong(file, number, f"</{name}> closes nothing", f"delete it, or open <{name}> before")
        )
        return
    while stack[-1].name != name.lower():
        section = stack.pop()
        what = f"{section.written}> is not closed before </{name}>"
        problems.append(
            _wrong(file, section.line, what, f"write </{section.written[1:]}> before line {number}")
        )
        stack[-1].body.append(_section(section, file))
    section = stack.pop()
    stack[-1].body.append(_section(section, file))


def _section(section: _Open, file: str) -> Node:
    return Node(
        name=section.name,
        written=section.written[1:],
        args=section.args,
        file=file,
        line=section.line,
        body=tuple(section.body),
    )


def _depth_change(line: str) -> int:
    return -1 if _CLOSING.match(line) else 1 if _OPENING.match(line) else 0


def _wrong(file: str, line: int, text: str, fix: str) -> Problem:
    return Problem(span=Span(file=file, line=line), text=text, fix=fix)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with what continues them; number of the first. Comments may be continued as well."""
    start, parts = 0, list[str]()
    for number, line in enumerate(text.split("\n")[:_MOST_LINES], start=1):
        line = line.rstrip("\r")
        start = start or number
        if line.endswith("\\") and not line.endswith("\\\\"):
            parts.append(line[:-1])
            continue
        parts.append(line)
        whole = _TEMPLATE.sub(" ", "".join(parts)) if _may_be_template(parts) else "".join(parts)
        whole = whole.strip()
        if tag := _ARM.search("".join(parts)):
            yield start, tag[0]
        if whole and not whole.startswith("#"):
            yield start, whole
        start, parts = 0, []
    whole = "".join(parts).strip()
    if whole and not whole.startswith("#"):
        yield start, whole


def _may_be_template(parts: list[str]) -> bool:
    return any("{%" in part or "{#" in part or "<%" in part for part in parts)


def _words(line: str) -> list[str]:
    """Words as Apache splits them: quotes hold blanks, a backslash before a quote keeps it."""
    words: list[str] = []
    position, end = 0, len(line)
    while position < end and len(words) < _MOST_WORDS:
        while position < end and line[position].isspace():
            position += 1
        if position >= end:
            break
        quote = line[position] if line[position] in "\"'" else ""
        word, position = _quoted(line, position + 1, quote) if quote else _bare(line, position)
        words.append(word)
    return words


def _quoted(line: str, start: int, quote: str) -> tuple[str, int]:
    position = start
    while position < len(line) and line[position] != quote:
        position += 2 if line[position] == "\\" and line[position + 1 : position + 2] == quote else 1
    return line[start:position].replace(f"\\{quote}", quote), position + 1


_BARE = re.compile(r"(?:\{\{.*?\}\}|<%=.*?%>|\S)+")


def _bare(line: str, start: int) -> tuple[str, int]:
    match = _BARE.match(line, start)
    assert match is not None
    return match[0], match.end()
