"""Attempts one after the other: how long they take, and how many there are.

Concrete rules, measured on nginx, the SDKs and tenacity: an attempt lasts until the next hop answers or the
hop's patience ends. An answer in time ends everything, unless error answers are tried again too. After a
failed attempt a new one starts if attempts are left and less than the gate has passed; a running attempt
is never cut by the gate. Where pauses are random the longest run is looked for: shorter pauses may let one
more attempt through the gate.

Where numbers are exact, or one of a few, the rules are applied to each combination; for ranges, bounds
that contain every combination are given (with a gate the sum is not monotone: 3 x 4 s may end before
4 x 3.5 s).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from budgetcheck.model.bound import (
    ONE,
    Bound,
    Extended,
    combinations,
    largest,
    less_or_equal,
    minimum,
    of_cases,
    smallest,
    union,
)
from budgetcheck.model.limits import NO_BACKOFF, Backoff, Gate

_MOST_COMBINATIONS = 64
_REMEMBERED = 8_192  # thousands of locations differ in a few numbers only
_MOST_ATTEMPTS = 1_000  # beyond this many, pauses count as the largest one each


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """How a hop tries for one method class.

    Attributes:
        attempts: attempts if each runs into a timeout.
        answered: attempts if each is answered with an error in time; one where an answer is passed on.
        connects: connection attempts when every address is dead.
        gate: milliseconds after which no new attempt starts; unlimited where there is none. `asked`: when.
        backoff: pauses between attempts.
    """

    attempts: Bound
    answered: Bound
    connects: Bound
    gate: Bound
    backoff: Backoff
    asked: Gate = Gate.AFTER_ATTEMPT


def total(inner: Bound, wait: Bound, tries: Tries) -> Bound:
    """Milliseconds until the hop answers or gives up. Pauses that are not known leave it open how long."""
    if not tries.backoff.unknown:
        return _total(inner, wait, tries)
    without = _total(inner, wait, replace(tries, backoff=NO_BACKOFF))
    if waited(inner, wait, tries) == ONE or without.high is None:
        return without
    return Bound(low=without.low, high=None, reason=tries.backoff.unknown)


@lru_cache(maxsize=_REMEMBERED)
def _total(inner: Bound, wait: Bound, tries: Tries) -> Bound:
    exact = _each(lambda run: run[0], inner, wait, tries)
    if exact is not None:
        return exact
    parts = []
    attempt = minimum(inner, wait)
    if _may_answer(inner, wait):
        parts.append(attempt if tries.answered == ONE else _repeated(attempt, tries.answered, tries))
    if _may_time_out(inner, wait):
        # Attempts that time out last as long as the patience, which is then less than the next hop's need.
        timed_out = Bound(low=wait.low, high=attempt.high, reason=inner.reason)
        parts.append(_repeated(timed_out, tries.attempts, tries))
    return union(parts)


@lru_cache(maxsize=_REMEMBERED)
def started(inner: Bound, wait: Bound, tries: Tries) -> Bound:
    """Attempts that are started, the first included."""
    exact = _each(lambda run: run[1], inner, wait, tries)
    if exact is not None:
        return exact
    made = waited(inner, wait, tries)
    return made if tries.gate.unlimited else Bound(low=1, high=made.high, reason=tries.gate.reason)


@lru_cache(maxsize=_REMEMBERED)
def waited(inner: Bound, wait: Bound, tries: Tries) -> Bound:
    """Attempts that are waited for, the gate aside. One that never ends is the last."""
    made = []
    if _may_answer(inner, wait):
        made.append(tries.answered)
    if _may_time_out(inner, wait):
        made.append(tries.attempts)
    if minimum(inner, wait).high is None:
        return ONE if minimum(inner, wait).unlimited else union((ONE, *made))
    return union(made)


def pauses(backoff: Backoff, retries: int) -> int:
    """Milliseconds of all pauses before `retries` retries, at most."""
    if backoff == NO_BACKOFF or backoff.unknown:
        return 0
    summed = sum(backoff.pause(retry) for retry in range(1, min(retries, _MOST_ATTEMPTS) + 1))
    beyond = retries - _MOST_ATTEMPTS
    return summed + beyond * backoff.pause(_MOST_ATTEMPTS) if beyond > 0 else summed


def _each(
    pick: Callable[[tuple[Extended, Extended]], Extended], inner: Bound, wait: Bound, tries: Tries
) -> Bound | None:
    """A part of the outcome for every combination of values; None where they are too many or a range."""
    vague = (inner, wait, tries.attempts, tries.answered, tries.gate)
    rows = combinations(vague, _MOST_COMBINATIONS)
    if rows is None:
        return None
    reasons = dict.fromkeys(bound.reason for bound in vague if bound.reason)
    outcomes = (
        (pick(_run(i, w, answered if less_or_equal(i, w) else attempts, gate, tries)), where)
        for (i, w, attempts, answered, gate), where in rows
    )
    return of_cases(outcomes, "; ".join(reasons))


def _run(
    inner: Extended, wait: Extended, attempts: Extended, gate: Extended, tries: Tries
) -> tuple[Extended, Extended]:
    """Milliseconds and attempts for concrete numbers."""
    attempt = smallest((inner, wait))
    if attempt is None:
        return None, 1
    if gate is None:
        if attempts is None:
            return (None if attempt or tries.backoff.pause(2) else 0), None
        return attempt * attempts + pauses(tries.backoff, attempts - 1), attempts
    return _gated(attempt, attempts, gate, tries)


def _gated(attempt: int, attempts: Extended, gate: int, tries: Tries) -> tuple[int, int]:
    """The longest run, and its attempts: gone through with the earliest and latest start of each attempt."""
    early = late = latest = 0
    made = 1
    while (attempts is None or made < attempts) and made < _MOST_ATTEMPTS:
        following = _next_starts(early, late, attempt, made, gate, tries)
        if following is None:
            break
        early, late = following
        latest = max(latest, late)
        made += 1
    return latest + attempt, made


def _next_starts(
    early: int, late: int, attempt: int, made: int, gate: int, tries: Tries
) -> tuple[int, int] | None:
    """Earliest and latest start of the attempt after one that starts in this time; None if none does."""
    short, long = tries.backoff.shortest_pause(made), tries.backoff.pause(made)
    first, last = early + attempt, late + attempt
    match tries.asked:
        case Gate.AFTER_ATTEMPT:
            return None if first >= gate else (first + short, min(last, gate) + long)
        case Gate.WITH_PAUSE:
            return None if first + short >= gate else (first + short, min(last + long, gate))
        case Gate.LAST_START:
            # No pause lasts longer than what is left from the start of the attempt to the gate.
            if early >= gate:
                return None
            late = min(late, gate)
            return attempt + min(early + short, gate), attempt + min(late + long, gate)


def _repeated(attempt: Bound, attempts: Bound, tries: Tries) -> Bound:
    """Bounds of the sum for ranges: all attempts, or until the gate plus one pause and one attempt."""
    low = _series(attempt.low, attempts.low, tries.backoff)
    high = _series(attempt.high, attempts.high, tries.backoff)
    reason = "; ".join(dict.fromkeys(b.reason for b in (attempt, attempts, tries.gate) if b.reason))
    if tries.gate.unlimited:
        return Bound(low=low, high=high, reason=reason)
    low = smallest((low, largest((tries.gate.low, attempt.low))))
    if tries.asked is Gate.WITH_PAUSE:  # a pause that goes beyond the gate ends it before
        low = smallest((low, attempt.low))
    if tries.gate.high is not None and attempt.high is not None:
        beyond = _beyond_gate(attempt.high, attempts, tries)
        high = smallest((high, None if beyond is None else tries.gate.high + beyond))
    return Bound(low=low, high=high, reason=reason)


def _beyond_gate(attempt: int, attempts: Bound, tries: Tries) -> Extended:
    """Milliseconds that a run may last beyond the gate."""
    match tries.asked:
        case Gate.AFTER_ATTEMPT:
            pause = _longest_pause(attempts, tries.backoff)
            return None if pause is None else pause + attempt
        case Gate.WITH_PAUSE:
            return attempt
        case Gate.LAST_START:
            return 2 * attempt


def _series(attempt: Extended, attempts: Extended, backoff: Backoff) -> Extended:
    if attempt is None:
        return None
    if attempts is None:
        return None if attempt or backoff.pause(2) else 0
    return attempt * attempts + pauses(backoff, attempts - 1)


def _longest_pause(attempts: Bound, backoff: Backoff) -> Extended:
    if attempts.high is not None:
        return backoff.pause(attempts.high)
    return None if backoff.most is None and backoff.first else backoff.pause(_MOST_ATTEMPTS)


def _may_answer(inner: Bound, wait: Bound) -> bool:
    return less_or_equal(inner.low, wait.high)


def _may_time_out(inner: Bound, wait: Bound) -> bool:
    return not less_or_equal(inner.high, wait.low)
