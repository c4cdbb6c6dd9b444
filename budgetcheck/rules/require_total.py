"""BC804 require-total

What it checks
    With `policy: {require_total: true}`: that something ends every outbound call for good: a total of the
    client or server, a deadline round the call or on the handler.

Why it matters
    Most timeouts are for one attempt or one read. A server that drips a byte now and then is never cut by
    them, and retries come on top. Only a total bounds what a request may cost.

Bad
    httpx.get(url, timeout=5) in a handler without a deadline: 5 s between two reads, for ever.

Good
    The same under asyncio.timeout(10). aiohttp with ClientTimeout(total=10). statement_timeout of a database.

References
    https://sre.google/sre-book/addressing-cascading-failures/#xref_cascading-failure_latency-deadlines
"""

from collections.abc import Iterator

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.costs import Maker
from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.limits import Meaning
from budgetcheck.model.options import Options
from budgetcheck.model.topology import Hop, Layer
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.policies import policy_finding
from budgetcheck.rules.retry_layers import first_class, makers_of

CODE, NAME = "BC804", "require-total"

_ENDS_ITS_HANDLER = (Layer.SERVER, Layer.PLATFORM, Layer.HANDLER)


def check(assessment: Assessment, options: Options) -> Iterator[Finding]:
    """One finding for each call that no total ends."""
    if not options.policy.require_total:
        return
    if any(_has_total(hop) for hop in assessment.route.chain if hop.layer in _ENDS_ITS_HANDLER):
        return
    for maker in makers_of(assessment, first_class(assessment)):
        if not _ended(maker):
            yield policy_finding(
                (CODE, NAME),
                assessment,
                f"nothing ends {maker.hop.title} for good: no total and no deadline",
                at=maker.hop,
                note="Put a deadline round the call, or on the handler.",
            )


def _ended(maker: Maker) -> bool:
    around = [layer for layer in maker.layers if layer.trait("enforced") != "no"]
    return any(map(_has_total, (maker.hop, *around)))


def _has_total(hop: Hop) -> bool:
    limit = hop.limit(Meaning.TOTAL)
    return limit is not None and not budget.effective(limit).unlimited


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.ERROR,
    summary="an outbound call that no total or deadline ends",
    manual=__doc__,
    check=check,
)
