"""BC401 keepalive-inversion

What it checks
    Two neighbours that reuse connections: the inner one closes an idle connection before, or at the same
    moment as, the outer one stops using it.

Why it matters
    The outer side sends a request on a connection that the inner side is just closing. It gets a reset, and
    the caller a 502 that no log of the application explains; a POST is not sent again. It happens under low
    traffic, a few times a day.

Bad
    An ALB (idle timeout 60 s) in front of uvicorn (keeps idle connections 5 s) or nginx with
    keepalive_timeout 55s; an nginx upstream with `keepalive` in front of Node (5 s).

Good
    The inner side keeps connections longer than the outer one: nginx's 75 s behind an ALB's 60 s. A server
    that closes after each response (gunicorn's sync worker) is exempt, as is an outer side that opens a
    connection for each request and a balancer that passes connections on instead of requests (a Network
    Load Balancer, a TCP listener of a classic one). Two defaults that nobody wrote are at most a note.

References
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
    https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive
"""

from collections.abc import Iterator
from itertools import pairwise

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.model.duration import show_duration
from budgetcheck.model.findings import Finding, Severity, Step
from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.options import Options
from budgetcheck.model.report import Verdict
from budgetcheck.model.topology import Evidence, Hop, Layer
from budgetcheck.rules.arithmetic import show_bound
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.proof import confidence, limit_end

CODE, NAME = "BC401", "keepalive-inversion"

_BALANCERS = ("aws_lb", "aws_elb", "beanstalk-balancer")
"""Their idle timeout holds for both sides."""


def check(assessment: Assessment, _options: Options) -> Iterator[Finding]:
    """One finding for each pair of neighbours that reuse connections the wrong way round."""
    for outer, inner, linked in _connected(assessment):
        reuse, keep = _reuses_for(outer), _keeps_for(inner)
        if reuse is None or keep is None:
            continue
        # Inverted where what the outer needs, a strictly longer life, is not certain to fit.
        if budget.compare(budget.effective(keep), budget.effective(reuse)) is not Verdict.EXCEEDS and (
            not _tie(reuse, keep)
        ):
            continue
        yield _finding(assessment, outer, reuse, inner, keep, linked)


def _connected(assessment: Assessment) -> Iterator[tuple[Hop, Hop, Evidence]]:
    """Pairs that hold connections to each other, with the weakest evidence between them."""
    evidence = {(link.outer, link.inner): link.evidence for link in assessment.route.links}
    outer, weakest = assessment.route.chain[0], Evidence.DECLARED
    for before, inner in pairwise(assessment.route.chain):
        weakest = min(weakest, evidence[before.address, inner.address])
        if _passes_connections(inner):
            continue
        yield outer, inner, weakest
        outer, weakest = inner, Evidence.DECLARED


def _passes_connections(hop: Hop) -> bool:
    """A container, whose connections end in the server inside, or a balancer that passes packets on."""
    if hop.layer is Layer.BALANCER:
        return hop.trait("mode") == "tcp" or hop.trait("load_balancer_type") in ("network", "gateway")
    return hop.layer is Layer.PLATFORM and all(limit.meaning is Meaning.DRAIN for limit in hop.limits)


def _reuses_for(hop: Hop) -> Limit | None:
    """How long the hop goes on using an idle connection to the next one; None where it keeps none."""
    for limit in hop.limits:
        if limit.meaning is Meaning.KEEPALIVE and limit.of_answer and not limit.bound.unlimited:
            return limit
    # A load balancer's idle timeout holds for both of its sides.
    if _passes_connections(hop):
        return None  # it opens none of its own
    idle = hop.limit(Meaning.IDLE) if hop.component in _BALANCERS else None
    return idle if idle is not None and hop.layer is Layer.BALANCER else None


def _keeps_for(hop: Hop) -> Limit | None:
    """How long the hop keeps an idle connection of its caller; None where it closes after each response."""
    for limit in hop.limits:
        if limit.meaning is Meaning.KEEPALIVE and not limit.of_answer and not limit.bound.unlimited:
            return limit
    return None


def _tie(reuse: Limit, keep: Limit) -> bool:
    granted, needed = budget.effective(keep).value, budget.effective(reuse).value
    return granted is not None and granted == needed


def _finding(
    assessment: Assessment, outer: Hop, reuse: Limit, inner: Hop, keep: Limit, evidence: Evidence
) -> Finding:
    kept, used = budget.effective(keep), budget.effective(reuse)
    doubts = [limit.doubt for limit in (reuse, keep) if limit.doubt]
    certain = (reuse.written or keep.written) and not doubts and evidence >= Evidence.ADDRESS
    needed = used.value
    advice = (
        f"Set {keep.setting} of {inner.title_short} to {show_duration(needed + 5_000)} or more"
        if needed
        else ""
    )
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.WARNING if certain else Severity.NOTE,
        confidence=confidence(evidence),
        message=f"{outer.title_short} uses idle connections for {show_bound(used)}, "
        f"{inner.title_short} closes them after {show_bound(kept)}",
        span=next((limit.spans[0] for limit in (keep, reuse) if limit.spans), inner.span),
        steps=(
            _step(f"{outer.title_short} uses them for {show_bound(used)}", reuse),
            _step(f"{inner.title_short} closes them after {show_bound(kept)}", keep),
        ),
        arithmetic=f"{show_bound(kept)} <= {show_bound(used)}",
        consequence="A request on a connection that is being closed gets 502; a POST is not tried again.",
        notes=tuple(
            note for note in (f"{advice}." if advice else "", *(f"Only if {d}." for d in doubts)) if note
        ),
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        outer=limit_end(outer, reuse),
        inner=limit_end(inner, keep),
        budget_ms=used.value,
        needed_ms=kept.value,
    )


def _step(text: str, limit: Limit) -> Step:
    return Step(
        text=f"{text}\t{limit.setting if limit.spans else limit.source}",
        span=limit.spans[0] if limit.spans else None,
    )


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.WARNING,
    summary="the inner side closes idle connections before, or when, the outer stops reusing them",
    manual=__doc__,
    check=check,
)
