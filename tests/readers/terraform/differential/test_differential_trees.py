"""Module trees: every input of every resource is what `terraform plan` says."""

from pathlib import Path

import budgetcheck_side
import pytest
import terraform_oracle
from terraform_oracle import NOT_INSTALLED, TERRAFORM, Outcome
from tree_files import TREES


def kept(name: str) -> dict[str, object]:
    inputs = terraform_oracle.loads(TREES[name].answers.read_text(encoding="utf-8"))
    assert isinstance(inputs, dict)
    return {address: Outcome(kind="value", value=value).exact for address, value in inputs.items()}


@pytest.mark.parametrize("name", TREES)
def test_all_inputs_are_those_that_terraform_plans(name: str, tmp_path: Path) -> None:
    tree = TREES[name]
    found = budgetcheck_side.planned(tree.copy(tmp_path), tree.var_files, tree.workspace)
    assert {address: outcome.exact for address, outcome in found.items()} == kept(name), tree.about


@pytest.mark.skipif(TERRAFORM is None, reason=NOT_INSTALLED)
@pytest.mark.parametrize("name", TREES)
def test_the_installed_terraform_plans_what_is_kept(name: str, tmp_path: Path) -> None:
    tree = TREES[name]
    planned = terraform_oracle.planned(tree.copy(tmp_path), tree.var_files, tree.workspace)
    assert {address: Outcome(kind="value", value=value).exact for address, value in planned.items()} == kept(
        name
    )
