"""Putting work together: one after the other, at the same time, or one of several.

What makes no calls is `NOTHING`. Branches that another branch goes on from are left out: they are never the
longest, and a work tree that names every early return would not be read by anybody.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Sequence_

from budgetcheck.model.bound import Bound, lift, unknown
from budgetcheck.model.span import Span
from budgetcheck.model.topology import CallWork, Choice, Loop, Parallel, Sequence, Work, Wrapped, pieces

NOTHING: Work = Sequence()


def in_order(*parts: Work) -> Work:
    """Work done one after the other."""
    found = tuple(step for part in parts for step in steps(part))
    return found[0] if len(found) == 1 else Sequence(parts=found)


def at_once(parts: Iterable[Work]) -> Work:
    """Work done at the same time."""
    found = tuple(part for part in parts if part != NOTHING)
    if len(found) < 2:
        return found[0] if found else NOTHING
    return Parallel(parts=found)


def in_turns(parts: Sequence_[Work], most: int) -> Work:
    """Work of which `most` pieces are done at the same time, then the next ones."""
    turns = (at_once(parts[start : start + most]) for start in range(0, len(parts), most))
    return in_order(*turns)


def either(*parts: Work | None) -> Work | None:
    """One of several pieces of work; None stands for a way that is never taken."""
    given = [part for part in parts if part is not None]
    if len(given) < 2:
        return given[0] if given else None
    ways: list[Work] = []
    for way in (way for part in given for way in _ways(part)):
        if way not in ways:  # compared one by one: trees that share their parts compare fast and hash slowly
            ways.append(way)
    longest = [way for way in ways if not any(other != way and _goes_on(way, other) for other in ways)]
    return longest[0] if len(longest) == 1 else Choice(parts=tuple(longest))


def repeated(times: Bound, body: Work, span: Span) -> Work:
    """Work done several times."""
    if body == NOTHING or times.high == 0:
        return NOTHING
    return body if times.value == 1 else Loop(times=times, body=body, span=span)


def once_less(times: Bound) -> Bound:
    """One round less, never below none."""
    return lift(lambda count: None if count is None else max(count - 1, 0), times)


def wrapped(address: str, body: Work) -> Work:
    """Work with a wrapper round it; a wrapper round nothing is nothing."""
    return NOTHING if body == NOTHING else Wrapped(address=address, body=body)


def steps(work: Work) -> tuple[Work, ...]:
    """The parts of work that is done one after the other."""
    return work.parts if isinstance(work, Sequence) else (work,)


def some_of(work: Work, span: Span) -> Work:
    """Some of the calls in a piece of work, some number of times: all that is said of too large a piece."""
    calls = tuple(CallWork(address=address) for address in dict.fromkeys(calls_in(work)))
    times = unknown("there are too many calls to go through", low=1)
    return Loop(times=times, body=Choice(parts=calls) if len(calls) > 1 else calls[0], span=span)


def size(work: Work, most: int) -> int:
    """How many calls are named in a piece of work; stops counting beyond `most`."""
    count = 0
    for _ in calls_in(work):
        count += 1
        if count > most:
            break
    return count


def calls_in(work: Work) -> Iterator[str]:
    """Addresses of the calls in a piece of work, in order and as often as they are named."""
    match work:
        case CallWork(address=address):
            yield address
        case Sequence(parts=parts) | Parallel(parts=parts) | Choice(parts=parts):
            for part in parts:
                yield from calls_in(part)
        case Loop(body=body) | Wrapped(body=body):
            yield from calls_in(body)


def addresses_in(work: Work) -> Iterator[str]:
    """Addresses of the calls in a piece of work and of what stands round them, each place once."""
    return (piece.address for piece in pieces(work) if isinstance(piece, CallWork | Wrapped))


def _ways(work: Work) -> tuple[Work, ...]:
    return work.parts if isinstance(work, Choice) else (work,)


def _goes_on(short: Work, long: Work) -> bool:
    """The longer one begins with the shorter one."""
    first, second = steps(short), steps(long)
    return len(first) <= len(second) and second[: len(first)] == first
