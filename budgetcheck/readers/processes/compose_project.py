"""Compose projects: which files belong together, and their services with `extends` and overrides applied.

https://docs.docker.com/reference/compose-file/
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.processes.container import folder_of
from budgetcheck.readers.processes.expansion import Lookup, expand, expanded_pieces, set_to
from budgetcheck.readers.processes.lexing import ShellError, filled_in
from budgetcheck.readers.processes.shell import plain_words
from budgetcheck.readers.processes.shell_state import Arg
from budgetcheck.readers.processes.texts import Text
from budgetcheck.tree import SourceFile, Tree, UnreadableFileError
from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode, parse_yaml

_BASE = re.compile(r"(?:docker-)?compose\.ya?ml")
_OVERRIDE = re.compile(r"(?:docker-)?compose\.override\.ya?ml")
_VARIANT = re.compile(r"(?:docker-)?compose[._-](.+)\.ya?ml|(.+)[._-](?:docker-)?compose\.ya?ml")
_MOST_EXTENDS = 8
DEPLOYED = frozenset({"prod", "production", "deploy"})
"""Variants of a compose file that are used where the services are deployed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One file's part of a service: its mapping, and the folder its paths start from."""

    node: MapNode
    file: str
    folder: Path
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service with all its layers, the base first.

    `project` is the folder of its compose file as it is shown, `files` all files that make it up.
    """

    name: str
    project: str
    layers: tuple[Layer, ...]

    @property
    def span(self) -> Span:
        """Where the service is declared: its own file rather than the one it extends."""
        own = (
            self.layers[-1]
            if len(self.layers) == 1
            else next(
                (layer for layer in self.layers if {"image", "build", "command"} & layer.node.entries.keys()),
                self.layers[-1],
            )
        )
        return Span(file=own.file, line=own.line, text=f"{self.name}:")

    def last(self, key: str) -> tuple[Node, Layer] | None:
        """The value that counts for a key that later files replace."""
        for layer in reversed(self.layers):
            node = layer.node.get(key)
            if node is not None:
                return node, layer
        return None

    def every(self, key: str) -> Iterator[tuple[Node, Layer]]:
        """The values of a key that later files add to, the base first."""
        for layer in self.layers:
            node = layer.node.get(key)
            if node is not None:
                yield node, layer


@dataclass(slots=True)
class Project:
    """The compose files of one folder that are used together."""

    folder: Path
    shown: str
    services: dict[str, Service] = field(default_factory=dict)


@dataclass(slots=True)
class Loader:
    """Opens compose files once and puts their services together."""

    tree: Tree
    problems: list[Problem] = field(default_factory=list)
    opened: dict[Path, MapNode | None] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)

    def project(self, files: Sequence[Path]) -> Project:
        """The services of files that override one another, the base first."""
        folder = files[0].parent
        project = Project(folder=folder, shown=str(PurePosixPath(self.tree.name(files[0])).parent))
        for path in files:
            for name, layers in self._services(path):
                before = project.services.get(name)
                combined = (*(before.layers if before else ()), *layers)
                project.services[name] = Service(name=name, project=project.shown, layers=combined)
        return project

    def _services(self, path: Path) -> Iterator[tuple[str, tuple[Layer, ...]]]:
        root = self._open(path)
        services = root.get("services") if root else None
        for name, (key, node) in services.entries.items() if isinstance(services, MapNode) else ():
            if isinstance(node, MapNode):
                layer = Layer(node=node, file=self.tree.name(path), folder=path.parent, line=key.line)
                yield name, (*self._extended(layer, path, 0), layer)

    def _extended(self, layer: Layer, path: Path, level: int) -> tuple[Layer, ...]:
        """The layers of the service that a service extends."""
        node = layer.node.get("extends")
        if node is None or level > _MOST_EXTENDS:
            return ()
        if isinstance(node, ScalarNode):
            name, other = node.text, path
        elif isinstance(node, MapNode):
            name, file = _text(node.get("service")), _text(node.get("file"))
            other = folder_of(path.parent, file) if file else path
        else:
            return ()
        root = self._open(other)
        services = root.get("services") if root else None
        entry = services.entries.get(name) if isinstance(services, MapNode) else None
        if entry is None or not isinstance(entry[1], MapNode):
            return ()
        base = Layer(node=entry[1], file=self.tree.name(other), folder=other.parent, line=entry[0].line)
        return (*self._extended(base, other, level + 1), base)

    def _open(self, path: Path) -> MapNode | None:
        if path not in self.opened:
            self.opened[path] = self._parse(path)
        return self.opened[path]

    def _parse(self, path: Path) -> MapNode | None:
        name = self.tree.name(path)
        try:
            text = self.tree.read_text(path)
        except (UnreadableFileError, ValueError) as error:
            self.problems.append(Problem(span=Span(file=name), text=str(error)))
            return None
        stream = parse_yaml(text)
        self.problems += [
            Problem(
                span=Span(file=name, line=fault.line, column=fault.column), text=fault.text, fix=fault.fix
            )
            for fault in stream.faults
        ]
        root = next((document for document in stream.documents if document is not None), None)
        if not isinstance(root, MapNode):
            return None
        self.read.add(name)
        return root


def group_files(files: Iterable[SourceFile]) -> list[list[Path]]:
    """Files that are used together, the base first; one list for each project."""
    folders: dict[Path, list[SourceFile]] = {}
    for file in files:
        folders.setdefault(file.path.parent, []).append(file)
    groups: list[list[Path]] = []
    for _, found in sorted(folders.items(), key=lambda item: str(item[0])):
        groups += _groups_of(found)
    return groups


def _groups_of(found: Sequence[SourceFile]) -> list[list[Path]]:
    bases = [file.path for file in found if _BASE.fullmatch(file.base)][:1]
    overrides = [file.path for file in found if _OVERRIDE.fullmatch(file.base)]
    rest = [file for file in found if not _BASE.fullmatch(file.base) and not _OVERRIDE.fullmatch(file.base)]
    deployed = [file.path for file in rest if variant_of(file.base) in DEPLOYED]
    others = [file.path for file in rest if file.path not in deployed]
    if deployed:
        # What is deployed counts: the base with its production file, without the local override.
        groups = [[*bases, *deployed]]
    elif bases or overrides:
        groups = [[*bases, *overrides]]
    else:
        groups = []
    return [*groups, *([path] for path in others)]


def variant_of(name: str) -> str:
    """`prod` for `docker-compose.prod.yml`; empty for a base file or an override."""
    if _BASE.fullmatch(name) or _OVERRIDE.fullmatch(name):
        return ""
    match = _VARIANT.fullmatch(name)
    return (match.group(1) or match.group(2) or "").lower() if match else ""


def words_of(node: Node, file: str, lookup: Lookup) -> tuple[Arg, ...] | None:
    """A `command` or `entrypoint`: a list of words, or text that is split but read by no shell."""
    if isinstance(node, ListNode):
        items = [item for item in node.items if isinstance(item, ScalarNode)]
        return tuple(_word(item, file, lookup) for item in items)
    if not isinstance(node, ScalarNode) or node.value is None:
        return None
    # The text of a block starts in the line below its `|` or `>`.
    line = node.line + (1 if "\n" in node.text else 0)
    try:
        return tuple(
            plain_words(filled_in(expanded_pieces(node.text, lookup, dollars=True), file, line, dollars=True))
        )
    except ShellError:
        return None


def _word(item: ScalarNode, file: str, lookup: Lookup) -> Arg:
    pieces = expanded_pieces(item.text, lookup, dollars=True)
    span = Span(file=file, line=item.line, text=item.text)
    return Arg(text=expand(item.text, lookup, dollars=True), span=span, pieces=pieces)


def variables_of(node: Node, file: str, lookup: Lookup) -> Iterator[tuple[str, Text]]:
    """An `environment` or `args`: a mapping or a list of `NAME=value`; a name alone is taken from outside."""
    for name, value, line in assignments(node):
        if value is None:
            outside = lookup(name)
            if outside is not None:
                yield name, outside
        else:
            yield name, set_to(name, expand(value, lookup, dollars=True), file, line)


def assignments(node: Node) -> Iterator[tuple[str, str | None, int]]:
    """Name, value (None for a name alone) and line of a mapping or a list of `NAME=value`."""
    if isinstance(node, MapNode):
        for name, (key, value) in node.entries.items():
            if isinstance(value, ScalarNode):
                yield name, None if value.value is None else value.text, key.line
    elif isinstance(node, ListNode):
        for item in node.items:
            if isinstance(item, ScalarNode):
                name, equals, value_text = item.text.partition("=")
                yield name.strip(), value_text if equals else None, item.line


def scalars(node: Node | None) -> list[ScalarNode]:
    """A scalar, or the scalars of a list."""
    if isinstance(node, ScalarNode):
        return [node]
    return [item for item in node.items if isinstance(item, ScalarNode)] if isinstance(node, ListNode) else []


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, ScalarNode) else ""
