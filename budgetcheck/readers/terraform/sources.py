"""The Terraform files of a run: every directory, block and expression is read once and kept.

Files are opened through the tree of the run only. What cannot be read becomes a Problem, and the rest of
the directory goes on.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.terraform import registry
from budgetcheck.readers.terraform.constants import Nothing
from budgetcheck.readers.terraform.constraints import Constraint, constraint
from budgetcheck.readers.terraform.index import (
    Attribute,
    Block,
    Fault,
    Header,
    Source,
    index_file,
    read_attributes,
    read_header,
)
from budgetcheck.readers.terraform.json_syntax import index_json_file, read_json_header
from budgetcheck.readers.terraform.parse import parse_expression
from budgetcheck.readers.terraform.scope import Scope
from budgetcheck.readers.terraform.syntax import Expression, Invalid
from budgetcheck.readers.terraform.type_syntax import read_type
from budgetcheck.tree import Tree, UnreadableFileError

_SUFFIXES = (".tf", ".tofu", ".tf.json")
_NAMED_SOURCES = 3
_VALIDATE = "correct it; `terraform fmt` shows the same error"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Directory:
    """The blocks of one module directory, by what they declare."""

    path: Path
    name: str
    variables: Mapping[str, Header] = field(default_factory=dict)
    outputs: Mapping[str, Header] = field(default_factory=dict)
    calls: Mapping[str, Header] = field(default_factory=dict)
    locals: tuple[Header, ...] = ()
    resources: Mapping[str, Mapping[str, Header]] = field(default_factory=dict)
    overrides: Mapping[tuple[str, ...], tuple[Header, ...]] = field(default_factory=dict)
    shipped: bool = False
    """A description of a registry module that comes with budgetcheck, not a directory of the user's."""

    @property
    def empty(self) -> bool:
        """There is no Terraform in it."""
        return not (self.variables or self.outputs or self.calls or self.locals or self.resources)


class Sources:
    """Reads and remembers; `problems` and `read` fill up as files are opened."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.problems: list[Problem] = []
        self.read: set[str] = set()
        self._directories: dict[Path, Directory] = {}
        self._blocks: dict[Header, Block] = {}
        self._expressions: dict[Attribute, Expression] = {}
        self._locals: dict[Path, Mapping[str, Attribute]] = {}
        self._constraints: dict[Attribute, Constraint] = {}
        self._missing: dict[Path, _MissingModules] = {}

    def directory(self, path: Path) -> Directory:
        """The blocks of a directory; empty where there is no such directory below the root."""
        try:
            real = self.tree.inside(path)
        except UnreadableFileError:
            return Directory(path=path, name=self.tree.name(path))
        if real not in self._directories:
            self._directories[real] = self._load(path)
        return self._directories[real]

    def real(self, path: Path) -> Path:
        """The path with links followed, where it can be opened."""
        try:
            return self.tree.inside(path)
        except UnreadableFileError:
            return path

    def shipped(self, name: str) -> Directory:
        """The description of a registry module."""
        path = Path(registry.FOLDER) / name
        if path not in self._directories:
            source = Source(name=path.as_posix(), data=registry.module_source(name))
            directory = _sorted_out(path, path.as_posix(), list(index_file(source).headers), [])
            self._directories[path] = replace(directory, shipped=True)
        return self._directories[path]

    def _load(self, path: Path) -> Directory:
        headers: list[Header] = []
        overriding: list[Header] = []
        for file in _module_files(path, self.tree):
            base = file.name.split(".")[0]
            found = overriding if base == "override" or base.endswith("_override") else headers
            found.extend(self._headers(file))
        return _sorted_out(path, self.tree.name(path), headers, overriding)

    def _headers(self, file: Path) -> tuple[Header, ...]:
        data = self.bytes(file)
        if data is None:
            return ()
        source = Source(name=self.tree.name(file), data=data)
        index = index_json_file(source) if file.name.endswith(".json") else index_file(source)
        self.note_faults(index.faults)
        return index.headers

    def bytes(self, file: Path) -> bytes | None:
        """The content of a file without a byte order mark; None, and a Problem, where it cannot be read."""
        name = self.tree.name(file)
        try:
            data = self.tree.read_bytes(file)
        except UnreadableFileError as error:
            self.problems.append(Problem(span=Span(file=name), text=f"{name} {error}"))
            return None
        self.read.add(name)
        return data.removeprefix(b"\xef\xbb\xbf")

    def note_faults(self, faults: tuple[Fault, ...]) -> None:
        """Turns what an index found wrong into Problems."""
        for fault in faults:
            what = f"{fault.span.text} could not be read: " if fault.span.text else ""
            self.problems.append(Problem(span=fault.span, text=f"{what}{fault.text}", fix=_VALIDATE))

    def block(self, header: Header, directory: Directory | None = None) -> Block:
        """The content of a top-level block, with what an override file puts in its place."""
        if header not in self._blocks:
            block = _read(header)
            for override in directory.overrides.get((header.type, *header.labels), ()) if directory else ():
                block = _merged(block, _read(override))
            self._blocks[header] = block
        return self._blocks[header]

    def locals_of(self, directory: Directory) -> Mapping[str, Attribute]:
        """The local values of a directory, by name."""
        if directory.path not in self._locals:
            found: dict[str, Attribute] = {}
            for header in directory.locals:
                found.update(self.block(header).attributes)
            self._locals[directory.path] = found
        return self._locals[directory.path]

    def var_file(self, file: Path) -> tuple[str, Mapping[str, Attribute]]:
        """Printed name and assignments of a `.tfvars` file."""
        name, data = self.tree.name(file), self.bytes(file)
        if data is None:
            return name, {}
        attributes, faults = read_attributes(Source(name=name, data=data))
        self.note_faults(faults)
        return name, attributes

    def expression(self, attribute: Attribute) -> Expression:
        """The expression of an attribute; one that cannot be parsed is noted as a Problem once."""
        if attribute not in self._expressions:
            parsed = parse_expression(attribute.text, attribute.span.file, attribute.line, attribute.column)
            if isinstance(parsed, Invalid):
                self._note_invalid(attribute, parsed)
            self._expressions[attribute] = parsed
        return self._expressions[attribute]

    def constraint(self, attribute: Attribute) -> Constraint:
        """The constraint in a variable's `type`. Raises EvaluationError where a default in it is wrong."""
        if attribute not in self._constraints:
            place = Span(file=attribute.span.file, line=attribute.line, column=attribute.column)
            written = read_type(attribute.text, place) or self.expression(attribute)
            self._constraints[attribute] = constraint(written, Scope(names=Nothing()))
        return self._constraints[attribute]

    def note_missing_module(self, directory: Directory, header: Header, source: str) -> None:
        """Notes a module call that leads nowhere: one Problem for all of a directory."""
        missing = self._missing.setdefault(directory.path, _MissingModules(directory.name, {}))
        if missing.calls:
            if header in missing.calls:
                return
            self.problems.remove(missing.problem())
        missing.calls[header] = source
        self.problems.append(missing.problem())

    def _note_invalid(self, attribute: Attribute, invalid: Invalid) -> None:
        text = f"{attribute.name} of {attribute.owner} could not be read: {invalid.reason}"
        span = replace(attribute.span, text=attribute.name)
        self.problems.append(Problem(span=span, text=text, fix=_VALIDATE))


@dataclass(frozen=True, slots=True)
class _MissingModules:
    """The module calls of a directory that lead to no Terraform files, with the sources as written."""

    directory: str
    calls: dict[Header, str]

    def problem(self) -> Problem:
        """All of them as one: a folder of fixtures is not a reason for dozens of warnings."""
        first = min(self.calls, key=lambda header: header.span.sort_key)
        if len(self.calls) == 1:
            return Problem(
                span=first.span,
                text=f'module "{first.labels[0]}" calls a directory that holds no Terraform files',
                fix="correct its source, or give that directory to budgetcheck too",
            )
        sources = sorted(set(self.calls.values()))
        named = ", ".join(sources[:_NAMED_SOURCES])
        more = f" and {len(sources) - _NAMED_SOURCES} more" if len(sources) > _NAMED_SOURCES else ""
        return Problem(
            span=first.span,
            text=f"{len(self.calls)} module calls in {self.directory} lead to directories that hold no"
            f" Terraform files: {named}{more}",
            fix="correct their sources, or give those directories to budgetcheck too",
        )


def _read(header: Header) -> Block:
    return read_json_header(header) if header.source.name.endswith(".json") else read_header(header)


def _merged(block: Block, override: Block) -> Block:
    """Attributes and whole groups of nested blocks of the override replace those of the block."""
    replaced = {_made_by(nested) for nested in override.blocks}
    kept = tuple(nested for nested in block.blocks if _made_by(nested) not in replaced)
    return replace(
        block, attributes={**block.attributes, **override.attributes}, blocks=kept + override.blocks
    )


def _made_by(block: Block) -> str:
    """The type of the blocks that a block stands for, also if it is a `dynamic` one."""
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def _module_files(path: Path, tree: Tree) -> Iterator[Path]:
    found = set(tree.beside(path))
    with suppress(OSError):
        found |= {entry.name for entry in os.scandir(path)}
    names = sorted(name for name in found if name.endswith(_SUFFIXES))
    twins = {name.removesuffix(".tofu") for name in names if name.endswith(".tofu")}
    for name in names:
        # OpenTofu reads x.tofu in the place of x.tf.
        if not name.startswith(".") and not (name.endswith(".tf") and name.removesuffix(".tf") in twins):
            yield path / name


def _sorted_out(path: Path, name: str, headers: list[Header], overriding: list[Header]) -> Directory:
    named: dict[str, dict[str, Header]] = {"variable": {}, "output": {}, "module": {}}
    resources: dict[str, dict[str, Header]] = {}
    for header in headers:
        if header.type in named and len(header.labels) == 1:
            named[header.type].setdefault(header.labels[0], header)
        elif header.type == "resource" and len(header.labels) == 2:
            resources.setdefault(header.labels[0], {}).setdefault(header.labels[1], header)
    overrides: dict[tuple[str, ...], tuple[Header, ...]] = {}
    for header in overriding:
        key = (header.type, *header.labels)
        overrides[key] = (*overrides.get(key, ()), header)
    return Directory(
        path=path,
        name=name,
        variables=named["variable"],
        outputs=named["output"],
        calls=named["module"],
        # Local values are overridden one by one: the last one counts.
        locals=tuple(header for header in (*headers, *overriding) if header.type == "locals"),
        resources=resources,
        overrides=overrides,
    )
