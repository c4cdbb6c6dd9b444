"""Faults of the later state that were there before, though no earlier finding is the same one."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace

from budgetcheck.finding_pairs import (
    ENDLESS,
    Pairs,
    Request,
    Single,
    asked_of,
    function_of,
    id_of,
    kind_of,
    worse,
)
from budgetcheck.model.findings import End, Finding
from budgetcheck.model.limits import Meaning
from budgetcheck.model.report import Report, Verdict
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Layer
from budgetcheck.moved_files import FileChanges

BLOCKING = "BC601"
_INEFFECTIVE = "BC202"
_TIE, _TOGETHER = "BC103", "BC105"
_TOO_LONG = frozenset({"BC101", "BC102", _TIE, ENDLESS, _TOGETHER})


def old_calls(pairs: Pairs, files: FileChanges, after: Report) -> Iterator[int]:
    """Calls without limit that had none before, whatever stands in front now: the call is the fault.

    Where somebody writes a limit in front of it, that is news; but not a server's, which ends the work. The
    client of a store is one fault for all of its calls.
    """
    servers = {
        part.hop.address for item in after.routes for part in item.hops if part.hop.layer is Layer.SERVER
    }
    old: dict[Hashable, list[Finding]] = {}
    for one in pairs.earlier:
        if one.finding.rule == ENDLESS:
            old.setdefault(one.finding.subject or _call(one), []).append(one.finding)
    for number, one in enumerate(pairs.later):
        if number not in pairs.found and one.finding.rule == ENDLESS:
            outer, inner = one.finding.outer, one.finding.inner
            was = old.get(_call(one, files)) or old.get(inner.component if inner else "") or []
            idle = _stood(outer, files) or (outer is not None and outer.address in servers)
            if any(idle or not worse(earlier, one.finding) for earlier in was):
                yield number


def _stood(end: End | None, files: FileChanges) -> bool:
    """Its number was there before, or nobody wrote it."""
    return end is None or not end.written or files.origin(end.span.file, end.span.line) is not None


def old_numbers(pairs: Pairs, files: FileChanges) -> Iterator[int]:
    """Further requests through an inner number that was too long for the same default: both are old."""
    old = {_numbers(one) for one in pairs.earlier} - {None}
    for number, one in enumerate(pairs.later):
        if number not in pairs.found and _numbers(one, files) in old:
            yield number


def _numbers(one: Single, files: FileChanges | None = None) -> Hashable | None:
    """The place of the inner number, and the default in front of it; None where that is written."""
    outer, inner = one.finding.outer, one.finding.inner
    if outer is None or inner is None or outer.written or not inner.written:
        return None
    span = inner.span
    line = files.origin(span.file, span.line) if files is not None else span.line
    place = (span.file, line, inner.setting) if line else None
    return place and (one.finding.rule, *kind_of(outer), outer.value_ms, *place, inner.value_ms)


def only_seen_now(pairs: Pairs, files: FileChanges, before: Report, after: Report) -> Iterator[int]:
    """Faults of requests that could not be compared, of which no line is new: they were there, unseen.

    A server that is recognised now, or is not any more. What a change makes of a request that fitted is news.
    """
    verdicts: dict[Request, set[Verdict]] = {}
    for item in before.routes:
        for request in pairs.requests[0].get(item.route.name, ()):
            verdicts.setdefault(request, set()).add(item.verdict)
    unseen = {request for request, found in verdicts.items() if Verdict.FITS not in found}
    for number, one in enumerate(pairs.later):
        if number in pairs.found:
            continue
        asked = asked_of(one.finding, pairs.requests[1])
        if one.finding.outer is None:
            if _is_old_call(one.finding, files):
                yield number
        elif asked and asked <= unseen and all(_is_old(span, files) for span in _spans(one.finding, after)):
            yield number


def _spans(finding: Finding, report: Report) -> Iterator[Span]:
    """Every place that the finding rests on: its proof, and the hops of its routes with what they send to."""
    yield from (end.span for end in (finding.outer, finding.inner) if end is not None)
    yield from (step.span for step in finding.steps if step.span is not None)
    for item in report.routes:
        if item.route.name in finding.routes:
            for hop in item.route.hops:
                yield from hop.places


def _is_old_call(finding: Finding, files: FileChanges) -> bool:
    """A call that stood there, with all that its proof names: what is gone is what stood in front of it."""
    places = [finding.span, *(step.span for step in finding.steps if step.span is not None)]
    return (
        finding.rule in (ENDLESS, BLOCKING)
        and finding.inner is not None
        and all(_is_old(span, files) for span in (finding.inner.span, *places))
    )


def _is_old(span: Span, files: FileChanges) -> bool:
    return files.is_old(span.file, span.line)


def eased(pairs: Pairs, before: Report) -> Iterator[int]:
    """Faults of an inner number where there was no limit at all, under the same outer one: no worse."""
    was = {
        (part.hop.address, limit.setting): limit.bound
        for item in before.routes
        for part in item.hops
        for limit in part.hop.limits
    }
    for number, one in enumerate(pairs.later):
        outer, inner = one.finding.outer, one.finding.inner
        if number in pairs.found or outer is None or inner is None or inner.value_ms is None:
            continue
        endless, granted = was.get((inner.address, inner.setting)), was.get((outer.address, outer.setting))
        if endless is not None and endless.unlimited and granted is not None:
            same = granted.value is not None and granted.value == outer.value_ms
            if same and one.finding.rule in _TOO_LONG:
                yield number


def old_heartbeats(pairs: Pairs, before: Report) -> Iterator[int]:
    """Heartbeats that were taken for limits as they stand, whichever request outlasts them now."""
    was = {
        (part.hop.address, limit.setting): limit.bound
        for item in before.routes
        for part in item.hops
        for limit in part.hop.limits
        if limit.meaning is Meaning.HEARTBEAT
    }
    for number, one in enumerate(pairs.later):
        outer = one.finding.outer
        if one.finding.rule == _INEFFECTIVE and outer is not None and number not in pairs.found:
            known = was.get((outer.address, outer.setting))
            if known is not None and known.value == outer.value_ms:
                yield number


def relieved(pairs: Pairs) -> Iterator[int]:
    """What is left of a fault that is gone: its requests still need too long for that hop, but not longer."""
    paired = set(pairs.found.values())
    gone = [one.finding for number, one in enumerate(pairs.earlier) if number not in paired]
    for number, one in enumerate(pairs.later):
        asked = asked_of(one.finding, pairs.requests[1])
        if number in pairs.found or not asked:
            continue
        was = [old for old in gone if _grants_alike(old, one.finding) and not _longer(one.finding, old)]
        if asked <= frozenset().union(*(asked_of(old, pairs.requests[0]) for old in was)):
            yield number


def _grants_alike(was: Finding, now: Finding) -> bool:
    """Both are requests that take too long for the same hop, which grants what it granted."""
    if was.outer is None or now.outer is None or not {was.rule, now.rule} <= _TOO_LONG:
        return False
    return (id_of(was.outer), was.outer.setting, was.budget_ms) == (
        id_of(now.outer),
        now.outer.setting,
        now.budget_ms,
    )


def _longer(now: Finding, was: Finding) -> bool:
    """It may take longer than it could, or nobody can say.

    What one call needs says nothing where all of a request's calls together were too long.
    """
    if was.rule == ENDLESS:
        return False
    if now.needed_ms is None or was.needed_ms is None or now.needed_ms > was.needed_ms:
        return True
    return was.rule == _TOGETHER and now.rule not in (_TIE, _TOGETHER)


def _call(one: Single, files: FileChanges | None = None) -> Hashable:
    inner = one.finding.inner
    if inner is None:
        return id(one)
    span = inner.span
    line = files.origin(span.file, span.line) if files is not None else span.line
    return (function_of(inner), span.file, line, span.column)


def copies(pairs: Pairs, files: FileChanges) -> Iterator[int]:
    """Findings of copied files that were in the original, on requests that were served before."""
    if not files.copied:
        return
    served = frozenset().union(*pairs.requests[0].values())
    known = {_content(one.finding): one.finding for one in pairs.earlier}
    for number, one in enumerate(pairs.later):
        if number in pairs.found:
            continue
        asked = asked_of(one.finding, pairs.requests[1])
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
    kinds = (*kind_of(finding.outer), *kind_of(finding.inner))
    return (finding.rule, *kinds, *files, finding.span.file, finding.budget_ms, finding.needed_ms)


def _one_place(was: Finding, now: Finding, asked: Iterable[Request]) -> bool:
    """A request without a host is told from another one by the resource of a cluster that takes it."""
    ends = ((was.outer, now.outer), (was.inner, now.inner))
    resources = [(id_of(one), id_of(other)) for one, other in ends if id_of(other).startswith("kubernetes:")]
    return all(host for host, *_ in asked) or (
        bool(resources) and all(one == other for one, other in resources)
    )
