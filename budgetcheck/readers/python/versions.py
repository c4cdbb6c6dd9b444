"""Installed versions of packages, as the lock files nearest to a Python file say them.

Only exact versions count: a range says what may be installed, not what is. The nearest folder above the file
that says a version decides (monorepos); files of one folder that disagree decide nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.python.lock_files import PARSERS, BrokenLockError, Pin, Pins, normalised
from budgetcheck.tree import Tree, UnreadableFileError

__all__ = ["Version", "Versions", "version_of"]

_PATTERNS = ("requirements*.txt", "requirements/*.txt", "constraints*.txt", "pylock*.toml")
"""Names with a variable part; the others stand in PARSERS."""
_MOST_FILES = 20
"""Files of one folder that match a pattern."""
_DEEPEST = 40
"""Folders above a file that are looked into."""
_MOST_INCLUDED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version that is installed, and the line that says so."""

    text: str
    span: Span


@dataclass(slots=True)
class Versions:
    """Answers for any Python file of the run which version of a distribution it is installed with.

    Calling it gives the version's text, or an empty one, which is how facts are chosen. `problems` are lock
    files that are broken.
    """

    tree: Tree
    given: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)
    _folders: dict[Path, tuple[Pins, ...]] = field(default_factory=dict)
    _answers: dict[tuple[str, Path], tuple[Version | None, str]] = field(default_factory=dict)

    def __call__(self, distribution: str, file: str) -> str:
        """The version's text for the code in a file; empty where no lock file says one."""
        found = self.of(distribution, near=file)
        return "" if found is None else found.text

    def of(self, distribution: str, *, near: str) -> Version | None:
        """The version of a distribution for the code in a file; None where no lock file says one."""
        return self._answer(distribution, near)[0]

    def why_not(self, distribution: str, *, near: str) -> str:
        """Why there is no version: that files disagree, or that only a range is given; empty if unsaid."""
        return self._answer(distribution, near)[1]

    def _answer(self, distribution: str, near: str) -> tuple[Version | None, str]:
        name, folder = normalised(distribution), (self.tree.base / near).parent
        key = (name, folder)
        if key not in self._answers:
            self._answers[key] = self._nearest(name, folder)
        return self._answers[key]

    def _nearest(self, name: str, folder: Path) -> tuple[Version | None, str]:
        reason = ""
        for _ in range(_DEEPEST):
            if not folder.is_relative_to(self.tree.root):
                break
            pins = [pin for file in self._in(folder) for pin in file.get(name, ())]
            exact = {pin.version: pin for pin in reversed(pins) if pin.version}
            if len(exact) == 1:
                return _version(*exact.values()), ""
            if exact:
                return None, _disagreement(name, list(exact.values()))
            if pins:
                reason = reason or f"{pins[0].span.place} gives a range for {name}, not a version"
            folder = folder.parent
        return None, reason

    def _in(self, folder: Path) -> tuple[Pins, ...]:
        """What the files of one folder say."""
        if folder not in self._folders:
            self._folders[folder] = tuple(self._read(path) for path in _candidates(folder, self.tree))
        return self._folders[folder]

    def _read(self, path: Path) -> Pins:
        pins: dict[str, list[Pin]] = {}
        waiting, read = [path], set[Path]()
        while waiting and len(read) < _MOST_INCLUDED:
            current = waiting.pop(0)
            if current in read:
                continue
            read.add(current)
            try:
                text = self.tree.read_text(current)
                found = PARSERS[_kind(current)](text, self.tree.name(current))
            except UnreadableFileError:
                continue
            except BrokenLockError as error:
                span = Span(file=self.tree.name(current), line=error.line)
                self.problems.append(Problem(span=span, text=str(error), fix="correct it, or lock again"))
                continue
            for name, several in found.pins.items():
                pins.setdefault(name, []).extend(several)
            waiting += [(current.parent / other).resolve() for other in found.includes]
        return {name: tuple(several) for name, several in pins.items()}


def version_of(context: ReadContext) -> Versions:
    """The versions that the lock files of a run say."""
    return Versions(context.tree)


def _candidates(folder: Path, tree: Tree) -> list[Path]:
    fixed = [folder / name for name in PARSERS]
    patterned = [path for pattern in _PATTERNS for path in islice(folder.glob(pattern), _MOST_FILES)]
    found = []
    for path in (*fixed, *sorted(patterned)):
        if path not in found and path.is_file():
            found.append(path)
    return [*found, *(path for path in tree.virtual if path.parent == folder and path.name in PARSERS)]


def _kind(path: Path) -> str:
    """The name in PARSERS whose format a file has."""
    if path.name in PARSERS:
        return path.name
    return "pylock.toml" if path.suffix == ".toml" else "requirements.txt"


def _version(pin: Pin) -> Version:
    return Version(text=pin.version, span=pin.span)


def _disagreement(name: str, pins: Sequence[Pin]) -> str:
    said = " and ".join(
        f"{pin.version} ({pin.span.place})" for pin in sorted(pins, key=lambda p: p.span.place)
    )
    return f"the version of {name} is said differently: {said}"
