"""Durations in budgetcheck's own documents and messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.model.duration import literal_duration, parse_duration, show_duration


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("500ms", 500),
        ("20s", 20_000),
        ("1m30s", 90_000),
        ("2.5s", 2_500),
        ("2h", 7_200_000),
        ("1m 30s", 90_000),
    ],
)
def test_parse(text: str, milliseconds: int) -> None:
    assert parse_duration(text) == milliseconds


@pytest.mark.parametrize("text", ["20", "", "s", "20x", "-5s", "1e3s", "20 seconds"])
def test_a_duration_needs_a_number_and_a_unit(text: str) -> None:
    with pytest.raises(ValueError, match="write a number with a unit"):
        parse_duration(text)


@given(st.integers(0, 10**9))
def test_what_is_written_reads_back(milliseconds: int) -> None:
    assert parse_duration(literal_duration(milliseconds)) == milliseconds


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0 s"),
        (250, "250 ms"),
        (61_500, "61.5 s"),
        (1_801_500, "1801.5 s"),
        (None, "no limit"),
        (43_200_000, "12 h"),
        (29_000, "29 s"),
    ],
)
def test_show(milliseconds: int | None, text: str) -> None:
    assert show_duration(milliseconds) == text


def test_a_fraction_of_a_millisecond_is_rounded_up() -> None:
    """A bound must never come out too small."""
    assert parse_duration("0.0001s") == 1
