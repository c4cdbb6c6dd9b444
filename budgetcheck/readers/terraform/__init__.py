"""Terraform and OpenTofu: known resource types as declarations, everything else pulled in as they need it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from budgetcheck.model.settings import Declaration, Problem, Reading
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.terraform.catalogue import HOP_TYPES, TYPES, declarations
from budgetcheck.readers.terraform.catalogue.stack import Stack
from budgetcheck.readers.terraform.environments import Variant, Variants
from budgetcheck.readers.terraform.evaluate import room_for_evaluation
from budgetcheck.readers.terraform.instances import Resource
from budgetcheck.readers.terraform.locate import Locator, root_directories
from budgetcheck.readers.terraform.modules import Module
from budgetcheck.readers.terraform.sources import Directory, Sources
from budgetcheck.readers.terraform.values import Fuel
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
    fuel: Fuel


def read(sources: Sequence[SourceFile], context: ReadContext) -> Reading:
    """Reads the root modules of the given files, each once per environment that has values for it."""
    with room_for_evaluation():
        return _read(sources, context)


def _read(sources: Sequence[SourceFile], context: ReadContext) -> Reading:
    opened = Sources(context.tree)
    paths = {file.path.parent for file in sources if file.base.endswith(_CODE)}
    located = [Locator(opened, root) for root in root_directories(opened, paths)]
    roots = [locator for locator in located if locator.matters(HOP_TYPES)]
    variants = Variants(context.tree, context.environments, [one.root.path for one in roots])
    evaluated = [_evaluate(one, variant) for one in roots for variant in variants.of(one.root.path)]
    prefixes = _prefixes(evaluated)
    declared = [one for root in evaluated for one in _declared(root, prefixes[root.directory.path])]
    _note_unfinished(opened, evaluated)
    return Reading(
        declarations=tuple(sorted(declared, key=lambda one: (one.address, one.environment))),
        problems=_sorted_problems(opened.problems),
        environments=tuple(sorted({root.variant.environment for root in evaluated} - {""})),
        recognised=tuple(sorted({file.name for file in sources} & opened.read | _var_files(sources))),
    )


def _evaluate(locator: Locator, variant: Variant) -> _Evaluated:
    files = [*automatic_files(locator.root.path), *variant.var_files]
    values = RootValues(variables=read_var_files(locator.sources, files), workspace=variant.workspace)
    module = Module(locator, locator.root, values)
    resources = tuple(module.resources(TYPES))
    return _Evaluated(directory=locator.root, variant=variant, resources=resources, fuel=module.fuel)


def _declared(root: _Evaluated, prefix: str) -> Iterable[Declaration]:
    for declaration in declarations(Stack(root.resources, prefix)):
        yield replace(declaration, environment=root.variant.environment)


def _prefixes(evaluated: list[_Evaluated]) -> dict[Path, str]:
    """What stands before the addresses of each root: nothing, unless two roots have the same address."""
    owners: dict[str, set[tuple[Path, str]]] = defaultdict(set)
    for root in evaluated:
        for resource in root.resources:
            if resource.type in HOP_TYPES:
                owners[resource.address].add((root.directory.path, root.variant.environment))
    clashing = {path for found in owners.values() for path in _clashing(found)}
    return {
        root.directory.path: f"{root.directory.name}/" if root.directory.path in clashing else ""
        for root in evaluated
    }


def _clashing(owners: set[tuple[Path, str]]) -> set[Path]:
    """Root modules whose hop of one address is in the same environment as that of another root module."""
    return {
        path
        for path, environment in owners
        for other, elsewhere in owners
        if other != path and (environment == elsewhere or not environment or not elsewhere)
    }


def _note_unfinished(opened: Sources, evaluated: list[_Evaluated]) -> None:
    for root in evaluated:
        if root.fuel.spent:
            text = f"the module {root.directory.name} expands too far: parts of it are left out"
            fix = "check the module directories one by one, or give a smaller count or for_each"
            opened.problems.append(Problem(span=Span(file=root.directory.name), text=text, fix=fix))


def _sorted_problems(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.span.sort_key, problem.text)))


def _var_files(sources: Sequence[SourceFile]) -> set[str]:
    return {file.name for file in sources if file.base.endswith((".tfvars", ".tfvars.json"))}
