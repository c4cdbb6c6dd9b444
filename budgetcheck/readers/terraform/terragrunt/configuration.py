"""One Terragrunt configuration file, evaluated on demand from where it is used.

The same file means different things for different units: an included file is evaluated for the unit that
includes it. Nothing is run: what Terragrunt asks the shell, the cloud or other units for is unknown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from budgetcheck.readers.terraform.evaluate import Scope, evaluate
from budgetcheck.readers.terraform.index import (
    Attribute,
    Block,
    Source,
    index_file,
    read_attributes,
    read_header,
)
from budgetcheck.readers.terraform.sources import Sources
from budgetcheck.readers.terraform.syntax import Expression
from budgetcheck.readers.terraform.terragrunt import functions
from budgetcheck.readers.terraform.terragrunt.dependencies import Dependencies, Dependency, Units
from budgetcheck.readers.terraform.terragrunt.open_map import merged
from budgetcheck.readers.terraform.terragrunt.paths import Paths
from budgetcheck.readers.terraform.terragrunt.split_paths import SPLIT, with_split_paths
from budgetcheck.readers.terraform.values import (
    EvaluationError,
    Fuel,
    Handle,
    Nesting,
    NotKnownError,
    Scalar,
    Unknown,
    Value,
    failed,
    map_value,
    via,
)
from budgetcheck.readers.terraform.variables import read_var_files

_DEEPEST_READ = 12
_SWITCHES = {
    "enabled": ("true", "which may be switched off"),
    "skip_outputs": ("false", "whose outputs are not read"),
}
"""Attributes of a dependency: the only text for which its outputs are used, and what is said of any other."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Parsed:
    """The content of a configuration file, not yet evaluated."""

    name: str
    path: Path
    attributes: Mapping[str, Attribute]
    blocks: tuple[Block, ...]
    dependencies: Mapping[str, Block]

    def of(self, kind: str) -> list[Block]:
        """The top-level blocks of a type."""
        return [block for block in self.blocks if block.type == kind]


class Library:
    """All configuration files of a run, each parsed once."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.paths = Paths(sources.tree)
        self.units = Units(self.paths)
        self.nesting = Nesting()
        self.included: set[Path] = set()
        self._parsed: dict[Path, Parsed | None] = {}
        self._var_files: dict[Path, Value] = {}
        self._expressions: dict[Attribute, Expression] = {}

    def expression(self, attribute: Attribute) -> Expression:
        """The expression of an attribute."""
        if attribute not in self._expressions:
            expression = self.sources.expression(attribute)
            split = any(name in attribute.text for name in SPLIT)
            self._expressions[attribute] = with_split_paths(expression) if split else expression
        return self._expressions[attribute]

    def var_file(self, file: Path) -> Value:
        """The values of a var file."""
        if file not in self._var_files:
            self._var_files[file] = map_value(read_var_files(self.sources, [file]))
        return self._var_files[file]

    def parsed(self, file: Path) -> Parsed | None:
        """A file's content; None, and a Problem, where it cannot be read."""
        if file not in self._parsed:
            self._parsed[file] = self._parse(file)
        return self._parsed[file]

    def _parse(self, file: Path) -> Parsed | None:
        data = self.sources.bytes(file)
        if data is None:
            return None
        source = Source(name=self.sources.tree.name(file), data=data)
        index = index_file(source)
        self.sources.note_faults(index.faults)
        attributes, _ = read_attributes(source)
        blocks = tuple(read_header(header) for header in index.headers)
        named = [block for block in blocks if block.type == "dependency" and block.labels]
        return Parsed(
            name=source.name,
            path=file,
            attributes=attributes,
            blocks=blocks,
            dependencies={block.labels[0]: block for block in named},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """From where a configuration is used.

    Attributes:
        folder: what `get_terragrunt_dir()` gives: of the unit, or of a file that is read by itself.
        original: the directory of the unit that everything started from.
        variables: environment variables that the user's files set for the environment.
        fuel: bounds the work of the unit.
        depth: how many files were read by one another on the way here.
    """

    folder: Path
    original: Path
    variables: Mapping[str, str]
    fuel: Fuel
    depth: int = 0


class Configuration:
    """A file as it is used from one place; as a value, `locals` and `inputs` are its attributes."""

    def __init__(
        self, library: Library, parsed: Parsed, use: Use, child: "Configuration | None" = None
    ) -> None:
        self.library: Library = library
        self.parsed: Parsed = parsed
        self.use: Use = use
        self.child: Configuration | None = child
        self.fuel = use.fuel
        self.origin = ""
        self._values: dict[tuple[str, str], Value] = {}
        self._locals = {
            name: attribute for block in parsed.of("locals") for name, attribute in block.attributes.items()
        }
        self._includes: dict[str, Configuration] | None = None

    @property
    def scope(self) -> Scope:
        """The scope of everything in the file."""
        return Scope(names=self)

    @property
    def folder(self) -> Path:
        """The directory of the file itself."""
        return self.parsed.path.parent

    # Names

    def address(self, name: str) -> str:  # noqa: ARG002 - what a file works out is given to modules by value
        """Nowhere."""
        return ""

    def local(self, name: str) -> Value:
        """`local.name`."""
        return self._once(("local", name), lambda: self._local(name))

    def _local(self, name: str) -> Value:
        attribute = self._locals.get(name)
        if attribute is None:
            return failed(f"there is no local value {name} in {self.parsed.name}")
        return via(self._evaluated(attribute), (attribute.span,))

    def variable(self, name: str) -> Value:
        """Terragrunt has no variables."""
        return failed(f"var.{name} has no meaning in a Terragrunt configuration")

    def call(self, name: str) -> Value:
        """Terragrunt calls no modules."""
        return failed(f"module.{name} has no meaning in a Terragrunt configuration")

    def data(self, kind: str, name: str) -> Value:
        """Terragrunt has no data sources."""
        return failed(f"data.{kind}.{name} has no meaning in a Terragrunt configuration")

    def meta(self, group: str, name: str) -> Value:
        """Terragrunt has no `path` and `terraform`."""
        return failed(f"{group}.{name} has no meaning in a Terragrunt configuration")

    def resource(self, kind: str, name: str) -> Value:
        """`include.name`, `dependency.name` and the like."""
        if kind == "include":
            return self._include(name)
        if kind == "dependency":
            return self._named_dependency(name)
        if kind in ("feature", "values", "unit", "stack"):
            return Unknown(reason=f"{kind}.{name} is given to Terragrunt from outside of these files")
        return failed(f"{kind}.{name} has no meaning in a Terragrunt configuration")

    def _include(self, name: str) -> Value:
        found = self.includes.get(name)
        if found is not None:
            return Handle(subject=found)
        bare = self.includes.get("")
        return failed(f"there is no include {name}") if bare is None else bare.attribute(name)

    def _named_dependency(self, name: str) -> Value:
        return self._once(("dependency", name), lambda: Handle(subject=self._dependency(name)))

    def _dependency(self, name: str) -> Dependency:
        """The unit that the block of that name leads to: the own block, or that of the last include."""
        places = (self, *reversed(self.includes.values()))
        place = next((one for one in places if name in one.parsed.dependencies), None)
        if place is None:
            return Dependency(name=name, why=f"{self.parsed.name} has no such block")
        attributes = place.parsed.dependencies[name].attributes
        for switch, (usual, why) in _SWITCHES.items():
            if switch in attributes and attributes[switch].text != usual:
                return Dependency(name=name, why=why)
        path = attributes.get("config_path")
        value = place.evaluated(path) if path else failed("it has no config_path")
        return self.library.units.named(name, value, self.use.folder)

    def function(self, name: str, arguments: tuple[Value, ...]) -> Value:
        """A function's result: Terragrunt's own ones first."""
        return functions.call(self, name, arguments)

    # Includes

    @property
    def includes(self) -> "dict[str, Configuration]":
        """The included configurations by name, the empty one for an include without name; in their order."""
        if self._includes is None:
            self._includes = {}  # an include whose path depends on another include is not followed
            if self.child is None:  # what is included includes nothing itself
                for block in self.parsed.of("include"):
                    found = self._included(block)
                    if found is not None:
                        self._includes[block.labels[0] if block.labels else ""] = found
        return self._includes

    def _included(self, block: Block) -> "Configuration | None":
        path = self._path(block.attributes.get("path"))
        parsed = self.library.parsed(path) if path is not None else None
        if parsed is None or path is None:
            return None
        self.library.included.add(path)
        return Configuration(self.library, parsed, self.use, child=self)

    def _path(self, attribute: Attribute | None) -> Path | None:
        """The file an attribute names; None where that is not known."""
        value = self._evaluated(attribute) if attribute else None
        if not isinstance(value, Scalar) or not isinstance(value.value, str):
            return None
        found = self.library.paths.located(value.value, self.folder)
        return found if self.library.paths.exists(found) else None

    def include_folder(self, name: str = "") -> Path | None:
        """The directory of what is included, of the first include where none is named."""
        if self.child is not None:
            return self.folder
        found = self.includes.get(name) or (next(iter(self.includes.values()), None) if not name else None)
        return found.folder if found else None

    def read(self, file: Path) -> "Configuration | None":
        """Another configuration file, read by itself."""
        parsed = self.library.parsed(file) if self.use.depth < _DEEPEST_READ else None
        if parsed is None:
            return None
        use = Use(
            folder=file.parent,
            original=self.use.original,
            variables=self.use.variables,
            fuel=self.fuel,
            depth=self.use.depth + 1,
        )
        return Configuration(self.library, parsed, use)

    # What the file says

    def inputs(self) -> Value:
        """The inputs, those of includes below the own ones."""
        return self._once(("", "inputs"), self._inputs)

    def _inputs(self) -> Value:
        value: Value = map_value({})
        strategies = {
            block.labels[0] if block.labels else "": self._text(block.attributes.get("merge_strategy"))
            for block in self.parsed.of("include")
        }
        layers: list[tuple[Value, bool]] = []
        for name, included in self.includes.items():
            strategy = strategies.get(name, "")
            if strategy != "no_merge":
                layers.append((included.inputs(), strategy == "deep"))
        own = self.parsed.attributes.get("inputs")
        deep = any(deep for _, deep in layers)
        for layer, _ in layers:
            value = merged([value, layer], deep=deep)
        return merged([value, self._evaluated(own)], deep=deep) if own else value

    def setting(self, kind: str, name: str) -> "tuple[Attribute, Configuration] | None":
        """An attribute of a top-level block, the own one before that of the last include that has it."""
        for configuration in (self, *reversed(self.includes.values())):
            for block in configuration.parsed.of(kind):
                if name in block.attributes:
                    return block.attributes[name], configuration
        return None

    def evaluated(self, attribute: Attribute) -> Value:
        """The value of an attribute of this file."""
        return self._evaluated(attribute)

    def _evaluated(self, attribute: Attribute) -> Value:
        return evaluate(self.library.expression(attribute), self.scope)

    def _text(self, attribute: Attribute | None) -> str:
        value = self._evaluated(attribute) if attribute else None
        return value.value if isinstance(value, Scalar) and isinstance(value.value, str) else ""

    def _once(self, key: tuple[str, str], compute: Callable[[], Value]) -> Value:
        if key not in self._values:
            self._values[key] = Unknown(reason=f"{'.'.join(filter(None, key))} refers to itself")
            try:
                self._values[key] = compute()
            except NotKnownError as error:
                self._values[key] = error.value
            except EvaluationError as error:
                self._values[key] = failed(str(error))
        return self._values[key]

    # What follows makes a configuration a Subject: `include.root.locals` and the like.

    def attribute(self, name: str) -> Value:
        """`locals`, `inputs`, `dependency`, or another part of the configuration."""
        if name == "locals":
            return merged([map_value({key: self.local(key)}) for key in self._locals])
        if name == "inputs":
            return self.inputs()
        if name == "dependency":
            return Handle(subject=Dependencies(named=self._named_dependency))
        return Unknown(reason=f"{name} of {self.parsed.name} is not evaluated")

    def element(self, key: Value) -> Value:
        """A part by name."""
        if isinstance(key, Scalar) and isinstance(key.value, str):
            return self.attribute(key.value)
        return failed("a configuration has parts by name only")

    def everything(self) -> Value:
        """Never known as a whole."""
        return Unknown(reason=f"{self.parsed.name} as a whole is not evaluated")

    def sample(self) -> Value | None:
        """A configuration is a single thing."""
        return None
