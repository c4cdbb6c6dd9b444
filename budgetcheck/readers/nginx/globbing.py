"""Shell patterns of `include`, expanded below the root only and in nginx's order."""

import fnmatch
import os
from collections.abc import Iterator
from pathlib import Path

from budgetcheck.tree import Tree, UnreadableFileError

MAX_ENTRIES = 20_000
"""Directory entries looked at for one pattern."""

_MAGIC = frozenset("*?[")


def has_magic(pattern: str) -> bool:
    """The pattern may match several names."""
    return not _MAGIC.isdisjoint(pattern)


def expand(tree: Tree, base: Path, pattern: str) -> list[Path]:
    """The real paths of what matches `pattern` below `base`, sorted by the names that matched.

    Nothing outside the root is listed. Files of every type are: whether one may be opened is for the tree.
    """
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if not parts:
        return []
    matching = sorted(_expand(tree, base, parts, [MAX_ENTRIES]), key=os.fspath)
    return [real for path in matching if (real := _real(tree, path))]


def _expand(tree: Tree, base: Path, parts: list[str], budget: list[int]) -> Iterator[Path]:
    part, *rest = parts
    for path in _matches(tree, base, part, budget):
        if rest:
            yield from _expand(tree, path, rest, budget)
        else:
            yield path


def _matches(tree: Tree, base: Path, part: str, budget: list[int]) -> Iterator[Path]:
    if part == "..":
        yield base.parent
    elif not has_magic(part):
        yield base / part
    else:
        for name in _names(tree, base, budget):
            # nginx's glob(3) leaves hidden files out unless they are asked for
            if fnmatch.fnmatchcase(name, part) and (not name.startswith(".") or part.startswith(".")):
                yield base / name


def _names(tree: Tree, folder: Path, budget: list[int]) -> Iterator[str]:
    try:
        with os.scandir(tree.inside(folder)) as entries:
            for entry in entries:
                budget[0] -= 1
                if budget[0] < 0:
                    return
                yield entry.name
    except (OSError, ValueError, UnreadableFileError):
        return


def _real(tree: Tree, path: Path) -> Path | None:
    try:
        return tree.inside(path)
    except (ValueError, UnreadableFileError):  # ValueError: a NUL in the name
        return None
