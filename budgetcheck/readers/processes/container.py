"""Files as a process sees them: a path of the container to the file of the repository it comes from."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from posixpath import basename, dirname, isabs, join, normpath

from budgetcheck.readers.processes.lexing import Source
from budgetcheck.tree import Tree, UnreadableFileError

_MOST_ENTRIES = 100
_DEEPEST_FOLDER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A file or folder of the repository and where the container has it.

    `inside`: the target is a folder, so a file keeps its own name in it.
    """

    source: Path
    target: str
    inside: bool = False


@dataclass(slots=True, kw_only=True)
class ContainerFiles:
    """Looks through mounts first, then for the end of the path below `folders`.

    Attributes:
        tree: the door to all files.
        mounts: bind mounts and copies, the strongest first.
        folders: where files may lie that no mount leads to (the build context).
        used: names of all files that were found.
    """

    tree: Tree
    mounts: Sequence[Mount] = ()
    folders: Sequence[Path] = ()
    used: set[str] = field(default_factory=set)

    def find(self, path: str, folder: str) -> Source | None:
        """The text of the file at a path of the container, None where it is not among these files."""
        if not path or "\0" in path or len(path) > 500:
            return None
        full = normpath(path if isabs(path) else join(folder, path))
        for candidate in self._candidates(full):
            try:
                real = self.tree.inside(candidate)
                if not real.is_file() and real not in self.tree.virtual:
                    continue
                text = self.tree.read_text(candidate)
            except (UnreadableFileError, ValueError):
                continue
            name = self.tree.name(candidate)
            self.used.add(name)
            return Source(text=text, file=name)
        return None

    def matching(self, pattern: str) -> list[Source]:
        """Files at paths that fit a pattern, sorted by path: mounted one by one, or with their folder."""
        paths = {
            join(mount.target, mount.source.name) if mount.inside and mount.source.suffix else mount.target
            for mount in self.mounts
        }
        for mount in self.mounts:
            paths |= set(self._listed(mount, dirname(pattern)))
        fitting = sorted(path for path in paths if fnmatchcase(path, pattern))
        return [source for path in fitting if (source := self.find(path, "/")) is not None]

    def _listed(self, mount: Mount, folder: str) -> Iterator[str]:
        """Paths of the files in a folder of the container (a pattern) that a mounted folder leads to."""
        target = mount.target.rstrip("/") or "/"
        depth = folder.count("/") - target.count("/")
        if not 0 <= depth <= _DEEPEST_FOLDER or mount.source.suffix:
            return
        places = [(mount.source, target)]
        for _ in range(depth):
            places = [
                (path, join(shown, path.name)) for place, shown in places for path in self._entries(place)
            ]
        for place, shown in places:
            if fnmatchcase(shown, folder):
                yield from (join(shown, path.name) for path in self._entries(place))

    def _entries(self, folder: Path) -> list[Path]:
        """What lies in a folder of the repository; nothing where it must not or cannot be looked into."""
        try:
            return sorted(folder.iterdir())[:_MOST_ENTRIES] if self.tree.inside(folder).is_dir() else []
        except (UnreadableFileError, OSError, ValueError):
            return []

    def _candidates(self, full: str) -> list[Path]:
        found: list[Path] = []
        for mount in self.mounts:
            target = mount.target.rstrip("/") or "/"
            if mount.inside and full == join(target, mount.source.name):
                found.append(mount.source)
            if full == target:
                found.append(mount.source)
            elif full.startswith(f"{target.rstrip('/')}/") and isabs(target):
                found.append(mount.source / full[len(target.rstrip("/")) + 1 :])
        parts = PurePosixPath(full).parts[1:] if isabs(full) else PurePosixPath(full).parts
        if ".." not in parts:
            for start in range(len(parts)):
                found += [folder.joinpath(*parts[start:]) for folder in self.folders]
        return list(dict.fromkeys(found))


def folder_of(path: Path, written: str) -> Path:
    """A folder written relative to a file's folder, without following links."""
    return Path(os.path.normpath(path / written))


def is_inside(target: str, name: str) -> bool:
    """A copy to `target` puts a file called `name` into it, rather than under that name."""
    return target.endswith("/") or basename(target) in ("", ".", "..") or "." not in basename(name)
