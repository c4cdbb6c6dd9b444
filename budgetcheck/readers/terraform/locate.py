"""Where the source of a called module is, and which directories are root modules."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from budgetcheck.readers.terraform.index import Header
from budgetcheck.readers.terraform.registry import module_file
from budgetcheck.readers.terraform.sources import Directory, Sources
from budgetcheck.readers.terraform.syntax import Literal
from budgetcheck.tree import UnreadableFileError

_INSTALLED = Path(".terraform/modules/modules.json")


class Locator:
    """Finds the directories of modules called from one root module, directly or not.

    `key` is the chain of call names from the root module, as Terraform itself keeps its installed modules.
    """

    def __init__(self, sources: Sources, root: Directory) -> None:
        self.sources = sources
        self.root = root
        self._installed = _installed(sources, root.path)
        # With the types: a module of event source mappings alone leads to what joins hops, but to no hop.
        self._reached: dict[tuple[Header, tuple[str, ...], frozenset[str]], bool] = {}

    def matters(self, types: frozenset[str]) -> bool:
        """Whether the root module has resources of these types, in itself or in what it calls."""
        if not types.isdisjoint(self.root.resources.keys()):
            return True
        # Every call is looked at: a missing module is said whether or not the others matter.
        reaching = [self.reaches(self.root, one, (name,), types) for name, one in self.root.calls.items()]
        return any(reaching)

    def target(self, directory: Directory, header: Header, key: tuple[str, ...]) -> Directory | None:
        """The directory that a call leads to; None where its source is not at hand."""
        source = source_of(self.sources, directory, header)
        if is_local(source):
            found = self.sources.directory(Path(os.path.normpath(directory.path / source)))
            if found.empty:
                self.sources.note_missing_module(directory, header, source)
                return None
            return found
        place = self._installed.get(".".join(key))
        installed = self.sources.directory(self.root.path / place) if place else None
        if installed is not None and not installed.empty:
            return installed
        described = module_file(source)
        return self.sources.shipped(described) if described else None

    def reaches(
        self, directory: Directory, header: Header, key: tuple[str, ...], types: frozenset[str]
    ) -> bool:
        """Whether a module call leads, directly or not, to resources of these types."""
        known = (header, key if self._installed else (), types)
        if known not in self._reached:
            self._reached[known] = False  # for modules that call each other in a circle
            called = self.target(directory, header, key)
            self._reached[known] = called is not None and (
                not types.isdisjoint(called.resources.keys())
                or any(self.reaches(called, one, (*key, name), types) for name, one in called.calls.items())
            )
        return self._reached[known]


def source_of(sources: Sources, directory: Directory, header: Header) -> str:
    """The source of a module call as written; empty where it is no plain text."""
    attribute = sources.block(header, directory).attributes.get("source")
    source = sources.expression(attribute) if attribute else None
    return source.value if isinstance(source, Literal) and isinstance(source.value, str) else ""


def is_local(source: str) -> bool:
    """A path within the same repository."""
    return source.startswith(("./", "../"))


def _installed(sources: Sources, root: Path) -> Mapping[str, str]:
    """Directories of the modules that `terraform init` has downloaded, by call names joined with dots."""
    try:
        manifest = json.loads(sources.tree.read_text(root / _INSTALLED))
        return {str(one["Key"]): str(one["Dir"]) for one in manifest["Modules"] if one["Key"]}
    except (UnreadableFileError, ValueError, TypeError, KeyError, RecursionError):
        return {}


def root_directories(sources: Sources, paths: Iterable[Path]) -> list[Directory]:
    """The given directories that no other given directory calls, sorted by name."""
    given = [sources.directory(path) for path in sorted(set(paths))]
    called: set[Path] = set()
    for directory in given:
        called |= _called_from(sources, directory)
    roots = [one for one in given if not one.empty and one.path.resolve() not in called]
    # Modules that only call each other in a circle would all vanish: then each is looked at on its own.
    return roots or [one for one in given if not one.empty]


def _called_from(sources: Sources, directory: Directory) -> set[Path]:
    """Local directories called from here, directly or not, except from within themselves."""
    found: set[Path] = set()
    own = directory.path.resolve()
    todo = [directory]
    while todo:
        current = todo.pop()
        for header in current.calls.values():
            source = source_of(sources, current, header)
            real = Path(os.path.normpath(current.path / source)).resolve() if is_local(source) else own
            if real != own and real not in found:
                found.add(real)
                todo.append(sources.directory(real))
    return found
