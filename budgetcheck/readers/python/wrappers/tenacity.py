"""tenacity: https://tenacity.readthedocs.io/en/latest/. Stops, waits and filters, and sums of them."""

from itertools import pairwise

from budgetcheck.model.span import Span
from budgetcheck.readers.python.values import Args, Caught, Made, PyValue, Wrapper
from budgetcheck.readers.python.wrappers.parts import (
    NOTHING_KNOWN,
    Parts,
    args_of,
    caught_by,
    last_of,
    missing,
    number_of,
)

COUNTS = "stop_after_attempt"
_JITTER = "jitter"
"""Trait: how pauses are random."""


def retrying(args: Args) -> Wrapper:
    """`@retry(stop=..., wait=..., retry=...)`, `Retrying(...)`: bare it tries for ever."""
    parts = Parts(span=args.span)
    stop, wait = args.get("stop", 1), args.get("wait", 2)
    if stop is not None:
        _stop(stop, parts)
    elif args.open:
        parts.unread(COUNTS, "it may be given by **")
    if wait is not None:
        _wait(wait, parts)
    elif args.open:
        parts.unread("backoff.first", "it may be given by **")
    kept = args.get("retry", 3)
    caught = (NOTHING_KNOWN,) if kept is None and args.open else _caught(kept)
    return parts.wrapper("tenacity", COUNTS, caught)


def _stop(value: PyValue, parts: Parts) -> None:
    """`stop_after_attempt(3) | stop_after_delay(10)`: whichever comes first."""
    name, args = last_of(value), args_of(value, parts.span)
    match name:
        case "or_" | "stop_any":
            for part in args.positional:
                _stop(part, parts)
        case "stop_after_attempt":
            parts.least(COUNTS, args.get("max_attempt_number", 0) or missing(args.span))
        case "stop_after_delay" | "stop_before_delay":
            parts.least(name, args.get("max_delay", 0) or missing(args.span))
        case "stop_never":
            return
        case _:
            if COUNTS not in parts.settings:
                parts.unread(COUNTS, f"{name or 'this stop condition'} is not followed", _place(value, parts))


def _wait(value: PyValue, parts: Parts) -> None:
    """Upper bounds of the pauses: first, factor, most, jitter, least."""
    name, args = last_of(value), args_of(value, parts.span)
    match name:
        case "wait_none":
            return
        case "add" | "wait_combine":
            _sum(_terms(value), parts, _place(value, parts))
        case "wait_fixed":
            parts.give("backoff.first", args.get("wait", 0) or missing(args.span))
            parts.give("backoff.factor", 1)
        case "wait_random":
            parts.give("backoff.first", args.get("max", 1) or 1)
            parts.give("backoff.factor", 1)
            parts.give("backoff.least", args.get("min", 0))
            parts.traits[_JITTER] = "full"
        case "wait_exponential" | "wait_random_exponential" | "wait_full_jitter":
            _exponential(args, parts)
            if name != "wait_exponential":
                parts.traits[_JITTER] = "full"
        case "wait_exponential_jitter":
            parts.give("backoff.first", args.get("initial", 0) or 1)
            parts.give("backoff.most", args.get("max", 1))
            parts.give("backoff.factor", args.get("exp_base", 2))
            parts.give("backoff.jitter", args.get("jitter", 3) or 1)
            parts.traits[_JITTER] = "capped"
        case "wait_chain":
            _chain(args, parts, _place(value, parts))
        case _:
            parts.unread("backoff.first", f"{name or 'this wait'} is not followed", _place(value, parts))


def _exponential(args: Args, parts: Parts) -> None:
    """clamp(multiplier x exp_base^(k-1), min, max)."""
    parts.give("backoff.first", args.get("multiplier", 0) or 1)
    for part, name, position in (("most", "max", 1), ("factor", "exp_base", 2), ("least", "min", 3)):
        parts.give(f"backoff.{part}", args.get(name, position))


def _terms(value: PyValue) -> list[PyValue]:
    """The waits that a sum is made of."""
    if last_of(value) not in ("add", "wait_combine") or not isinstance(value, Made):
        return [value]
    return [term for part in value.args.positional for term in _terms(part)]


def _sum(terms: list[PyValue], parts: Parts, place: Span) -> None:
    """`wait_fixed(15) + wait_random_exponential(...)`: what does not grow is added to each pause."""
    growing = [term for term in terms if last_of(term) not in ("wait_fixed", "wait_random", "wait_none")]
    added = [_constant(term) for term in terms if term not in growing]
    known = [number for number in added if number is not None]
    jitters = any(last_of(term) == "wait_exponential_jitter" for term in growing)
    if len(growing) > 1 or len(known) < len(added) or jitters:
        parts.unread("backoff.first", "this sum of waits is not followed", place)
        return
    if growing:
        _wait(growing[0], parts)
        parts.give("backoff.jitter", sum(known))
        return
    fixed = sum(number_of(args_of(term, place).get("wait", 0)) or 0 for term in terms if _is_fixed(term))
    parts.give("backoff.first", fixed)
    parts.give("backoff.factor", 1)
    parts.give("backoff.jitter", sum(known) - fixed)


def _is_fixed(term: PyValue) -> bool:
    return last_of(term) == "wait_fixed"


def _constant(term: PyValue) -> int | float | None:
    """The longest pause of a wait that does not grow; None where it is not a number."""
    args = args_of(term, Span(file=""))
    match last_of(term):
        case "wait_fixed":
            return number_of(args.get("wait", 0))
        case "wait_random":
            longest = args.get("max", 1)
            return 1 if longest is None else number_of(longest)
        case _:
            return 0


def _chain(args: Args, parts: Parts, place: Span) -> None:
    """`wait_chain(wait_fixed(1), wait_fixed(2), wait_fixed(4))`, where the steps grow by one factor."""
    steps = [_constant(step) if _is_fixed(step) else None for step in args.positional]
    known = [step for step in steps if step is not None]
    if args.open or not known or len(known) < len(steps) or not _geometric(known):
        parts.unread("backoff.first", "this chain of waits is not followed", place)
        return
    parts.give("backoff.first", known[0])
    parts.give("backoff.factor", known[1] / known[0] if len(known) > 1 and known[0] else 1)
    parts.give("backoff.most", known[-1])


def _geometric(steps: list[int | float]) -> bool:
    if len(steps) < 2:
        return True
    if steps[0] <= 0 or steps[-1] < steps[0]:
        return False
    return all(later * steps[0] == earlier * steps[1] for earlier, later in pairwise(steps))


def _caught(kept: PyValue | None) -> tuple[Caught, ...]:
    """The failures that a `retry=` lets through to a further attempt; empty for all."""
    if kept is None:
        return ()
    args = args_of(kept, Span(file=""))
    match last_of(kept):
        case "or_" | "retry_any":
            found = [_caught(part) for part in args.positional]
            return () if () in found else tuple(one for several in found for one in several)
        case "retry_always":
            return ()
        case "retry_if_exception_type" if isinstance(kept, Made):
            given = args.get("exception_types", 0)
            return () if given is None else (caught_by(given),)
        case "retry_if_not_exception_type" if isinstance(kept, Made):
            given = args.get("exception_types", 0)
            return () if given is None else (caught_by(given, but_these=True),)
        case "retry_if_result" | "retry_if_not_result" | "retry_never":
            return (Caught(names=()),)
        case _:
            return (NOTHING_KNOWN,)


def _place(value: PyValue, parts: Parts) -> Span:
    return value.spans[0] if value.spans else parts.span
