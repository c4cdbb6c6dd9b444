"""Paths as Terragrunt's functions give them: absolute, but never those of the machine that this runs on."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from budgetcheck.tree import Tree, UnreadableFileError

DEFAULT_NAMES = ("terragrunt.hcl", "terragrunt.hcl.json")
_REMOTE = re.compile(
    r"[a-z0-9]+::|[a-z0-9+]+://|[\w.-]+@[\w.-]+:|(?:github\.com|gitlab\.com|bitbucket\.org)/", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Paths:
    """Files of the run by the paths that configurations see: the root's own name stands for the way to it."""

    tree: Tree
    _there: dict[str, bool] = field(default_factory=dict, compare=False)

    def shown(self, path: Path) -> str:
        """The path of a file or directory as a text in a configuration."""
        inner = os.path.relpath(path, self.tree.root)
        return f"/{self._name}" if inner == "." else os.path.normpath(f"/{self._name}/{inner}")

    def located(self, text: str, folder: Path) -> Path:
        """The file or directory that a text in a configuration names; relative ones start from the folder."""
        path = PurePosixPath(re.sub("/{2,}", "/", text))
        if not path.is_absolute():
            return Path(os.path.normpath(folder / path))
        prefix = PurePosixPath(f"/{self._name}")
        inner = (
            path.relative_to(prefix) if path.is_relative_to(prefix) else PurePosixPath("..", *path.parts[1:])
        )
        return Path(os.path.normpath(self.tree.root / inner))

    def exists(self, path: Path) -> bool:
        """It is there, below the root."""
        key = str(path)  # the units of a tree ask for the same files above them again and again
        if key not in self._there:
            try:
                self.tree.inside(path)
                self._there[key] = True
            except UnreadableFileError:
                self._there[key] = False
        return self._there[key]

    def real(self, path: Path) -> Path:
        """The path with links followed, where it is below the root."""
        try:
            return self.tree.inside(path)
        except UnreadableFileError:
            return path

    def above(self, folder: Path, names: tuple[str, ...]) -> Path | None:
        """The nearest of these files or directories in the folders above; None where there is none."""
        while folder != self.tree.root and folder.is_relative_to(self.tree.root):
            folder = folder.parent
            for name in names:
                found = os.path.normpath(f"{folder}/{name}")
                if self._there.get(found) or (found not in self._there and self.exists(Path(found))):
                    return Path(found)
        return None

    def repository(self, folder: Path) -> Path | None:
        """The root of the repository that a folder is in; None where the run does not see it."""
        while folder.is_relative_to(self.tree.root):
            if os.path.lexists(folder / ".git"):
                return folder
            if folder == self.tree.root:
                return None
            folder = folder.parent
        return None

    @property
    def _name(self) -> str:
        return self.tree.root.name or "repository"


def is_remote(source: str) -> bool:
    """The source of a module is fetched from elsewhere."""
    return bool(_REMOTE.match(source))


def module_path(source: str) -> str:
    """A local source without the double slash that says what is to be copied, and without a query."""
    return re.sub("/{2,}", "/", source.partition("?")[0])


def repository_of(source: str) -> str:
    """Where a remote source is fetched from, for messages: no user, no password, no version."""
    bare = re.sub(r"^(?:[a-z0-9]+::)?(?:[a-z0-9+]+://)?", "", source.partition("?")[0], flags=re.IGNORECASE)
    host = bare.partition("//")[0]
    return host.rpartition("@")[2].strip("/")
