"""Terraform and OpenTofu: known resource types as declarations, everything else pulled in as they need it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from budgetcheck.environments import canonical_environment
from budgetcheck.model.settings import Declaration, Problem, Reading
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.terraform.catalogue import HOP_TYPES, TYPES, declarations
from budgetcheck.readers.terraform.catalogue.stack import Stack, Together
from budgetcheck.readers.terraform.environments import Variant, Variants
from budgetcheck.readers.terraform.evaluate import room_for_evaluation
from budgetcheck.readers.terraform.instances import Resource
from budgetcheck.readers.terraform.locate import Locator, root_directories
from budgetcheck.readers.terraform.modules import Module
from budgetcheck.readers.terraform.sources import Directory, Sources
from budgetcheck.readers.terraform.terragrunt import Unit, units
from budgetcheck.readers.terraform.values import Fuel, Value
from budgetcheck.readers.terraform.variables import (
    RootValues,
    automatic_files,
    from_environment,
    read_var_files,
)
from budgetcheck.tree import SourceFile

if TYPE_CHECKING:
    from budgetcheck.readers.processes.runners import Runner

__all__ = ["containers", "read"]

_CODE = (".tf", ".tofu", ".tf.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evaluated:
    """One root module as it is in one environment; `home` is the name of its directory or of its unit.

    `joined`: it is a unit, whose values may come from other units.
    """

    home: str
    directory: Directory
    variant: Variant
    resources: tuple[Resource, ...]
    fuel: Fuel
    joined: bool = False


def read(sources: Sequence[SourceFile], context: ReadContext) -> Reading:
    """Reads the root modules of the given files, each once per environment that has values for it."""
    with room_for_evaluation():
        return _read(sources, context)


def containers(sources: Sequence[SourceFile], context: ReadContext) -> "tuple[Runner, ...]":
    """The containers and functions of all root modules, with what their environment blocks set."""
    from budgetcheck.readers.terraform.catalogue.runners import runners_in

    with room_for_evaluation():
        _, evaluated = _evaluated_once(sources, context)
        return tuple(
            runner
            for root, stack in _stacks(evaluated)
            for runner in runners_in(stack, context.tree.base, root.variant.environment)
        )


def _evaluated_once(
    sources: Sequence[SourceFile], context: ReadContext
) -> tuple[Sources, list["_Evaluated"]]:
    return context.memo.once("terraform", lambda: _evaluate_all(sources, context))


def _evaluate_all(sources: Sequence[SourceFile], context: ReadContext) -> tuple[Sources, list["_Evaluated"]]:
    opened = Sources(context.tree)
    paths = {file.path.parent for file in sources if file.base.endswith(_CODE)}
    located = [Locator(opened, root) for root in root_directories(opened, paths)]
    terragrunt = units(opened, sources, context)
    taken = {opened.real(unit.directory.path) for unit in terragrunt}
    roots = [one for one in located if opened.real(one.root.path) not in taken and one.matters(HOP_TYPES)]
    variants = Variants(context.tree, context.environments, [one.root.path for one in located])
    given = from_environment(context.options.tf_var)
    evaluated = [_evaluate(one, variant, given) for one in roots for variant in variants.of(one.root.path)]
    evaluated += _evaluate_units(terragrunt)
    return opened, evaluated


def _read(sources: Sequence[SourceFile], context: ReadContext) -> Reading:
    opened, evaluated = _evaluated_once(sources, context)
    declared = [one for root, stack in _stacks(evaluated) for one in _declared(root, stack)]
    _note_unfinished(opened, evaluated)
    return Reading(
        declarations=tuple(sorted(declared, key=lambda one: (one.address, one.environment))),
        problems=_sorted_problems(opened.problems),
        environments=tuple(sorted({root.variant.environment for root in evaluated} - {""})),
        recognised=tuple(sorted({file.name for file in sources} & opened.read | _var_files(sources))),
    )


def _evaluate(locator: Locator, variant: Variant, given: Mapping[str, Value]) -> _Evaluated:
    """`given`: values from the process environment, which every var file outranks."""
    files = [*automatic_files(locator.root.path), *variant.var_files]
    variables = {**given, **read_var_files(locator.sources, files)}
    values = RootValues(variables=variables, workspace=variant.workspace)
    return _evaluated(Module(locator, locator.root, values), locator.root.name, variant)


def _evaluate_units(terragrunt: Iterable[Unit]) -> Iterator[_Evaluated]:
    """The modules of Terragrunt's units, once for each unit: also those that only join the hops of others."""
    for unit in terragrunt:
        if unit.locator.matters(TYPES):
            yield _evaluated(unit.module(), unit.home, Variant(environment=unit.environment), joined=True)


def _evaluated(module: Module, home: str, variant: Variant, *, joined: bool = False) -> _Evaluated:
    return _Evaluated(
        home=home,
        directory=module.directory,
        variant=variant,
        resources=tuple(module.resources(TYPES)),
        fuel=module.fuel,
        joined=joined,
    )


def _stacks(evaluated: Sequence[_Evaluated]) -> Iterator[tuple[_Evaluated, Stack]]:
    """The root modules with what each of them sees: units those of their environment, others themselves.

    One environment after the other, so that what is found out of one need not be kept for all.
    """
    prefixes = _prefixes(evaluated)
    environments: dict[str, list[_Evaluated]] = defaultdict(list)
    for root in evaluated:
        if root.joined:
            environments[canonical_environment(root.variant.environment)].append(root)
        else:
            yield root, Stack(root.resources, prefixes[root.home])
    for environment, units_of in environments.items():
        shared = environments.get("", []) if environment else []
        together = Together()
        for root in (*shared, *units_of):
            together.add(root.resources, prefixes[root.home])
        for root in units_of:
            yield root, Stack(root.resources, prefixes[root.home], together)


def _declared(root: _Evaluated, stack: Stack) -> Iterable[Declaration]:
    for declaration in declarations(stack):
        yield replace(declaration, environment=root.variant.environment)


def _prefixes(evaluated: Sequence[_Evaluated]) -> dict[str, str]:
    """What stands before the addresses of each root: nothing, unless two roots have the same address."""
    owners: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for root in evaluated:
        for resource in root.resources:
            if resource.type in HOP_TYPES:
                owners[resource.address].add((root.home, root.variant.environment))
    clashing = {home for found in owners.values() for home in _clashing(found)}
    return {root.home: f"{root.home}/" if root.home in clashing else "" for root in evaluated}


def _clashing(owners: set[tuple[str, str]]) -> set[str]:
    """Root modules whose hop of one address is in the same environment as that of another root module."""
    homes: dict[str, set[str]] = defaultdict(set)
    for home, environment in owners:
        homes[environment].add(home)
    everywhere, every = homes[""], {home for home, _ in owners}
    found = {home for same in homes.values() if len(same) > 1 for home in same}
    return found | every if everywhere and len(every) > 1 else found


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
