"""Every rule on its fixtures: `tests/rules/<fault-name>/bad-*` must be found, `good-*` are near misses.

A `good-*` case may show its rule's code only as a note that its expected.toml lists: two defaults that
nobody wrote are still a tie, but nothing to act on.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from expectations import Run, arguments, cases, load_expected, mismatches, show_finding

from budgetcheck.rules import RULES

FOLDER = Path(__file__).parent / "rules"
CODES = {rule.name: rule.code for rule in RULES}
Cli = Callable[..., Run]


def case_id(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


ALL = cases(FOLDER)
BAD = [case for case in ALL if case.name.startswith("bad-")]
GOOD = [case for case in ALL if case.name.startswith("good-")]


def test_every_fixture_is_good_or_bad_and_of_a_known_rule() -> None:
    folders = {path for path in FOLDER.glob("*/*") if path.is_dir()}
    assert folders == {*BAD, *GOOD}
    assert {path.parent.name for path in folders} <= set(CODES)


@pytest.mark.parametrize("case", ALL, ids=case_id)
def test_fixture_gives_what_it_expects(case: Path, cli: Cli) -> None:
    wrong = mismatches(case, cli(case, "--format", "json", *arguments(case)))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("case", BAD, ids=case_id)
def test_bad_fixture_expects_its_rule(case: Path) -> None:
    expected = load_expected(case).get("finding", [])
    assert CODES[case.parent.name] in {finding["rule"] for finding in expected}


@pytest.mark.parametrize("case", GOOD, ids=case_id)
def test_near_miss_is_not_reported(case: Path, cli: Cli) -> None:
    code = CODES[case.parent.name]
    listed = [finding for finding in load_expected(case).get("finding", []) if finding["rule"] == code]
    assert all(finding["severity"] == "note" for finding in listed)
    report = cli(case, "--format", "json", *arguments(case)).report
    reported = [show_finding(finding) for finding in report["findings"] if finding["rule"] == code]
    assert len(reported) == len(listed), reported
