"""Findings of two states side by side, each by itself, and the words by which one may be the other."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from budgetcheck.baseline import keys
from budgetcheck.model.findings import End, Finding, Part, Severity
from budgetcheck.model.report import Report
from budgetcheck.moved_files import FileChanges
from budgetcheck.parts import parts_of

_ORDINAL = re.compile(r"#\d+$")
_IN_A_FILE = re.compile(r"^(\w+):[^:]*")
_KUBERNETES = re.compile(r"^kubernetes:[^/]*/[^/]*/[^/@]*")
_NGINX_FILE = re.compile(r"^(nginx:.*?) \[[^\]]*\](?=/)")
ENDLESS = "BC104"
_WINDOWS = "BC402"

Request = tuple[str, ...]
Requests = dict[str, frozenset[Request]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """A finding about one call of a whole one, or a whole one that is not about calls."""

    whole: Finding
    finding: Finding
    part: Part | None = None
    moved: bool = False
    """One of its files has another name now."""


Key = Callable[[Single], Hashable | None]


class Sharing(Enum):
    """When only a request through both makes two findings one: what is elsewhere may be another thing."""

    WHERE_MOVED = "where a file was moved"
    OF_CALLS = "and of calls, of which the same may be made for another request"
    ALWAYS = "always"


@dataclass(slots=True, kw_only=True)
class Pairs:
    """Findings of both states; `found` holds the number of the earlier one by that of the later."""

    earlier: Sequence[Single]
    later: Sequence[Single]
    requests: tuple[Requests, Requests]
    found: dict[int, int] = field(default_factory=dict)

    def by(
        self,
        key: Key,
        of_later: Key | None = None,
        *,
        sharing: Sharing | None = None,
    ) -> None:
        """Takes each earlier finding for one of the later ones with its key."""
        left: dict[Hashable, list[int]] = {}
        taken = set(self.found.values())
        for number, one in enumerate(self.earlier):
            value = key(one) if number not in taken else None
            if value is not None:
                left.setdefault(value, []).append(number)
        for number, one in enumerate(self.later):
            value = (of_later or key)(one) if number not in self.found and left else None
            for was in left.get(value, ()) if value is not None else ():
                if sharing is None or self._allowed(self.earlier[was], one, sharing):
                    self.found[number] = was
                    left[value].remove(was)
                    break

    def _allowed(self, earlier: Single, later: Single, sharing: Sharing) -> bool:
        """They may be one thing by the requests that go through both."""
        asked = asked_of(earlier.finding, self.requests[0]), asked_of(later.finding, self.requests[1])
        if not asked[0].isdisjoint(asked[1]):
            return True
        match sharing:
            case Sharing.ALWAYS:
                return False
            case Sharing.OF_CALLS:
                return later.part is None and not earlier.moved
            case Sharing.WHERE_MOVED:
                return not earlier.moved or not any(asked)


def single(finding: Finding) -> Iterator[Single]:
    """The calls of a finding by themselves, else the whole; none of a finding on the run itself."""
    if finding.rule.startswith("BC9"):
        return
    parts = parts_of(finding)
    if not parts:
        yield Single(whole=finding, finding=finding)
    for part in parts:
        one = replace(
            finding,
            severity=part.severity,
            span=part.span,
            outer=part.outer or finding.outer,
            inner=part.end,
            routes=part.routes,
            environments=part.environments,
            parts=(),
        )
        yield Single(whole=finding, finding=one, part=part)


def renamed(one: Single, files: FileChanges) -> Single:
    """As the earlier finding would read if its files had their later names."""
    finding = one.finding
    names = {end.span.file for end in (finding.outer, finding.inner) if end is not None} | {finding.span.file}
    moves = [(name, files.moved[name]) for name in sorted(names) if name in files.moved]
    if not moves:
        return one
    subject = finding.subject
    for was, name in moves:
        subject = subject.replace(was, name)
    return replace(
        one,
        moved=True,
        finding=replace(
            finding,
            span=replace(finding.span, file=files.renamed(finding.span.file)),
            outer=_renamed_end(finding.outer, moves),
            inner=_renamed_end(finding.inner, moves),
            subject=subject,
        ),
    )


def _renamed_end(end: End | None, moves: Iterable[tuple[str, str]]) -> End | None:
    if end is None:
        return None
    address, file = end.address, end.span.file
    for was, name in moves:
        address = address.replace(was, name)
        file = name if file == was else file
    return replace(end, address=address, span=replace(end.span, file=file))


def at_line(one: Single, files: FileChanges | None = None) -> Hashable | None:
    """A call that stands where it stood, whatever was written before it."""
    finding = one.finding
    if one.part is None or finding.inner is None:
        return None
    span = finding.span
    line = files.origin(span.file, span.line) if files is not None else span.line
    if not line:
        return None
    return (finding.rule, id_of(finding.outer), *kind_of(finding.inner), span.file, line, span.column)


def same(one: Single) -> Hashable:
    """By which a baseline knows it."""
    finding = one.finding
    if one.part is not None and finding.inner is not None:
        finding = replace(finding, inner=replace(finding.inner, address=function_of(finding.inner)))
    return keys(finding).same


def renamed_thing(one: Single) -> Hashable | None:
    """By which a baseline knows it where a location, resource or function was renamed."""
    return keys(one.finding).renamed or None


def window(one: Single) -> Hashable | None:
    """A window at shutdown is one fault, whoever makes the longest request."""
    outer = one.finding.outer
    if one.finding.rule != _WINDOWS or outer is None:
        return None
    return (outer.address, outer.setting, outer.span.file)


def store(one: Single) -> Hashable | None:
    """All calls of a store have the limit that its client was made with: one more is no further fault."""
    finding = one.finding
    if finding.rule != ENDLESS or finding.outer is not None or not finding.subject:
        return None
    return (finding.rule, finding.subject)


def renamed_window(one: Single) -> Hashable | None:
    """The same window of a resource with another name."""
    finding, outer = one.finding, one.finding.outer
    if finding.rule != _WINDOWS or outer is None:
        return None
    return (*kind_of(outer), outer.span.file, finding.budget_ms, *sorted(finding.environments))


def elsewhere(one: Single) -> Hashable | None:
    """The same hop in another file."""
    ends = (one.finding.outer, one.finding.inner)
    if not any(ends):
        return None
    return (one.finding.rule, *((*kind_of(end), id_of(end)) for end in ends), one.finding.subject)


def same_numbers(one: Single) -> Hashable | None:
    """Both ends in other words and places: a resource that became part of a module, a call in a helper."""
    ends, finding = (one.finding.outer, one.finding.inner), one.finding
    if ends[1] is None or (ends[0] is not None and finding.budget_ms is None):
        return None
    return (finding.rule, *map(kind_of, ends), finding.budget_ms, finding.needed_ms, finding.subject)


def kind_of(end: End | None) -> tuple[str, str]:
    """Component and setting, without the blocks around it."""
    return (end.component, end.setting.rpartition(".")[2]) if end is not None else ("", "")


def id_of(end: End | None) -> str:
    """The address without the file that is part of some."""
    if end is None:
        return ""
    cluster = _KUBERNETES.match(end.address)
    if cluster is not None:
        return cluster[0]
    if end.address.startswith("nginx:"):
        return _NGINX_FILE.sub(r"\1", end.address)
    return _IN_A_FILE.sub(r"\1", function_of(end)) if end.span.file in end.address else end.address


def function_of(end: End) -> str:
    """Calls of one library in one function are numbered, and a further one may stand before the others."""
    return _ORDINAL.sub("", end.address)


def worse(was: Finding, now: Finding) -> bool:
    """It was less than it is now, and for another number."""
    numbers = (was.budget_ms, was.needed_ms) != (now.budget_ms, now.needed_ms)
    return numbers and now.severity > was.severity and now.severity > Severity.NOTE


def requests_of(report: Report) -> Requests:
    """What callers ask for, by the name of a route."""
    found: dict[str, set[Request]] = {}
    for item in report.routes:
        route = item.route
        name = "" if route.host or route.path else route.name
        request = (route.host, route.path.rstrip("/"), name, *sorted(route.methods))
        found.setdefault(route.name, set()).add(request)
    return {name: frozenset(requests) for name, requests in found.items()}


def asked_of(finding: Finding, requests: Requests) -> frozenset[Request]:
    """What callers ask for on the routes of a finding."""
    return frozenset(one for name in finding.routes for one in requests.get(name, ()))
