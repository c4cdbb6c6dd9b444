"""BC104 unbounded-call

What it checks
    An outbound call that nothing ends where a limit stands above it; also a server without a limit for
    requests in front of calls that are not known.

Why it matters
    When the dependency stalls, the call waits for ever. The caller is cut by some limit above, but the
    worker, the connection and the memory stay taken until the process is restarted. `requests` has no
    default timeout, a database driver no default query limit.

Bad
    requests.get(url) without a timeout, on a route behind proxy_read_timeout 30s.

Good
    requests.get(url, timeout=(3, 20)), or the call under an enforced deadline.
    A server that never limits requests (uvicorn) is fine where the calls behind it are known and bounded.

References
    https://requests.readthedocs.io/en/latest/user/advanced/#timeouts
    https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT
"""

from collections.abc import Iterator
from dataclasses import replace

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.costs import Cost
from budgetcheck.model.duration import show_duration
from budgetcheck.model.findings import Confidence, Finding, Severity
from budgetcheck.model.limits import Meaning
from budgetcheck.model.options import Options
from budgetcheck.model.topology import Evidence, Hop, Layer, method_classes
from budgetcheck.rules.arithmetic import show_bound
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.faults import Blame, faults
from budgetcheck.rules.proof import STORES, confidence, grant_end, need_end, pair_finding

CODE, NAME = "BC104", "unbounded-call"
_HAVE_A_LIMIT = frozenset({"gunicorn", "php-fpm", "puma", "unicorn", "uwsgi"})
"""Servers with a limit for requests that is usually set; others never end one, and nobody expects it."""


def check(assessment: Assessment, _options: Options) -> Iterator[Finding]:
    """Calls without end under a limit, calls without end under nothing, servers without a limit."""
    under_a_limit = set()
    for joint in assessment.joints:
        for fault in faults(joint):
            if fault.blame is Blame.UNBOUNDED:
                under_a_limit.add(fault.hop.address)
                found = pair_finding(joint, fault, CODE, NAME)
                yield replace(found, arithmetic=f"no limit > {show_duration(found.budget_ms)}")
    yield from _under_nothing(assessment, under_a_limit)
    yield from _server_without_limit(assessment)


def _under_nothing(assessment: Assessment, reported: set[str]) -> Iterator[Finding]:
    if assessment.joints:
        return
    for methods in method_classes(assessment.route.methods):
        costs = assessment.costs[methods]
        for call in assessment.route.calls:
            cost = costs[call.address]
            if call.address not in reported and _endless(cost) and not _deadline_above(assessment):
                reported.add(call.address)
                yield _alone(assessment, call, f"{call.title} has no limit, and none above it is known")


def _endless(cost: Cost) -> bool:
    return cost.worst.hang.unlimited


def _deadline_above(assessment: Assessment) -> bool:
    """The handler's own deadline ends the call."""
    handler = assessment.route.handler
    return handler is not None and not budget.overall(handler).unlimited


def run_by_somebody(assessment: Assessment) -> bool:
    """Code that no framework calls: a library, or a command whose user ends what takes too long."""
    handler = assessment.route.handler
    return handler is not None and handler.component == "python" and not handler.trait("framework")


def _server_without_limit(assessment: Assessment) -> Iterator[Finding]:
    """The innermost server of a route where nothing says how long its handlers take."""
    server = assessment.route.chain[-1]
    if server.layer is Layer.HANDLER and server.work is None and len(assessment.route.chain) > 1:
        server = assessment.route.chain[-2]
    if server.layer is not Layer.SERVER or not budget.patience(server).unlimited or not assessment.joints:
        return
    if server.component == "server":
        return  # of a kind that nobody stated: that is not the same as having no limit
    handler = assessment.route.handler
    if handler is not None and (handler.work is not None or not budget.overall(handler).unlimited):
        return
    joint = assessment.joints[-1]
    ends_anyway = joint.outer.layer is Layer.PLATFORM
    guessed = joint.evidence < Evidence.ADDRESS
    # The code is in these files: that its calls cannot be followed (a pool, an object) says nothing of them.
    read = handler is not None and handler.component == "python"
    usual = server.component not in _HAVE_A_LIMIT or _only_heartbeat(server)
    yield Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.NOTE if ends_anyway or guessed or read or usual else Severity.WARNING,
        confidence=confidence(joint.evidence),
        message=f"{server.component} has no limit for a request, and no call behind it is known; "
        f"{joint.outer.title_short} waits {show_bound(joint.granted)}",
        span=server.span,
        consequence=""
        if ends_anyway
        else "A stalled handler is cut for the caller and goes on in the worker.",
        notes=("State the calls in the app document, or give the route a deadline.",),
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        outer=grant_end(joint),
        inner=need_end(server),
        budget_ms=joint.granted.value,
        needed_ms=None,
    )


def _only_heartbeat(server: Hop) -> bool:
    """Workers that answer several requests at once: their timeout ends none of them, whatever it is."""
    return any(limit.meaning is Meaning.HEARTBEAT for limit in server.limits)


def _alone(assessment: Assessment, call: Hop, message: str) -> Finding:
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.NOTE if run_by_somebody(assessment) else Severity.WARNING,
        confidence=Confidence.HIGH,
        message=message,
        span=call.span,
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        inner=need_end(call),
        subject=call.component if call.component in STORES else "",  # one client's limit: one fault
    )


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.ERROR,
    summary="an outbound call with no limit at all where a limit stands above it",
    manual=__doc__,
    check=check,
)
