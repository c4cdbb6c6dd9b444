"""BC303 endless-retry

What it checks
    Retries and loops on a route that nothing ends: no number of attempts, no time after which none starts,
    and no deadline around them.

Why it matters
    The dependency is gone, and every request that needs it stays in the process for ever: workers run full,
    memory grows, and the retries go on long after the last caller has left.

Bad
    A bare @retry of tenacity, which repeats for ever and without a pause. @backoff.on_exception without
    max_tries and max_time. A `while True` that tries again after every failure. A graph with a loop and
    langgraph's own limit of 10007 steps.

Good
    @retry(stop=stop_after_attempt(3)), or the endless retry under asyncio.timeout(25). A graph called with
    recursion_limit 25. A worker's loop that waits for its broker is on no route.

References
    https://tenacity.readthedocs.io/en/latest/#stopping
    https://sre.google/sre-book/addressing-cascading-failures/
"""

from collections.abc import Iterator

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.costs import rounds
from budgetcheck.model.findings import Confidence, End, Finding, Severity, Step
from budgetcheck.model.limits import Meaning
from budgetcheck.model.options import Options
from budgetcheck.model.topology import Hop
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.retry_layers import first_class, makers_of
from budgetcheck.rules.unbounded_call import run_by_somebody

CODE, NAME = "BC303", "endless-retry"

_NO_CAP = 1_000
"""Rounds from which on a limit of a graph is none for practical purposes."""


def check(assessment: Assessment, _options: Options) -> Iterator[Finding]:
    """One finding for each retry without end, and for each loop whose limit is none."""
    handler = assessment.route.handler
    if handler is None or not budget.overall(handler).unlimited:
        return
    endless: dict[str, Hop] = {}
    for maker in makers_of(assessment, first_class(assessment)):
        if not maker.worst.hang.unlimited:
            continue  # a deadline round it ends it
        for hop in (*maker.layers, maker.hop):
            if hop.retry.attempts.unlimited and hop.limit(Meaning.START_GATE) is None:
                endless.setdefault(hop.address, hop)
    for hop in endless.values():
        yield _finding(assessment, hop, "tries for ever", Severity.ERROR)
    for wrapper in assessment.route.wrappers:
        if wrapper.trait("kind") == "loop" and _no_cap(wrapper):
            count = wrapper.retry.count
            shown = count.source or count.setting if count else ""
            yield _finding(assessment, wrapper, f"may go round {rounds(wrapper).low} times ({shown})")


def _no_cap(wrapper: Hop) -> bool:
    times = rounds(wrapper)
    return times.unlimited or (times.low is not None and times.low >= _NO_CAP)


def _severity(assessment: Assessment, severity: Severity) -> Severity:
    """Who runs a command sees it try, and ends it."""
    return Severity.NOTE if run_by_somebody(assessment) else severity


def _finding(assessment: Assessment, hop: Hop, what: str, severity: Severity = Severity.WARNING) -> Finding:
    count = hop.retry.count
    waited_for = bool(assessment.joints) or bool(assessment.route.host or assessment.route.methods)
    return Finding(
        rule=CODE,
        name=NAME,
        severity=_severity(assessment, severity if waited_for else Severity.WARNING),
        confidence=Confidence.HIGH,
        message=f"{hop.title} {what}, and nothing around it ends that",
        span=hop.span,
        steps=(Step(text=f"no number of attempts and no deadline\t{count.source}" if count else what),),
        consequence="Requests that need the dependency stay in the process until it comes back.",
        notes=("Stop after a few attempts, or put a deadline around the calls.",),
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        inner=End(
            address=hop.address,
            component=hop.component,
            setting=count.setting if count and count.setting else "attempts",
            value_ms=None,
            span=hop.span,
        ),
    )


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.ERROR,
    summary="retries or a loop that nothing ends",
    manual=__doc__,
    check=check,
)
