"""Regular expressions from files nobody vouches for: right where they are run, and never run for long."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.model.topology import PathRule
from budgetcheck.paths import host_matches, takes
from budgetcheck.regexes import search

LONG = "a" * 1_000 + "!"


@pytest.mark.parametrize(
    ("regex", "text", "expected"),
    [
        (r"^/api/v\d+/", "/api/v2/x", True),
        (r"^/api/v\d+/", "/api/x", False),
        (r"\.(?:jpe?g|png)$", "/a/b.jpeg", True),
        (r"^/([^/]+)/([^/]+)/([^/]+)/([^/]+)/([^/]+)/([^/]+)/([^/]+)$", "/a/b/c/d/e/f/" + "g" * 200, True),
        (r"^/(?<lang>[a-z]{2})/(.*)/x/(.*)$", "/en/" + "y/" * 40 + "x/z", True),
        (r"^/[[:digit:]]+$", "/12", True),
        (r"^/a.*b.*c", "/a" + "-" * 300, False),
    ],
)
def test_usual_patterns_are_run(regex: str, text: str, expected: bool) -> None:
    assert search(regex, text) is expected


@pytest.mark.parametrize(
    "regex",
    [
        "^(a|aa)+$",
        "^(a+)+$",
        "^(a?){40}a{40}$",
        "^(?:a?){40}a{40}$",
        "^a*a*a*a*a*a*$",
        "a*a*a*$",
        "^[^b]+a+[^c]*a*$",
        r"^(\w+\s?)*$",
        "^(",
        "a" * 3_000,
    ],
)
def test_what_may_take_for_ever_or_cannot_be_read_is_not_run(regex: str) -> None:
    started = time.process_time()
    assert search(regex, LONG) in (None, False)
    assert time.process_time() - started < 10


def test_a_text_that_is_too_long_is_not_tried() -> None:
    assert search("^a", "a" * 5_000) is None


@given(st.text(alphabet="ab/.*+?()[]|{}2,^$\\-", max_size=14), st.text(alphabet="ab/.-", max_size=60))
def test_an_answer_is_pythons_and_comes_soon(regex: str, text: str) -> None:
    started = time.process_time()
    found = search(regex, text)
    assert time.process_time() - started < 10
    if found is not None:
        assert found is bool(re.search(regex, text))


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/items/{id}", "/items/7", True),
        ("/items/{id}", "/items/7/parts", False),
        ("/items/{id}.json", "/items/7xjson", False),  # a dot is a dot
        ("/items/{id}.json", "/items/7.json", True),
        ("/x(a|aa)+/{id}", "/x(a|aa)+/7", True),
        ("/x(a|aa)+/{id}", "/x" + LONG, False),
        ("/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}", "/1/2/3/4/5/6/7/8", True),
        ("/{a}{b}{c}{d}{e}{f}{g}{h}!", "/" + "a" * 500, False),
        ("/v1/*/{id}", "/v1/x/y/7", True),
    ],
)
def test_parameters_stand_for_one_segment_and_nothing_else_is_special(
    pattern: str, path: str, expected: bool
) -> None:
    assert takes(PathRule(pattern=pattern, prefix="/", opaque=True), path) is expected


def test_names_by_regular_expression_ignore_case_and_keep_their_classes() -> None:
    assert host_matches(r"~^API\D+\.example\.com$", "api-x.EXAMPLE.com")
    assert not host_matches(r"~^api\D+\.example\.com$", "api7.example.com")
