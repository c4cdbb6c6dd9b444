"""One declaration for each way from a frontend to a backend, with the times of both.

A condition of `use_backend` counts as far as it asks for a host or for the beginning of a path.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Declaration, Known, Problem, Reading, Setting, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.haproxy.sections import Line, Section, is_filled_in, proxies_in
from budgetcheck.tree import SourceFile, UnreadableFileError

COMPONENT = "haproxy"
_OF_FRONT = ("client", "http-keep-alive")
_OF_BACK = ("server", "connect", "queue")
_AFTER_TIMEOUT = frozenset({"response-timeout", "all-retryable-errors"})
_PORT = re.compile(r":(\d{1,5})$")
_SIMPLE = re.compile(r"[A-Za-z0-9_.:\[\]@/*-]+")
_HOST = re.compile(r"(?:hdr(?:_dom|_end)?\(host\)|req\.hdr\(host\)|hdr_dom\(host\))(?:,.*)?", re.IGNORECASE)
_PATHS = {"path_beg": False, "path": True}
_MOST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The requests that a condition means; `known` false where it asks for something else as well."""

    hosts: tuple[str, ...] = ()
    paths: tuple[PathRule, ...] = ()
    known: bool = True


def read(files: Sequence[SourceFile], context: ReadContext) -> Reading:
    """The proxies of all files."""
    declarations: list[Declaration] = []
    problems: list[Problem] = []
    for file in sorted(files, key=lambda one: one.name):
        try:
            text = context.tree.read_text(file.path)
        except UnreadableFileError as error:
            problems.append(Problem(span=Span(file=file.name), text=str(error)))
            continue
        declarations += list(_File(file.name, proxies_in(text)).declarations())[:_MOST]
    return Reading(
        declarations=tuple(declarations),
        problems=tuple(problems),
        recognised=tuple(sorted({one.span.file for one in declarations})),
    )


class _File:
    """The proxies of one file."""

    def __init__(self, name: str, sections: Sequence[Section]) -> None:
        self._name = name
        self._fronts = [one for one in sections if one.kind in ("frontend", "listen") and _is_http(one)]
        self._backs = {
            one.name: one for one in sections if one.kind in ("backend", "listen") and _is_http(one)
        }

    def declarations(self) -> Iterator[Declaration]:
        reached: set[str] = set()
        for front in self._fronts:
            ways = list(self._ways(front))
            reached |= {back.name for back, _, _ in ways}
            seen: dict[str, int] = {}
            for back, asked, line in ways:
                seen[back.name] = seen.get(back.name, 0) + 1
                number = f"#{seen[back.name]}" if seen[back.name] > 1 else ""
                yield self._declared(front, back, asked, line, number)
        for name, back in self._backs.items():
            if name not in reached and back.kind == "backend":
                yield self._declared(None, back, _Asked(), back.number, "")

    def _ways(self, front: Section) -> Iterator[tuple[Section, _Asked, int]]:
        if front.kind == "listen" and any(self._servers(front)):
            yield front, _Asked(), front.number
        for line in front.all_of("use_backend"):
            back = self._backs.get(line.words[1]) if len(line.words) > 1 else None
            if back is not None:
                yield back, _asked(line, front), line.number
        usual = front.last("default_backend")
        back = self._backs.get(usual[0].words[1]) if usual and len(usual[0].words) > 1 else None
        if usual is not None and back is not None:
            yield back, _Asked(), usual[0].number

    def _declared(
        self, front: Section | None, back: Section, asked: _Asked, line: int, number: str
    ) -> Declaration:
        first = front or back
        way = back.name if front in (None, back) else f"{first.name}/{back.name}"
        settings = [*self._times(front, _OF_FRONT), *self._times(back, _OF_BACK), *self._retries(back)]
        ports = tuple(dict.fromkeys(port for one in first.all_of("bind") for port in _ports(one)))
        return Declaration(
            component=COMPONENT,
            address=f"haproxy:{self._name}:{way}{number}",
            title=f"haproxy {way}",
            span=Span(file=self._name, line=line),
            settings=tuple(settings),
            traits=tuple(_traits(back, asked)),
            front=Front(hosts=asked.hosts, paths=asked.paths, ports=ports),
            targets=tuple(self._targets(back)),
        )

    def _times(self, section: Section | None, names: Sequence[str]) -> Iterator[Setting]:
        for name in names if section is not None else ():
            found = section.last("timeout", name) if section is not None else None
            if found is not None and len(found[0].words) > 2:
                yield self._setting(f"timeout {name}", found[0], found[0].words[2], inherited=found[1])

    def _retries(self, back: Section) -> Iterator[Setting]:
        found = back.last("retries")
        if found is not None and len(found[0].words) > 1:
            yield self._setting("retries", found[0], found[0].words[1], inherited=found[1])

    def _setting(self, name: str, line: Line, value: str, *, inherited: bool) -> Setting:
        origin = Origin.INHERITED if inherited else Origin.WRITTEN
        span = Span(file=self._name, line=line.number, text=line.text)
        if is_filled_in(value):
            why = Unresolved(reason="a template fills it in", needs="give the file as it is deployed")
            return Setting(name=name, value=why, spans=(span,), origin=origin)
        return Setting(name=name, value=Known(value=value), spans=(span,), origin=origin)

    def _servers(self, back: Section) -> Iterator[Line]:
        return (line for word in ("server", "server-template") for line in back.all_of(word))

    def _targets(self, back: Section) -> Iterator[Target]:
        for line in self._servers(back):
            at = 2 if line.words[0] == "server" else 3
            if len(line.words) <= at or "disabled" in line.words:
                continue
            yield _target(
                line.words[at], back.name, Span(file=self._name, line=line.number, text=line.words[at])
            )


def _is_http(section: Section) -> bool:
    """A proxy of connections knows nothing of requests."""
    mode = section.last("mode")
    return mode is not None and mode[0].words[1:2] == ("http",)


def _traits(back: Section, asked: _Asked) -> Iterator[tuple[str, str]]:
    again = back.last("retry-on")
    if again is not None and _AFTER_TIMEOUT & set(again[0].words):
        yield "retry_on", "timeout"
    elif again is not None:
        yield "retry_on", "other"
    if not asked.known:
        yield "condition", "partly known"


def _target(address: str, group: str, span: Span) -> Target:
    if is_filled_in(address) or not _SIMPLE.fullmatch(address):
        return Target(group=group, span=span, reason="a template fills it in")
    plain = re.sub(r"^(?:ipv4|ipv6|tcp4?6?)@", "", address)
    if plain.startswith(("/", "unix@", "sock@")):
        return Target(socket=plain.removeprefix("unix@").removeprefix("sock@"), group=group, span=span)
    port = _PORT.search(plain)
    host = plain[: port.start()] if port else plain
    return Target(host=host.strip("[]").lower(), port=int(port[1]) if port else 0, group=group, span=span)


def _ports(line: Line) -> Iterator[int]:
    """`bind *:80,:::443 v4v6`."""
    for address in line.words[1].split(",") if len(line.words) > 1 else ():
        port = _PORT.search(address)
        if port and 0 < int(port[1]) < 65_536:
            yield int(port[1])


def _asked(line: Line, front: Section) -> _Asked:
    """What `use_backend api if is_api { hdr(host) -i x }` asks for; `unless` and `||` ask for more."""
    words = list(line.words[2:])
    if words[:1] != ["if"] or any(word in ("||", "or") or word.startswith("!") for word in words):
        return _Asked(known=not words)
    hosts: list[str] = []
    paths: list[PathRule] = []
    known = True
    for fetch in _conditions(words[1:], front):
        values = [word for word in fetch[1:] if not word.startswith("-") and word not in ("if", "str")]
        if _HOST.fullmatch(fetch[0]) and not any(map(is_filled_in, values)):
            suffix = "end" in fetch[0] or "dom" in fetch[0] or "end" in fetch[1:3]
            hosts += [f"*{value}" if suffix and value.startswith(".") else value.lower() for value in values]
        elif fetch[0].partition(",")[0] in _PATHS and not any(map(is_filled_in, values)):
            exact = _PATHS[fetch[0].partition(",")[0]] and "beg" not in fetch
            paths += [PathRule(pattern=v, prefix=v, exact=exact) for v in values if v.startswith("/")]
        else:
            known = False
    return _Asked(hosts=tuple(hosts), paths=tuple(paths), known=known)


def _conditions(words: Sequence[str], front: Section) -> Iterator[tuple[str, ...]]:
    """Each test of a condition: of named ones all lines, since these are alternatives of each other."""
    inline: list[str] | None = None
    for word in words:
        if word == "{":
            inline = []
        elif word == "}" and inline is not None:
            yield tuple(inline) or ("",)
            inline = None
        elif inline is not None:
            inline.append(word)
        else:
            named = [line.words[2:] for line in front.all_of("acl") if line.words[1:2] == (word,)]
            yield from (one for one in named if one)
            if not named:
                yield (word,)
