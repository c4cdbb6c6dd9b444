"""What stands round calls: the arithmetic against a play of the same work, second by second.

The play knows nothing of bounds: it runs the work against a dependency that never answers, with an exception
for every attempt that ends, and counts time and requests.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.assess import assess
from budgetcheck.costs import Cost, calls_of, wrappers_of
from budgetcheck.model.bound import exactly
from budgetcheck.model.limits import NO_BACKOFF, Backoff, Meaning, RetryPolicy
from budgetcheck.model.topology import (
    CallWork,
    Choice,
    Hop,
    Layer,
    Loop,
    MethodClass,
    Parallel,
    Sequence,
    Work,
    Wrapped,
)
from tests.build import call, handler, hop, limit, retries, route

SECOND = 1_000


@dataclass(slots=True)
class Clock:
    """The time that has passed, when it ends, and the requests that were started before."""

    now: int = 0
    ends: list[int] = field(default_factory=list)
    requests: dict[str, list[int]] = field(default_factory=dict)

    def over(self) -> bool:
        return any(self.now >= end for end in self.ends)

    def wait(self, milliseconds: int) -> None:
        self.now = min([self.now + milliseconds, *self.ends])


class StalledError(Exception):
    """An attempt ran into its limit."""


def play(work: Work, hops: dict[str, Hop], clock: Clock) -> None:
    """Runs a piece of work; raises StalledError as the code would. Several calls in a row are each caught."""
    match work:
        case CallWork(address=address):
            one = hops[address]
            _tried(one, clock, lambda: _request(one, clock))
        case Wrapped(address=address, body=body) if hops[address].limit(Meaning.TOTAL):
            _under_deadline(hops[address], body, hops, clock)
        case Wrapped(address=address, body=body):
            _tried(hops[address], clock, lambda: play(body, hops, clock))
        case _:
            raise AssertionError(work)


def _request(one: Hop, clock: Clock) -> None:
    clock.requests.setdefault(one.address, []).append(clock.now)
    clock.wait(one.limits[0].bound.low or 0)
    raise StalledError


def _tried(one: Hop, clock: Clock, body: Callable[[], None]) -> None:
    made = one.retry.attempts.low or 1
    for number in range(1, made + 1):
        if clock.over():
            raise StalledError
        try:
            body()
        except StalledError:
            if number < made:
                clock.wait(one.retry.backoff.pause(number))
    raise StalledError


def _under_deadline(one: Hop, body: Work, hops: dict[str, Hop], clock: Clock) -> None:
    limited = one.limit(Meaning.TOTAL)
    assert limited is not None
    clock.ends.append(clock.now + (limited.bound.low or 0))
    try:
        play(body, hops, clock)
    finally:
        clock.ends.pop()


TIMES = st.integers(1, 30).map(lambda seconds: seconds * SECOND)
PAUSES = st.one_of(
    st.just(NO_BACKOFF),
    st.builds(Backoff, first=st.integers(1, 3).map(lambda s: s * SECOND), most=st.just(4 * SECOND)),
)


@st.composite
def policies(draw: st.DrawFn) -> RetryPolicy:
    return retries(draw(st.integers(1, 4)), backoff=draw(PAUSES))


@st.composite
def wrapped_calls(draw: st.DrawFn) -> tuple[Work, dict[str, Hop]]:
    """One call with up to three layers of retries and deadlines."""
    one = replace(call("call", draw(TIMES) / SECOND), retry=draw(policies()))
    hops = {one.address: one}
    work: Work = CallWork(address=one.address)
    for number in range(draw(st.integers(0, 3))):
        address = f"wrapper-{number}"
        layer = hop(address, layer=Layer.WRAPPER)
        if draw(st.booleans()):
            deadline = limit(draw(TIMES) / SECOND, Meaning.TOTAL, setting="deadline")
            layer = replace(layer, limits=(deadline,), retry=RetryPolicy())
        else:
            layer = replace(layer, limits=(), retry=draw(policies()))
        hops[address] = layer
        work = Wrapped(address=address, body=work)
    return work, hops


def costs_of(work: Work, hops: dict[str, Hop]) -> Mapping[str, Cost]:
    one = replace(handler("handler"), work=work)
    calls = [hops[address] for address in dict.fromkeys(calls_of(work))]
    way = replace(route(one, *calls), wrappers=tuple(hops[address] for address in wrappers_of(work)))
    return assess(way).costs[MethodClass.IDEMPOTENT]


@given(wrapped_calls())
def test_layers_round_a_call_take_as_long_as_when_played(case: tuple[Work, dict[str, Hop]]) -> None:
    """Time and requests, with deadlines that cut in the middle of an attempt or of a pause."""
    work, hops = case
    clock = Clock()
    with suppress(StalledError):
        play(work, hops, clock)
    costs = costs_of(work, hops)
    assert costs["call"].worst.hang == exactly(clock.now)
    assert costs["call"].worst.attempts == exactly(len(clock.requests["call"]))
    assert costs["handler"].worst.hang == exactly(clock.now)


def test_branches_take_the_longest_and_a_loop_multiplies() -> None:
    """A handler asks the cache or the model, three times over, and two services at once at the end."""
    hops = {name: call(name, seconds) for name, seconds in (("cache", 1), ("model", 20), ("a", 5), ("b", 7))}
    choice = Choice(parts=(CallWork(address="cache"), CallWork(address="model")))
    loop = Loop(times=exactly(3), body=choice, span=hops["a"].span)
    both = Parallel(parts=(CallWork(address="a"), CallWork(address="b")))
    costs = costs_of(Sequence(parts=(loop, both)), hops)
    assert costs["handler"].worst.hang == exactly(67 * SECOND)
    assert costs["model"].worst.hang == exactly(20 * SECOND)


def test_a_deadline_that_cannot_cancel_its_body_ends_nothing() -> None:
    """`asyncio.timeout` round a blocking client: the call blocks the loop, so no timer fires."""
    one = replace(call("call", 20), retry=retries(3))
    deadline = hop("deadline", Layer.WRAPPER, limit(5, Meaning.TOTAL))
    work = Wrapped(address="deadline", body=CallWork(address="call"))
    kept = costs_of(work, {"call": one, "deadline": deadline})
    powerless = replace(deadline, traits=(("enforced", "no"),))
    lost = costs_of(work, {"call": one, "deadline": powerless})
    assert kept["call"].worst.hang == exactly(5 * SECOND)
    assert lost["call"].worst.hang == exactly(60 * SECOND)
