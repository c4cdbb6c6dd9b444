"""The evaluator against Terraform itself."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from terraform_expressions import CASES, LOCALS
from terraform_files import value_of, write

from budgetcheck.readers.terraform.functions.encoding import to_plain

TERRAFORM = shutil.which("terraform")


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[expression for expression, _ in CASES])
def test_an_expression_has_the_value_terraform_gives_it(
    tmp_path: Path, expression: str, expected: object
) -> None:
    assert to_plain(value_of(tmp_path, expression, LOCALS)) == expected


@pytest.mark.skipif(TERRAFORM is None, reason="terraform is not installed")
def test_the_expected_values_are_those_of_the_installed_terraform(tmp_path: Path) -> None:
    lines = [f"  case_{number} = {expression}" for number, (expression, _) in enumerate(CASES)]
    write(tmp_path, {"main.tf": LOCALS, "cases.tf": "locals {\n" + "\n".join(lines) + "\n}\n"})
    query = ", ".join(f"case_{number} = local.case_{number}" for number in range(len(CASES)))
    console = subprocess.run(
        [str(TERRAFORM), "console"],
        cwd=tmp_path,
        input=f"jsonencode({{{query}}})\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "CHECKPOINT_DISABLE": "1"},
    )
    answers = json.loads(json.loads(console.stdout))
    assert [answers[f"case_{number}"] for number in range(len(CASES))] == [value for _, value in CASES]
