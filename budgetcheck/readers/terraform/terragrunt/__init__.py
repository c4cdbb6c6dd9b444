"""Terragrunt: each directory with a `terragrunt.hcl` is one more evaluation of the module it calls.

Configurations are read statically: includes, locals, inputs, other configurations and var files. What comes
from outside (commands, environment variables, outputs of other units) is unknown with its reason, and
`generate` blocks are not looked at.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from budgetcheck.environments import canonical_environment, same_environment
from budgetcheck.model.options import EnvironmentOptions
from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.terraform.environments import directory_environment
from budgetcheck.readers.terraform.sources import Directory, Sources
from budgetcheck.readers.terraform.terragrunt.configuration import Configuration, Library, Use
from budgetcheck.readers.terraform.terragrunt.env_files import read_env_files
from budgetcheck.readers.terraform.terragrunt.open_map import entry
from budgetcheck.readers.terraform.terragrunt.place import Located, locate
from budgetcheck.readers.terraform.values import Fuel, Unknown, Value
from budgetcheck.readers.terraform.variables import automatic_files, read_var_files
from budgetcheck.readers.tree import SourceFile

__all__ = ["Unit", "is_configuration", "units"]

_NAME = "terragrunt.hcl"
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Unit:
    """One evaluation of a module: with which inputs, in which environment.

    Attributes:
        home: its directory without the part that names the environment, so that the units of several
            environments that are the same part of the system have the same one.
        span: where the module is called; for a module that comes with budgetcheck the place of everything.
        values: what variables are set to.
    """

    home: str
    environment: str
    directory: Directory
    span: Span
    values: Mapping[str, Value]


def is_configuration(file: SourceFile) -> bool:
    """A Terragrunt configuration; other `.hcl` files are read where one of these includes them."""
    return file.base in (_NAME, "root.hcl")


def units(sources: Sources, files: Iterable[SourceFile], context: ReadContext) -> list[Unit]:
    """The units among the files whose module is at hand; what is missing becomes a Problem per cause."""
    library = Library(sources)
    elsewhere: dict[str, list[str]] = defaultdict(list)
    missing: dict[str, list[str]] = defaultdict(list)
    found: list[tuple[Configuration, Located, str]] = []
    for file in sorted(files, key=lambda file: file.name):
        if file.base != _NAME:
            continue
        environment = environment_of(sources.tree.name(file.path.parent))
        configuration = _configuration(library, file, environment, context.environments)
        located = locate(configuration) if configuration else None
        if configuration is None or located is None:
            continue
        if located.directory is not None:
            found.append((configuration, located, environment))
        elif located.repository:
            elsewhere[located.repository].append(file.name)
        elif located.missing:
            missing[located.missing].append(file.name)
        ...
    return []
