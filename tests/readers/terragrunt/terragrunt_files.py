"""Writes trees of Terragrunt units and modules and reads them as a run would."""

from collections.abc import Mapping
from pathlib import Path

from budgetcheck.discover import discover
from budgetcheck.model.options import EnvironmentOptions, Options
from budgetcheck.model.settings import Declaration, Known, OneOf, Reading, Setting, Unresolved
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.terraform import read

MODULE = """
variable "idle" {
  type    = number
  default = 60
}
variable "name" {
  type    = string
  default = "api"
}
resource "aws_lb" "this" {
  name         = var.name
  idle_timeout = var.idle
}
"""
UNIT = """
terraform {
  source = "../../../modules//api"
}
"""
ADDRESS = "terraform:aws_lb.this"


def reading(
    folder: Path,
    files: Mapping[str, str],
    environments: tuple[EnvironmentOptions, ...] = (),
    given: str = ".",
    git: bool = True,
) -> Reading:
    """Reads what discovery finds below `given`; `git` makes the folder a repository."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if git:
        (folder / ".git").mkdir(exist_ok=True)
    found = discover([folder / given], folder)
    context = ReadContext(tree=found.tree, options=Options(), environments=environments, siblings=found.files)
    return read(found.claimed_by("terraform"), context)


def live(inputs: str = "", more: str = "", unit: str = UNIT, **files: str) -> dict[str, str]:
    """One unit, live/prod/api, of the module modules/api; further files by path with `__` for `/`."""
    named = {name.replace("__", "/") + ".hcl": text for name, text in files.items()}
    block = f"inputs = {inputs}\n" if inputs else ""
    return {
        "modules/api/main.tf": MODULE,
        "live/prod/api/terragrunt.hcl": f"{unit}\n{more}\n{block}",
        **named,
    }


def balancer(result: Reading, environment: str = "prod", address: str = ADDRESS) -> Declaration:
    found = [one for one in result.declarations if (one.address, one.environment) == (address, environment)]
    assert len(found) == 1, [(one.address, one.environment) for one in result.declarations]
    return found[0]


def idle(result: Reading, environment: str = "prod", address: str = ADDRESS) -> Setting:
    found = balancer(result, environment, address).setting("idle_timeout")
    assert found is not None
    return found


def value(setting: Setting) -> object:
    """The value, the set of possible values, or why there is none."""
    match setting.value:
        case Known(value=known):
            return known
        case OneOf(values=values):
            return set(values)
        case Unresolved(reason=reason):
            return reason
