"""BC105 sequence-outlives-outer

What it checks
    Every call of a handler fits into what an outer hop grants, but the calls one after the other, or a
    loop of them, do not.

Why it matters
    Nobody reviews the sum. Each client has a sensible timeout; when the first dependency is slow and the
    second stalls, the caller's patience ends in the middle of the second call.

Bad
    A handler that queries a database (5 s), then a payment service (20 s), then a mailer (10 s) behind
    proxy_read_timeout 30s.

Good
    The same calls made in parallel, or under one deadline of 28 s.

References
    https://sre.google/sre-book/addressing-cascading-failures/
"""

from collections.abc import Iterator

from budgetcheck.assess import Joint
from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.options import Options
from budgetcheck.rules.base import JointRule
from budgetcheck.rules.faults import Blame, faults
from budgetcheck.rules.proof import pair_finding

CODE, NAME = "BC105", "sequence-outlives-outer"


def check(joint: Joint, _options: Options) -> Iterator[Finding]:
    """One finding where only the sum of the calls is longer than the grant."""
    for fault in faults(joint):
        if fault.blame is Blame.SEQUENCE:
            yield pair_finding(joint, fault, CODE, NAME)


RULE = JointRule(
    code=CODE,
    name=NAME,
    severity=Severity.ERROR,
    summary="the calls fit one by one, their sum or loop does not",
    manual=__doc__,
    check=check,
)
