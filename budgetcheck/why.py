"""Which limits of a request's way can have ended it as it was seen, the likeliest first.

Each limit that ends a wait fires at a known time after the request began, and its component shows something
of its own then: a status, a `Server` header, a line in the log. All of it is in the facts.
"""

from collections.abc import Iterable, Iterator

from budgetcheck import budget, facts
from budgetcheck.facts import Symptom
from budgetcheck.model.answer import Answer
from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.report import RouteReport
from budgetcheck.model.suspects import Seen, Suspect, Suspects
from budgetcheck.model.topology import Hop, Layer
from budgetcheck.series import pauses

_NEAR_SHARE, _NEAR_MS = 20, 1_000  # a twentieth, and at least a second
_MOST = 10
_MEANINGS = (*budget.WAITING, Meaning.CONNECT)
_SERVERS = {
    "awselb": "aws_lb",
    "cloudfront": "aws_cloudfront_distribution",
    "nginx": "nginx",
    "gunicorn": "gunicorn",
    "uvicorn": "uvicorn",
    "hypercorn": "hypercorn",
    "istio-envoy": "istio",
    "google frontend": "google_cloud_run_v2_service",
}
"""What the `Server` header says of the component that answered."""


def suspects(answer: Answer, seen: Seen) -> Suspects:
    """The limits that can have fired on the routes of an answer."""
    found: dict[tuple[str, str], Suspect] = {}
    for serving in answer.serving:
        for route in serving.routes:
            for suspect in _of_route(route, seen):
                key = (suspect.title, suspect.setting)
                if key not in found or suspect.score > found[key].score:
                    found[key] = suspect
    likely = sorted(found.values(), key=lambda one: (-one.score, one.fires_ms, one.title, one.setting))
    return Suspects(answer=answer, seen=seen, suspects=tuple(likely[:_MOST]))


def _of_route(route: RouteReport, seen: Seen) -> Iterator[Suspect]:
    for part in route.hops:
        for limit in part.hop.limits:
            if limit.meaning in _MEANINGS and limit.of_answer:
                for fires, why in _times(part.hop, limit):
                    suspect = _suspect(route, part.hop, limit, fires, why, seen)
                    if suspect is not None:
                        yield suspect


def _times(hop: Hop, limit: Limit) -> Iterator[tuple[int, str]]:
    """When the limit fires: after its time, or after that of all attempts."""
    once = budget.effective(limit).value
    if once is None:
        return
    yield once, ""
    made = hop.retry.attempts.value
    if made is not None and 1 < made <= 50 and limit.meaning is not Meaning.TOTAL:
        yield made * once + pauses(hop.retry.backoff, made - 1), f"after {made} attempts"


def _suspect(route: RouteReport, hop: Hop, limit: Limit, fires: int, why: str, seen: Seen) -> Suspect | None:
    symptom = _symptom(hop, limit)
    score, reasons = _judged(hop, symptom, fires, seen)
    if score is None:
        return None
    return Suspect(
        component=hop.component,
        title=hop.title_short,
        setting=limit.setting,
        fires_ms=fires,
        shows=symptom.text if symptom else "",
        log=symptom.log if symptom else "",
        span=limit.spans[0] if limit.spans else None,
        source=limit.source,
        route=route.route.name,
        score=score,
        reasons=(*([why] if why else []), *reasons),
    )


def _judged(hop: Hop, symptom: Symptom | None, fires: int, seen: Seen) -> tuple[int | None, list[str]]:
    """How well a limit explains what was seen; None where it cannot be the one."""
    score, reasons = 0, []
    if seen.after_ms is not None:
        near = max(_NEAR_MS, seen.after_ms // _NEAR_SHARE)
        if abs(fires - seen.after_ms) > near:
            return None, []
        score += 4
        reasons.append("fires at that time")
    status = symptom.status if symptom else None
    if seen.status:
        if status is not None and status != seen.status:
            return None, []
        if status == seen.status:
            score += 3
            reasons.append(f"answers {status}")
        elif hop.layer is Layer.CALL and seen.status == 500:
            score += 2
            reasons.append("its error makes the application answer 500")
        elif hop.layer is Layer.CALL:
            score -= 1
            reasons.append("raises in the application, which decides on the status")
    if seen.server:
        own = next((name for mark, name in _SERVERS.items() if mark in seen.server), "")
        if own and own != hop.component:
            score -= 2
            reasons.append(f"the Server header is that of {own}")
        elif own:
            score += 3
            reasons.append("the Server header is its own")
    return score, reasons


def _symptom(hop: Hop, limit: Limit) -> Symptom | None:
    component = facts.find(hop.component)
    found: Iterable[Symptom | None] = (
        fact.symptom
        for fact in (component.limits if component else ())
        if fact.setting == limit.setting.rpartition(".")[2] or fact.setting == limit.setting
    )
    return next((symptom for symptom in found if symptom is not None), None)
