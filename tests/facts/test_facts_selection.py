"""Choosing facts by version and traits."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.facts import RECHECK_DAYS, load, stale
from budgetcheck.facts.select import applies, overlap
from budgetcheck.facts.versions import VersionRange, parse_range, parse_version


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        pytest.param("1.22.1", (1, 22, 1), id="plain"),
        pytest.param("2.0.0", (2,), id="trailing zeros mean nothing"),
        pytest.param("v3.1", (3, 1), id="leading v"),
        pytest.param("3.0.0rc1", (3,), id="release candidate counts as its release"),
        pytest.param("1.22.1-debian.4", (1, 22, 1), id="nothing after a suffix counts"),
        pytest.param("", None, id="not known"),
        pytest.param("latest", None, id="not a number"),
    ],
)
def test_versions(text, numbers):
    assert parse_version(text) == numbers


@pytest.mark.parametrize(
    ("text", "version", "holds"),
    [
        pytest.param(">=1.0,<4", "1", True, id="lower end belongs to it"),
        pytest.param(">=1.0,<4", "4.0.0", False, id="upper end does not"),
        pytest.param(">=1.0,<4", "3.99", True, id="just below"),
        pytest.param("<1.29.7", "1.29.10", False, id="compared as numbers, not as text"),
        pytest.param(">2", "2.0", False, id="strictly above"),
        pytest.param("<=2", "2.0.1", False, id="above by the last number"),
        pytest.param("==1.2", "1.2.0", True, id="equal but for zeros"),
        pytest.param("", "17", True, id="every version"),
        pytest.param(">=9", "", True, id="an unknown version may be any"),
    ],
)
def test_ranges(text, version, holds):
    assert parse_range(text).holds(version) is holds


@pytest.mark.parametrize("text", ["1.0", ">=1.x", "~=1.0", ">=1.0,", ">=2,<1", ">1,<=1"])
def test_what_is_no_range(text):
    with pytest.raises(ValueError, match="version"):
        parse_range(text)


versions = st.lists(st.integers(0, 3), min_size=1, max_size=2).map(lambda parts: ".".join(map(str, parts)))


@st.composite
def ranges(draw):
    low, high = draw(versions), draw(versions)
    text = draw(st.sampled_from(["", f">={low}", f">{low}", f"<{high}", f"<={high}", f">={low},<{high}"]))
    try:
        return parse_range(text)
    except ValueError:
        return VersionRange()


@given(ranges(), ranges(), versions)
def test_ranges_that_hold_the_same_version_overlap(left, right, version):
    if left.holds(version) and right.holds(version):
        assert left.overlaps(right)
        assert right.overlaps(left)


@pytest.mark.parametrize(
    ("when", "traits", "expected"),
    [
        pytest.param((), {}, True, id="no condition"),
        pytest.param((("family", ("proxy", "grpc")),), {"family": "grpc"}, True, id="one of the values"),
        pytest.param((("family", ("proxy",)),), {}, False, id="an absent trait is empty"),
        pytest.param((("family", ("", "proxy")),), {}, True, id="an empty value stands for absent"),
        pytest.param((("family", ("!stream",)),), {}, True, id="absent is not the excluded value"),
        pytest.param((("family", ("!stream",)),), {"family": "stream"}, False, id="the excluded value"),
        pytest.param((("worker", ("!", "!sync")),), {}, False, id="absent can be excluded"),
        pytest.param((("a", ("1",)), ("b", ("2",))), {"a": "1"}, False, id="all conditions must hold"),
    ],
)
def test_conditions(when, traits, expected):
    assert applies(when, traits) is expected


condition_values = st.lists(st.sampled_from(["", "a", "b", "!", "!a", "!b"]), min_size=1, max_size=3).map(
    tuple
)
conditions = st.dictionaries(st.sampled_from(["x", "y"]), condition_values).map(lambda d: tuple(d.items()))


@given(
    conditions, conditions, st.dictionaries(st.sampled_from(["x", "y"]), st.sampled_from(["", "a", "b", "c"]))
)
def test_conditions_that_hold_together_overlap(left, right, traits):
    if applies(left, traits) and applies(right, traits):
        assert overlap(left, right)


def test_facts_grow_stale_after_a_year_and_a_half():
    component = load("aws_apprunner_service")
    (fact,) = component.limits
    checked = fact.evidence.checked
    assert stale(component, checked + datetime.timedelta(days=RECHECK_DAYS)) == ()
    assert stale(component, checked + datetime.timedelta(days=RECHECK_DAYS + 1)) == (fact,)
