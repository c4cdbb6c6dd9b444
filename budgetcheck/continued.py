"""Findings of a later state that only say an earlier fault in other words.

A baseline knows a finding by its addresses and files. Between two states more is known: the requests behind
the names of routes, and what the earlier files said. So a manifest that was moved or copied and a call that
moved to another function bring nothing new. A finding that lists places is news only for those added to it.

Nothing is taken for known that a caller could notice: another request, another number, another limit.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from budgetcheck.baseline import Compared
from budgetcheck.model.findings import End, Finding, Step
from budgetcheck.model.report import Report

_Requests = frozenset[tuple[str, ...]]
_BLOCKS, _ALSO = " blocks", "also here"
"""How the steps end that list the places of one fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """One finding of the other state and the requests it is about; `gone`: nothing matches it."""

    finding: Finding
    requests: _Requests
    gone: bool


class Continuity:
    """The findings of one state, asked whether they hold a finding of the other state."""

    def __init__(self, report: Report, gone: Iterable[Finding]) -> None:
        """`gone`: those of the report that have no match in the other state."""
        unmatched = {id(finding) for finding in gone}
        asked = _asked(report)
        self._known: dict[str, list[_Known]] = {}
        for finding in report.findings:
            known = _Known(finding=finding, requests=_requests(finding, asked), gone=id(finding) in unmatched)
            self._known.setdefault(finding.rule, []).append(known)

    def news(self, compared: Compared, report: Report) -> list[Finding]:
        """What a comparison of names, as a baseline makes it, leaves to tell of the other state's `report`.

        A list that grew is told as far as it grew, also where its name is known.
        """
        asked = _asked(report)
        doubtful = [*compared.new, *(finding for finding in compared.known if len(_places(finding)) > 1)]
        told = (self._rest(finding, _requests(finding, asked)) for finding in doubtful)
        return [finding for finding in told if finding is not None]

    def _rest(self, finding: Finding, requests: _Requests) -> Finding | None:
        known = self._known.get(finding.rule, ())
        if not _places(finding):
            same = (one.finding for one in known if _akin(one, finding, requests))
            return None if any(_says(one, finding) for one in same) else finding
        return _added(finding, [one.finding for one in known if _near(one, finding, requests)])


def _asked(report: Report) -> dict[str, set[tuple[str, ...]]]:
    """What callers ask for, by the name that routes have in this report."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for one in report.routes:
        route = one.route
        if route.host or route.path:
            key = (route.host, route.path, ",".join(sorted(route.methods)))
        else:
            key = ("", route.name, "")
        found.setdefault(route.name, set()).add(key)
    return found


def _requests(finding: Finding, asked: dict[str, set[tuple[str, ...]]]) -> _Requests:
    return frozenset(request for name in finding.routes for request in asked.get(name, ()))


def _akin(known: _Known, finding: Finding, requests: _Requests) -> bool:
    """It is about all of these requests. `GET /` of an unknown host may be that of another system."""
    if not requests <= known.requests or bool(requests) is not bool(known.requests):
        return False
    named = bool(requests) and all(host for host, _, _ in requests)
    return known.gone or named or (bool(requests) and _same_end(known.finding, finding))


def _near(known: _Known, finding: Finding, requests: _Requests) -> bool:
    """Its places may be some of the finding's.

    They are gone from elsewhere, it is the same finding, or both are lists about one file or request.
    """
    if known.gone or known.finding.pair == finding.pair:
        return True
    lists = min(len(_places(known.finding)), len(_places(finding))) > 1
    return lists and (known.finding.span.file == finding.span.file or bool(requests & known.requests))


def _same_end(known: Finding, finding: Finding) -> bool:
    pairs = ((known.outer, finding.outer), (known.inner, finding.inner))
    return any(one and other and _name(one) == _name(other) for one, other in pairs)


def _name(end: End) -> str:
    """The address without the file that tells two objects of one name apart."""
    return end.address.partition("@")[0]


def _says(known: Finding, finding: Finding) -> bool:
    """The same numbers in the same environments: of one limit, whoever makes them, or in the same words."""
    if (known.budget_ms, known.needed_ms) != (finding.budget_ms, finding.needed_ms):
        return False
    if known.severity < finding.severity or not set(finding.environments) <= set(known.environments):
        return False
    if finding.outer is not None and known.outer is not None and finding.needed_ms is not None:
        return _limit(known.outer) == _limit(finding.outer)
    return {*map(_claim, finding.steps)} <= {*map(_claim, known.steps)}


def _limit(end: End) -> tuple[object, ...]:
    return (end.component, end.setting.rpartition(".")[2], end.value_ms)


def _added(finding: Finding, known: Sequence[Finding]) -> Finding | None:
    """The finding with only those places that no other one has; None where there are none."""
    said = Counter(_claim(step) for one in known for step in _places(one))
    places = _places(finding)
    fresh = []
    for step in places:
        said[_claim(step)] -= 1
        if said[_claim(step)] < 0:
            fresh.append(step)
    if len(fresh) == len(places):
        return finding
    if not fresh:
        return None
    first, number = fresh[0], len(places) - len(fresh)
    subject = finding.message if first.text == _ALSO else first.text
    return replace(
        finding,
        message=f"{subject}; {number} more of its kind {'was' if number == 1 else 'were'} there before",
        span=first.span or finding.span,
        steps=(*(step for step in finding.steps if step not in places), *fresh),
    )


def _places(finding: Finding) -> list[Step]:
    """The places of a finding without a pair: calls that block, or where else there is the same fault."""
    if finding.outer is not None:
        return []
    blocking = [step for step in finding.steps if step.text.endswith(_BLOCKS)]
    also = [step for step in finding.steps if step.text == _ALSO]
    own = [] if blocking else [Step(text=_ALSO, span=finding.span)]
    return [*own, *blocking, *also]


def _claim(step: Step) -> tuple[str, str]:
    """What is said, and the words of the file it is said of: no name of a file and no line number."""
    return step.text, step.span.text if step.span else ""
