"""Properties of the arithmetic that every verdict rests on.

The first is the promise of the whole tool: not knowing never turns into a wrong verdict.
"""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from budgetcheck import budget
from budgetcheck.assess import assess
from budgetcheck.model.bound import Bound, exactly, less_or_equal, one_of
from budgetcheck.model.limits import Backoff, Gate, Meaning, Repeats, RetryPolicy
from budgetcheck.model.report import Verdict, WorstCase
from budgetcheck.model.topology import Hop, Layer, MethodClass
from tests.build import call, handler, hop, limit, route

SMALL = st.integers(0, 12)
INFINITE_TOO = st.one_of(SMALL, st.none())
CLASSES = st.sampled_from(MethodClass)


@st.composite
def bounds(draw: st.DrawFn, values: st.SearchStrategy[int | None] = INFINITE_TOO) -> Bound:
    """Exact numbers, ranges and sets of possible values."""
    found = draw(st.lists(values, min_size=1, max_size=3))
    if draw(st.booleans()):
        return one_of(found)
    low, high = sorted((found[0], found[-1]), key=lambda v: (v is None, v or 0))
    return Bound(low=low, high=high, reason="drawn")


def members(bound: Bound) -> st.SearchStrategy[int | None]:
    """Concrete values that a bound allows."""
    if bound.choices:
        return st.sampled_from(bound.choices)
    if bound.low is None:
        return st.none()
    if bound.high is None:
        return st.one_of(st.integers(bound.low, bound.low + 20), st.none())
    return st.integers(bound.low, bound.high)


COUNTS = st.integers(1, 4)
BACKOFFS = st.builds(
    Backoff,
    first=st.integers(0, 3),
    factor=st.sampled_from((1_000, 2_000)),
    most=st.one_of(st.none(), st.integers(1, 5)),
    jitter=st.integers(0, 1),
    skip_first=st.booleans(),
    cap_jitter=st.booleans(),
    random=st.booleans(),
)
REPEATS = st.sets(st.sampled_from(Repeats)).map(frozenset)


@st.composite
def hops(draw: st.DrawFn) -> Hop:
    """A hop with limits, attempts and a gate of which little is known."""
    limits = [limit(draw(bounds()), meaning) for meaning in draw(st.sets(st.sampled_from(budget.WAITING)))]
    if draw(st.booleans()):
        gate = limit(draw(bounds()), Meaning.START_GATE)
        limits.append(replace(gate, gate=draw(st.sampled_from(Gate))))
    limits.append(limit(draw(bounds(SMALL)), Meaning.CONNECT))
    counts = [draw(bounds(COUNTS)) for _ in range(3)]
    answered = draw(st.one_of(st.none(), bounds(COUNTS)))
    retry = RetryPolicy(
        attempts=counts[0],
        attempts_unsafe=counts[1],
        answered=answered,
        answered_unsafe=answered,
        connects=counts[2],
        backoff=draw(BACKOFFS),
        repeats=draw(REPEATS),
    )
    layer = draw(st.sampled_from((Layer.PROXY, Layer.CALL, Layer.SERVER)))
    return hop("x:y", layer, *limits, retry=retry)


def concrete(draw: st.DrawFn, one: Hop) -> Hop:
    """One resolution of everything that is not known of a hop."""
    return replace(
        one,
        limits=tuple(replace(known, bound=exactly(draw(members(known.bound)))) for known in one.limits),
        retry=replace(
            one.retry,
            attempts=exactly(draw(members(one.retry.attempts))),
            attempts_unsafe=exactly(draw(members(one.retry.attempts_unsafe))),
            answered=exactly(draw(members(one.retry.answered))) if one.retry.answered else None,
            answered_unsafe=(
                exactly(draw(members(one.retry.answered_unsafe))) if one.retry.answered_unsafe else None
            ),
            connects=exactly(draw(members(one.retry.connects))),
        ),
    )


def contains(outer: Bound, inner: Bound) -> bool:
    return less_or_equal(outer.low, inner.low) and less_or_equal(inner.high, outer.high)


@given(st.data())
@settings(max_examples=400)
def test_no_resolution_of_the_unknowns_contradicts_a_verdict(data: st.DataObject) -> None:
    """The worst case of a vague hop contains that of every concrete one, so verdicts agree."""
    vague = data.draw(hops())
    inner = data.draw(st.one_of(st.none(), bounds()))
    granted = data.draw(bounds())
    methods = data.draw(CLASSES)
    known = _inner(inner)
    wide = budget.worst_case(vague, known, methods)

    exact_inner = None if inner is None else _inner(exactly(data.draw(members(inner))))
    narrow = budget.worst_case(concrete(data.draw, vague), exact_inner, methods)

    assert contains(wide.hang, narrow.hang), (wide.hang, narrow.hang)
    assert contains(wide.attempts, narrow.attempts), (wide.attempts, narrow.attempts)
    assert contains(wide.strict, narrow.strict), (wide.strict, narrow.strict)
    verdict = budget.compare(granted, wide.hang)
    exact_grant = exactly(data.draw(members(granted)))
    if verdict is not Verdict.CANNOT_TELL:
        assert budget.compare(exact_grant, narrow.hang) is verdict


def _inner(bound: Bound | None) -> WorstCase | None:
    return None if bound is None else WorstCase(hang=bound, strict=bound, attempts=exactly(1))


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 20), st.integers(1, 4), BACKOFFS)
def test_raising_an_inner_limit_never_removes_an_exceeds(
    granted: int, read: int, more: int, attempts: int, backoff: Backoff
) -> None:
    retry = RetryPolicy(
        attempts=exactly(attempts),
        attempts_unsafe=exactly(attempts),
        backoff=backoff,
        repeats=frozenset({Repeats.TIMEOUT}),
    )

    def exceeds(seconds: int) -> bool:
        made = call("openai:x", seconds, retry=retry)
        front = hop("nginx:x", Layer.PROXY, limit(granted))
        return assess(route(front, handler("app:x", made), made)).verdict is Verdict.EXCEEDS

    assert exceeds(read + more) or not exceeds(read)


@given(hops(), st.one_of(st.none(), bounds()), CLASSES, COUNTS)
def test_adding_an_attempt_never_shortens_a_worst_case(
    one: Hop, inner: Bound | None, methods: MethodClass, attempts: int
) -> None:
    def of(made: int) -> WorstCase:
        retry = replace(
            one.retry, attempts=exactly(made), attempts_unsafe=exactly(made), connects=exactly(made)
        )
        return budget.worst_case(replace(one, retry=retry), _inner(inner), methods)

    fewer, more = of(attempts), of(attempts + 1)
    for name in ("hang", "strict", "attempts"):
        before, after = getattr(fewer, name), getattr(more, name)
        assert less_or_equal(before.low, after.low), name
        assert less_or_equal(before.high, after.high), name


@given(st.lists(st.integers(0, 9), max_size=4), st.integers(0, 9))
def test_calls_in_sequence_add_up_and_a_deadline_ends_them(reads: list[int], deadline: int) -> None:
    calls = [call(f"httpx:{index}", seconds) for index, seconds in enumerate(reads)]
    free = assess(route(handler("app:x", *calls), *calls))
    cut = assess(route(handler("app:x", *calls, deadline=deadline), *calls))
    assert free.costs[MethodClass.NON_IDEMPOTENT]["app:x"].worst.hang == exactly(sum(reads) * 1_000)
    expected = min(sum(reads), deadline) * 1_000
    assert cut.costs[MethodClass.NON_IDEMPOTENT]["app:x"].worst.hang == exactly(expected)
