"""Runs of attempts up to a gate, against a simulation of what the libraries do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck import series
from budgetcheck.model.bound import ONE, UNLIMITED, exactly
from budgetcheck.model.limits import NO_BACKOFF, Backoff, Gate
from budgetcheck.series import Tries

STEADY = st.builds(
    Backoff,
    first=st.integers(0, 5),
    factor=st.sampled_from((1_000, 2_000)),
    most=st.one_of(st.none(), st.integers(1, 9)),
    least=st.integers(0, 2),
)
SPREAD = st.builds(
    Backoff,
    first=st.integers(0, 5),
    most=st.one_of(st.none(), st.integers(1, 9)),
    jitter=st.integers(0, 4),
    random=st.booleans(),
    cap_jitter=st.booleans(),
)


def tries(attempts: int | None, gate: int, backoff: Backoff, asked: Gate) -> Tries:
    number = exactly(attempts)
    return Tries(
        attempts=number, answered=number, connects=ONE, gate=exactly(gate), backoff=backoff, asked=asked
    )


def simulated(attempt: int, made: Tries, pauses: list[int]) -> int:
    """What tenacity (stop_after_delay, stop_before_delay) and backoff (max_time) do, as their sources say."""
    gate, now, number = made.gate.value or 0, 0, 1
    while True:
        started, now = now, now + attempt
        pause = pauses[number - 1]
        if number == made.attempts.value:
            return now
        match made.asked:
            case Gate.AFTER_ATTEMPT:
                over = now >= gate
            case Gate.WITH_PAUSE:
                over = now + pause >= gate
            case Gate.LAST_START:
                over, pause = started >= gate, min(pause, gate - started)
        if over:
            return now
        now += pause
        number += 1


@given(st.data(), st.integers(1, 9), st.integers(1, 6), st.integers(0, 40), st.sampled_from(Gate))
def test_steady_pauses_give_the_very_run(
    data: st.DataObject, attempt: int, attempts: int, gate: int, asked: Gate
) -> None:
    backoff = data.draw(STEADY)
    made = tries(attempts, gate, backoff, asked)
    run = simulated(attempt, made, [backoff.pause(number) for number in range(1, 7)])
    assert series.total(UNLIMITED, exactly(attempt), made) == exactly(run)


@given(st.data(), st.integers(1, 9), st.integers(1, 6), st.integers(0, 40), st.sampled_from(Gate))
def test_random_pauses_never_make_a_longer_run(
    data: st.DataObject, attempt: int, attempts: int, gate: int, asked: Gate
) -> None:
    """Also not shorter pauses, which let one more attempt through the gate."""
    backoff = data.draw(SPREAD)
    made = tries(attempts, gate, backoff, asked)
    drawn = [
        data.draw(st.integers(backoff.shortest_pause(number), backoff.pause(number)))
        for number in range(1, 7)
    ]
    longest = series.total(UNLIMITED, exactly(attempt), made).value
    assert longest is not None
    assert simulated(attempt, made, drawn) <= longest


@pytest.mark.parametrize(
    ("asked", "pause", "attempt", "gate", "expected"),
    [
        pytest.param(Gate.AFTER_ATTEMPT, 2_000, 9_900, 10_000, 21_800, id="stop_after_delay is no total"),
        pytest.param(Gate.WITH_PAUSE, 2_000, 9_900, 10_000, 9_900, id="stop_before_delay counts the pause"),
        pytest.param(Gate.WITH_PAUSE, 2_000, 3_000, 10_000, 8_000, id="stop_before_delay, two attempts"),
        pytest.param(Gate.LAST_START, 2_000, 9_900, 9_000, 21_800, id="max_time looks at the start"),
        pytest.param(Gate.LAST_START, 0, 4_000, 10_000, 16_000, id="max_time lets the one under way end"),
    ],
)
def test_measured(asked: Gate, pause: int, attempt: int, gate: int, expected: int) -> None:
    backoff = Backoff(first=pause, factor=1_000) if pause else NO_BACKOFF
    made = tries(None, gate, backoff, asked)
    assert series.total(UNLIMITED, exactly(attempt), made) == exactly(expected)


def test_shorter_pauses_may_make_a_longer_run() -> None:
    """45 s for ten attempts of 22 s: two of them and 1.1 s of pauses are past the end, two alone are not."""
    made = tries(
        10, 45_000, Backoff(first=100, most=5_000, jitter=1_000, cap_jitter=True), Gate.AFTER_ATTEMPT
    )
    longest = series.total(UNLIMITED, exactly(22_000), made).value
    assert longest is not None
    assert longest > 66_000
