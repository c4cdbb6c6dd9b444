"""Random expressions against the installed Terraform.

`BUDGETCHECK_RANDOM_EXPRESSIONS=20000 BUDGETCHECK_RANDOM_SEED=7 pytest ...` tries more of them, or others.
"""

import os
from collections import Counter
from pathlib import Path

import budgetcheck_side
import pytest
import terraform_oracle
from expression_cases import PREAMBLE
from random_expressions import Generator
from terraform_oracle import NOT_INSTALLED, TERRAFORM

_COUNT = int(os.environ.get("BUDGETCHECK_RANDOM_EXPRESSIONS", "600"))
_SEED = int(os.environ.get("BUDGETCHECK_RANDOM_SEED", "2024"))
_BATCH = 2_000
_MOST_UNSUPPORTED = 0.02


@pytest.mark.skipif(TERRAFORM is None, reason=NOT_INSTALLED)
def test_random_expressions_are_worth_what_terraform_says(tmp_path: Path) -> None:
    generator = Generator(_SEED)
    unsupported: Counter[str] = Counter()
    wrong: list[str] = []
    for start in range(0, _COUNT, _BATCH):
        expressions = [generator.expression() for _ in range(min(_BATCH, _COUNT - start))]
        theirs = terraform_oracle.evaluated(tmp_path / f"terraform-{start}", PREAMBLE, expressions)
        ours = budgetcheck_side.evaluated(tmp_path / f"budgetcheck-{start}", PREAMBLE, expressions)
        for expression, answer, found in zip(expressions, theirs, ours, strict=True):
            if found.kind == "unknown":
                unsupported[found.reason] += 1
            elif answer.kind != "unknown" and found.exact != answer.exact:
                wrong.append(f"{expression}\n  Terraform:   {answer}\n  budgetcheck: {found}")
    assert not wrong, "\n".join(wrong[:10])
    assert unsupported.total() <= _MOST_UNSUPPORTED * _COUNT, unsupported.most_common(10)


def test_the_generator_gives_the_same_expressions_for_the_same_seed() -> None:
    first, second = Generator(5), Generator(5)
    assert [first.expression() for _ in range(50)] == [second.expression() for _ in range(50)]
