"""Terraform and OpenTofu: known resource types as declarations, everything else pulled in as they need it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from budgetcheck.model.settings import Declaration, Problem, Reading
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.terraform.catalogue import HOP_TYPES, TYPES, declarations
from budgetcheck.readers.terraform.catalogue.stack import Stack
from budgetcheck.readers.terraform.environments import Variant, Variants
from budgetcheck.readers.terraform.evaluate import room_for_evaluation
from budgetcheck.readers.terraform.instances import Resource
from budgetcheck.readers.terraform.modules import Module, reaches, root_directories
from budgetcheck.readers.terraform.sources import Directory, Sources
from budgetcheck.readers.terraform.variables import RootValues, automatic_files, read_var_files
from budgetcheck.readers.tree import SourceFile

__all__ = ["read"]

_CODE = (".tf", ".tofu", ".tf.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evaluated:
    """One root module as it is in one environment."""

    directory: Directory
    variant: Variant
    resources: tuple[Resource, ...]


def read(sources: Sequence[SourceFile], context: ReadContext) -> Reading:
    """Reads the root modules of the given files, each once per environment that has values for it."""
    with room_for_evaluation():
        return _read(sources, context)


def _read(sources: Sequence[SourceFile], context: ReadContext) -> Reading:
    opened = Sources(context.tree)
    paths = {file.path.parent for file in sources if file.base.endswith(_CODE)}
    roots = [root for root in root_directories(opened, paths) if _matters(opened, root)]
    variants = Variants(context.tree, context.environments, [root.path for root in roots])
    evaluated = [_evaluate(opened, root, variant) for root in roots for variant in variants.of(root.path)]
    prefixes = _prefixes(evaluated)
    declared = [one for root in evaluated for one in _declared(root, prefixes[root.directory.path])]
    return Reading(
        declarations=tuple(sorted(declared, key=lambda one: (one.address, one.environment))),
        problems=_sorted_problems(opened.problems),
        environments=tuple(sorted({root.variant.environment for root in evaluated} - {""})),
        recognised=tuple(sorted({file.name for file in sources} & opened.read | _var_files(sources))),
    )


def _matters(opened: Sources, root: Directory) -> bool:
    if HOP_TYPES & root.resources.keys():
        return True
    return any(reaches(opened, root, call, HOP_TYPES) for call in root.calls.values())


def _evaluate(opened: Sources, root: Directory, variant: Variant) -> _Evaluated:
    files = [*automatic_files(root.path), *variant.var_files]
    values = RootValues(variables=read_var_files(opened, files), workspace=variant.workspace)
    module = Module(opened, root, values)
    return _Evaluated(directory=root, variant=variant, resources=tuple(module.resources(TYPES)))


def _declared(root: _Evaluated, prefix: str) -> Iterable[Declaration]:
    for declaration in declarations(Stack(root.resources, prefix)):
        yield replace(declaration, environment=root.variant.environment)


def _prefixes(evaluated: list[_Evaluated]) -> dict[Path, str]:
    """What stands before the addresses of each root: nothing, unless two roots have the same address."""
    owners = Counter(
        (root.variant.environment, resource.address) for root in evaluated for resource in root.resources
    )
    prefixes: dict[Path, str] = {}
    for root in evaluated:
        clash = any(owners[root.variant.environment, resource.address] > 1 for resource in root.resources)
        path = root.directory.path
        prefixes[path] = f"{root.directory.name}/" if clash else prefixes.get(path, "")
    return prefixes


def _sorted_problems(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.span.sort_key, problem.text)))


def _var_files(sources: Sequence[SourceFile]) -> set[str]:
    return {file.name for file in sources if file.base.endswith((".tfvars", ".tfvars.json"))}
