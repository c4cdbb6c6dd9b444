"""A heartbeat that somebody wrote, taken for a limit: a request takes longer, and nothing cuts it."""

from collections.abc import Iterator

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.costs import Cost
from budgetcheck.model.findings import Confidence, Finding, Severity, Step
from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.report import Verdict
from budgetcheck.model.topology import Hop, Layer, method_classes
from budgetcheck.rules.arithmetic import show_bound
from budgetcheck.rules.blocking_call_in_async import blocks_the_loop
from budgetcheck.rules.proof import limit_end, need_end


def heartbeats_taken_for_limits(assessment: Assessment, code: str, name: str) -> Iterator[Finding]:
    """One finding for each written heartbeat that a request of the route certainly outlasts.

    A call that blocks the event loop stops the heartbeat too, and has a finding of its own. A default that
    nobody wrote misleads nobody, and what a route takes must be known: a server without known handlers claims
    nothing. Where the request breaks a true limit of its route, that finding says it all.
    """
    if assessment.verdict is Verdict.EXCEEDS:
        return
    # What a handler sends to keep its stream open is a heartbeat too, and nobody takes it for a limit.
    for hop in (one for one in assessment.route.chain if one.layer is Layer.SERVER):
        for limit in hop.limits:
            if limit.meaning is Meaning.HEARTBEAT and limit.written:
                for cost in _longer(assessment, hop, limit):
                    yield _finding(assessment, hop, limit, cost, code, name)


def _longer(assessment: Assessment, hop: Hop, limit: Limit) -> list[Cost]:
    """The cost of the hop where it exceeds the heartbeat, at most once."""
    costs = [assessment.costs[methods][hop.address] for methods in method_classes(assessment.route.methods)]
    longer = [cost for cost in costs if budget.compare(limit.bound, cost.worst.hang) is Verdict.EXCEEDS]
    return [cost for cost in longer if not blocks_the_loop(_longest(cost))][:1]


def _longest(cost: Cost) -> Hop:
    return max(cost.makers, key=lambda made: (made.worst.hang.low is None, made.worst.hang.low or 0)).hop


def _finding(assessment: Assessment, hop: Hop, limit: Limit, cost: Cost, code: str, name: str) -> Finding:
    beat, needed = show_bound(limit.bound), show_bound(cost.worst.hang)
    maker = _longest(cost)
    place = limit.spans[0] if limit.spans else None
    takes = f"may take {needed}" if cost.worst.hang.low is not None else "has no end"
    return Finding(
        rule=code,
        name=name,
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        message=f"{limit.setting} of {beat} is a heartbeat with this worker class and cuts no request; "
        f"a request {takes}",
        span=place or hop.span,
        steps=(
            Step(text=f"{hop.title_short} wants a sign of life every {beat}\t{limit.setting}", span=place),
            Step(text=f"a request {takes}\tmade by {maker.title}", span=maker.span),
        ),
        arithmetic=f"{needed} > {beat}",
        consequence="The request runs to its end, however long that takes.",
        notes=("End it in the application (asyncio.timeout, shorter limits of its calls).",),
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        outer=limit_end(hop, limit),
        inner=need_end(maker),
        budget_ms=limit.bound.value,
        needed_ms=cost.worst.hang.value,
    )
