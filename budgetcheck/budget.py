"""Worst cases and verdicts: pure arithmetic over the model.

Two numbers per hop and method class: `hang`, where every dependency accepts the connection, reads the
request and stays silent (this gives the verdict), and `strict`, which also counts dead hosts, TLS, pools
and Retry-After (this goes into notes).

One attempt waits for `min(what the next hop may need, what this hop grants)`. Where the next hop certainly
answers within the grant, its answer ends the wait and nothing is tried again: proxies and clients repeat
after a timeout, not after a late answer (an upstream's own 504 passes through nginx at once). Where it may
not, every permitted attempt runs into the limit.
"""

from budgetcheck import series
from budgetcheck.model.bound import (
    ONE,
    UNLIMITED,
    ZERO,
    Bound,
    Extended,
    exactly,
    less_or_equal,
    lift,
    maximum,
    minimum,
    union,
    unknown,
)
from budgetcheck.model.limits import Gate, Limit, Meaning, Repeats
from budgetcheck.model.report import Verdict, WorstCase
from budgetcheck.model.topology import Hop, Layer, MethodClass
from budgetcheck.series import Tries

WAITING = (
    Meaning.PER_ATTEMPT,
    Meaning.FIRST_BYTE,
    Meaning.HEADER_TOTAL_BODY_IDLE,
    Meaning.IDLE,
    Meaning.TOTAL,
)
"""Meanings of limits that end the wait for a silent next hop."""


def effective(limit: Limit) -> Bound:
    """The limit as the platform honours it: what is configured, never more than its hard cap."""
    return limit.bound if limit.cap is None else minimum(limit.bound, exactly(limit.cap))


def grant(hop: Hop, *, streaming: bool = False) -> Limit | None:
    """The tightest limit this hop puts on the wait for the next one's answer; None where it has none.

    On a streaming route an idle limit is re-armed by every chunk and so grants no fixed time.
    """
    waiting = [
        limit
        for limit in hop.limits
        if limit.of_answer and limit.meaning in WAITING and not (streaming and rearmed(limit.meaning))
    ]
    return min(waiting, key=lambda limit: _order(effective(limit)), default=None)


def rearmed(meaning: Meaning) -> bool:
    """The clock starts again with every byte of the response body."""
    return meaning in (Meaning.IDLE, Meaning.HEADER_TOTAL_BODY_IDLE)


def patience(hop: Hop) -> Bound:
    """How long one attempt waits for a silent next hop; unlimited where nothing ends it."""
    bounds = [effective(limit) for limit in hop.limits if limit.of_answer and limit.meaning in WAITING]
    return minimum(*bounds) if bounds else UNLIMITED


def overall(hop: Hop) -> Bound:
    """The total over all attempts of this hop; unlimited where there is none."""
    bounds = [effective(limit) for limit in hop.limits if limit.of_answer and limit.meaning is Meaning.TOTAL]
    return minimum(*bounds) if bounds else UNLIMITED


def worst_case(hop: Hop, inner: WorstCase | None, methods: MethodClass) -> WorstCase:
    """How long `hop` may keep its caller waiting, given what the next hop may need.

    `inner` is None where the next hop is not known. A proxy, platform or client then waits for somebody
    silent; what an application server or handler does without being stopped is not known.
    """
    if inner is None:
        inner = _silent(hop)
    tries = _tries(hop, methods)
    wait = patience(hop)
    return WorstCase(
        hang=minimum(series.total(inner.hang, wait, tries), overall(hop)),
        strict=_strict(hop, inner.strict, wait, tries),
        attempts=series.started(inner.hang, wait, tries),
    )


def one_attempt(hop: Hop, inner: WorstCase | None = None) -> Bound:
    """The hang of a single attempt."""
    known = inner or _silent(hop)
    return minimum(known.hang, patience(hop))


def passes(before: list[WorstCase], own: WorstCase, after: list[WorstCase]) -> WorstCase:
    """Passes that run one after the other add up, attempts included."""
    total = own
    for part in (*before, *after):
        total = WorstCase(
            hang=total.hang + part.hang,
            strict=total.strict + part.strict,
            attempts=total.attempts + part.attempts,
        )
    return total


def either(first: WorstCase, second: WorstCase) -> WorstCase:
    """One of two outcomes, and these files do not say which."""
    return WorstCase(
        hang=union((first.hang, second.hang)),
        strict=union((first.strict, second.strict)),
        attempts=union((first.attempts, second.attempts)),
    )


def compare(granted: Bound, needed: Bound) -> Verdict:
    """FITS if the need is never above the grant, EXCEEDS if it always is, else CANNOT TELL.

    Sets of possible values need no case of their own: both claims hold for a set exactly if they hold for
    its smallest and largest value.
    """
    if less_or_equal(needed.high, granted.low):
        return Verdict.FITS
    if not less_or_equal(needed.low, granted.high):
        return Verdict.EXCEEDS
    return Verdict.CANNOT_TELL


# What may be compared with what. The outer meaning is what the grant's clock measures, the inner one what
# the clock of the limit that makes the need measures. Pairs that are absent are not comparable: a number
# of the one says nothing about the other.
_ANSWER_CLAIMS = {
    Meaning.TOTAL: "the whole answer is there before the outer deadline",
    Meaning.PER_ATTEMPT: "the answer is there before the outer gives up this attempt",
    Meaning.FIRST_BYTE: "the response header is there before the outer stops waiting for it",
    Meaning.IDLE: "the first byte is there before the outer takes the silence for death",
    Meaning.HEADER_TOTAL_BODY_IDLE: "the response header is complete before the outer stops waiting for it",
}
CLAIMS: dict[tuple[Meaning, Meaning], str] = {
    (outer, inner): claim for outer, claim in _ANSWER_CLAIMS.items() for inner in _ANSWER_CLAIMS
} | {
    (Meaning.KEEPALIVE, Meaning.KEEPALIVE): "the outer stops reusing a connection before the inner closes it",
    (Meaning.IDLE, Meaning.KEEPALIVE): "the outer stops reusing a connection before the inner closes it",
    (Meaning.DRAIN, Meaning.TOTAL): "running requests end before the shutdown window does",
    (Meaning.DRAIN, Meaning.DRAIN): "the inner shutdown window ends before the outer one",
    (Meaning.VISIBILITY, Meaning.TOTAL): "the consumer is done before the message is handed out again",
}


def claim(outer: Meaning, inner: Meaning) -> str | None:
    """What `outer >= inner` claims, or None where the two do not compare."""
    return CLAIMS.get((outer, inner))


def _tries(hop: Hop, methods: MethodClass) -> Tries:
    retry = hop.retry
    gate = hop.limit(Meaning.START_GATE)
    unsafe = methods is MethodClass.NON_IDEMPOTENT
    attempts = retry.attempts_unsafe if unsafe else retry.attempts
    answered = retry.answered_unsafe if unsafe else retry.answered
    if answered is None:
        answered = attempts if Repeats.STATUS in retry.repeats else ONE
    return Tries(
        attempts=attempts,
        answered=answered,
        connects=retry.connects,
        gate=gate.bound if gate else UNLIMITED,
        asked=gate.gate if gate else Gate.AFTER_ATTEMPT,
        backoff=retry.backoff,
    )


def _silent(hop: Hop) -> WorstCase:
    limited = any(limit.of_answer and limit.meaning in WAITING for limit in hop.limits)
    passes_on = not limited and hop.layer in (Layer.PLATFORM, Layer.BALANCER)  # it waits as the next hop does
    if passes_on or (hop.layer in (Layer.SERVER, Layer.HANDLER) and patience(hop).high is None):
        nobody_knows = unknown(f"what {hop.title} does with a request is not in these files")
        return WorstCase(hang=nobody_knows, strict=nobody_knows, attempts=ONE)
    return WorstCase(hang=UNLIMITED, strict=UNLIMITED, attempts=ONE)


def _strict(hop: Hop, inner: Bound, wait: Bound, tries: Tries) -> Bound:
    """Every connection attempt pays for connecting; the attempts that got through wait as well.

    An upper bound rather than a prediction: where a gate stops new attempts, one more may be under way.
    """
    connect = _connecting(hop)
    attempt = minimum(inner, wait)
    between = _longest_pauses(hop, tries)
    total = tries.connects * connect + series.waited(inner, wait, tries) * attempt + between
    total += _waits_first(hop)
    if not tries.gate.unlimited:
        last = connect + attempt  # the one under way when the gate closes, and perhaps one more
        last = last + last if tries.asked is Gate.LAST_START else last
        total = minimum(total, tries.gate + last + between + _waits_first(hop))
    return minimum(total, overall(hop))


def _connecting(hop: Hop) -> Bound:
    """Connecting once: TCP, TLS where used, and for clients the pool and writing the request."""
    total = ZERO
    for limit in hop.limits:
        if limit.meaning is Meaning.CONNECT:
            once = lift(_twice, effective(limit)) if hop.tls else effective(limit)
            # Proxies count addresses as attempts; a client tries them all within one.
            total += once * hop.peers if limit.per_address and hop.layer is Layer.CALL else once
        elif hop.layer is Layer.CALL and limit.meaning in (Meaning.ACQUIRE, Meaning.SEND):
            total += effective(limit)
    return total


def _waits_first(hop: Hop) -> Bound:
    """What a proxy waits for once before its first attempt: another request that fills the cache."""
    if hop.layer is Layer.CALL:
        return ZERO
    waits = (effective(limit) for limit in hop.limits if limit.meaning is Meaning.ACQUIRE and limit.of_answer)
    return sum(waits, ZERO)


def _longest_pauses(hop: Hop, tries: Tries) -> Bound:
    """Backoff between all attempts, or what the server asks for where that is longer."""

    def summed(attempts: Extended, asked: Extended) -> Extended:
        if attempts is None:
            return None
        if asked is None:
            return None if attempts > 1 else 0
        return max(series.pauses(tries.backoff, attempts - 1), asked * (attempts - 1))

    tried = maximum(tries.connects, tries.attempts, tries.answered)
    known = lift(summed, tried, hop.retry.retry_after)
    if tries.backoff.unknown and tried != ONE and known.high is not None:
        return Bound(low=known.low, high=None, reason=tries.backoff.unknown)
    return known


def _twice(value: Extended) -> Extended:
    return None if value is None else value * 2


def _order(bound: Bound) -> tuple[bool, int, bool, int]:
    return (bound.low is None, bound.low or 0, bound.high is None, bound.high or 0)
