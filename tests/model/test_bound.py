"""Numbers that may be exact, ranges, sets, unlimited or unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.model.bound import (
    UNLIMITED,
    Bound,
    exactly,
    maximum,
    minimum,
    one_of,
    union,
    unknown,
)


def test_unlimited_unknown_and_zero_are_three_different_things() -> None:
    assert UNLIMITED.unlimited
    assert not unknown("no value").unlimited
    assert exactly(0).value == 0
    assert unknown("no value").value is None
    assert UNLIMITED.value is None


def test_a_set_of_one_value_is_exact() -> None:
    assert one_of([60, 60]) == exactly(60)


def test_a_set_keeps_its_values_through_arithmetic() -> None:
    assert (one_of([20, 30]) * exactly(3)).choices == (60, 90)
    assert minimum(one_of([20, 30]), exactly(25)).choices == (20, 25)


def test_a_cap_on_an_unknown_is_a_cap() -> None:
    capped = minimum(unknown("no value"), exactly(29))
    assert (capped.low, capped.high) == (0, 29)


def test_no_attempts_of_an_endless_call_take_no_time() -> None:
    assert exactly(0) * UNLIMITED == exactly(0)


def test_an_empty_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Bound(low=3, high=2)


def test_union_covers_every_part() -> None:
    both = union([exactly(5), unknown("x", low=2, high=3)])
    assert (both.low, both.high, both.reason) == (2, 5, "x")


@given(st.lists(st.one_of(st.integers(0, 9), st.none()), min_size=1, max_size=4))
def test_parallel_work_is_over_with_the_longest_part(values: list[int | None]) -> None:
    expected = None if None in values else max(v for v in values if v is not None)
    assert maximum(*map(exactly, values)) == exactly(expected)
