"""Possible values that go with a place: those of one variable are never combined with one another."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.model.bound import Bound, exactly, maximum, minimum, of_cases, one_of, union, unknown

PLACES = ("a", "b", "c", "d")
TIMEOUT = of_cases([(4, ("a", "b")), (15, ("c",))], "they differ")


def test_three_calls_of_one_timeout_take_three_times_the_same() -> None:
    assert (TIMEOUT + TIMEOUT + TIMEOUT).choices == (12, 45)
    assert (TIMEOUT + TIMEOUT * exactly(2)).choices == (12, 45)


def test_values_of_two_variables_meet_where_both_count() -> None:
    pause = of_cases([(1, ("a",)), (2, ("b", "c"))], "they differ")
    assert (TIMEOUT + pause).choices == (5, 6, 17)


def test_values_that_say_nothing_of_where_are_combined_freely() -> None:
    assert (TIMEOUT + one_of([1, 2])).choices == (5, 6, 16, 17)
    assert (TIMEOUT + of_cases([(1, ("x",)), (2, ("y",))])).choices == (5, 6, 16, 17)


def test_what_is_worked_out_still_goes_with_its_place() -> None:
    least = minimum(TIMEOUT, exactly(10))
    assert (least + TIMEOUT).choices == (8, 25)
    assert maximum(TIMEOUT, TIMEOUT) == TIMEOUT


def test_a_place_chooses() -> None:
    both = TIMEOUT + TIMEOUT
    assert both.within({"c"}) == exactly(30)
    assert both.within({"a", "b"}) == exactly(8)
    assert both.within({"a", "c"}).choices == (8, 30)
    assert both.within({"elsewhere"}) == both
    assert exactly(5).within({"a"}) == exactly(5)


def test_a_range_ends_what_is_known_of_places() -> None:
    vague = TIMEOUT + unknown("no value", high=3)
    assert (vague.low, vague.high, vague.cases) == (4, 18, ())


def test_one_of_two_counts_wherever_either_does() -> None:
    either = union([TIMEOUT, exactly(4)])
    assert either.within({"c"}).choices == (4, 15)
    assert either.within({"a"}) == exactly(4)


def told_apart() -> st.SearchStrategy[tuple[Bound, dict[str, int]]]:
    """A number by place, and what is known of it."""
    each = st.fixed_dictionaries({place: st.integers(0, 5) for place in PLACES})
    return each.map(lambda values: (of_cases((value, (place,)) for place, value in values.items()), values))


@given(told_apart(), told_apart(), st.integers(0, 3))
def test_each_place_has_its_own_result(
    first: tuple[Bound, dict[str, int]], second: tuple[Bound, dict[str, int]], factor: int
) -> None:
    worked_out = first[0] * exactly(factor) + minimum(first[0], second[0])
    for place in PLACES:
        mine, other = first[1][place], second[1][place]
        expected = mine * factor + min(mine, other)
        here = worked_out.within({place})
        assert expected in (here.choices or (here.low,))
        if worked_out.places == PLACES:
            assert here == exactly(expected)


@given(told_apart(), st.lists(st.integers(0, 5), min_size=1, max_size=3))
def test_nothing_possible_is_left_out(tied: tuple[Bound, dict[str, int]], free: list[int]) -> None:
    total = tied[0] + one_of(free)
    for value, other in product(tied[1].values(), free):
        assert total.low is not None
        assert total.high is not None
        assert total.low <= value + other <= total.high
