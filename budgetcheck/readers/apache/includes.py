"""Include resolution inside the repository: what httpd would open on the server, found among its files.

httpd resolves relative patterns against `ServerRoot` and opens absolute ones as they are. In a repository the
same files lie somewhere else: only the part below the folder of the main file is looked for.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.apache.expansion import Expansion, Statement
from budgetcheck.readers.apache.lexing import Node, Parsed, is_filled_in, parse
from budgetcheck.readers.apache.packaging import containers, environment_of
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.nginx.globbing import expand, has_magic
from budgetcheck.tree import SourceFile, UnreadableFileError

CONFIGURATION_FOLDERS = (
    "/etc/apache2/",
    "/etc/httpd/conf/",
    "/etc/httpd/",
    "/usr/local/apache2/conf/",
    "/usr/local/apache2/",
    "/opt/bitnami/apache2/conf/",
    "/opt/bitnami/apache/conf/",
    "/usr/local/etc/apache24/",
    "/opt/rh/httpd24/root/etc/httpd/",
)
"""Where the main file lies in packages and images: the rest of such a path is relative to it."""
_OF_PACKAGES = (
    "mods-",
    "conf-enabled",
    "ports.conf",
    "conf.modules.d",
    "httpd-",
    "proxy-html.conf",
    "conf.d",
)
"""What packages and images bring along: nobody misses it in a repository."""
_WITHOUT_LIMITS = ("options-ssl-apache.conf", "ssl-params.conf")
_UNRENDERED = ("", ".j2", ".erb", ".template", ".tmpl", ".tpl", ".sample", ".dist")


@dataclass(slots=True)
class Library:
    """The files below the root. Every file is opened through the tree and parsed once."""

    context: ReadContext
    sources: Sequence[SourceFile]
    _names: dict[str, str] = field(default_factory=dict)
    _parsed: dict[str, Parsed] = field(default_factory=dict)
    _places: tuple[tuple[str, str], ...] | None = None

    def __post_init__(self) -> None:
        for source in self.sources:
            self._names.setdefault(self.key(source), source.name)

    def key(self, source: SourceFile) -> str:
        """The key of an input: its real path, as far as it has one below the root."""
        try:
            return str(self.context.tree.inside(source.path))
        except UnreadableFileError:
            return str(source.path)

    def name(self, key: str) -> str:
        """The printed name: as given for an input, else relative to the display base."""
        if key not in self._names:
            self._names[key] = self.context.tree.name(Path(key))
        return self._names[key]

    def load(self, key: str) -> Parsed:
        """The parsed file; one with a problem only where it must not or cannot be opened."""
        if key not in self._parsed:
            name = self.name(key)
            try:
                self._parsed[key] = parse(self.context.tree.read_text(Path(key)), name)
            except UnreadableFileError as error:
                fix = "check the path; only regular files below the repository's root are read"
                self._parsed[key] = Parsed(
                    problems=(Problem(span=Span(file=name), text=str(error), fix=fix),)
                )
        return self._parsed[key]

    def expand(self, main: str) -> tuple[Expansion, tuple[Statement, ...]]:
        """What counts of the configuration that begins with this file."""
        expansion = Expansion(
            find=lambda node, key: self._find(node, key, main, expansion.problems),
            lookup=environment_of(Path(main), self.context),
        )
        return expansion, expansion.follow(main, self.load(main))

    def included(self, key: str) -> Iterator[str]:
        """The files that a file includes by itself, as far as their names are plain."""
        waiting = list(self.load(key).nodes)
        while waiting:
            node = waiting.pop()
            waiting += node.body or ()
            if node.name in ("include", "includeoptional") and node.args:
                yield from self._matching(node.args[0], key, key)

    def _find(
        self, node: Node, including: str, main: str, problems: list[Problem]
    ) -> Iterator[tuple[str, Parsed]]:
        pattern = node.args[0]
        if is_filled_in(pattern) or "\0" in pattern:
            return
        found = self._matching(pattern, including, main)
        if not found and node.name == "include" and not has_magic(pattern) and not _is_usual(pattern):
            text = f"includes {PurePosixPath(pattern).name}, which was not found in the repository"
            fix = "add the file, or write IncludeOptional where it may be missing"
            problems.append(Problem(span=node.span, text=text, fix=fix))
        for key in found:
            yield key, self.load(key)

    def _matching(self, pattern: str, including: str, main: str) -> list[str]:
        tree = self.context.tree
        inner = next(
            (pattern[len(folder) :] for folder in CONFIGURATION_FOLDERS if pattern.startswith(folder)),
            pattern.lstrip("/"),
        )
        folders = [Path(main).parent, Path(including).parent]
        folders += [parent for parent in Path(main).parents if parent.is_relative_to(tree.root)]
        below = dict.fromkeys((inner, inner.removeprefix("conf/"), pattern.lstrip("/")))
        for folder in dict.fromkeys(folders):
            for part in below:
                # A bare `*.conf` further up would match anything.
                if "/" not in part and has_magic(part) and folder not in folders[:2]:
                    continue
                found = _in_folder(self, folder, part)
                if found:
                    return found
        return self._in_container(pattern) or self._by_name(pattern, Path(including))

    def _in_container(self, pattern: str) -> list[str]:
        """Inputs that some container has where the pattern looks for them."""
        tail = pattern.lstrip("/")
        if self._places is None:
            runners, keys = containers(self.context), [self.key(one) for one in self.sources]
            found = ((key, one.apache_path_of(Path(key))) for key in keys for one in runners)
            self._places = tuple(dict.fromkeys((place, key) for key, place in found if place))
        return [key for place, key in sorted(self._places) if fnmatchcase(place, f"*/{tail}")]

    def _by_name(self, pattern: str, including: Path) -> list[str]:
        """The input of that very name, where there is one only, or one beside the including file."""
        name = PurePosixPath(pattern).name
        if has_magic(name) or name in ("", "..", including.name):
            return []
        named = [key for key in map(self.key, self.sources) if PurePosixPath(key).name == name]
        beside = [key for key in named if Path(key).parent == including.parent]
        return beside or (named if len(named) == 1 else [])


def _in_folder(library: Library, folder: Path, pattern: str) -> list[str]:
    tree = library.context.tree
    for suffix in ("",) if has_magic(pattern) else _UNRENDERED:
        found = [path for path in expand(tree, folder, pattern + suffix) if not _is_folder(path)]
        if found:
            return [str(path) for path in found]
    return []


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - a plain string is enough, and the path is real


def _is_usual(pattern: str) -> bool:
    name = PurePosixPath(pattern).name
    return name in _WITHOUT_LIMITS or any(
        part.startswith(_OF_PACKAGES) for part in PurePosixPath(pattern).parts
    )
