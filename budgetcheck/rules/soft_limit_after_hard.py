"""BC502 soft-limit-after-hard

What it checks
    The soft limit of a piece of work, which asks it to end and leaves it time to clean up, against the hard
    limit of the same work, which ends it for good.

Why it matters
    A soft limit that comes after the hard one, or together with it, never fires: the process is killed
    without a chance to release a lock, mark the job as failed or give the work back.

Bad
    task_time_limit = 10800 with task_soft_time_limit = 21600; celery worker --time-limit 300
    --soft-time-limit 300.

Good
    --soft-time-limit 270 --time-limit 300. A soft limit alone, and a hard one alone, are both complete; 0
    turns the soft limit off.

References
    https://docs.celeryq.dev/en/stable/userguide/workers.html#time-limits
    Measured on celery 5.7.0: of equal limits only the hard one ends the task; a soft one above it is refused
    when the task is sent.
"""

from collections.abc import Iterator

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.model.bound import Bound, less_or_equal
from budgetcheck.model.duration import show_duration
from budgetcheck.model.findings import Confidence, Finding, Severity, Step
from budgetcheck.model.limits import Limit
from budgetcheck.model.options import Options
from budgetcheck.model.topology import Hop
from budgetcheck.rules.arithmetic import show_bound
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.proof import limit_end

CODE, NAME = "BC502", "soft-limit-after-hard"


def check(assessment: Assessment, _options: Options) -> Iterator[Finding]:
    """One finding for each pair of limits of one hop that come in the wrong order."""
    for hop in assessment.route.hops:
        for soft in hop.limits:
            for hard in hop.limits:
                if soft.soft_of and hard.setting == soft.soft_of and _never_fires(soft.bound, hard.bound):
                    yield _finding(assessment, hop, soft, hard)


def _never_fires(soft: Bound, hard: Bound) -> bool:
    """Certainly so, whatever is not known of the two; a soft limit that is off is not meant to fire."""
    return not soft.unlimited and soft.high is not None and less_or_equal(hard.high, soft.low)


def _finding(assessment: Assessment, hop: Hop, soft: Limit, hard: Limit) -> Finding:
    asked, killed = show_bound(soft.bound), show_bound(budget.effective(hard))
    written = soft.written or hard.written
    doubts = [limit.doubt for limit in (soft, hard) if limit.doubt]
    tie = soft.bound == hard.bound
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.ERROR if written and not doubts else Severity.WARNING,
        confidence=Confidence.HIGH,
        message=f"{hop.title}: the soft limit of {asked} never fires, "
        f"the hard one ends the work {'at the same time' if tie else f'after {killed}'}",
        span=next((limit.spans[0] for limit in (soft, hard) if limit.spans), hop.span),
        steps=(_step(f"asked to end after {asked}", soft), _step(f"ended after {killed}", hard)),
        arithmetic=f"{asked} >= {killed}",
        consequence="The work is killed without a chance to clean up.",
        notes=(_advice(soft, hard), *(f"Only if {doubt}." for doubt in doubts)),
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        outer=limit_end(hop, hard),
        inner=limit_end(hop, soft),
        budget_ms=hard.bound.value,
        needed_ms=soft.bound.value,
    )


def _advice(soft: Limit, hard: Limit) -> str:
    end = hard.bound.value
    before = f" to {show_duration(end * 9 // 10)} or less" if end else f" below {hard.setting}"
    return f"Set {soft.setting}{before}, or raise {hard.setting}."


def _step(text: str, limit: Limit) -> Step:
    return Step(
        text=f"{text}\t{limit.setting if limit.spans else limit.source}",
        span=limit.spans[0] if limit.spans else None,
    )


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.ERROR,
    summary="a soft limit at or above the hard one never fires",
    manual=__doc__,
    check=check,
)
