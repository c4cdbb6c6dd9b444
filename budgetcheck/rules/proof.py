"""The proof of a pair finding: both ends, the arithmetic, where every number came from, what happens.

Every line of it is for somebody who asks "where does that number come from?".
"""

from collections.abc import Iterator, Sequence

from budgetcheck import budget
from budgetcheck.assess import Joint
from budgetcheck.costs import Maker
from budgetcheck.model.bound import ONE, Bound
from budgetcheck.model.duration import show_duration
from budgetcheck.model.findings import Confidence, End, Finding, Severity, Step
from budgetcheck.model.limits import Count, Limit, Meaning, Origin
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Evidence, Hop, Layer, MethodClass
from budgetcheck.rules.arithmetic import (
    MOST_MAKERS,
    maker_expression,
    need_expression,
    retry_layers,
    show_bound,
    show_count,
)
from budgetcheck.rules.faults import Blame, Fault
from budgetcheck.series import pauses

_METHODS = {
    MethodClass.IDEMPOTENT: "GET, HEAD, PUT, DELETE",
    MethodClass.NON_IDEMPOTENT: "POST, PATCH",
}
_AWS = "botocore"
STORES = frozenset({"asyncpg", "elasticsearch", "psycopg", "pymongo", "redis", "sqlalchemy"})
"""Clients of stores, which a program makes in one place with the limit of all their calls."""
_SMALL = 10
"""A store's call below this part of the grant is small."""
_MEANING_WORDS = {
    Meaning.CONNECT: "connect timeout",
    Meaning.SEND: "write timeout",
    Meaning.FIRST_BYTE: "time to first byte",
    Meaning.IDLE: "read timeout",
    Meaning.HEADER_TOTAL_BODY_IDLE: "read timeout",
    Meaning.START_GATE: "no new attempt after",
    Meaning.ACQUIRE: "pool timeout",
    Meaning.KEEPALIVE: "keep-alive",
    Meaning.DRAIN: "drain",
    Meaning.HEALTH: "health check",
    Meaning.VISIBILITY: "visibility",
    Meaning.HEARTBEAT: "heartbeat",
}


def pair_finding(joint: Joint, fault: Fault, code: str, name: str) -> Finding:
    """The finding for a fault at a joint, with severity by what is written and how it is linked."""
    needed = show_bound(fault.needed)
    expression = need_expression(fault)
    granted = joint.granted
    return Finding(
        rule=code,
        name=name,
        severity=_severity(joint, fault),
        confidence=confidence(joint.evidence),
        message=_message(joint, fault),
        span=_first_look(joint, fault),
        steps=tuple(steps(joint, fault)),
        arithmetic=f"{expression} = {needed} > {show_bound(granted)}"
        if expression != needed
        else f"{needed} > {show_bound(granted)}",
        consequence=consequence(joint, fault),
        notes=tuple(_notes(joint, fault)),
        routes=(joint.route.name,),
        environments=(joint.route.environment,) if joint.route.environment else (),
        outer=grant_end(joint),
        inner=fault_end(fault),
        budget_ms=granted.value,
        needed_ms=proven(fault.needed),
    )


def grant_end(joint: Joint) -> End:
    """The outer end: the limit that grants."""
    return limit_end(joint.outer, joint.grant)


def need_end(hop: Hop, blame: Blame | None = None) -> End:
    """The inner end: the limit that decides one attempt, or the handler whose calls add up."""
    limit = deciding_limit(hop)
    if blame is Blame.SEQUENCE or limit is None:
        setting = "calls" if hop.layer is Layer.HANDLER else "no limit"
        return End(
            address=hop.address, component=hop.component, setting=setting, value_ms=None, span=hop.span
        )
    return limit_end(hop, limit)


def fault_end(fault: Fault) -> End:
    """The inner end of a fault: the deadline round the call where that decides."""
    deadline = None if fault.blame is Blame.SEQUENCE else fault.makers[0].deadline
    return need_end(fault.hop, fault.blame) if deadline is None else limit_end(fault.hop, deadline)


def deciding_limit(hop: Hop) -> Limit | None:
    """The limit that ends one attempt; where there is none, the one that is known to be unlimited."""
    return budget.grant(hop)


def confidence(evidence: Evidence) -> Confidence:
    """How sure a finding is, by how its hops are joined."""
    if evidence >= Evidence.ADDRESS:
        return Confidence.HIGH
    return Confidence.MEDIUM if evidence is Evidence.ONLY_CANDIDATE else Confidence.LOW


def steps(joint: Joint, fault: Fault) -> Iterator[Step]:
    """The two sides of the comparison, each factor of the need under it."""
    outer = joint.outer
    written = joint.grant.setting + _capped(joint.grant) if joint.grant.spans else joint.grant.source
    yield Step(
        text=f"{outer.title_short} grants {show_bound(joint.granted)}\t{written}",
        span=joint.grant.spans[0] if joint.grant.spans else None,
    )
    yield from provenance(joint.grant)
    if fault.blame is Blame.SEQUENCE:
        yield Step(
            text=f"{fault.hop.title} may take {show_bound(fault.needed)}\t{need_expression(fault)}",
            span=fault.hop.span,
        )
        # Those that take longest say most; where all are listed they stay in their order.
        shown = sorted(fault.makers, key=_longest_first) if len(fault.makers) > MOST_MAKERS else fault.makers
        for maker in shown[:MOST_MAKERS]:
            yield Step(
                text=f"{show_bound(maker.worst.hang)}\t{maker.hop.title}\t{maker_expression(maker)}",
                span=maker.hop.span,
                indent=1,
            )
        if len(shown) > MOST_MAKERS:
            yield Step(text=f"and {len(shown) - MOST_MAKERS} more", indent=1)
        for count, (made, words) in _rounds(fault).items():
            yield from _count_factor(made, count, words)
        return
    maker = fault.makers[0]
    yield Step(
        text=f"{maker.hop.title_short} may take {show_bound(fault.needed)}\t{maker_expression(maker)}",
        span=None,
    )
    yield from factors(maker)


def factors(maker: Maker) -> Iterator[Step]:
    """Where each number of one maker's need comes from: its limit, its attempts, and the layers round it."""
    limit = deciding_limit(maker.hop)
    if limit is not None:
        # "deadline" would be wrong for many totals, "limit of one attempt" for a statement timeout: their own
        # names say it.
        yield from _limit_factor(limit, _MEANING_WORDS.get(limit.meaning, limit.setting))
    if maker.hop.retry.count is not None and maker.hop.retry.attempts != ONE and maker.worst.attempts != ONE:
        own = maker.worst.attempts if not maker.layers else maker.hop.retry.attempts
        yield from _count_factor(own, maker.hop.retry.count, "attempts")
    for layer in reversed(retry_layers(maker)):
        if layer.retry.count is not None:
            yield from _count_factor(
                layer.retry.attempts, layer.retry.count, f"attempts of {layer.component}"
            )
    deadline = maker.deadline
    if deadline is not None:
        yield from _limit_factor(deadline, deadline.setting)


def _limit_factor(limit: Limit, words: str) -> Iterator[Step]:
    source = "" if limit.spans else f"\t{limit.source}"
    yield Step(
        text=f"{show_bound(budget.effective(limit))}\t{words}{_capped(limit)}{source}",
        span=limit.spans[0] if limit.spans else None,
        indent=1,
    )
    yield from provenance(limit)


def _count_factor(made: Bound, count: Count, words: str) -> Iterator[Step]:
    source = count.source if count.origin is Origin.DEFAULT else f"{count.setting}"
    yield Step(
        text=f"{show_count(made)}\t{words}\t{source}",
        span=count.spans[0] if count.spans else None,
        indent=1,
    )
    yield from provenance(count)


def provenance(setting: Limit | Count) -> Iterator[Step]:
    """The way from the place of use to the literal: variable, local, var file."""
    for span in setting.spans[1:]:
        yield Step(text=f"<- {span.text}" if span.text else "<-", span=span, indent=2)


def proven(needed: Bound) -> int | None:
    """The need as a number: exact, or the least that is certain; None where there is no end."""
    return needed.low


def consequence(joint: Joint, fault: Fault) -> str:
    """What the caller and the application experience when the grant ends first."""
    granted, needed = joint.granted.value, fault.needed.value
    if granted is None:
        return ""
    if joint.inner.is_function and joint.outer.layer is Layer.PLATFORM:
        return f"At {show_duration(granted)} the platform ends the function, in the middle of its work."
    at = f"At {show_duration(granted)} the caller gets {joint.grant.symptom or 'an error'}"
    if fault.hop.layer is not Layer.CALL and fault.blame is not Blame.SEQUENCE:
        if fault.hop.layer in (Layer.PROXY, Layer.BALANCER):
            return f"{at}; {fault.hop.title_short} is cut off before it can answer."
        return f"{at}; what runs behind it may go on {_left(granted, needed)}."
    if joint.outer.layer is Layer.SERVER and joint.grant.meaning is Meaning.TOTAL:
        return f"{at}; the server ends the worker in the middle of its work."
    if not _works_on(joint):
        return f"{at} while the call is still waiting."
    more = _attempts_after(fault, granted)
    text = f"{at}; the handler works on {_left(granted, needed)}"
    return f"{text} and starts up to {more} more attempt{'s' if more > 1 else ''}." if more else f"{text}."


def _left(granted: int, needed: int | None) -> str:
    return "without end" if needed is None else f"for {show_duration(needed - granted)}"


def _works_on(joint: Joint) -> bool:
    """Something between the cut and the call does not notice that its caller has left."""
    chain = joint.route.chain
    behind = chain[chain.index(joint.outer) :]
    return any(hop.work_goes_on for hop in behind) or not any(hop.layer is Layer.SERVER for hop in behind)


def _attempts_after(fault: Fault, granted: int) -> int:
    """Attempts that start after the grant has ended: paid work for nobody."""
    if len(fault.makers) == 1 and fault.makers[0].starts is not None:
        return sum(start >= granted for start in fault.makers[0].starts)
    attempts, attempt = fault.attempts.value, fault.attempt.value
    if len(fault.makers) != 1 or attempts is None or attempt is None:
        return 0
    backoff = fault.makers[0].hop.retry.backoff
    starts = (made * attempt + pauses(backoff, made) for made in range(1, min(attempts, 1_000)))
    return sum(start >= granted for start in starts)


def _severity(joint: Joint, fault: Fault) -> Severity:
    """Error only for a proven contradiction of which somebody wrote a side, across links with evidence.

    A note where the need is nothing but defaults that another version of the library may not have, or those
    of the SDK of AWS: nobody chose them, and every call of that library is alike. A note too where many small
    calls of a store add up.
    """
    if _only_versions(fault) or _many_small(joint, fault):
        return Severity.NOTE
    if joint.evidence < Evidence.ADDRESS or _doubts(joint, fault):
        return Severity.WARNING
    if set(fault.classes) != set(joint.costs):
        return Severity.WARNING  # only some methods, and which ones are used is not known
    return Severity.ERROR if joint.grant.written or _need_written(fault) else Severity.WARNING


def _need_written(fault: Fault) -> bool:
    return any(number.written for maker in fault.makers for number in _numbers(maker))


def _only_versions(fault: Fault) -> bool:
    if _need_written(fault):
        return False
    numbers = [number for maker in fault.makers for number in _numbers(maker)]
    return all(maker.hop.component == _AWS for maker in fault.makers) or any(
        number.doubt for number in numbers if number.origin is Origin.DEFAULT
    )


def _many_small(joint: Joint, fault: Fault) -> bool:
    """Calls of stores, each far below the grant: a store that stalls fails the first of them, not all."""
    granted = joint.granted.low
    certain = [maker for maker in fault.makers if maker.worst.hang.low]
    return (
        fault.blame is Blame.SEQUENCE
        and granted is not None
        and bool(certain)
        and all(maker.hop.component in STORES for maker in certain)
        and all((maker.worst.hang.low or 0) * _SMALL <= granted for maker in certain)
    )


def _numbers(maker: Maker) -> Iterator[Limit | Count]:
    """Every number that a need rests on."""
    for number in (deciding_limit(maker.hop), maker.hop.retry.count, maker.deadline):
        if number is not None:
            yield number
    for layer in retry_layers(maker):
        if layer.retry.count is not None:
            yield layer.retry.count


def _rounds(fault: Fault) -> dict[Count, tuple[Bound, str]]:
    """The counts of loops round the calls of a sequence, each once, with how many and of what."""
    return {
        layer.retry.count: (
            layer.retry.attempts,
            "steps in all" if layer.trait("steps_per_round") else "rounds",
        )
        for layer in fault.wrappers
        if layer.trait("kind") == "loop" and layer.retry.count is not None
    }


def _doubts(joint: Joint, fault: Fault) -> list[str]:
    numbers = [
        joint.grant,
        *(number for maker in fault.makers for number in _numbers(maker)),
        *_rounds(fault),
    ]
    return list(dict.fromkeys(number.doubt for number in numbers if number.doubt))


def _notes(joint: Joint, fault: Fault) -> Iterator[str]:
    if set(fault.classes) != set(joint.costs):
        yield f"Only for {_METHODS[fault.classes[0]]}; the methods of this route are not known."
    if joint.evidence < Evidence.ADDRESS:
        yield (
            "A warning because the link rests on a guess: say it in budgetcheck.yaml, "
            f"links: [{{outer: '{joint.outer.address}', inner: '{joint.inner.address}'}}]."
        )
    if _many_small(joint, fault):
        yield (
            "A note because these are calls of stores, each a small part of the whole: a store that stalls "
            "fails the first of them."
        )
    kind = "note" if _only_versions(fault) or _many_small(joint, fault) else "warning"
    yield from (f"A {kind} because {doubt}." for doubt in _doubts(joint, fault))


def _message(joint: Joint, fault: Fault) -> str:
    needs = need_expression(fault)
    needed = show_bound(fault.needed)
    detail = f" ({needs})" if needs != needed else ""
    may = "has no limit" if fault.needed.unlimited else f"may take {needed}{detail}"
    return f"{joint.outer.title_short} grants {show_bound(joint.granted)}, {fault.hop.title_short} {may}"


def _first_look(joint: Joint, fault: Fault) -> Span:
    """The limit that breaks where somebody wrote it, else the inner setting, else the inner hop."""
    if joint.grant.spans:
        return joint.grant.spans[0]
    limit = deciding_limit(fault.hop)
    if fault.blame is not Blame.SEQUENCE and limit is not None and limit.spans:
        return limit.spans[0]
    return fault.hop.span


def limit_end(hop: Hop, limit: Limit) -> End:
    """An end by its limit: the place of the number, or of the hop where nobody wrote one."""
    return End(
        address=hop.address,
        component=hop.component,
        setting=limit.setting,
        value_ms=limit.bound.value,
        span=_place(limit, hop),
        written=bool(limit.spans),
    )


def _place(limit: Limit, hop: Hop) -> Span:
    return limit.spans[0] if limit.spans else hop.span


def _capped(limit: Limit) -> str:
    """Says where the platform honours less than what is written."""
    if limit.cap is not None and limit.bound.high is not None and limit.bound.high > limit.cap:
        return f" (capped at {show_duration(limit.cap)} by the platform)"
    return ""


def _longest_first(maker: Maker) -> tuple[bool, int]:
    """By what is certain of it; a call that may take any time has nothing certain."""
    return not maker.worst.hang.unlimited, -(maker.worst.hang.low or 0)


def biggest(makers: Sequence[Maker]) -> Maker:
    """The maker with the largest need."""
    return max(makers, key=lambda m: (m.worst.hang.low is None, m.worst.hang.low or 0))
