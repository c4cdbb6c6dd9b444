"""BC801 unproven-route

What it checks
    Routes that the configuration lists in `policy: must_prove`: that every joint of them was compared and
    fits.

Why it matters
    "Cannot tell" is honest, and for most routes good enough. For the few that must not fail it is not: there
    the team wants to supply the missing value or link, and to hear of it when a change loses the proof.

Bad
    policy: {must_prove: ["api.example.com/pay*"]} and a read timeout from a variable that has no value.

Good
    The same with the variable's value. A route that is proven to exceed has its own finding and no second
    one.

References
    https://sre.google/sre-book/service-level-objectives/
"""

from collections.abc import Iterator

from budgetcheck.assess import Assessment
from budgetcheck.model.findings import Finding, Severity, Step
from budgetcheck.model.options import Options
from budgetcheck.model.report import Verdict
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.policies import policy_finding
from budgetcheck.wildcards import fits

CODE, NAME = "BC801", "unproven-route"


def check(assessment: Assessment, options: Options) -> Iterator[Finding]:
    """One finding for each route that must be proven and is not."""
    route = assessment.route
    if not any(fits(route.name, pattern) for pattern in options.policy.must_prove):
        return
    if assessment.verdict in (Verdict.FITS, Verdict.EXCEEDS):
        return
    open_joints = [joint for joint in assessment.joints if joint.overall is Verdict.CANNOT_TELL]
    why = "nothing on it could be compared" if not open_joints else "it is not known whether it fits"
    yield policy_finding(
        (CODE, NAME),
        assessment,
        f"{route.name} must be proven, and {why}",
        at=open_joints[0].inner if open_joints else route.chain[-1],
        steps=tuple(
            Step(text=f"{joint.outer.title_short} over {joint.inner.title_short}: {reason}")
            for joint in open_joints
            if (reason := joint.costs[joint.worst_class].worst.hang.reason or joint.granted.reason)
        ),
        note="Supply the missing value or link; the notes on unresolved values and hops say how.",
    )


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.ERROR,
    summary="a route that the policy wants proven, and that is not",
    manual=__doc__,
    check=check,
)
