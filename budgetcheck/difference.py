"""Compares the reports of two states: findings, proofs that were lost, slack of each route, changed numbers.

Findings are matched as a baseline matches them, so a renamed location is no new finding. Routes are matched
by host, path, methods and environment, also where another component serves them now (a migrated ingress).
What has no exact match is matched by what a caller may ask of both: a slash at the end, methods that only one
state knows because its handler is known, environments that only one state has.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from budgetcheck.model.bound import Bound
from budgetcheck.model.difference import Difference, RouteChange
from budgetcheck.model.report import Report, RouteReport, SinceBase, Verdict
from budgetcheck.model.topology import Evidence, Hop, Layer, Link, Route
from budgetcheck.moved_files import FileChanges
from budgetcheck.same_findings import match
from budgetcheck.setting_changes import setting_changes

_Requests = dict[tuple[str, ...], RouteReport]

_There = frozenset[tuple[str, str]]
"""Component and file of every hop of the later state."""

_WORST = (Verdict.EXCEEDS, Verdict.CANNOT_TELL, Verdict.NOT_COMPARED, Verdict.FITS, None)


def difference(
    before: Report, after: Report, names: tuple[str, str], files: FileChanges | None = None
) -> Difference:
    """What is different in the later report.

    `names` are those of the two states, for people; `files` what became of their files, None for nothing.
    """
    files = files or FileChanges()
    findings = match(before, after, files)
    pairs = list(_pairs(_by_request(before.routes), _by_request(after.routes)))
    there = frozenset((hop.component, hop.span.file) for hop in _hops(after))
    routes = _routes(pairs, files, there)
    changed = sorted((route for route in routes if route.changed), key=_worst_first)
    return Difference(
        before=names[0],
        after=names[1],
        report=after,
        new=findings.new,
        fixed=findings.fixed,
        unchanged=findings.unchanged,
        routes=tuple(changed),
        settings=tuple(setting_changes(before, after, pairs, files.moved)),
        same_routes=len(routes) - len(changed),
        lost=tuple(route for route in changed if route.lost),
    )


def marked(before: Report, after: Report, found: Difference) -> Report:
    """The later report with every finding marked as new or unchanged."""
    known = {finding.fingerprint for finding in found.unchanged}
    # Findings on the run itself are in no baseline: the same one in both reports is not new.
    known |= {finding.fingerprint for finding in before.findings if finding.rule.startswith("BC9")}
    findings = tuple(
        replace(finding, since_base="unchanged" if finding.fingerprint in known else "new")
        for finding in after.findings
    )
    new = sum(finding.since_base == "new" for finding in findings)
    since = SinceBase(
        name=found.before,
        new=new,
        unchanged=len(findings) - new,
        fixed=len(found.fixed),
        lost=len(found.lost),
        left_out=found.left_out,
    )
    return replace(after, findings=findings, base=since)


def _routes(
    pairs: Iterable[tuple[RouteReport | None, RouteReport | None]], files: FileChanges, there: _There
) -> list[RouteChange]:
    """All routes of both; those that nothing was compared on before and after are left out."""
    found = (_change(old, new, files, there) for old, new in pairs)
    compared = (one for one in found if {one.before, one.after} - {None, Verdict.NOT_COMPARED})
    return list(dict.fromkeys(compared))


def _change(
    old: RouteReport | None, new: RouteReport | None, files: FileChanges, there: _There
) -> RouteChange:
    shown = new or old
    assert shown is not None
    return RouteChange(
        name=shown.route.name,
        environment=shown.route.environment,
        before=old.verdict if old else None,
        after=new.verdict if new else None,
        before_ms=old.slack_ms if old else None,
        after_ms=new.slack_ms if new else None,
        guessed=old is not None and any(_is_guess(link) for link in old.route.links),
        idle=old is not None and new is not None and _spent(old) and _calls_nothing(new.route),
        untouched=old is not None and new is not None and _untouched(old, new, files),
        bared=old is not None and new is not None and _bared(old, new, files, there),
    )


def _hops(report: Report) -> Iterator[Hop]:
    yield from (part.hop for item in report.routes for part in item.hops)
    yield from (end.hop for end in report.open_ends)


def _bared(old: RouteReport, new: RouteReport, files: FileChanges, there: _There) -> bool:
    """Nothing of the kind that granted is left in its file, and nothing stands in its place.

    Who took it away knows that it is gone.
    """
    if any(part.hop.layer not in (Layer.HANDLER, Layer.CALL) for part in new.hops):
        return False
    proven = {joint.outer for joint in old.joints if joint.verdict is Verdict.FITS}
    outer = [part.hop for part in old.hops if part.hop.address in proven]
    return bool(outer) and all((hop.component, files.renamed(hop.span.file)) not in there for hop in outer)


def _untouched(old: RouteReport, new: RouteReport, files: FileChanges) -> bool:
    """The same hops with the same numbers and no new line: only its handler's code is read otherwise."""
    if new.verdict in (old.verdict, Verdict.EXCEEDS) or _numbers(old) != _numbers(new):
        return False
    return all(files.is_old(span.file, span.line) for part in new.hops for span in part.hop.places)


def _numbers(report: RouteReport) -> dict[tuple[str, str], Bound]:
    """Every number on the way to the handler and behind it, by the hop and the setting."""
    found = {(part.hop.address, ""): part.hop.retry.attempts for part in report.hops}
    return found | {
        (part.hop.address, limit.setting): limit.bound for part in report.hops for limit in part.hop.limits
    }


def _spent(report: RouteReport) -> bool:
    """All that was proven was about calls, or that there are none."""
    return bool(report.route.calls) or all(joint.needed.value == 0 for joint in report.joints)


def _calls_nothing(route: Route) -> bool:
    """The handler's code is here, and no call is seen in it."""
    return route.handler is not None and not route.calls


def _is_guess(link: Link) -> bool:
    return link.evidence <= Evidence.ONLY_CANDIDATE


def _pairs(earlier: _Requests, later: _Requests) -> Iterator[tuple[RouteReport | None, RouteReport | None]]:
    """Each route with what it is in the other state, exact matches first; None where it is not there."""
    yield from ((earlier[key], later[key]) for key in sorted(earlier) if key in later)
    gone = [earlier[key] for key in sorted(earlier) if key not in later]
    come: dict[tuple[str, str], list[RouteReport]] = {}
    for key in sorted(later):
        if key not in earlier:
            come.setdefault(_place(later[key].route), []).append(later[key])
    matched: set[int] = set()
    for old in gone:
        akin = [new for new in come.get(_place(old.route), ()) if _may_be_one(old.route, new.route)]
        matched.update(map(id, akin))
        if not akin:
            yield old, None
        yield from ((old, new) for new in akin)
    yield from ((None, new) for several in come.values() for new in several if id(new) not in matched)


def _place(route: Route) -> tuple[str, str]:
    """Where a request goes, with or without a slash at the end."""
    return route.host, route.path.rstrip("/")


def _may_be_one(old: Route, new: Route) -> bool:
    """A caller may ask the same of both routes of one place."""
    methods = not old.methods or not new.methods or not set(old.methods).isdisjoint(new.methods)
    environments = not old.environment or not new.environment or old.environment == new.environment
    return (_is_told(old) or old.name == new.name) and methods and environments


def _is_told(route: Route) -> bool:
    """A caller says which it is: everything of a server without a name may be another server's."""
    return bool(route.host or route.path.strip("/"))


def _by_request(routes: Iterable[RouteReport]) -> _Requests:
    """Routes by what a caller asks for; of several ways of one request the worst."""
    found: _Requests = {}
    for one in routes:
        route = one.route
        name = "" if _is_told(route) else route.name
        key = (route.environment, route.host, route.path, ",".join(sorted(route.methods)), name)
        known = found.get(key)
        if known is None or _WORST.index(one.verdict) < _WORST.index(known.verdict):
            found[key] = one
    return found


def _worst_first(change: RouteChange) -> tuple[object, ...]:
    slack = change.after_ms if change.after_ms is not None else 0
    return (_WORST.index(change.after), slack, change.name, change.environment)
