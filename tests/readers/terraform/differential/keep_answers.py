"""Asks the installed Terraform for the answers to all cases and keeps them: `python keep_answers.py`.

Run with the repository's root on PYTHONPATH, after a change of `expression_cases.py` or of a module tree.
"""

import json
import sys
import tempfile
from pathlib import Path

import terraform_oracle
from expression_cases import CASES, PREAMBLE
from tree_files import TREES

ANSWERS = Path(__file__).parent / "answers.json"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        outcomes = terraform_oracle.evaluated(place / "expressions", PREAMBLE, CASES)
        kept = {
            case: {"value": one.text, "error": None, "unknown": "unknown"}[one.kind]
            for case, one in zip(CASES, outcomes, strict=True)
        }
        _write(ANSWERS, kept)
        for name, tree in TREES.items():
            planned = terraform_oracle.planned(tree.copy(place / name), tree.var_files, tree.workspace)
            _write(tree.answers, planned)
    sys.stdout.write(f"{len(kept)} expressions, {len(TREES)} module trees\n")


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
