"""What became of the files between two states: which were moved or copied, and where each line came from.

Both states are trees, so files are compared by content, as git does: a file that is in one state only and
much like one that is only in the other was moved; one that is much like any other of the earlier state was
copied.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from pathlib import PurePosixPath
from types import MappingProxyType

from budgetcheck.tree import Tree, UnreadableFileError

_ALIKE = 0.5
"""Share of the lines that both have, from which on git takes a file for a moved one."""
_MOST_FILES = 200
"""So many that came are held against as many others."""
_MOST_LINES = 20_000
_TELLING = 12
"""Characters from which on a line is known by its text alone."""

_Lines = Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChanges:
    """What became of the files.

    Attributes:
        moved: the later name of each file that was moved, by its earlier one.
        copied: files of the earlier state that a file is a copy of, by the name of the copy.
        origins: the earlier number of each line of a later file that was there before, by its later one.
        carried: whether a line of a later file stood in some file before, and is gone from there.
    """

    moved: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    copied: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    origins: Callable[[str], Mapping[int, int]] | None = None
    carried: Callable[[str, int], bool] | None = None

    def renamed(self, file: str) -> str:
        """The later name of a file of the earlier state."""
        return self.moved.get(file, file)

    def origin(self, file: str, line: int) -> int | None:
        """Where a line of a later file was before; None for a new one, or where nobody knows."""
        return self.origins(file).get(line) if self.origins is not None else None

    def is_old(self, file: str, line: int) -> bool:
        """The line was there before, in this place or in another; also what is no line of a file."""
        if not file or not line or self.origin(file, line) is not None:
            return True
        return self.carried is not None and self.carried(file, line)


def file_changes(before: Tree, after: Tree, earlier: Iterable[str], later: Iterable[str]) -> FileChanges:
    """What became of files that the two reports name, as far as they can be read."""
    mentioned, others = sorted(set(earlier)), sorted(set(later))
    old, new = cache(lambda name: _lines(before, name)), cache(lambda name: _lines(after, name))
    names = {*mentioned, *others}
    for name in names:  # now: the trees may be gone when somebody asks for a line
        old(name), new(name)
    gone = [name for name in mentioned if not new(name)][:_MOST_FILES]
    come = [name for name in others if not old(name)][:_MOST_FILES]
    moved: dict[str, str] = {}
    for _, was, name in sorted(_alike(gone, come, old, new)):
        if was not in moved and name not in moved.values():
            moved[was] = name
    left = [name for name in come if name not in moved.values()]
    copied: dict[str, tuple[str, ...]] = {}
    for _, was, name in sorted(_alike(mentioned[:_MOST_FILES], left, old, new)):
        copied[name] = (*copied.get(name, ()), was)
    source = {name: was for was, name in moved.items()}
    return FileChanges(
        moved=moved,
        copied=copied,
        origins=cache(lambda name: _origins(old(source.get(name, name)), new(name))),
        carried=_carried(map(old, names), {name: new(name) for name in names}),
    )


def _carried(
    before: Iterable[tuple[str, ...]], after: Mapping[str, tuple[str, ...]]
) -> Callable[[str, int], bool]:
    """Tells lines that were moved between files: at least as many alike are gone as have come."""
    there, here = Counter[str](), Counter[str]()
    for lines in before:
        there.update(lines)
    for lines in after.values():
        here.update(lines)

    def carried(file: str, line: int) -> bool:
        lines = after.get(file, ())
        text = lines[line - 1] if line <= len(lines) else ""
        return len(text) >= _TELLING and there[text] >= here[text]

    return carried


def _lines(tree: Tree, name: str) -> tuple[str, ...]:
    """Empty for a file that is not there."""
    try:
        text = tree.read_text(tree.base / name) if name else ""
    except (UnreadableFileError, ValueError):
        return ()
    return tuple(line.strip() for line in text.splitlines()[:_MOST_LINES])


def _alike(
    earlier: Iterable[str],
    later: Iterable[str],
    old: Callable[[str], tuple[str, ...]],
    new: Callable[[str], tuple[str, ...]],
) -> Iterator[tuple[float, str, str]]:
    """Pairs of files of one kind with much the same lines; the most alike has the smallest number."""
    known = [(was, Counter(filter(None, old(was)))) for was in earlier]
    for name in later:
        mine = Counter(filter(None, new(name)))
        for was, lines in known:
            if PurePosixPath(was).suffix == PurePosixPath(name).suffix:
                share = _share(lines, mine)
                if share >= _ALIKE:
                    yield (1 - share, was, name)


def _share(one: _Lines, other: _Lines) -> float:
    """What part of the lines of both is common to them."""
    sizes = (one.total(), other.total())
    if 2 * min(sizes) < _ALIKE * sum(sizes) or not all(sizes):
        return 0.0
    return 2 * (one & other).total() / sum(sizes)


def _origins(old: tuple[str, ...], new: tuple[str, ...]) -> Mapping[int, int]:
    if old == new:
        return {number: number for number in range(1, len(new) + 1)}
    blocks = SequenceMatcher(None, old, new).get_matching_blocks()
    return {there + at + 1: here + at + 1 for here, there, size in blocks for at in range(size)}
