"""BC402 drain-cuts-requests

What it checks
    The time a hop gives running requests at shutdown (deregistration delay, graceful timeout, grace period)
    against the longest wait that a caller of the route may have, or the hard limit of a worker's tasks; the
    grace that somebody gave a server against the time after which its process is killed; and a preStop hook
    against the grace period of its pod, on whose clock it runs.

Why it matters
    Every deployment ends the requests that are still running when the window closes: callers see 502 or an
    empty answer, a few with every release, and nobody connects the two.

Bad
    deregistration_delay = 30 in front of a route on which callers may wait 60 s.

Good
    A window longer than the longest wait. Where the caller is cut after 30 s, a window of 30 s is enough,
    however long the work behind it goes on. Windows that nobody wrote are at most a note.

References
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
    https://docs.gunicorn.org/en/stable/settings.html#graceful-timeout
"""

from collections.abc import Iterator

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.costs import Cost
from budgetcheck.model.bound import Bound, minimum
from budgetcheck.model.findings import Confidence, Finding, Severity, Step
from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.options import Options
from budgetcheck.model.report import Verdict
from budgetcheck.model.topology import Hop, Layer, method_classes
from budgetcheck.rules.arithmetic import show_bound
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.proof import deciding_limit, limit_end, need_end
from budgetcheck.rules.shutdown_order import windows_out_of_order
from budgetcheck.rules.stop_hooks import HOOK, hooks_without_end

CODE, NAME = "BC402", "drain-cuts-requests"

# A handler drains only where it is a process of its own: a worker of a queue.
_DRAINING = (Layer.BALANCER, Layer.PROXY, Layer.SERVER, Layer.PLATFORM, Layer.HANDLER)


def check(assessment: Assessment, _options: Options) -> Iterator[Finding]:
    """One finding for each shutdown window shorter than the longest request that somebody waits for.

    Where a window is long enough for every request, or no request has an end, its order still counts. Where a
    hook leaves nothing of a window, that is the cause, and is said alone.
    """
    spent = list(hooks_without_end(assessment, CODE, NAME))
    without = {finding.outer.address for finding in spent if finding.outer}
    cut = [finding for finding in _cut_requests(assessment) if _outer(finding) not in without]
    yield from (*spent, *cut)
    ends = {(finding.outer.address, finding.outer.setting) for finding in (*spent, *cut) if finding.outer}
    for finding in windows_out_of_order(assessment, CODE, NAME):
        if finding.outer and (finding.outer.address, finding.outer.setting) not in ends:
            yield finding


def _outer(finding: Finding) -> str:
    return finding.outer.address if finding.outer else ""


def _cut_requests(assessment: Assessment) -> Iterator[Finding]:
    for hop in assessment.route.chain:
        if hop.layer not in _DRAINING or hop.trait("development") == "yes":
            continue  # a server that reloads on each change is not what is deployed
        cost, wait = _longest_request(assessment, hop)
        for limit in _windows(hop):
            if _cuts(limit, wait) and _worth(limit, cost):
                yield _finding(assessment, hop, limit, cost, wait)


def _windows(hop: Hop) -> list[Limit]:
    """The shutdown windows of a hop; of those that nobody wrote the one that closes first."""
    windows = [one for one in hop.limits if one.meaning is Meaning.DRAIN and one.setting != HOOK]
    plain = [limit for limit in windows if not limit.written and not budget.effective(limit).unlimited]
    first = min(plain, key=lambda limit: budget.effective(limit).low or 0, default=None)
    return [limit for limit in windows if limit.written or limit is first]


def _longest_request(assessment: Assessment, hop: Hop) -> tuple[Cost, Bound]:
    """The longest request through a hop; beyond what the outermost caller waits nobody misses the answer."""
    entry = assessment.route.chain[0].address
    found = []
    for methods in method_classes(assessment.route.methods):
        costs = assessment.costs[methods]
        found.append((costs[hop.address], minimum(costs[hop.address].worst.hang, costs[entry].worst.hang)))
    return max(found, key=lambda pair: (pair[1].low is None, pair[1].low or 0))


def _cuts(limit: Limit, wait: Bound) -> bool:
    return not wait.unlimited and budget.compare(budget.effective(limit), wait) is Verdict.EXCEEDS


def _worth(limit: Limit, cost: Cost) -> bool:
    """Somebody wrote one of the two; the plain defaults of an untuned stack are nobody's decision."""
    return limit.written or _written(cost)


def _written(cost: Cost) -> bool:
    makers = [deciding_limit(maker.hop) for maker in cost.makers]
    return any(maker is not None and maker.written for maker in makers)


def _finding(assessment: Assessment, hop: Hop, limit: Limit, cost: Cost, longest: Bound) -> Finding:
    window, wait = show_bound(budget.effective(limit)), show_bound(longest)
    written = limit.setting if limit.spans else limit.source
    maker = max(cost.makers, key=lambda made: made.worst.hang.low or 0).hop
    work = "task" if assessment.route.chain[-1].works_from_queue else "request"
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.WARNING if limit.written and _written(cost) else Severity.NOTE,
        confidence=Confidence.HIGH if limit.written and _written(cost) else Confidence.MEDIUM,
        message=f"{hop.title_short} gives running {work}s {window} at shutdown, a {work} may take {wait}",
        span=limit.spans[0] if limit.spans else hop.span,
        steps=(
            Step(
                text=f"{hop.title_short} drains for {window}\t{written}",
                span=limit.spans[0] if limit.spans else None,
            ),
            Step(text=f"a {work} may take {wait}\tmade by {maker.title}", span=maker.span),
        ),
        arithmetic=f"{window} < {wait}",
        consequence=f"{work.capitalize()}s that still run when it closes are cut with every deployment.",
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        outer=limit_end(hop, limit),
        inner=need_end(maker),
        budget_ms=budget.effective(limit).value,
        needed_ms=longest.low,
    )


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.WARNING,
    summary="a shutdown window shorter than the longest wait of a caller",
    manual=__doc__,
    check=check,
)
