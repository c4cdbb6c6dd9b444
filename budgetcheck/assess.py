"""Walks a route from the inside out: what each hop may need, what each grants, and who makes the need.

The result is what rules look at. A *joint* is a hop that grants something together with everything behind
it; the *maker* is the hop whose own setting makes the need, also when neutral hops stand between.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from budgetcheck import budget
from budgetcheck.costs import Cost, Maker
from budgetcheck.handler_costs import Needs, call_costs, handler_cost
from budgetcheck.model.bound import ONE, ZERO, Bound
from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.report import Verdict, WorstCase
from budgetcheck.model.topology import Evidence, Hop, Layer, MethodClass, Route, method_classes

_CARRIERS = ("network", "gateway")
"""Load balancers that carry connections and never answer: how long a request takes is their target's."""
_AT_ONCE = WorstCase(hang=ZERO, strict=ZERO, attempts=ONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """A grant and what stands behind it, per method class."""

    route: Route
    outer: Hop
    grant: Limit
    inner: Hop
    costs: Mapping[MethodClass, Cost]
    evidence: Evidence

    @property
    def granted(self) -> Bound:
        """Milliseconds the outer hop waits."""
        return budget.effective(self.grant)

    def verdict(self, methods: MethodClass) -> Verdict:
        """Whether the need fits for one method class."""
        return budget.compare(self.granted, self.costs[methods].worst.hang)

    @property
    def overall(self) -> Verdict:
        """The worst of the classes; EXCEEDS only where some class certainly does."""
        verdicts = {self.verdict(methods) for methods in self.costs}
        return next(v for v in (Verdict.EXCEEDS, Verdict.CANNOT_TELL, Verdict.FITS) if v in verdicts)

    @property
    def worst_class(self) -> MethodClass:
        """The method class with the larger need."""
        return max(self.costs, key=lambda methods: _size(self.costs[methods].worst.hang))

    @property
    def slack_ms(self) -> int | None:
        """Milliseconds to spare, negative where it exceeds; None where either number is not known."""
        granted, needed = self.granted.value, self.costs[self.worst_class].worst.hang.value
        return None if granted is None or needed is None else granted - needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Everything the rules may know of one route.

    `costs` has both method classes, also where the route's methods are known; joints have only the
    classes that occur. `passes` are the hops outside the chain that its hops' extra passes go through.
    """

    route: Route
    costs: Mapping[MethodClass, Mapping[str, Cost]]
    joints: tuple[Joint, ...]
    passes: tuple[Hop, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """EXCEEDS if any joint does, else CANNOT TELL if any is in doubt, else FITS if any was compared."""
        found = {joint.overall for joint in self.joints}
        for verdict in (Verdict.EXCEEDS, Verdict.CANNOT_TELL, Verdict.FITS):
            if verdict in found:
                return verdict
        return Verdict.NOT_COMPARED

    @property
    def slack_ms(self) -> int | None:
        """The smallest slack of the joints where it is known."""
        return min((joint.slack_ms for joint in self.joints if joint.slack_ms is not None), default=None)


def assess(route: Route, hops: Mapping[str, Hop] | None = None) -> Assessment:
    """Assesses one route. `hops` finds hops that are on no chain of their own (extra passes of nginx)."""
    return _assessed(route, hops or {}, {methods: Needs.of((), methods) for methods in MethodClass})


def assess_all(routes: Iterable[Route], hops: Mapping[str, Hop]) -> Iterator[Assessment]:
    """Assesses the routes of one environment, of which many share what stands behind their handlers."""
    shared = {methods: Needs.of(hops.values(), methods) for methods in MethodClass}
    return (_assessed(route, hops, shared) for route in routes)


def _assessed(route: Route, hops: Mapping[str, Hop], shared: Mapping[MethodClass, Needs]) -> Assessment:
    costs = {methods: _costs(route, needs, hops) for methods, needs in shared.items()}
    passes = tuple(_passes(route, hops))
    return Assessment(route=route, costs=costs, joints=tuple(_joints(route, costs)), passes=passes)


def _passes(route: Route, hops: Mapping[str, Hop]) -> Iterator[Hop]:
    """Every hop that an extra pass goes through, each once."""
    seen = {hop.address for hop in route.hops}
    waiting = list(route.chain)
    while waiting:
        hop = waiting.pop(0)
        for address in (*hop.passes_before, *hop.passes_after):
            if address in hops and address not in seen:
                seen.add(address)
                waiting.append(hops[address])
                yield hops[address]


def _costs(route: Route, shared: Needs, hops: Mapping[str, Hop]) -> dict[str, Cost]:
    """The cost of every hop of the route by address, innermost first."""
    behind = (*route.calls, *route.wrappers)
    handler, methods = route.handler, shared.methods
    # The route's own are others where they have the values of its container, or are tried with a change.
    alike = handler is route.chain[-1] and shared.are_of(behind)
    needs = shared if alike else Needs.of(behind, methods)
    costs = call_costs(route.calls, handler.work if handler else None, needs)
    inner: Cost | None = None
    for hop in reversed(route.chain):
        inner = (
            handler_cost(hop, costs, needs)
            if hop.layer is Layer.HANDLER
            else _chain_cost(hop, inner, methods, hops)
        )
        costs[hop.address] = inner
        if hop.left_to_server:
            inner = None  # as if it were not given
    return costs


def _chain_cost(hop: Hop, inner: Cost | None, methods: MethodClass, hops: Mapping[str, Hop]) -> Cost:
    worst = budget.worst_case(hop, inner.worst if inner else None, methods)
    if inner is None and hop.trait("load_balancer_type") in _CARRIERS:
        worst = budget.either(_AT_ONCE, worst)
    in_time = budget.compare(budget.patience(hop), inner.worst.hang) if inner else Verdict.EXCEEDS
    intercepts = hop.trait("intercept_errors") == "on"
    before = [_pass_before(hops[a], hops) for a in hop.passes_before if a in hops]
    # an answer in time leads to no further pass, unless it may be an error that is intercepted
    after = [] if in_time is Verdict.FITS and not intercepts else list(_passes_after(hop, methods, hops))
    if inner is not None and worst.hang == inner.worst.hang and not before and not after:
        # the next hop's own answer ends the wait: it is only passed on
        return Cost(worst=worst, makers=inner.makers, summed=inner.summed)
    answered, worst = budget.passes(before, worst, []), budget.passes(before, worst, after)
    if in_time is Verdict.CANNOT_TELL and not intercepts:
        worst = budget.either(answered, worst)
    attempt = budget.one_attempt(hop, inner.worst if inner else None)
    return Cost(worst=worst, makers=(Maker(hop=hop, worst=worst, attempt=attempt),))


def _pass_before(hop: Hop, hops: Mapping[str, Hop]) -> WorstCase:
    """A sub-request: it is a GET, follows its own error pages, and is not authorised itself."""
    own = budget.worst_case(hop, None, MethodClass.IDEMPOTENT)
    after = [budget.worst_case(hops[a], None, MethodClass.IDEMPOTENT) for a in hop.passes_after if a in hops]
    return budget.passes([], own, after)


def _passes_after(hop: Hop, methods: MethodClass, hops: Mapping[str, Hop]) -> Iterator[WorstCase]:
    """The fallbacks in order, each with the authorisation that its own location asks for.

    A named location keeps the method; one that is reached by its path is asked with GET, and so is what
    follows it (ngx_http_send_error_page in src/http/ngx_http_special_response.c).
    """
    if hop.trait("fallbacks") == "idempotent" and methods is MethodClass.NON_IDEMPOTENT:
        return  # an origin group of CloudFront
    for fallback in (hops[address] for address in hop.passes_after if address in hops):
        if not fallback.trait("location").startswith("@"):
            methods = MethodClass.IDEMPOTENT
        before = [_pass_before(hops[a], hops) for a in fallback.passes_before if a in hops]
        yield budget.passes(before, budget.worst_case(fallback, None, methods), [])


def _joints(route: Route, costs: Mapping[MethodClass, Mapping[str, Cost]]) -> Iterator[Joint]:
    chain = route.chain
    for outer, inner in pairwise(chain):
        granting = _granting(outer, streaming=route.streaming)
        if granting is None or budget.effective(granting).unlimited or outer.layer is Layer.HANDLER:
            continue
        if inner.left_to_server:
            continue
        behind = {methods: costs[methods][inner.address] for methods in method_classes(route.methods)}
        evidence = _evidence(route, outer, behind.values())
        yield Joint(route=route, outer=outer, grant=granting, inner=inner, costs=behind, evidence=evidence)


def _granting(hop: Hop, *, streaming: bool) -> Limit | None:
    """What a hop grants the next one; a queue waits for nobody, but hands a message out again."""
    granting = budget.grant(hop, streaming=streaming)
    if granting is None and hop.layer is Layer.QUEUE:
        return hop.limit(Meaning.VISIBILITY)
    return granting


def _evidence(route: Route, outer: Hop, costs: Iterable[Cost]) -> Evidence:
    """The weakest evidence of the links between the outer hop and the nearest maker of the need."""
    makers = {maker.hop.address for cost in costs for maker in cost.makers}
    evidence = {(link.outer, link.inner): link.evidence for link in route.links}
    weakest = Evidence.DECLARED
    chain = route.chain
    for before, after in pairwise(chain[chain.index(outer) :]):
        weakest = min(weakest, evidence[before.address, after.address])
        if after.address in makers:
            break
    return weakest


def _size(bound: Bound) -> tuple[bool, int, bool, int]:
    return (bound.low is None, bound.low or 0, bound.high is None, bound.high or 0)
