"""The sections of a configuration of HAProxy, each with the defaults that count for it.

https://docs.haproxy.org/3.2/configuration.html#2
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_SECTION = re.compile(
    r"backend|cache|crt-list|defaults|frontend|fcgi-app|global|http-errors|listen|log-forward|mailers|peers"
    r"|program|resolvers|ring|traces|userlist"
)
_PROXIES = ("frontend", "backend", "listen")
_TEMPLATE = re.compile(r"\{%.*?%\}|\{#.*?#\}|<%.*?%>")
_FILLED_IN = re.compile(r"\{\{.*?\}\}|<%=.*?%>|\$\{.*?\}|\$[A-Z_]+|%[A-Z_]+%")
_WORD = re.compile(
    r"""((?:\{\{.*?\}\}|<%=.*?%>|\$\{.*?\}|\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s#"'\\])+)|(#.*)"""
)
_MOST_LINES = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as its words; `number` counts from 1."""

    number: int
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words as one text."""
        return " ".join(self.words)


@dataclass(slots=True, kw_only=True)
class Section:
    """One section. `inherited` are the lines of the defaults that count for a proxy."""

    kind: str
    name: str
    number: int
    lines: list[Line] = field(default_factory=list)
    inherited: tuple[Line, ...] = ()

    def last(self, *words: str) -> tuple[Line, bool] | None:
        """The last line that begins with these words, and whether it is inherited; None without one."""
        for lines, inherited in ((self.lines, False), (self.inherited, True)):
            for line in reversed(lines):
                if line.words[: len(words)] == words:
                    return line, inherited
        return None

    def all_of(self, word: str) -> Iterator[Line]:
        """The lines of the section itself that begin with a word."""
        return (line for line in self.lines if line.words[0] == word)


def is_filled_in(word: str) -> bool:
    """A template or the environment decides about it."""
    return bool(_FILLED_IN.search(word))


def proxies_in(text: str) -> list[Section]:
    """Frontends, backends and `listen` sections, in order."""
    found: list[Section] = []
    named: dict[str, tuple[Line, ...]] = {}
    current: Section | None = None
    defaults: Section | None = None
    for line in _lines(text):
        word = line.words[0]
        if _SECTION.fullmatch(word):
            name = line.words[1] if len(line.words) > 1 else ""
            current = Section(kind=word, name=name, number=line.number)
            base = _from(line, named, defaults)
            if word == "defaults":
                # A section of defaults that names no other begins anew.
                current.lines += base if "from" in line.words else ()
                defaults = current
            elif word in _PROXIES:
                current.inherited = base
                found.append(current)
        elif current is not None:
            current.lines.append(line)
            if current is defaults and current.name:
                named[current.name] = tuple(current.lines)
    return found


def _from(line: Line, named: dict[str, tuple[Line, ...]], last: Section | None) -> tuple[Line, ...]:
    """`backend api from slow`: the defaults of that name, else those that stand last before it."""
    if "from" in line.words[:-1]:
        return named.get(line.words[line.words.index("from") + 1], ())
    return tuple(last.lines) if last is not None else ()


def _lines(text: str) -> Iterator[Line]:
    for number, line in enumerate(text.splitlines()[:_MOST_LINES], start=1):
        words = []
        for match in _WORD.finditer(_TEMPLATE.sub(" ", line)):
            if match[2]:
                break
            words.append(match[1].replace('"', "").replace("'", ""))
        if words:
            yield Line(number=number, words=tuple(words))
