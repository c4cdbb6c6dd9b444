"""BC602 uncancellable-deadline

What it checks
    Deadlines of asyncio and anyio round calls that they cannot end: a synchronous client on the event loop.

Why it matters
    A deadline of asyncio is delivered at the next await. A blocking call has none: the deadline of 5 s
    passes, the call returns after 60 s, and often the result is even taken as if nothing had happened. The
    limit that the code shows to its readers does not exist.

Bad
    async with asyncio.timeout(5): client.chat.completions.create(...) with the synchronous OpenAI client.

Good
    The asynchronous client with await under the same deadline. The synchronous one in asyncio.to_thread: the
    wait ends in time (the thread goes on; see orphaned-work).

References
    https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout
"""

from collections.abc import Iterator

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.model.findings import Confidence, Finding, Severity, Step
from budgetcheck.model.options import Options
from budgetcheck.rules.arithmetic import show_bound
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.deadlines import Deadline, deadlines
from budgetcheck.rules.proof import limit_end, need_end

CODE, NAME = "BC602", "uncancellable-deadline"


def check(assessment: Assessment, _options: Options) -> Iterator[Finding]:
    """One finding for each deadline that cannot end its call."""
    for deadline in deadlines(assessment):
        if not deadline.enforced:
            yield _finding(assessment, deadline)


def _finding(assessment: Assessment, deadline: Deadline) -> Finding:
    call = deadline.maker.hop
    time, may = show_bound(budget.effective(deadline.limit)), deadline.maker.worst.hang
    long = "without end" if may.unlimited else show_bound(may)
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        message=f"the deadline of {time} cannot end {call.title}, which blocks the event loop",
        span=deadline.limit.spans[0] if deadline.limit.spans else deadline.wrapper.span,
        steps=(
            Step(text=f"deadline of {time}", span=deadline.wrapper.span),
            Step(text=f"{call.title} may block {long}", span=call.span),
        ),
        consequence="The deadline is noticed at the next await only, when the call has ended by itself.",
        notes=("Use the client's asynchronous form, or run the call with asyncio.to_thread.",),
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        outer=limit_end(deadline.wrapper, deadline.limit),
        inner=need_end(call),
        budget_ms=budget.effective(deadline.limit).value,
        needed_ms=may.value,
    )


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.WARNING,
    summary="a deadline around a call that it cannot end",
    manual=__doc__,
    check=check,
)
