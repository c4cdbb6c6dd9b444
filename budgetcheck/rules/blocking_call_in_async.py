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

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from budgetcheck.assess import Assessment
from budgetcheck.model.bound import Bound
from budgetcheck.model.duration import show_duration
from budgetcheck.model.findings import Confidence, Finding, Part, Severity, Step
from budgetcheck.model.topology import Hop
from budgetcheck.rules.base import Scene, SceneRule
from budgetcheck.rules.proof import need_end
from budgetcheck.rules.retry_layers import first_class, makers_of
from budgetcheck.rules.unbounded_call import run_by_somebody

if TYPE_CHECKING:
    from budgetcheck.model.span import Span

CODE, NAME = "BC601", "blocking-call-in-async"
_SHOWN = 8
_MANY = " ({} such calls)"


def blocks_the_loop(call: Hop) -> bool:
    """The call is synchronous, and made on the event loop."""
    return call.trait("blocking") == "yes" and call.trait("on_event_loop") == "yes"


def check(scene: Scene) -> Iterator[Finding]:
    """One finding for all calls that the same handlers make: they have one cause, and one cure."""
    calls: dict[Span, tuple[Hop, Bound]] = {}
    made_by: dict[Span, dict[str, Assessment]] = {}
    for assessment in scene.assessments:
        for maker in makers_of(assessment, first_class(assessment)):
            if blocks_the_loop(maker.hop):
                span = maker.hop.span
                calls.setdefault(span, (maker.hop, maker.worst.hang))
                made_by.setdefault(span, {})[assessment.route.name] = assessment
    groups: dict[tuple[str, ...], list[Span]] = {}
    for span, routes in made_by.items():
        groups.setdefault(tuple(sorted(routes)), []).append(span)
    for spans in groups.values():
        blocking = [calls[span] for span in sorted(spans, key=lambda span: span.sort_key)]
        yield _finding(tuple(made_by[spans[0]].values()), blocking)


def _finding(assessments: Sequence[Assessment], blocking: Sequence[tuple[Hop, Bound]]) -> Finding:
    (call, hang), handler = blocking[0], assessments[0].route.handler
    others = _MANY.format(len(blocking)) if len(blocking) > 1 else ""
    routes = tuple(sorted({assessment.route.name for assessment in assessments}))
    environments = tuple(sorted({a.route.environment for a in assessments if a.route.environment}))
    asynchronous = (
        (Step(text=f"{handler.title} is asynchronous", span=handler.span),) if handler is not None else ()
    )
    library = all(map(run_by_somebody, assessments))  # which loop runs it, and for whom, is not known
    severity = Severity.NOTE if library else Severity.WARNING
    return Finding(
        rule=CODE,
        name=NAME,
        severity=severity,
        confidence=Confidence.HIGH,
        message=f"{_message(call, hang)}{others}",
        span=call.span,
        steps=(
            *asynchronous,
            *(_step(one) for one, _ in blocking[:_SHOWN]),
            *((Step(text=f"and {len(blocking) - _SHOWN} more"),) if len(blocking) > _SHOWN else ()),
        ),
        consequence="Every other request of the worker waits as long, and no deadline can end the call.",
        notes=("Use the client's asynchronous form, or asyncio.to_thread.",),
        routes=routes,
        environments=environments,
        inner=need_end(call),
        needed_ms=hang.value,
        parts=tuple(
            Part(
                severity=severity,
                end=need_end(one),
                span=one.span,
                message=_message(one, wait),
                many=_MANY,
                steps=(*asynchronous, _step(one)),
                routes=routes,
                environments=environments,
            )
            for one, wait in blocking
        ),
    )


def _message(call: Hop, hang: Bound) -> str:
    return f"{call.title} is called synchronously on the event loop and may block it {_long(hang)}"


def _step(call: Hop) -> Step:
    return Step(text=f"{call.title} blocks", span=call.span)


def _long(hang: Bound) -> str:
    if hang.unlimited:
        return "without end"
    return f"for up to {show_duration(hang.high)}" if hang.high is not None else "for an unknown time"


RULE = SceneRule(
    code=CODE,
    name=NAME,
    severity=Severity.WARNING,
    summary="a synchronous client on the event loop blocks every request of the worker",
    manual=__doc__,
    check=check,
)
