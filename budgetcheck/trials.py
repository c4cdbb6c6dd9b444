"""Tries changes on the model: which findings the routes concerned have before and after.

Only routes with a changed hop are assessed again; all others have the findings they had. What reads the same
literal of a file is changed with it. The work is bounded, since one limit may stand above thousands of routes
with a finding each.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from budgetcheck.assess import Assessment, Joint, assess
from budgetcheck.literals import Literals
from budgetcheck.model.findings import Finding
from budgetcheck.model.options import Options
from budgetcheck.model.topology import Hop
from budgetcheck.rules import RULES, JointRule, RouteRule, ineffective_limit
from budgetcheck.rules.faults import Fault, faults
from budgetcheck.rules.heartbeats import heartbeats_taken_for_limits
from budgetcheck.rules.proof import fault_end, grant_end

Pair = tuple[str, ...]
Changes = Mapping[str, Hop]

ONE_PER_OUTER = frozenset({"BC202", "BC402"})
"""Rules whose findings are about the outer setting alone: the largest need stands for all."""

MOST_ROUTES = 10_000
"""Routes that are assessed again in one run; beyond them changes count as not tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Findings of the routes concerned, by their identity."""

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
    _causes: dict[object, list[tuple[Joint, Fault]]] = field(default_factory=dict)
    _literals: Literals = field(default_factory=Literals)

    def __post_init__(self) -> None:
        for number, assessment in enumerate(self.assessments):
            for hop in (*assessment.route.hops, *assessment.route.wrappers):
                self._hops[hop.address] = hop
                self._routes.setdefault(hop.address, []).append(number)
            for joint in assessment.joints:
                for fault in faults(joint):
                    pair = (joint.outer.address, fault.hop.address)
                    if pair not in self._faults:
                        self._faults[pair] = (joint, fault)
                        self._causes.setdefault(_cause(joint, fault), []).append((joint, fault))
        self._literals.add(self._hops.values())

    def locate(self, finding: Finding) -> tuple[Joint, Fault] | None:
        """The first joint with the finding, and the fault that it is."""
        if finding.outer is None or finding.inner is None:
            return None
        return self._faults.get((finding.outer.address, finding.inner.address))

    def alike(self, joint: Joint, fault: Fault) -> Iterator[tuple[Joint, Fault]]:
        """The given joint, and every other one with a fault of the same cause and numbers: one finding."""
        yield joint, fault
        for other, found in self._causes.get(_cause(joint, fault), ()):
            same = other.granted == joint.granted and found.needed == fault.needed
            if same and found is not fault:
                yield other, found

    def hop(self, address: str) -> Hop | None:
        """The hop with that address, None where no route of this environment has it."""
        return self._hops.get(address)

    def here(self, changes: Changes, known: "Trials") -> Changes:
        """What changes in another environment are in this one: those of what is written once for both."""
        found = {}
        for address, changed in changes.items():
            mine, theirs = self.hop(address), known.hop(address)
            if mine is not None and theirs is not None:
                other = self._literals.same_change(mine, theirs, changed)
                if other != mine:
                    found[address] = other
        return found

    def outcome(self, changes: Changes, watched: Iterable[str]) -> Outcome | None:
        """What the changes make of the routes that they concern, and of those with the `watched` hops.

        None where so many routes are concerned that it is not tried.
        """
        changes = self._literals.spread(changes, self._hops)
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
            after |= self._found(_changed(self.assessments[number], changes, hops))
        return Outcome(before=before, after=after)

    def _found_before(self, number: int) -> dict[Pair, Finding]:
        if number not in self._before:
            self._before[number] = self._found(self.assessments[number])
        return self._before[number]

    def _found(self, assessment: Assessment) -> dict[Pair, Finding]:
        return {identity(finding): finding for finding in findings_of(assessment, self.options)}


def identity(finding: Finding) -> Pair:
    """What makes it the same finding after a change: of some, whoever makes the need."""
    if finding.rule in ONE_PER_OUTER and finding.outer is not None:
        return (finding.rule, finding.outer.address, finding.outer.setting)
    return finding.pair


def _cause(joint: Joint, fault: Fault) -> object:
    return grant_end(joint).kin, fault_end(fault).cause


def findings_of(assessment: Assessment, options: Options) -> Iterator[Finding]:
    """What the rules for joints and routes say about one route."""
    for rule in RULES:
        if isinstance(rule, RouteRule):
            yield from rule.check(assessment, options)
        elif isinstance(rule, JointRule):
            for joint in assessment.joints:
                yield from rule.check(joint, options)
    yield from heartbeats_taken_for_limits(assessment, ineffective_limit.CODE, ineffective_limit.NAME)


def _changed(assessment: Assessment, changes: Changes, hops: Mapping[str, Hop]) -> Assessment:
    route = assessment.route
    changed = tuple(changes.get(hop.address, hop) for hop in route.hops)
    wrappers = tuple(changes.get(hop.address, hop) for hop in route.wrappers)
    return assess(replace(route, hops=changed, wrappers=wrappers), hops)
