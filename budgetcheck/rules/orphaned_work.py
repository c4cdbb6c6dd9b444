"""BC603 orphaned-work

What it checks
    Work that goes on after the one who waited for it has left: a thread whose caller stopped waiting. Where
    the caller of a route leaves first, the finding about that pair of limits says how long the handler works
    on and how many attempts it still starts; this rule adds what no such finding shows.

Why it matters
    The thread keeps its place in the pool and its connection, and a paid request is paid. When a dependency
    stalls the pool runs full of work for nobody, and the deadline that was meant to protect it does not.

Bad
    await asyncio.wait_for(asyncio.to_thread(requests.get, url, timeout=60), 5): the wait ends after 5 s, the
    thread after 60 s.

Good
    The same with a timeout of the client that is not longer than the deadline; an asynchronous client, which
    the deadline cancels.

References
    https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread
"""

from collections.abc import Iterator

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.costs import with_changes
from budgetcheck.model.bound import Bound
from budgetcheck.model.duration import show_duration
from budgetcheck.model.findings import Confidence, Finding, Severity, Step
from budgetcheck.model.options import Options
from budgetcheck.model.report import Verdict
from budgetcheck.rules.arithmetic import show_bound
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.deadlines import Deadline, deadlines
from budgetcheck.rules.proof import limit_end, need_end
from budgetcheck.rules.retry_layers import first_class

CODE, NAME = "BC603", "orphaned-work"


def check(assessment: Assessment, _options: Options) -> Iterator[Finding]:
    """One note for each call in a thread that may outlast the deadline of its caller."""
    for deadline in deadlines(assessment):
        call = deadline.maker.hop
        in_a_thread = call.trait("blocking") == "yes" and call.trait("on_event_loop") != "yes"
        if not deadline.enforced or not in_a_thread or deadline.wrapper.trait("cancels") == "always":
            continue
        alone = _without_deadlines(assessment, deadline)
        if budget.compare(budget.effective(deadline.limit), alone) is Verdict.EXCEEDS:
            yield _finding(assessment, deadline, alone)


def _without_deadlines(assessment: Assessment, deadline: Deadline) -> Bound:
    """How long the thread may work: what the call takes by itself."""
    alone = type(deadline.maker)(
        hop=deadline.maker.hop, worst=deadline.maker.worst, attempt=deadline.maker.attempt
    )
    return with_changes(alone, {}, first_class(assessment)).worst.hang


def _finding(assessment: Assessment, deadline: Deadline, alone: Bound) -> Finding:
    call, end = deadline.maker.hop, budget.effective(deadline.limit)
    left = (
        "without end"
        if alone.value is None or end.value is None
        else f"for up to {show_duration(alone.value - end.value)}"
    )
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.NOTE,
        confidence=Confidence.HIGH,
        message=f"the wait for {call.title} ends after {show_bound(end)}, its thread works on {left}",
        span=deadline.wrapper.span,
        steps=(
            Step(text=f"the wait ends after {show_bound(end)}", span=deadline.wrapper.span),
            Step(text=f"{call.title} may take {_shown(alone)}", span=call.span),
        ),
        notes=("Give the client a limit that is not longer than the deadline.",),
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        outer=limit_end(deadline.wrapper, deadline.limit),
        inner=need_end(call),
        budget_ms=end.value,
        needed_ms=alone.value,
    )


def _shown(bound: Bound) -> str:
    return "for ever" if bound.unlimited else show_bound(bound)


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.NOTE,
    summary="work that goes on after the one who waited for it has left",
    manual=__doc__,
    check=check,
)
