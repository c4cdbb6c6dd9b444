"""BC106 stream-cut

What it checks
    A streaming, WebSocket or long-poll route under a total limit, or under an idle limit with no shorter
    heartbeat.

Why it matters
    A stream is not over when the first byte is there. A total limit cuts it however lively it is; an idle
    limit cuts it in the first pause that is longer, and a model that thinks is a pause. The client sees a
    broken connection after a status of 200.

Bad
    A StreamingResponse behind API Gateway (29 s in total), or behind proxy_read_timeout 60s with a heartbeat
    every 60 s.

Good
    An idle limit with a heartbeat well below it; a limit of a day or more, as for connections that are meant
    to stay; or a shorter total limit that is meant (say so with a suppression).
    An idle limit over a route that does not stream is judged by BC101.

References
    https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout
    https://html.spec.whatwg.org/multipage/server-sent-events.html#authoring-notes
"""

from collections.abc import Iterator

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.model.bound import Bound
from budgetcheck.model.findings import Confidence, Finding, Severity, Step
from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.options import Options
from budgetcheck.model.report import Verdict
from budgetcheck.model.topology import Evidence, Hop, Layer
from budgetcheck.rules.arithmetic import show_bound
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.proof import limit_end, need_end

CODE, NAME = "BC106", "stream-cut"

_LONG_MS = 300_000
_DAY_MS = 86_400_000
"""What is written for streams where there is no word for "no limit"."""
HEARTBEAT = "heartbeat"
"""The setting of a handler that says how often its stream is certainly fed."""


def check(assessment: Assessment, _options: Options) -> Iterator[Finding]:
    """One finding for each hop that may cut the stream of a streaming route."""
    if not assessment.route.streaming:
        return
    heartbeat = _heartbeat(assessment.route.handler)
    for hop in assessment.route.chain:
        if hop.layer in (Layer.HANDLER, Layer.CALL):
            continue
        for limit in hop.limits:
            if limit.of_answer and _may_cut(limit, heartbeat):
                yield _finding(assessment, hop, limit, heartbeat)
                break  # the tightest of a hop's limits is listed first; one finding per hop


def _heartbeat(handler: Hop | None) -> Limit | None:
    limits = handler.limits if handler else ()
    return next((limit for limit in limits if limit.setting == HEARTBEAT), None)


def _may_cut(limit: Limit, heartbeat: Limit | None) -> bool:
    granted = budget.effective(limit)
    if granted.unlimited or granted.low is None or granted.low >= _DAY_MS:
        return False
    if not granted.low and granted.high is None and not granted.choices:
        return False  # nothing is known of it: the missing number is what is reported (BC902)
    if limit.meaning in (Meaning.TOTAL, Meaning.PER_ATTEMPT):
        return True
    if not budget.rearmed(limit.meaning):
        return False
    if heartbeat is None:
        return True
    fits = budget.compare(budget.effective(limit), heartbeat.bound) is Verdict.FITS
    return not fits or budget.effective(limit) == heartbeat.bound


def _finding(assessment: Assessment, hop: Hop, limit: Limit, heartbeat: Limit | None) -> Finding:
    time = show_bound(budget.effective(limit))
    total = not budget.rearmed(limit.meaning)
    if total:
        what = f"{hop.title_short} ends the stream after {time}, however lively it is"
    elif heartbeat is None:
        what = f"{hop.title_short} ends the stream in a pause of {time}, and no heartbeat is known"
    else:
        what = f"{hop.title_short} ends the stream in a pause of {time}; the heartbeat comes every " + (
            show_bound(heartbeat.bound)
        )
    sure = all(link.evidence >= Evidence.ADDRESS for link in assessment.route.links)
    handler = assessment.route.handler or hop
    return Finding(
        rule=CODE,
        name=NAME,
        severity=_severity(hop, limit, heartbeat),
        confidence=Confidence.HIGH if sure and (total or heartbeat) else Confidence.MEDIUM,
        message=what,
        span=limit.spans[0] if limit.spans else hop.span,
        steps=(
            Step(
                text=f"{hop.title_short} grants {time}\t{limit.setting if limit.spans else limit.source}",
                span=limit.spans[0] if limit.spans else None,
            ),
        ),
        consequence="The client sees a broken connection after a status of 200.",
        notes=()
        if total
        else ("Send something more often than that, and say so: heartbeat: 15s on the route.",),
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        outer=limit_end(hop, limit),
        inner=limit_end(handler, heartbeat) if heartbeat else need_end(handler),
        budget_ms=budget.effective(limit).value,
        needed_ms=heartbeat.bound.value if heartbeat else None,
    )


def _is_long(bound: Bound) -> bool:
    """Somebody chose it for streams: most send something within minutes, though no file says so."""
    return bound.low is None or bound.low >= _LONG_MS


def _severity(hop: Hop, limit: Limit, heartbeat: Limit | None) -> Severity:
    """A function's own run time is chosen for its stream; a default or a maximum is nobody's decision."""
    patient = heartbeat is None and budget.rearmed(limit.meaning) and _is_long(budget.effective(limit))
    at_the_cap = limit.cap is not None and limit.bound.value == limit.cap  # more cannot be had
    if (hop.layer is Layer.PLATFORM and heartbeat is None) or at_the_cap or patient:
        return Severity.NOTE
    return Severity.WARNING if limit.written or heartbeat is not None else Severity.NOTE


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.WARNING,
    summary="a streaming route under a total limit, or an idle limit with no shorter heartbeat",
    manual=__doc__,
    check=check,
)
