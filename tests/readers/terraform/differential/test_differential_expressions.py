"""Expressions: what budgetcheck makes of them is what Terraform makes of them, or unknown with a reason."""

import json
from pathlib import Path

import budgetcheck_side
import pytest
import terraform_oracle
from expression_cases import CASES, PREAMBLE
from terraform_oracle import NOT_INSTALLED, TERRAFORM, Outcome

_KEPT = json.loads((Path(__file__).parent / "answers.json").read_text(encoding="utf-8"))

UNSUPPORTED = {
    "- -3": "the expression at given:1 could not be read: the expression is not valid Terraform syntax",
    'format("%s", null)': "format() of null depends on the version of Terraform",
    'element(["a", "b", "c"], -1)': "element() with a negative index depends on the version",
}
"""Cases that are not evaluated, and the reason that is given; anything else has to agree."""


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder = tmp_path_factory.mktemp("expressions")
    return dict(zip(CASES, budgetcheck_side.evaluated(folder, PREAMBLE, CASES), strict=True))


def kept(expression: str) -> Outcome:
    answer = _KEPT[expression]
    return Outcome(kind="unknown") if answer == "unknown" else terraform_oracle.known(answer)


@pytest.mark.parametrize("expression", [case for case in CASES if case not in UNSUPPORTED])
def test_an_expression_is_worth_what_terraform_says(expression: str, ours: dict[str, Outcome]) -> None:
    assert ours[expression].exact == kept(expression).exact, ours[expression].reason


@pytest.mark.parametrize("expression", UNSUPPORTED)
def test_what_is_not_evaluated_is_unknown_with_a_reason(expression: str, ours: dict[str, Outcome]) -> None:
    assert ours[expression] == Outcome(kind="unknown", reason=UNSUPPORTED[expression])


@pytest.mark.skipif(TERRAFORM is None, reason=NOT_INSTALLED)
def test_the_installed_terraform_gives_the_answers_that_are_kept(tmp_path: Path) -> None:
    answers = terraform_oracle.evaluated(tmp_path, PREAMBLE, CASES)
    assert {case: answer.exact for case, answer in zip(CASES, answers, strict=True)} == {
        case: kept(case).exact for case in CASES
    }
