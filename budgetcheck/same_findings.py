"""Which findings of two states are the same.

A finding is recognised as a baseline recognises it, and beyond that where only its surroundings are
different: its file was moved, its line was, the number that it is about is made by another hop, or it stands
in a copy of a file that serves no request which was not served before. Of a finding about several calls each
call is recognised by itself: one more is told alone, and one less is no news.

A fault in another file on another route is new, and so is one that was a note and has become more than that
with other numbers.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from budgetcheck.baseline import keys
from budgetcheck.model.findings import End, Finding, Part, Severity
from budgetcheck.model.report import Report, Verdict
from budgetcheck.model.span import Span
from budgetcheck.moved_files import FileChanges
from budgetcheck.parts import only, parts_of

_ORDINAL = re.compile(r"#\d+$")
_IN_A_FILE = re.compile(r"^(\w+):[^:]*")
_KUBERNETES = re.compile(r"^kubernetes:[^/]*/[^/]*/[^/@]*")
_NGINX_FILE = re.compile(r"^(nginx:.*?) \[[^\]]*\](?=/)")
_WINDOWS, _ENDLESS = "BC402", "BC104"

_Request = tuple[str, ...]
_Requests = dict[str, frozenset[_Request]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Findings that only the later state has, that only the earlier one had, and of the later that both have.

    Where some calls of a finding are new, it is among the new ones, about these calls alone.
    """

    new: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    unchanged: tuple[Finding, ...]


def match(before: Report, after: Report, files: FileChanges) -> Matched:
    """Compares the findings of two reports. Those on the run itself (BC9xx) are in neither list."""
    pairs = _Pairs(
        earlier=[_renamed(one, files) for finding in before.findings for one in _single(finding)],
        later=[one for finding in after.findings for one in _single(finding)],
        requests=(_requests(before), _requests(after)),
    )
    pairs.by(_at_line, lambda one: _at_line(one, files), sharing=_Sharing.WHERE_MOVED)
    for key in (_same, _window, _store):
        pairs.by(key)
    for key in (_renamed_thing, _renamed_window):
        pairs.by(key, sharing=_Sharing.OF_CALLS)
    for key in (_elsewhere, _same_numbers):
        pairs.by(key, sharing=_Sharing.ALWAYS)
    known = {
        number
        for number, was in pairs.found.items()
        if not _worse(pairs.earlier[was].finding, pairs.later[number].finding)
    }
    known |= set(_copies(pairs, files))
    known |= set(_old_calls(pairs, files))
    known |= set(_old_numbers(pairs, files))
    known |= set(_only_seen_now(pairs, files, before, after))
    return _told(pairs, known, before, after)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Single:
    """A finding about one call of a whole one, or a whole one that is not about calls."""

    whole: Finding
    finding: Finding
    part: Part | None = None
    moved: bool = False
    """One of its files has another name now."""


_Key = Callable[[_Single], Hashable | None]


class _Sharing(Enum):
    """When only a request through both makes two findings one: what is elsewhere may be another thing."""

    WHERE_MOVED = "where a file was moved"
    OF_CALLS = "and of calls, of which the same may be made for another request"
    ALWAYS = "always"


@dataclass(slots=True, kw_only=True)
class _Pairs:
    """Findings of both states; `found` holds the number of the earlier one by that of the later."""

    earlier: Sequence[_Single]
    later: Sequence[_Single]
    requests: tuple[_Requests, _Requests]
    found: dict[int, int] = field(default_factory=dict)

    def by(
        self,
        key: _Key,
        of_later: _Key | None = None,
        *,
        sharing: _Sharing | None = None,
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

    def _allowed(self, earlier: _Single, later: _Single, sharing: _Sharing) -> bool:
        """They may be one thing by the requests that go through both."""
        asked = _asked(earlier.finding, self.requests[0]), _asked(later.finding, self.requests[1])
        if not asked[0].isdisjoint(asked[1]):
            return True
        match sharing:
            case _Sharing.ALWAYS:
                return False
            case _Sharing.OF_CALLS:
                return later.part is None and not earlier.moved
            case _Sharing.WHERE_MOVED:
                return not earlier.moved or not any(asked)


def _single(finding: Finding) -> Iterator[_Single]:
    if finding.rule.startswith("BC9"):
        return
    parts = parts_of(finding)
    if not parts:
        yield _Single(whole=finding, finding=finding)
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
        yield _Single(whole=finding, finding=one, part=part)


def _renamed(one: _Single, files: FileChanges) -> _Single:
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


def _at_line(one: _Single, files: FileChanges | None = None) -> Hashable | None:
    """A call that stands where it stood, whatever was written before it."""
    finding = one.finding
    if one.part is None or finding.inner is None:
        return None
    span = finding.span
    line = files.origin(span.file, span.line) if files is not None else span.line
    if not line:
        return None
    return (finding.rule, _id(finding.outer), *_kind(finding.inner), span.file, line, span.column)


def _same(one: _Single) -> Hashable:
    finding = one.finding
    if one.part is not None and finding.inner is not None:
        finding = replace(finding, inner=replace(finding.inner, address=_function(finding.inner)))
    return keys(finding).same


def _renamed_thing(one: _Single) -> Hashable | None:
    return keys(one.finding).renamed or None


def _window(one: _Single) -> Hashable | None:
    """A window at shutdown is one fault, whoever makes the longest request."""
    outer = one.finding.outer
    if one.finding.rule != _WINDOWS or outer is None:
        return None
    return (outer.address, outer.setting, outer.span.file)


def _store(one: _Single) -> Hashable | None:
    """All calls of a store have the limit that its client was made with: one more is no further fault."""
    finding = one.finding
    if finding.rule != _ENDLESS or finding.outer is not None or not finding.subject:
        return None
    return (finding.rule, finding.subject)


def _renamed_window(one: _Single) -> Hashable | None:
    finding, outer = one.finding, one.finding.outer
    if finding.rule != _WINDOWS or outer is None:
        return None
    return (*_kind(outer), outer.span.file, finding.budget_ms, *sorted(finding.environments))


def _elsewhere(one: _Single) -> Hashable | None:
    """The same hop in another file."""
    ends = (one.finding.outer, one.finding.inner)
    if not any(ends):
        return None
    return (one.finding.rule, *((*_kind(end), _id(end)) for end in ends), one.finding.subject)


def _same_numbers(one: _Single) -> Hashable | None:
    """Both ends in other words and places: a resource that became part of a module."""
    ends, finding = (one.finding.outer, one.finding.inner), one.finding
    if not all(ends) or finding.needed_ms is None or finding.budget_ms is None:
        return None
    return (finding.rule, *map(_kind, ends), finding.budget_ms, finding.needed_ms)


def _kind(end: End | None) -> tuple[str, str]:
    return (end.component, end.setting.rpartition(".")[2]) if end is not None else ("", "")


def _id(end: End | None) -> str:
    """The address without the file that is part of some."""
    if end is None:
        return ""
    cluster = _KUBERNETES.match(end.address)
    if cluster is not None:
        return cluster[0]
    if end.address.startswith("nginx:"):
        return _NGINX_FILE.sub(r"\1", end.address)
    return _IN_A_FILE.sub(r"\1", _function(end)) if end.span.file in end.address else end.address


def _function(end: End) -> str:
    """Calls of one library in one function are numbered, and a further one may stand before the others."""
    return _ORDINAL.sub("", end.address)


def _worse(was: Finding, now: Finding) -> bool:
    """It was less than it is now, and for another number."""
    numbers = (was.budget_ms, was.needed_ms) != (now.budget_ms, now.needed_ms)
    return numbers and now.severity > was.severity and now.severity > Severity.NOTE


def _requests(report: Report) -> _Requests:
    """What callers ask for, by the name of a route."""
    found: dict[str, set[_Request]] = {}
    for item in report.routes:
        route = item.route
        name = "" if route.host or route.path else route.name
        request = (route.host, route.path.rstrip("/"), name, *sorted(route.methods))
        found.setdefault(route.name, set()).add(request)
    return {name: frozenset(requests) for name, requests in found.items()}


def _asked(finding: Finding, requests: _Requests) -> frozenset[_Request]:
    return frozenset(one for name in finding.routes for one in requests.get(name, ()))


def _old_calls(pairs: _Pairs, files: FileChanges) -> Iterator[int]:
    """Calls without limit that had none before, whatever stands in front now: the call is the fault.

    Where somebody writes a limit in front of it, that is news.
    """
    old: dict[Hashable, list[Finding]] = {}
    for one in pairs.earlier:
        if one.finding.rule == _ENDLESS:
            old.setdefault(_call(one), []).append(one.finding)
    for number, one in enumerate(pairs.later):
        if number not in pairs.found and one.finding.rule == _ENDLESS:
            was = old.get(_call(one, files), ())
            if any(not _worse(earlier, one.finding) or _stood(one.finding.outer, files) for earlier in was):
                yield number


def _stood(end: End | None, files: FileChanges) -> bool:
    """Its number was there before, or nobody wrote it."""
    return end is None or not end.written or files.origin(end.span.file, end.span.line) is not None


def _old_numbers(pairs: _Pairs, files: FileChanges) -> Iterator[int]:
    """Further requests through an inner number that was too long for the same default: both are old."""
    old = {_numbers(one) for one in pairs.earlier} - {None}
    for number, one in enumerate(pairs.later):
        if number not in pairs.found and _numbers(one, files) in old:
            yield number


def _numbers(one: _Single, files: FileChanges | None = None) -> Hashable | None:
    """The place of the inner number, and the default in front of it; None where that is written."""
    outer, inner = one.finding.outer, one.finding.inner
    if outer is None or inner is None or outer.written or not inner.written:
        return None
    span = inner.span
    line = files.origin(span.file, span.line) if files is not None else span.line
    place = (span.file, line, inner.setting) if line else None
    return place and (one.finding.rule, *_kind(outer), outer.value_ms, *place, inner.value_ms)


def _only_seen_now(pairs: _Pairs, files: FileChanges, before: Report, after: Report) -> Iterator[int]:
    """Faults of requests that could not be compared, of which no line is new: they were there, unseen.

    A server that is recognised now, for example. What a change makes of a request that fitted is news.
    """
    verdicts: dict[_Request, set[Verdict]] = {}
    for item in before.routes:
        for request in pairs.requests[0].get(item.route.name, ()):
            verdicts.setdefault(request, set()).add(item.verdict)
    unseen = {request for request, found in verdicts.items() if Verdict.FITS not in found}
    for number, one in enumerate(pairs.later):
        if number in pairs.found or one.finding.outer is None:
            continue
        asked = _asked(one.finding, pairs.requests[1])
        if asked and asked <= unseen and all(_is_old(span, files) for span in _spans(one.finding, after)):
            yield number


def _spans(finding: Finding, report: Report) -> Iterator[Span]:
    """Every place that the finding rests on: its proof, and the hops of its routes with what they send to."""
    yield from (end.span for end in (finding.outer, finding.inner) if end is not None)
    yield from (step.span for step in finding.steps if step.span is not None)
    for item in report.routes:
        if item.route.name in finding.routes:
            for hop in item.route.hops:
                yield hop.span
                yield from (target.span for target in hop.targets)


def _is_old(span: Span, files: FileChanges) -> bool:
    return not span.file or not span.line or files.origin(span.file, span.line) is not None


def _call(one: _Single, files: FileChanges | None = None) -> Hashable:
    inner = one.finding.inner
    if inner is None:
        return id(one)
    span = inner.span
    line = files.origin(span.file, span.line) if files is not None else span.line
    return (_function(inner), span.file, line, span.column)


def _copies(pairs: _Pairs, files: FileChanges) -> Iterator[int]:
    """Findings of copied files that were in the original, on requests that were served before."""
    if not files.copied:
        return
    served = frozenset().union(*pairs.requests[0].values())
    known = {_content(one.finding): one.finding for one in pairs.earlier}
    for number, one in enumerate(pairs.later):
        if number in pairs.found:
            continue
        asked = _asked(one.finding, pairs.requests[1])
        for original in _originals(one.finding, files):
            was = known.get(_content(original))
            if was is not None and asked and asked <= served and _one_place(was, one.finding, asked):
                yield number
                break


def _originals(finding: Finding, files: FileChanges) -> Iterator[Finding]:
    """The finding as it would read in each file that one of its files is a copy of."""
    names = {end.span.file for end in (finding.outer, finding.inner) if end is not None} | {finding.span.file}
    for name in sorted(names & set(files.copied)):
        for source in map(files.renamed, files.copied[name]):
            yield replace(
                finding,
                span=_in(finding.span, name, source),
                outer=finding.outer and replace(finding.outer, span=_in(finding.outer.span, name, source)),
                inner=finding.inner and replace(finding.inner, span=_in(finding.inner.span, name, source)),
            )


def _in(span: Span, name: str, source: str) -> Span:
    return replace(span, file=source) if span.file == name else span


def _content(finding: Finding) -> Hashable:
    """What a finding says, and in which files; not of which resource."""
    files = [end.span.file if end is not None else "" for end in (finding.outer, finding.inner)]
    kinds = (*_kind(finding.outer), *_kind(finding.inner))
    return (finding.rule, *kinds, *files, finding.span.file, finding.budget_ms, finding.needed_ms)


def _one_place(was: Finding, now: Finding, asked: Iterable[_Request]) -> bool:
    """A request without a host is told from another one by the resource of a cluster that takes it."""
    ends = ((was.outer, now.outer), (was.inner, now.inner))
    resources = [(_id(one), _id(other)) for one, other in ends if _id(other).startswith("kubernetes:")]
    return all(host for host, *_ in asked) or (
        bool(resources) and all(one == other for one, other in resources)
    )


def _told(pairs: _Pairs, known: set[int], before: Report, after: Report) -> Matched:
    """The findings as they were, by what became of their parts."""
    there = {id(pairs.earlier[was].whole) for was in pairs.found.values()}
    parts: dict[int, list[tuple[_Single, bool]]] = {}
    for number, one in enumerate(pairs.later):
        parts.setdefault(id(one.whole), []).append((one, number in known))
    new = [
        _reduced(finding, parts[id(finding)])
        for finding in after.findings
        if not all(is_known for _, is_known in parts.get(id(finding), ()))
    ]
    return Matched(
        new=tuple(new),
        fixed=tuple(
            finding
            for finding in before.findings
            if id(finding) not in there and not finding.rule.startswith("BC9")
        ),
        unchanged=tuple(
            finding
            for finding in after.findings
            if id(finding) in parts and all(is_known for _, is_known in parts[id(finding)])
        ),
    )


def _reduced(finding: Finding, parts: Sequence[tuple[_Single, bool]]) -> Finding:
    """About what is new of it."""
    added = [one.part for one, is_known in parts if not is_known and one.part is not None]
    return only(finding, added) if added and len(added) < len(parts) else finding
