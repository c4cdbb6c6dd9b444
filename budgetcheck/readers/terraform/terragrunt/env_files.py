"""`KEY=value` files that the user names for an environment: what environment variables are there."""

import re
from collections.abc import Iterable
from pathlib import Path

from budgetcheck.environments import same_environment
from budgetcheck.model.options import EnvironmentOptions
from budgetcheck.tree import Tree, UnreadableFileError

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*")


def read_env_files(tree: Tree, environments: Iterable[EnvironmentOptions], name: str) -> dict[str, str]:
    """The variables of an environment, later files over earlier ones; none where it has no name."""
    found: dict[str, str] = {}
    for environment in environments:
        if not name or not same_environment(environment.name, name):
            continue
        for file in environment.env_files:
            try:
                text = tree.read_text(located(tree, file))
            except UnreadableFileError:
                continue  # the reader of settings files says so
            found.update(_variables(text))
    return found


def located(tree: Tree, name: str) -> Path:
    """Where a file of the options lies: below the base of printed names, or the root."""
    below_base = tree.base / name
    return below_base if below_base.exists() else tree.root / name


def _variables(text: str) -> dict[str, str]:
    matches = (_LINE.fullmatch(line) for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {match[1]: _unquoted(match[2]) for match in matches if match}


def _unquoted(value: str) -> str:
    for quote in "\"'":
        if len(value) > 1 and value.startswith(quote) and value.endswith(quote):
            return value[1:-1]
    return value.partition(" #")[0].rstrip()
