"""Tries changes on the model: which findings the routes concerned have before and after.

Only routes with a changed hop are assessed again; all others have the findings they had. The work is bounded,
since one limit may stand above thousands of routes with a finding each.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from budgetcheck.assess import Assessment, Joint, assess
from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.options import Options
from budgetcheck.model.topology import Hop
from budgetcheck.rules import RULES, JointRule, RouteRule
from budgetcheck.rules.faults import Fault, faults

Pair = tuple[str, ...]
Changes = Mapping[str, Hop]

MOST_ROUTES = 10_000
"""Routes that are assessed again in one run; beyond them changes count as not tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Findings at warning level and above of the routes concerned, by pair."""

    before: Mapping[Pair, Finding]
    after: Mapping[Pair, Finding]


@dataclass(slots=True, kw_only=True)
class Trials:
    """The routes of one environment, and how many more may be assessed again."""

    assessments: Sequence[Assessment]
    options: Options
    left: int = MOST_ROUTES
    _hops: dict[str, Hop] = field(default_factory=dict)
    _routes: dict[str, list[int]] = field(default_factory=dict)
    _before: dict[int, dict[Pair, Finding]] = field(default_factory=dict)
    _faults: dict[tuple[str, str], tuple[Joint, Fault]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, assessment in enumerate(self.assessments):
            for hop in (*assessment.route.hops, *assessment.route.wrappers):
                self._hops[hop.address] = hop
                self._routes.setdefault(hop.address, []).append(number)
            for joint in assessment.joints:
                for fault in faults(joint):
                    self._faults.setdefault((joint.outer.address, fault.hop.address), (joint, fault))

    def locate(self, finding: Finding) -> tuple[Joint, Fault] | None:
        """The first joint with the finding, and the fault that it is."""
        if finding.outer is None or finding.inner is None:
            return None
        return self._faults.get((finding.outer.address, finding.inner.address))

    def outcome(self, changes: Changes, watched: Iterable[str]) -> Outcome | None:
        """What the changes make of the routes that they concern, and of those with the `watched` hops.

        None where so many routes are concerned that it is not tried.
        """
        addresses = dict.fromkeys((*changes, *watched))
        concerned = sorted({number for one in addresses for number in self._routes.get(one, ())})
        if len(concerned) > self.left:
            return None
        self.left -= len(concerned)
        hops = {**self._hops, **changes}
        before: dict[Pair, Finding] = {}
        after: dict[Pair, Finding] = {}
        for number in concerned:
            before |= self._found_before(number)
            after |= self._serious(_changed(self.assessments[number], changes, hops))
        return Outcome(before=before, after=after)

    def _found_before(self, number: int) -> dict[Pair, Finding]:
        if number not in self._before:
            self._before[number] = self._serious(self.assessments[number])
        return self._before[number]

    def _serious(self, assessment: Assessment) -> dict[Pair, Finding]:
        found = findings_of(assessment, self.options)
        return {finding.pair: finding for finding in found if finding.severity >= Severity.WARNING}


def findings_of(assessment: Assessment, options: Options) -> Iterator[Finding]:
    """What the rules for joints and routes say about one route."""
    for rule in RULES:
        if isinstance(rule, RouteRule):
            yield from rule.check(assessment, options)
        elif isinstance(rule, JointRule):
            for joint in assessment.joints:
                yield from rule.check(joint, options)


def _changed(assessment: Assessment, changes: Changes, hops: Mapping[str, Hop]) -> Assessment:
    route = assessment.route
    changed = tuple(changes.get(hop.address, hop) for hop in route.hops)
    wrappers = tuple(changes.get(hop.address, hop) for hop in route.wrappers)
    return assess(replace(route, hops=changed, wrappers=wrappers), hops)
