"""Terragrunt: each directory with a `terragrunt.hcl` is one more evaluation of the module it calls.

Configurations are read statically: includes, locals, inputs, other configurations and var files. What comes
from outside (commands, environment variables) is unknown with its reason, and `generate` blocks are not
looked at. The outputs of another unit are those of its module, where that unit is among the files.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from budgetcheck.environments import same_environment
from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.terraform.environments import directory_environment
from budgetcheck.readers.terraform.locate import Locator
from budgetcheck.readers.terraform.modules import Module
from budgetcheck.readers.terraform.sources import Directory, Sources
from budgetcheck.readers.terraform.terragrunt.configuration import Configuration, Library, Use
from budgetcheck.readers.terraform.terragrunt.env_files import located, read_env_files
from budgetcheck.readers.terraform.terragrunt.open_map import entry, known_names
from budgetcheck.readers.terraform.terragrunt.place import Located, locate
from budgetcheck.readers.terraform.terragrunt.var_files import var_files
from budgetcheck.readers.terraform.values import Fuel, Unknown, Value, via
from budgetcheck.readers.terraform.variables import RootValues, read_var_files
from budgetcheck.tree import SourceFile

__all__ = ["Unit", "units"]

_NAME = "terragrunt.hcl"
_MOST_NAMED = 3
_ELSEWHERE = (
    "elsewhere, where it is not looked at",
    "give the plans of those units as JSON (`terragrunt show -json PLANFILE`)",
)
_EMPTY = (
    "where there are no Terraform files",
    "correct the source, or give that directory to budgetcheck too",
)


class Unit:
    """One evaluation of a module.

    Attributes:
        home: the unit's directory without what names the environment: the same for the units of several
            environments that are the same part of the system.
        environment: empty where its directory names none.
        locator: the module and where those are that it calls.
    """

    def __init__(self, name: str, locator: Locator, values: Callable[[], RootValues]) -> None:
        self.name = name
        self.environment = environment_of(name)
        self.home = _home(name, self.environment)
        self.locator = locator
        self._values = values
        self._module: Module | None = None
        self._evaluating = False

    @property
    def directory(self) -> Directory:
        """The module's own directory."""
        return self.locator.root

    def module(self) -> Module:
        """The module with what its variables are set to, evaluated once."""
        if self._module is None:
            self._evaluating = True
            values = self._values()
            self._evaluating = False
            self._module = Module(self.locator, self.locator.root, values)
        return self._module

    # What other units see of it.

    def why_unknown(self) -> str:
        """It is asked for its outputs in order to find out its own inputs."""
        return "which depends on this one itself" if self._evaluating else ""

    def output_names(self) -> list[str]:
        """The outputs of the module."""
        return sorted(self.directory.outputs)

    def output(self, name: str) -> Value:
        """One output of the module, with its place."""
        value = self.module().output(name)
        header = self.directory.outputs.get(name)
        return via(value, (replace(header.span, text=f"output.{name}"),) if header else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Elsewhere:
    """A unit whose module is not at hand, as others see it."""

    def why_unknown(self) -> str:
        """Its outputs are in that module."""
        return "whose module is not among these files"

    def output_names(self) -> list[str]:
        """Nobody knows."""
        return []

    def output(self, name: str) -> Value:
        """Never asked for."""
        return Unknown(reason=f"{name} is not known")


def units(sources: Sources, files: Iterable[SourceFile], context: ReadContext) -> list[Unit]:
    """The units whose module is at hand, by name; what is missing becomes one Problem per cause."""
    folders = sorted({file.path.parent for file in files if file.base == _NAME})
    if not folders:
        return []
    reader = _Reader(sources, context)
    configurations = [one for folder in folders if (one := reader.configuration(folder))]
    found: list[tuple[Configuration, Located]] = []
    for configuration in configurations:
        # Parents are not units. Which files are parents is known when all includes have been followed.
        if configuration.parsed.path not in reader.library.included:
            place = locate(configuration)
            if place is not None:
                found.append((configuration, place))
    _note_missing(sources, found)
    return list(reader.units(found))


class _Reader:
    """Makes configurations and units; the values of an environment are read once."""

    def __init__(self, sources: Sources, context: ReadContext) -> None:
        self.sources = sources
        self.context = context
        self.library = Library(sources)
        self._variables: dict[str, Mapping[str, str]] = {}
        self._declared: dict[str, Mapping[str, Value]] = {}
        self._locators: dict[Directory, Locator] = {}

    def configuration(self, folder: Path) -> Configuration | None:
        """The unit of a directory, its includes followed; None where it cannot be read."""
        parsed = self.library.parsed(folder / _NAME)
        if parsed is None:
            return None
        environment = environment_of(self.sources.tree.name(folder))
        if environment not in self._variables:
            environments = self.context.environments
            self._variables[environment] = read_env_files(self.sources.tree, environments, environment)
        fuel = Fuel(nesting=self.library.nesting)
        use = Use(folder=folder, original=folder, variables=self._variables[environment], fuel=fuel)
        configuration = Configuration(self.library, parsed, use)
        _ = configuration.includes
        return configuration

    def units(self, found: Iterable[tuple[Configuration, Located]]) -> Iterator[Unit]:
        """The units whose module is at hand; each can be asked for by those that depend on it."""
        for configuration, place in found:
            if place.directory is None:
                self.library.units.add(configuration.folder, _Elsewhere())
            else:
                unit = self._unit(configuration, place.span, place.directory)
                self.library.units.add(configuration.folder, unit)
                yield unit

    def _unit(self, configuration: Configuration, span: Span, directory: Directory) -> Unit:
        name = self.sources.tree.name(configuration.folder)
        if directory not in self._locators:
            self._locators[directory] = Locator(self.sources, directory)
        return Unit(
            name,
            self._locators[directory],
            partial(self._root_values, configuration, directory, span),
        )

    def _root_values(self, configuration: Configuration, directory: Directory, span: Span) -> RootValues:
        name = self.sources.tree.name(configuration.folder)
        return RootValues(
            variables=self._values(configuration, directory, environment_of(name)),
            place=span,
            generated=True,
            origin=f"{name}//",
            fuel=Fuel(nesting=self.library.nesting),
        )

    def _values(
        self, configuration: Configuration, directory: Directory, environment: str
    ) -> Mapping[str, Value]:
        """Values of the variables: of the environment's files, then inputs, then the unit's own var files."""
        values = dict(self._of_environment(environment))
        inputs = configuration.inputs()
        for name in sorted(directory.variables.keys() | known_names(inputs)):
            found = entry(inputs, name)
            # What Terragrunt cannot be asked for may still be what the user says it is.
            if found is not None and not (isinstance(found, Unknown) and name in values):
                values[name] = found
        values.update(read_var_files(self.sources, var_files(configuration, directory)))
        return values

    def _of_environment(self, environment: str) -> Mapping[str, Value]:
        """What the var files say that the user has declared for an environment."""
        if environment not in self._declared:
            files = [
                located(self.sources.tree, name)
                for declared in self.context.environments
                if declared.declared and environment and same_environment(declared.name, environment)
                for name in declared.var_files
            ]
            self._declared[environment] = read_var_files(self.sources, files)
        return self._declared[environment]


def environment_of(name: str) -> str:
    """The environment of a unit by its directory: the innermost folder that is named like one.

    Where none is, the folder below `live`, `env` and the like (`env/scratch/api`); empty if there is none.
    """
    parts = PurePosixPath(name).parts
    for part in (*reversed(parts[:-1]), *parts[-1:]):
        if directory_environment(part):
            return part
    return directory_environment(name)


def _home(name: str, environment: str) -> str:
    parts = PurePosixPath(name).parts
    kept = [part for part in parts if part != environment and not directory_environment(part)]
    return "/".join(kept or parts)


def _note_missing(sources: Sources, found: Iterable[tuple[Configuration, Located]]) -> None:
    """One Problem for each reason why modules are not at hand, however many units it concerns."""
    missing: dict[tuple[str, str], list[tuple[Span, str]]] = defaultdict(list)
    for _, place in found:
        if place.repository:
            missing[_ELSEWHERE].append((place.span, place.repository))
        elif place.missing:
            missing[_EMPTY].append((place.span, place.missing))
        elif place.reason:
            key = (
                f"a source that is not known: {place.reason}",
                "write it so that it follows from these files",
            )
            missing[key].append((place.span, ""))
    for (text, fix), places in sorted(missing.items()):
        many = (
            f"{len(places)} Terragrunt units take their" if len(places) > 1 else "a Terragrunt unit takes its"
        )
        where = _some({name for _, name in places})
        span = min((span for span, _ in places), key=lambda span: span.sort_key)
        sources.problems.append(Problem(span=span, text=f"{many} module from {text}{where}", fix=fix))


def _some(names: set[str]) -> str:
    every = sorted(names - {""})
    more = f" and {len(every) - _MOST_NAMED} more" if len(every) > _MOST_NAMED else ""
    return f" ({', '.join(every[:_MOST_NAMED])}{more})" if every else ""
