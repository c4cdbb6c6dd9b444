"""BC103 thin-margin

What it checks
    The inner hop fits into what the outer one grants, with less slack than the headroom: the larger of 5 %
    of the grant and 1 s, unless `headroom` says otherwise. An exact tie is reported too.

Why it matters
    Timers start at different moments and networks take time. With equal limits it is a race which side gives
    up first, so callers get sometimes the outer hop's 504 and sometimes the inner hop's own error.

Bad
    proxy_read_timeout 60s behind a load balancer with an idle timeout of 60 s.

Good
    55 s inside, 60 s outside. Two defaults that nobody wrote (60 s over 60 s) are in every stack: that is
    at most a note.

References
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
"""

from collections.abc import Iterator

from budgetcheck.assess import Joint
from budgetcheck.costs import Maker
from budgetcheck.model.duration import show_duration
from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.limits import Meaning
from budgetcheck.model.options import Options
from budgetcheck.model.report import Verdict
from budgetcheck.model.topology import Layer
from budgetcheck.rules.arithmetic import show_bound
from budgetcheck.rules.base import JointRule
from budgetcheck.rules.faults import Blame, Fault
from budgetcheck.rules.proof import biggest, confidence, deciding_limit, grant_end, need_end, steps

CODE, NAME = "BC103", "thin-margin"


def check(joint: Joint, options: Options) -> Iterator[Finding]:
    """One finding where a joint fits with less slack than the headroom."""
    granted, slack = joint.granted.value, joint.slack_ms
    if joint.overall is not Verdict.FITS or granted is None or slack is None:
        return
    if joint.grant.meaning is Meaning.VISIBILITY:
        return  # no race for an answer; what the vendor advises is looked at elsewhere
    if slack >= options.headroom.of(granted):
        return
    cost = joint.costs[joint.worst_class]
    maker = biggest(cost.makers)
    summed = cost.summed is not None
    inner = cost.summed or maker.hop
    fault = Fault(
        blame=Blame.SEQUENCE if summed else Blame.ONE_ATTEMPT,
        hop=inner,
        needed=cost.worst.hang,
        attempt=maker.attempt,
        attempts=maker.worst.attempts,
        makers=cost.makers if summed else (maker,),
        classes=(joint.worst_class,),
    )
    race = (
        "a tie: which side gives up first is a race"
        if slack == 0
        else f"only {show_duration(slack)} to spare"
    )
    yield Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.WARNING if _written(joint, cost.makers) else Severity.NOTE,
        confidence=confidence(joint.evidence),
        message=f"{joint.outer.title_short} grants {show_bound(joint.granted)}, {inner.title_short} may take "
        f"{show_bound(cost.worst.hang)}: {race}",
        span=next(
            (limit.spans[0] for limit in (joint.grant, deciding_limit(inner)) if limit and limit.spans),
            inner.span,
        ),
        steps=tuple(steps(joint, fault)),
        arithmetic=f"{show_bound(joint.granted)} - {show_bound(cost.worst.hang)} = {show_duration(slack)}",
        routes=(joint.route.name,),
        environments=(joint.route.environment,) if joint.route.environment else (),
        outer=grant_end(joint),
        inner=need_end(inner, Blame.SEQUENCE if inner.layer is Layer.HANDLER and summed else None),
        budget_ms=granted,
        needed_ms=cost.worst.hang.value,
    )


def _written(joint: Joint, makers: tuple[Maker, ...]) -> bool:
    """Somebody wrote one of the numbers; two defaults are nobody's decision."""
    limits = [deciding_limit(maker.hop) for maker in makers]
    counts = [maker.hop.retry.count for maker in makers]
    return joint.grant.written or any(number is not None and number.written for number in (*limits, *counts))


RULE = JointRule(
    code=CODE,
    name=NAME,
    severity=Severity.WARNING,
    summary="fits, with less slack than the headroom; an exact tie is a race",
    manual=__doc__,
    check=check,
)
