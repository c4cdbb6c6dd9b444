"""BC501 visibility-too-short

What it checks
    How long a queue hides a message, or waits for an acknowledgement, against how long its consumer may work
    on it; and the factor the vendor advises. Messages are hidden while a batch is gathered: a batching window
    counts as well.

Why it matters
    A message that becomes visible while it is still being worked on is handed out a second time: the work is
    done twice, at the same time. For Lambda the mapping is even rejected.

Bad
    visibility_timeout_seconds = 30 for a Lambda function with timeout = 60.

Good
    Six times the function's timeout for SQS and Lambda. A dead-letter queue that nothing consumes has no
    consumer to be compared with.

References
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    https://cloud.google.com/pubsub/docs/push
"""

from collections.abc import Iterator
from itertools import pairwise

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.model.bound import ZERO, Bound, exactly
from budgetcheck.model.findings import Finding, Severity, Step
from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.options import Options
from budgetcheck.model.report import Verdict
from budgetcheck.model.topology import Evidence, Hop
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.proof import confidence, deciding_limit, limit_end, show_bound

CODE, NAME = "BC501", "visibility-too-short"

ADVISED_FACTOR = 6
"""What AWS advises for SQS in front of Lambda."""


def check(assessment: Assessment, _options: Options) -> Iterator[Finding]:
    """One finding for each queue whose messages come back before the consumer must be done."""
    evidence = {(link.outer, link.inner): link.evidence for link in assessment.route.links}
    for queue, consumer in pairwise(assessment.route.chain):
        hidden, works = queue.limit(Meaning.VISIBILITY), deciding_limit(consumer)
        if hidden is None or works is None:
            continue
        linked = evidence[queue.address, consumer.address]
        if budget.compare(hidden.bound, works.bound + _gathering(queue)) is Verdict.EXCEEDS:
            yield _finding(
                assessment, (queue, hidden), (consumer, works), linked, _severity(hidden, works, linked)
            )
        elif _below_advice(queue, hidden, works):
            yield _finding(assessment, (queue, hidden), (consumer, works), linked, Severity.NOTE)


def _gathering(queue: Hop) -> Bound:
    """How long messages may wait, already hidden, until the batch is complete."""
    window = queue.limit(Meaning.ACQUIRE)
    return window.bound if window else ZERO


def _below_advice(queue: Hop, hidden: Limit, works: Limit) -> bool:
    advised = works.bound * exactly(ADVISED_FACTOR) + _gathering(queue)
    return queue.component == "aws_sqs_queue" and budget.compare(hidden.bound, advised) is Verdict.EXCEEDS


def _severity(hidden: Limit, works: Limit, evidence: Evidence) -> Severity:
    written = hidden.written or works.written
    doubt = hidden.doubt or works.doubt
    return Severity.ERROR if written and not doubt and evidence >= Evidence.ADDRESS else Severity.WARNING


def _finding(
    assessment: Assessment,
    queue: tuple[Hop, Limit],
    consumer: tuple[Hop, Limit],
    evidence: Evidence,
    severity: Severity,
) -> Finding:
    hidden, works = show_bound(queue[1].bound), show_bound(consumer[1].bound)
    window = queue[0].limit(Meaning.ACQUIRE)
    gathering = f" + {show_bound(window.bound)} batching" if window and window.bound != ZERO else ""
    advice = severity is Severity.NOTE
    factor = f", the vendor advises {ADVISED_FACTOR} x {works}" if advice else ""
    return Finding(
        rule=CODE,
        name=NAME,
        severity=severity,
        confidence=confidence(evidence),
        message=f"{queue[0].title} hides a message for {hidden}, "
        f"{consumer[0].title} may work {works}{gathering}{factor}",
        span=next((limit.spans[0] for _, limit in (queue, consumer) if limit.spans), queue[0].span),
        steps=(
            _step(f"{queue[0].title} hides it for {hidden}", queue[1]),
            _step(f"{consumer[0].title} may work {works}", consumer[1]),
            *((_step(f"a batch is gathered for {show_bound(window.bound)}", window),) if window else ()),
        ),
        arithmetic=f"{hidden} < {ADVISED_FACTOR} x {works}{gathering}"
        if advice
        else f"{hidden} < {works}{gathering}",
        consequence="" if advice else "The message is handed out again while it is still being worked on.",
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        outer=limit_end(*queue),
        inner=limit_end(*consumer),
        budget_ms=queue[1].bound.value,
        needed_ms=consumer[1].bound.value,
    )


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
