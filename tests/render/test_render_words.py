"""Words for numbers and lists, and the decisions about the terminal."""

import pytest

from budgetcheck.model.bound import UNLIMITED, Bound, exactly, one_of, unknown
from budgetcheck.render.console import draws_boxes, text_width, wants_color
from budgetcheck.render.words import duration, listing, number


@pytest.mark.parametrize(
    ("names", "most", "expected"),
    [
        ([], 3, ""),
        (["a"], 3, "a"),
        (["a", "b"], 3, "a and b"),
        (["a", "b", "c"], 3, "a, b and c"),
        (["a", "b", "c", "d", "e"], 3, "a, b and 3 more"),
    ],
)
def test_listing(names: list[str], most: int, expected: str) -> None:
    assert listing(names, most) == expected


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        pytest.param(exactly(61_500), "61.5 s", id="known"),
        pytest.param(UNLIMITED, "no limit", id="unlimited"),
        pytest.param(one_of((20_000, None)), "20 s or no limit", id="choices"),
        pytest.param(Bound(low=1_000, high=4_000), "1 s to 4 s", id="range"),
        pytest.param(Bound(low=1_000, high=None), "at least 1 s", id="open-range"),
        pytest.param(unknown("?"), "unknown", id="unknown-is-no-number"),
    ],
)
def test_duration(bound: Bound, expected: str) -> None:
    assert duration(bound) == expected


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        (exactly(3), "3"),
        (UNLIMITED, "endless"),
        (one_of((1, 3)), "1 or 3"),
        (Bound(low=1, high=5), "1 to 5"),
        (Bound(low=1, high=None), "at least 1"),
    ],
)
def test_number(bound: Bound, expected: str) -> None:
    assert number(bound) == expected


@pytest.mark.parametrize(
    ("choice", "environment", "terminal", "expected"),
    [
        pytest.param("auto", {}, False, False, id="pipe"),
        pytest.param("auto", {}, True, True, id="terminal"),
        pytest.param("auto", {"NO_COLOR": "1"}, True, False, id="no-color"),
        pytest.param("auto", {"NO_COLOR": ""}, True, True, id="empty-no-color-is-unset"),
        pytest.param("auto", {"FORCE_COLOR": "1"}, False, True, id="force-color"),
        pytest.param("auto", {"FORCE_COLOR": "0"}, False, False, id="force-color-0"),
        pytest.param("auto", {"CLICOLOR_FORCE": "1"}, False, True, id="clicolor-force"),
        pytest.param("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False, id="no-color-wins"),
        pytest.param("auto", {"TERM": "dumb"}, True, False, id="dumb"),
        pytest.param("auto", {"CLICOLOR": "0"}, True, False, id="clicolor-0"),
        pytest.param("always", {"NO_COLOR": "1"}, False, True, id="option-beats-environment"),
        pytest.param("never", {"FORCE_COLOR": "1"}, True, False, id="never"),
    ],
)
def test_colour(choice: str, environment: dict[str, str], terminal: bool, expected: bool) -> None:
    assert wants_color(choice, environment, terminal=terminal) is expected


def test_width_follows_a_terminal_within_reason_and_nothing_else() -> None:
    widths = [text_width(columns, terminal=True) for columns in (20, 80, 400)]
    assert widths == [60, 80, 140]
    assert text_width(400, terminal=False) == 100


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-8", True), ("UTF8", True), (None, True), ("cp1252", False), ("ascii", False), ("no-such", False)],
)
def test_boxes_need_utf8(encoding: str | None, expected: bool) -> None:
    assert draws_boxes(encoding) is expected
