"""What is edited: the samples, the real incidents after their fix, and the near misses of the rules."""

import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from budgetcheck.model.report import Report
from budgetcheck.run import run

_ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A directory of configuration and the paths in it that are given to budgetcheck."""

    name: str
    folder: Path
    paths: tuple[str, ...] = (".",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy of a ground that may be changed."""

    ground: Ground
    folder: Path

    def report(self) -> Report:
        """What budgetcheck says about it as it is."""
        return run([self.folder / path for path in self.ground.paths], cwd=self.folder)

    def lines(self, file: str) -> list[str]:
        """The lines of a file, with their ends."""
        return (self.folder / file).read_text(encoding="utf-8").splitlines(keepends=True)

    def report_with(self, file: str, text: str) -> Report:
        """What it says with another text in one of the files."""
        path = self.folder / file
        before = path.read_bytes()
        path.write_text(text, encoding="utf-8")
        try:
            return self.report()
        finally:
            path.write_bytes(before)


def grounds() -> list[Ground]:
    """All of them, by name."""
    folders = [
        *_ROOT.glob("samples/*/expected.toml"),
        *_ROOT.glob("tests/incidents/INC-*/incident.toml"),
        *_ROOT.glob("tests/rules/*/good-*/expected.toml"),
    ]
    found = [_ground(path) for path in folders]
    return sorted((one for one in found if one), key=lambda one: one.name)


def _ground(described: Path) -> Ground | None:
    """None for a case that needs options of the command line."""
    if described.name == "incident.toml":
        return Ground(name=described.parent.name, folder=described.parent / "after")
    expected = tomllib.loads(described.read_text(encoding="utf-8"))
    if expected.get("options"):
        return None
    folder = described.parent
    name = folder.relative_to(_ROOT / "samples" if "samples" in folder.parts else _ROOT / "tests").as_posix()
    return Ground(name=name, folder=folder, paths=tuple(expected.get("paths", ["."])))


@contextmanager
def copied(ground: Ground) -> Iterator[Copy]:
    """A copy of its own, without what the tests expect of it."""
    with tempfile.TemporaryDirectory(prefix="budgetcheck-mutation-") as name:
        folder = Path(name).resolve() / "ground"
        shutil.copytree(ground.folder, folder, ignore=shutil.ignore_patterns("expected.toml"))
        yield Copy(ground=ground, folder=folder)
