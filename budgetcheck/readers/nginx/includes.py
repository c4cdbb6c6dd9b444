"""Include resolution inside the repository: what nginx would open on the server, found among its files.

nginx resolves relative patterns against the directory of its main file and opens absolute ones as they are:
`include /etc/nginx/conf.d/*.conf`. In a repository the same files lie somewhere else, so absolute patterns
are mapped: by `nginx.root` of the configuration, else by what their end has in common with a file here.
"""

import fnmatch
import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.nginx.globbing import expand, has_magic
from budgetcheck.readers.nginx.lexing import parse
from budgetcheck.readers.nginx.library import WITHOUT_LIMITS, Found
from budgetcheck.readers.nginx.syntax import Parsed
from budgetcheck.readers.nginx.templates import VARIABLE
from budgetcheck.tree import SourceFile, UnreadableFileError

CONFIGURATION_FOLDERS = (
    "/etc/nginx/",
    "/etc/openresty/",
    "/config/nginx/",
    "/opt/nginx/conf/",
    "/usr/local/etc/nginx/",
    "/usr/local/nginx/conf/",
    "/usr/local/openresty/nginx/conf/",
)
"""Where nginx's main file lies in packages and images: the rest of such a path is relative to it."""

_SECTION = re.compile(r"(?:[ \t]*[;#][^\n]*\n|[ \t]*\r?\n){0,50}\[[\w:. -]{1,100}\][ \t]*(?:\r?\n|$)")
"""The first line of an ini file that is no comment."""
UNRENDERED = ("", ".template", ".tmpl", ".tpl", ".tftpl", ".j2", ".erb", ".sample", ".dist")
"""What a file may be called before deployment turns it into the included one."""


@dataclass(slots=True)
class Repository:
    """The library of the files below the root. Every file is opened through the tree and parsed once."""

    context: ReadContext
    sources: Sequence[SourceFile]
    environment: str = ""
    looked_up: bool = False
    """Some file has variables of the environment in it."""
    _parsed: dict[str, Parsed] = field(default_factory=dict)
    _found: dict[tuple[str, str, str], Found] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _given: tuple[Path, ...] = ()
    _by_name: dict[str, list[Path]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for source in self.sources:
            self._names.setdefault(self.key(source), source.name)
        given = (Path(self.key(source)) for source in (*self.sources, *self.context.siblings))
        self._given = tuple(dict.fromkeys(given))
        for path in self._given:
            self._by_name.setdefault(path.name, []).append(path)

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
        """The parsed file, or a refused one where it must not or cannot be opened."""
        if key not in self._parsed:
            self._parsed[key] = self._load(key)
        return self._parsed[key]

    def text(self, key: str) -> str:
        """The text of a file. Raises UnreadableFileError."""
        return self.context.tree.read_text(Path(key))

    def add(self, key: str, parsed: Parsed) -> None:
        """Takes over a file that was read elsewhere."""
        self._parsed[key] = parsed

    def find(self, pattern: str, *, main: str, including: str) -> Found:
        """The files below the root that a pattern means."""
        main_folder = posixpath.dirname(main)
        request = (pattern, main_folder, including)
        if request not in self._found:
            self._found[request] = self._find(pattern, Path(main_folder), Path(including))
        return self._found[request]

    def _load(self, key: str) -> Parsed:
        try:
            text = self.text(key)
            parsed = parse(text, self.name(key))
            return self._filled(parsed, Path(key)) if VARIABLE.search(text) else parsed
        except UnreadableFileError as error:
            fix = "check the path; only regular files below the repository's root are read"
            return Parsed(
                problems=(Problem(span=Span(file=self.name(key)), text=str(error), fix=fix),), refused=True
            )

    def _filled(self, parsed: Parsed, file: Path) -> Parsed:
        """The file with what the container that has it is given."""
        # What knows containers knows their formats: most configurations have nothing to fill in.
        from budgetcheck.readers.nginx.filling import filled
        from budgetcheck.readers.variables import environment_index

        self.looked_up = True
        seen = environment_index(self.context).seen_from(file, self.environment)
        return filled(parsed, seen.get)

    def _find(self, pattern: str, main: Path, including: Path) -> Found:
        if "\0" in pattern:
            return Found(missing="is not a file name", fix="delete the NUL character")
        folder = including.parent
        folders = self._folders(main, folder)
        if pattern.startswith("/"):
            paths, ambiguous = self._find_absolute(posixpath.normpath(pattern), folders, folder)
            if not paths and not ambiguous:
                paths = self._beside(pattern, including)
        elif self._escapes(pattern, folders):
            return Found(
                missing="lies outside the repository and is not opened",
                fix="include only files below the repository's root",
            )
        else:
            paths, ambiguous = self._first(folders, pattern), ()
        if paths:
            return Found(keys=tuple(map(str, paths)))
        if ambiguous:
            listed = ", ".join(sorted(map(self.context.tree.name, ambiguous))[:4])
            return Found(
                missing=f"may be any of several files ({listed})",
                fix="set `nginx: {root: DIRECTORY}` in budgetcheck.yaml to what stands for `/`",
            )
        if has_magic(pattern):
            return Found()  # nginx accepts a glob without a match
        return Found(
            missing="was not found in the repository",
            fix="add the file, or set `nginx: {root: DIRECTORY}` in budgetcheck.yaml to what stands for `/`",
            harmless=PurePosixPath(pattern).name in WITHOUT_LIMITS,
        )

    def _folders(self, main: Path, folder: Path) -> list[Path]:
        """Where relative patterns are looked for: beside the main file, beside this one, and further up."""
        root = self.context.tree.root
        upwards = [parent for parent in (folder, *folder.parents) if parent.is_relative_to(root)]
        return list(dict.fromkeys((main, *upwards)))

    def _escapes(self, pattern: str, folders: Sequence[Path]) -> bool:
        landed = Path(os.path.normpath(folders[0] / pattern.partition("*")[0]))
        return ".." in pattern.split("/") and not landed.is_relative_to(self.context.tree.root)

    def _find_absolute(
        self, pattern: str, folders: Sequence[Path], near: Path
    ) -> tuple[list[Path], tuple[Path, ...]]:
        """Matches of an absolute pattern, and the candidates where several are equally good."""
        inner = pattern.lstrip("/")
        if self.context.options.nginx.root:
            mapped = self._first([self.context.tree.root / self.context.options.nginx.root], inner)
            if mapped:
                return mapped, ()
        beside_main = next(
            (pattern[len(prefix) :] for prefix in CONFIGURATION_FOLDERS if pattern.startswith(prefix)), ""
        )
        if beside_main:
            # a bare `*.conf` further up would match anything
            bare_glob = "/" not in beside_main and has_magic(beside_main)
            mapped = self._first(folders[:1] if bare_glob else folders, beside_main)
            if mapped:
                return mapped, ()
        parts = inner.split("/")
        for start in range(len(parts) - 1):
            mapped = self._first(folders, "/".join(parts[start:]))
            if mapped:
                return mapped, ()
        return self._find_among_inputs(parts, near, bare=bool(beside_main) and "/" not in beside_main)

    def _beside(self, pattern: str, including: Path) -> list[Path]:
        """A file of that very name beside the including one: both are put elsewhere when the image starts."""
        name = PurePosixPath(pattern).name
        if has_magic(pattern) or name in ("", "..", including.name):
            return []
        return self._in_folder(including.parent, name)

    def _find_among_inputs(
        self, parts: Sequence[str], near: Path, *, bare: bool
    ) -> tuple[list[Path], tuple[Path, ...]]:
        """Input files whose path ends as the pattern does; the nearest where several do."""
        candidates = self._given if has_magic(parts[-1]) else self._by_name.get(parts[-1], ())
        shortest = 1 if bare and not has_magic(parts[-1]) else 2
        for length in range(len(parts), shortest - 1, -1):
            tail = "/".join(parts[-length:])
            matching = [path for path in candidates if _ends_like(path, tail) and not self._is_ini(path)]
            by_folder: dict[Path, list[Path]] = {}
            for path in matching:
                by_folder.setdefault(path.parent, []).append(path)
            if by_folder:
                best = _nearest(by_folder, near)
                if len(best) > 1:
                    return [], tuple(path for found in best for path in by_folder[found])
                return sorted(by_folder[best[0]]), ()
        return [], ()

    def _first(self, folders: Iterable[Path], pattern: str) -> list[Path]:
        """The matches in the first folder that has any, also under the names files have before deployment."""
        for folder in folders:
            found = self._in_folder(folder, pattern)
            if found:
                return found
        return []

    def _in_folder(self, folder: Path, pattern: str) -> list[Path]:
        tree = self.context.tree
        if not has_magic(pattern):
            for suffix in UNRENDERED:
                found = expand(tree, folder, pattern + suffix)
                if found:
                    return found
            return []
        found = expand(tree, folder, pattern)
        for template_pattern in _docker_templates(pattern):
            found += expand(tree, folder, template_pattern)
        found = [path for path in found if not self._is_ini(path)]
        return found or expand(tree, folder, pattern + ".template") or expand(tree, folder, pattern + ".j2")

    def _is_ini(self, path: Path) -> bool:
        """Another program has a conf.d too: supervisord's begins with a section."""
        try:
            return path.suffix in (".conf", ".ini") and bool(
                _SECTION.match(self.context.tree.read_head(path))
            )
        except UnreadableFileError:
            return False


def _docker_templates(pattern: str) -> Iterator[str]:
    """The official image renders `templates/NAME.template` to `conf.d/NAME` when it starts.

    https://hub.docker.com/_/nginx, "Using environment variables in nginx configuration".
    """
    folder, _, name = pattern.rpartition("/")
    if PurePosixPath(folder).name == "conf.d":
        yield posixpath.join(posixpath.dirname(folder), "templates", name + ".template")


def _ends_like(path: Path, tail: str) -> bool:
    parts = tail.split("/")
    own = path.parts[-len(parts) :]
    return len(own) == len(parts) and all(
        fnmatch.fnmatchcase(name, part) for name, part in zip(own, parts, strict=True)
    )


def _nearest(folders: Iterable[Path], near: Path) -> list[Path]:
    """The folders that share the longest beginning with `near`."""
    shared = {folder: len(os.path.commonpath((folder, near))) for folder in folders}
    most = max(shared.values())
    return [folder for folder, length in shared.items() if length == most]
