"""BC101 inner-outlives-outer

What it checks
    One attempt of an inner hop may last longer than the hop outside it waits.

Why it matters
    The caller gets the outer hop's error (a 504 in most cases) while the inner hop still works on an answer
    that nobody will read. Load stays, the error message of the inner hop never arrives, and callers that try
    again double the work.

Bad
    proxy_read_timeout 30s in nginx in front of a handler whose client waits 45 s for an answer.

Good
    The client waits 25 s: its own timeout fires first and the handler can answer with a reason.
    Neutral hops in between change nothing: a load balancer with 60 s in front of an nginx with 3600 s is fine
    where the application behind it ends after 25 s.

References
    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    https://sre.google/sre-book/addressing-cascading-failures/
"""

from collections.abc import Iterator

from budgetcheck.assess import Joint
from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.options import Options
from budgetcheck.rules.base import JointRule
from budgetcheck.rules.faults import Blame, faults
from budgetcheck.rules.proof import pair_finding

CODE, NAME = "BC101", "inner-outlives-outer"


def check(joint: Joint, _options: Options) -> Iterator[Finding]:
    """One finding for every inner hop of which a single attempt is longer than the grant."""
    for fault in faults(joint):
        if fault.blame is Blame.ONE_ATTEMPT:
            yield pair_finding(joint, fault, CODE, NAME)


RULE = JointRule(
    code=CODE,
    name=NAME,
    severity=Severity.ERROR,
    summary="one attempt of the inner hop may outlast the outer limit",
    manual=__doc__,
    check=check,
)
