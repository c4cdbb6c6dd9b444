"""BC601 blocking-call-in-async

What it checks
    Calls of synchronous clients on the event loop of an asynchronous handler: a sync OpenAI client, requests,
    boto3, a database driver without await, also where a helper in another module makes the call.

Why it matters
    While such a call waits, the whole worker waits: every other request of the process, its health checks and
    its timers. No deadline can end it, and a worker with a heartbeat is killed with everything in it.

Bad
    async def chat(): client = OpenAI(); client.chat.completions.create(...)

Good
    AsyncOpenAI with await; the same helper in `def` handlers of FastAPI, which run in a thread pool; the call
    through asyncio.to_thread or run_in_threadpool.

References
    https://fastapi.tiangolo.com/async/
    https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code
"""

from collections.abc import Iterator

from budgetcheck.assess import Assessment
from budgetcheck.model.bound import Bound
from budgetcheck.model.duration import show_duration
from budgetcheck.model.findings import Confidence, Finding, Severity, Step
from budgetcheck.model.options import Options
from budgetcheck.model.topology import Hop
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.proof import need_end
from budgetcheck.rules.retry_layers import first_class, makers_of

CODE, NAME = "BC601", "blocking-call-in-async"


def blocks_the_loop(call: Hop) -> bool:
    """The call is synchronous, and made on the event loop."""
    return call.trait("blocking") == "yes" and call.trait("on_event_loop") == "yes"


def check(assessment: Assessment, _options: Options) -> Iterator[Finding]:
    """One finding for each synchronous call on the event loop."""
    for maker in makers_of(assessment, first_class(assessment)):
        if blocks_the_loop(maker.hop):
            yield _finding(assessment, maker.hop, maker.worst.hang)


def _finding(assessment: Assessment, call: Hop, hang: Bound) -> Finding:
    handler = assessment.route.handler
    if hang.unlimited:
        long = "without end"
    else:
        long = f"for up to {show_duration(hang.high)}" if hang.high is not None else "for an unknown time"
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        message=f"{call.title} is called synchronously on the event loop and may block it {long}",
        span=call.span,
        steps=(
            *((Step(text=f"{handler.title} is asynchronous", span=handler.span),) if handler else ()),
            Step(text=f"{call.title} blocks", span=call.span),
        ),
        consequence="Every other request of the worker waits as long, and no deadline can end the call.",
        notes=("Use the client's asynchronous form, or asyncio.to_thread.",),
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        inner=need_end(call),
        needed_ms=hang.value,
    )


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.WARNING,
    summary="a synchronous client on the event loop blocks every request of the worker",
    manual=__doc__,
    check=check,
)
