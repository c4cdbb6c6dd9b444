"""Asks the installed Terraform what expressions and modules are worth."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from budgetcheck.readers.terraform.numerals import rounded
from budgetcheck.readers.terraform.values import number

TERRAFORM = shutil.which("terraform")
NOT_INSTALLED = "terraform is not installed: the answers that are kept beside the cases are used alone"


@dataclass(frozen=True)
class Outcome:
    """What an expression is worth: a value, an error of Terraform's, or not known.

    `text` is the value as JSON, where Terraform gave it.
    """

    kind: str  # value, error, unknown
    value: object = None
    reason: str = ""
    text: str = ""

    @property
    def exact(self) -> object:
        """The outcome to compare: true is not 1, and one third is the same however many digits it has."""
        return self.kind, _exact(self.value)


def _exact(value: object) -> object:
    match value:
        case bool():
            return "bool", value
        case list():
            return [_exact(item) for item in value]
        case dict():
            return {key: _exact(item) for key, item in value.items()}
        case Fraction() | float():
            # Numbers of functions have 64 binary digits, others 512: a quotient of two lengths differs.
            return "about", f"{float(value):.15g}"
        case _:
            return value


ERROR = Outcome(kind="error")
_CRASHED = Outcome(kind="unknown", reason="Terraform crashes")
_MOST_CRASHES = 5
_CRASH = re.compile(r'in output "(case_\d+)"')


class TerraformError(Exception):
    """Terraform refused, or crashed; the message is its own."""


def loads(text: str) -> object:
    """JSON with numbers as exact as Terraform holds them."""
    return json.loads(text, parse_float=lambda digits: number(rounded(Fraction(digits))))


def evaluated(folder: Path, preamble: str, expressions: Sequence[str]) -> list[Outcome]:
    """The outcome of each expression at the top of a module that holds `preamble`; one process for all."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.tf").write_text(preamble, encoding="utf-8")
    cases = {
        f"case_{n}": f"value = try(jsonencode([{expression}\n]), null)"
        for n, expression in enumerate(expressions)
    }
    for _ in range(_MOST_CRASHES):
        text = "\n".join(f'output "{name}" {{\n  {value}\n}}' for name, value in cases.items())
        (folder / "cases.tf").write_text(text, encoding="utf-8")
        try:
            outputs = _plan(folder)["planned_values"].get("outputs", {})
        except TerraformError as error:
            crashed = set(_CRASH.findall(str(error))) & cases.keys()
            if "panic in function implementation" not in str(error) or not crashed:
                raise
            cases = {name: value for name, value in cases.items() if name not in crashed}
            continue
        return [
            _outcome(outputs.get(f"case_{n}", {})) if f"case_{n}" in cases else _CRASHED
            for n in range(len(expressions))
        ]
    pytest.fail("Terraform itself crashes on too many of the expressions")


def _outcome(output: dict[str, object]) -> Outcome:
    if "value" not in output:
        return Outcome(kind="unknown", reason="known only after apply")
    return known(output["value"])


def known(text: object) -> Outcome:
    """The outcome of which `text` is the answer: JSON in a list, or None for an error."""
    if text is None:
        return ERROR
    found = loads(str(text))
    assert isinstance(found, list)
    return Outcome(kind="value", value=found[0], text=str(text))


def planned(folder: Path, var_files: Sequence[str] = (), workspace: str = "") -> dict[str, object]:
    """The inputs of all `terraform_data` resources that a plan of the folder has, by address."""
    _run(folder, "init", "-backend=false", "-input=false")
    if workspace:
        _run(folder, "workspace", "new", workspace)
    files = [f"-var-file={name}" for name in var_files]
    return dict(sorted(_inputs(_plan(folder, *files)["planned_values"]["root_module"])))


def _plan(folder: Path, *options: str) -> dict[str, dict[str, dict[str, object]]]:
    _run(folder, "plan", "-refresh=false", "-lock=false", "-input=false", "-out=plan.bin", *options)
    plan = json.loads(_run(folder, "show", "-json", "plan.bin"))
    assert isinstance(plan, dict)
    return plan


def _inputs(module: dict[str, object]) -> list[tuple[str, object]]:
    found = [(one["address"], one["values"].get("input")) for one in module.get("resources", [])]  # type: ignore[attr-defined]
    for child in module.get("child_modules", []):  # type: ignore[attr-defined]
        found.extend(_inputs(child))
    return found


def _run(folder: Path, *arguments: str, stdin: str = "") -> str:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("TF_") or key == "TF_PLUGIN_DIR"
    }
    done = subprocess.run(
        [str(TERRAFORM), *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**environment, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "NO_COLOR": "1"},
    )
    if done.returncode:
        raise TerraformError(f"terraform {arguments[0]} failed:\n{done.stdout[-2000:]}{done.stderr}")
    return done.stdout
