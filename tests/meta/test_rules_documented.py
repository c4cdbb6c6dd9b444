"""Every rule has a manual page with the same headings, fixtures of both kinds, and a changelog line."""

import re

import pytest
from expectations import ROOT

from budgetcheck.rules import RULES
from budgetcheck.rules.base import Rule

HEADINGS = ["What it checks", "Why it matters", "Bad", "Good", "References"]
FIXTURES = ROOT / "tests" / "rules"

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


@each_rule
def test_the_manual_page_has_the_fixed_headings_in_order(rule: Rule) -> None:
    title, *body = rule.manual.strip().splitlines()
    assert title == f"{rule.code} {rule.name}"
    assert [line for line in body if line and not line[0].isspace()] == HEADINGS


@each_rule
def test_no_part_of_the_manual_page_is_empty(rule: Rule) -> None:
    parts = re.split(rf"^(?:{'|'.join(HEADINGS)})$", rule.manual, flags=re.MULTILINE)[1:]
    assert all(part.strip() for part in parts)
    assert "https://" in parts[-1]


@each_rule
def test_there_are_at_least_two_bad_fixtures_and_two_near_misses(rule: Rule) -> None:
    names = [path.name for path in (FIXTURES / rule.name).iterdir()]
    assert sum(name.startswith("bad-") for name in names) >= 2
    assert sum(name.startswith("good-") for name in names) >= 2


@each_rule
def test_the_summary_is_one_line_that_goes_on_after_the_name(rule: Rule) -> None:
    assert "\n" not in rule.summary
    assert not rule.summary.endswith(".")


@each_rule
def test_the_changelog_names_the_rule(rule: Rule) -> None:
    assert rule.code in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
