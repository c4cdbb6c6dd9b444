"""Which environment a plan or state is of: by the name of its file or folder, else by its variables."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from budgetcheck.model.options import EnvironmentOptions
from budgetcheck.readers.terraform.environments import directory_environment

_VARIABLES = ("environment", "env", "environment_name", "env_name", "stage", "deployment_environment")


def environment_of(
    name: str, variables: Mapping[str, object], environments: Iterable[EnvironmentOptions]
) -> str:
    """The environment, empty where nothing says it.

    A variable counts only where its value is the name of an environment: of one that is known from other
    files, or a usual one (`prod`).
    """
    known = {environment.name.lower() for environment in environments}
    for word in _words(name):
        if word.lower() in known or directory_environment(word):
            return word
    folder = directory_environment(str(PurePosixPath(name).parent))
    if folder:
        return folder
    for variable in _VARIABLES:
        value = variables.get(variable)
        if isinstance(value, str) and (value.lower() in known or directory_environment(value)):
            return value
    return ""


def _words(name: str) -> Iterator[str]:
    """`prod` of `prod.tfplan.json`, `plan-prod.json`, `plan_eu_prod.json`."""
    yield from re.split(r"[._-]", PurePosixPath(name).name)[:8]
