"""BC805 max-total

What it checks
    How long a caller of a route may have to wait, against `policy: max_total`.

Why it matters
    Every limit may fit into the one above it and the whole may still be longer than anybody wants to wait, or
    than a client outside these files does. The number is the team's promise.

Bad
    policy: {max_total: 30s} and a balancer with an idle timeout of 120 s over a handler that may need 90 s.

Good
    A handler that needs 25 s, whatever the balancer would grant. A time that is not known is no violation:
    must_prove is for that.

References
    https://sre.google/sre-book/addressing-cascading-failures/#xref_cascading-failure_latency-deadlines
"""

from collections.abc import Iterator

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.model.bound import exactly
from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.options import Options
from budgetcheck.model.report import Verdict
from budgetcheck.model.topology import Layer, method_classes
from budgetcheck.rules.arithmetic import show_bound
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.policies import policy_finding

CODE, NAME = "BC805", "max-total"


def check(assessment: Assessment, options: Options) -> Iterator[Finding]:
    """One finding for each route whose caller may certainly wait longer than allowed."""
    most = options.policy.max_total_ms
    entry = assessment.route.chain[0]
    if most is None or entry.layer is Layer.QUEUE:
        return
    for methods in method_classes(assessment.route.methods):
        cost = assessment.costs[methods][entry.address]
        if budget.compare(exactly(most), cost.worst.hang) is Verdict.EXCEEDS:
            waits = "without end" if cost.worst.hang.unlimited else show_bound(cost.worst.hang)
            yield policy_finding(
                (CODE, NAME),
                assessment,
                f"callers of {assessment.route.name} may wait {waits}; "
                f"at most {show_bound(exactly(most))} is allowed",
                at=max(cost.makers, key=lambda maker: maker.worst.hang.low or 0).hop,
                numbers=(most, cost.worst.hang.value),
            )
            return


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.ERROR,
    summary="callers may wait longer than the policy allows",
    manual=__doc__,
    check=check,
)
