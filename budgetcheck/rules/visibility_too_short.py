"""BC501 visibility-too-short

What it checks
    How long a queue hides a message, or waits for an acknowledgement, against how long its consumer may work
    on it; and the factor the vendor advises. Messages are hidden while a batch is gathered: a batching window
    counts as well.

Why it matters
    A message that becomes visible while it is still being worked on is handed out a second time: the work is
    done twice, at the same time. For Lambda the mapping is even rejected.

Bad
    visibility_timeout_seconds = 30 for a Lambda function with timeout = 60; a push subscription with
    ack_deadline_seconds = 10 for a Cloud Run service that may work 300 s; a Celery task with a time limit of
    2 h on a Redis broker, which hands messages out again after an hour.

Good
    Six times the function's timeout for SQS and Lambda. A dead-letter queue that nothing consumes has no
    consumer to be compared with.

References
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    https://docs.cloud.google.com/pubsub/docs/push
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.model.bound import UNLIMITED, ZERO, Bound, exactly
from budgetcheck.model.findings import Finding, Severity, Step
from budgetcheck.model.limits import Limit, Meaning, Origin
from budgetcheck.model.options import Options
from budgetcheck.model.report import Verdict
from budgetcheck.model.topology import Evidence, Hop, Layer
from budgetcheck.rules.arithmetic import show_bound
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.proof import biggest, confidence, deciding_limit, limit_end, need_end

CODE, NAME = "BC501", "visibility-too-short"

ADVISED_FACTOR = 6
"""What AWS advises for SQS in front of Lambda."""
_BY_TIMEOUT = "aws_sqs_queue"
"""Its mapping compares the function's timeout, whatever the function really does in that time."""

_EARLY = "With early acknowledgement this is so for messages that the worker has fetched and not begun."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A queue and its consumer.

    Attributes:
        hidden: how long the queue hides a message. `needed`: how long the consumer may work on it.
        works: the limit that makes the need; None where calls of a handler add up to it.
        early: the consumer may acknowledge before it works: then only messages that wait for it come back.
    """

    queue: Hop
    hidden: Limit
    consumer: Hop
    works: Limit | None
    needed: Bound
    evidence: Evidence
    early: bool = False


def check(assessment: Assessment, _options: Options) -> Iterator[Finding]:
    """One finding for each queue whose messages come back before the consumer must be done."""
    for pair in _pairs(assessment):
        if budget.compare(pair.hidden.bound, pair.needed + _gathering(pair.queue)) is Verdict.EXCEEDS:
            yield _finding(assessment, pair, _severity(pair))
        elif _below_advice(pair):
            yield _finding(assessment, pair, Severity.NOTE)


def _pairs(assessment: Assessment) -> Iterator[_Pair]:
    evidence = {(link.outer, link.inner): link.evidence for link in assessment.route.links}
    joints = {joint.outer.address: joint for joint in assessment.joints}
    for hop in assessment.route.chain:
        yield from _own_queue(hop)
    for queue, consumer in pairwise(assessment.route.chain):
        hidden, joint = queue.limit(Meaning.VISIBILITY), joints.get(queue.address)
        if hidden is None:
            continue
        if queue.component == _BY_TIMEOUT:
            works, linked = deciding_limit(consumer), evidence[queue.address, consumer.address]
            if works is not None:
                yield _Pair(
                    queue=queue,
                    hidden=hidden,
                    consumer=consumer,
                    works=works,
                    needed=works.bound,
                    evidence=linked,
                )
        elif joint is not None:
            cost = joint.costs[joint.worst_class]
            maker = cost.summed or biggest(cost.makers).hop
            yield _Pair(
                queue=queue,
                hidden=hidden,
                consumer=maker,
                works=deciding_limit(maker),
                needed=cost.worst.hang,
                evidence=joint.evidence,
            )


def _own_queue(hop: Hop) -> Iterator[_Pair]:
    """A worker that was declared together with the broker it takes its work from (Celery)."""
    hidden, works = hop.limit(Meaning.VISIBILITY), deciding_limit(hop)
    if hop.layer is not Layer.HANDLER or hidden is None:
        return
    if hidden.origin is not Origin.WRITTEN and (works or hidden).origin is Origin.INHERITED:
        return  # all of it is the application's, which is judged by itself
    late = hop.trait("acks_late") == "on"
    if works is not None:
        yield _Pair(
            queue=hop,
            hidden=hidden,
            consumer=hop,
            works=works,
            needed=works.bound,
            evidence=Evidence.DECLARED,
            early=not late,
        )
    elif late and hidden.written:
        # Nothing ends a task, and it keeps its message until it is done: that it takes longer is likely only.
        yield _Pair(
            queue=hop,
            hidden=hidden,
            consumer=hop,
            works=None,
            needed=UNLIMITED,
            evidence=Evidence.ASSUMED,
        )


def _gathering(queue: Hop) -> Bound:
    """How long messages may wait, already hidden, until the batch is complete."""
    window = queue.limit(Meaning.ACQUIRE)
    return window.bound if window else ZERO


def _below_advice(pair: _Pair) -> bool:
    advised = pair.needed * exactly(ADVISED_FACTOR) + _gathering(pair.queue)
    return (
        pair.queue.component == _BY_TIMEOUT and budget.compare(pair.hidden.bound, advised) is Verdict.EXCEEDS
    )


def _severity(pair: _Pair) -> Severity:
    limits = [limit for limit in (pair.hidden, pair.works) if limit is not None]
    written = any(limit.written for limit in limits)
    doubt = any(limit.doubt for limit in limits)
    certain = written and not doubt and not pair.early and pair.evidence >= Evidence.ADDRESS
    return Severity.ERROR if certain else Severity.WARNING


def _finding(assessment: Assessment, pair: _Pair, severity: Severity) -> Finding:
    hidden, works = show_bound(pair.hidden.bound), show_bound(pair.needed)
    window = pair.queue.limit(Meaning.ACQUIRE)
    gathering = f" + {show_bound(window.bound)} batching" if window and window.bound != ZERO else ""
    advice = severity is Severity.NOTE
    factor = f", the vendor advises {ADVISED_FACTOR} x {works}" if advice else ""
    hides = f"waits {hidden} for an acknowledgement" if _pushes(pair) else f"hides a message for {hidden}"
    queue = f"the broker of {pair.queue.title}" if pair.queue is pair.consumer else pair.queue.title
    again = "pushed" if _pushes(pair) else "handed out"
    return Finding(
        rule=CODE,
        name=NAME,
        severity=severity,
        confidence=confidence(pair.evidence),
        message=f"{queue} {hides}, {pair.consumer.title} may work {works}{gathering}{factor}",
        span=next((one.spans[0] for one in (pair.hidden, pair.works) if one and one.spans), pair.queue.span),
        steps=(
            _step(f"{queue} {hides}", pair.hidden),
            *((_step(f"{pair.consumer.title} may work {works}", pair.works),) if pair.works else ()),
            *((_step(f"a batch is gathered for {show_bound(window.bound)}", window),) if window else ()),
        ),
        arithmetic=f"{hidden} < {ADVISED_FACTOR} x {works}{gathering}"
        if advice
        else f"{hidden} < {works}{gathering}",
        consequence="" if advice else f"The message is {again} again while it is still being worked on.",
        notes=(_EARLY,) if pair.early else (),
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        outer=limit_end(pair.queue, pair.hidden),
        inner=need_end(pair.consumer),
        budget_ms=pair.hidden.bound.value,
        needed_ms=pair.needed.value,
    )


def _pushes(pair: _Pair) -> bool:
    return pair.queue.component == "google_pubsub_subscription"


def _step(text: str, limit: Limit) -> Step:
    return Step(
        text=f"{text}\t{limit.setting if limit.spans else limit.source}",
        span=limit.spans[0] if limit.spans else None,
    )


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.ERROR,
    summary="queue visibility or acknowledgement deadline shorter than the consumer's limit",
    manual=__doc__,
    check=check,
)
