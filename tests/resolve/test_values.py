"""Values as components read them, against what the components themselves accept."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.facts.fact import Grammar
from budgetcheck.resolve.values import milliseconds, nginx_time

ACCEPTED_BY_NGINX = {
    "90": 90_000,
    "90s": 90_000,
    "1m30s": 90_000,
    "1m 30s": 90_000,
    "1m  30s": 90_000,
    "1h 30": 3_630_000,
    "500ms": 500,
    "1s500ms": 1_500,
    "0": 0,
    "1d": 86_400_000,
    "1w": 604_800_000,
    "600000000000s": 600_000_000_000_000,
}
REJECTED_BY_NGINX = (
    "1.5s",
    "5S",
    "1M",
    "1y",
    "-1",
    "off",
    "$t",
    "10 s",
    "10sec",
    "2min",
    "1s1m",
    "1500ms500ms",
    "",
    "s",
)


@pytest.mark.parametrize(("text", "expected"), ACCEPTED_BY_NGINX.items())
def test_times_nginx_accepts(text: str, expected: int) -> None:
    """The list was tried with `nginx -t` on 1.22.1."""
    assert nginx_time(text) == expected


@pytest.mark.parametrize("text", REJECTED_BY_NGINX)
def test_times_nginx_rejects(text: str) -> None:
    with pytest.raises(ValueError, match=r"nginx|empty"):
        nginx_time(text)


@pytest.mark.parametrize(
    ("text", "advice"), [("1.5s", "1500ms"), ("10sec", "10s"), ("2min", "120s"), ("5S", "5s"), ("off", "30s")]
)
def test_a_rejected_time_comes_with_what_to_write(text: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        nginx_time(text)


@given(st.text(max_size=12))
def test_no_text_makes_the_time_reader_crash(text: str) -> None:
    with suppress(ValueError):
        assert nginx_time(text) >= 0


@pytest.mark.parametrize(
    ("value", "grammar", "unit", "expected"),
    [
        (60, Grammar.NUMBER, "s", 60_000),
        ("60", Grammar.NUMBER, "s", 60_000),
        (29_000, Grammar.NUMBER, "ms", 29_000),
        (4, Grammar.NUMBER, "m", 240_000),
        (0.5, Grammar.NUMBER, "s", 500),
        ("300s", Grammar.SECONDS_SUFFIX, "s", 300_000),
        ("3.5s", Grammar.SECONDS_SUFFIX, "s", 3_500),
        ("1m30s", Grammar.DURATION, "s", 90_000),
        (20, Grammar.DURATION, "s", 20_000),
    ],
    ids=[
        "number",
        "quoted-number",
        "milliseconds",
        "minutes",
        "fraction",
        "google",
        "google-fraction",
        "duration",
        "bare-number-in-a-duration",
    ],
)
def test_units(value: str | float, grammar: Grammar, unit: str, expected: int) -> None:
    assert milliseconds(value, grammar, unit) == expected


@pytest.mark.parametrize(
    ("value", "grammar"),
    [
        ("60s", Grammar.NUMBER),
        ("300", Grammar.SECONDS_SUFFIX),
        ("5m", Grammar.SECONDS_SUFFIX),
        (True, Grammar.NUMBER),
        (-5, Grammar.NUMBER),
        ("ten", Grammar.DURATION),
    ],
)
def test_values_of_another_grammar_are_rejected_not_guessed(value: str | float, grammar: Grammar) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        milliseconds(value, grammar, "s")
