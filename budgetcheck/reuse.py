"""What one run has read, given to a second run over nearly the same files: the two states of a difference.

Reading is most of a run. What a reader makes of its files is the same in both states if everything is that it
has looked at: the names of all files (what is not there, what a pattern finds, where a link leads), the
content of each file that it opened, the configuration, and what other files are said to be. Content is
compared file by file, as the `Tree` tells who opened what. Names are compared as a whole, but for those of
files that no reader looks for (pictures, other languages), and that did not lie where it looked. Where
any of it is different the reader runs again; nothing is guessed.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from budgetcheck.discover import Discovery
from budgetcheck.model.settings import Reading
from budgetcheck.readers import READERS
from budgetcheck.readers.base import Memo, ReadContext
from budgetcheck.readers.claims import is_python
from budgetcheck.tree import SourceFile, Tree, UnreadableFileError

_Made = TypeVar("_Made")

_OF_TOOLS = frozenset(
    {".git", "node_modules", "venv", ".venv", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
)
"""Folders that no reader goes into, and that are no part of a commit."""
_FOREIGN = (
    *(
        ".bmp",
        ".eot",
        ".gif",
        ".ico",
        ".jpeg",
        ".jpg",
        ".mp4",
        ".pdf",
        ".png",
        ".svg",
        ".ttf",
        ".webp",
        ".woff",
    ),
    *(".adoc", ".csv", ".css", ".ipynb", ".less", ".map", ".md", ".po", ".rst", ".sass", ".scss", ".snap"),
    *(".c", ".cc", ".cpp", ".cs", ".dart", ".go", ".h", ".hpp", ".java", ".jsx", ".kt", ".rs", ".scala"),
    *(".svelte", ".swift", ".ts", ".tsx", ".vue", ".woff2"),
)
"""Suffixes of files that are opened only where another file names them, or a pattern finds them."""
_MOST_NAMES = 300_000


@dataclass(slots=True)
class _Seen:
    """What a reading rests on: a digest of each file that was opened, by its path below the root.

    `asked` are all paths that somebody wanted to open, to list or to know of.
    `strayed`: a path near the root, but outside of it, was asked for; what lies there is another thing for
    another root.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    strayed: bool = False

    def add(self, other: "_Seen") -> None:
        self.files |= other.files
        self.asked |= other.asked
        self.strayed = self.strayed or other.strayed

    def holds_in(self, tree: Tree, different: Iterable[str], known: dict[str, bytes]) -> bool:
        """The same files would be found with the same content.

        `different` is what one of the roots lacks; `known` are the digests that were made of this one so far.
        """
        seen = (name for name in different if not self.asked.isdisjoint(_upwards(name)))
        if self.strayed or next(seen, None) is not None:
            return False
        for path, digest in self.files.items():
            if path not in known:
                known[path] = _digest(_content(tree, tree.root / path))
            if known[path] != digest:
                return False
        return True


@dataclass(slots=True)
class _Watch:
    """Notes what is read through a tree for all that is being worked out: a reading, and memos within it."""

    root: Path
    open: list[_Seen] = field(default_factory=list)

    def read(self, path: Path, outcome: bytes) -> None:
        if self.open:
            self.open[-1].files[os.path.relpath(path, self.root)] = _digest(outcome)

    def asked(self, path: Path) -> None:
        if self.open:
            self.open[-1].asked.add(os.path.relpath(path, self.root))
        if self.open and not path.is_relative_to(self.root):
            self.open[-1].strayed |= path.parts[:2] == self.root.parts[:2]
        elif self.open and ".." in path.parts:
            self.open[-1].strayed |= not Path(os.path.normpath(path)).is_relative_to(self.root)

    @contextmanager
    def noting(self) -> Iterator[_Seen]:
        """Everything that is read meanwhile; it counts for whatever is being worked out around it too."""
        seen = _Seen()
        self.open.append(seen)
        try:
            yield seen
        finally:
            self.open.pop()
            self.saw(seen)

    def saw(self, seen: _Seen) -> None:
        """What is being worked out rests on this as well."""
        if self.open:
            self.open[-1].add(seen)


@dataclass(slots=True)
class _WatchedMemo(Memo):
    """A memo that knows what its results rest on: whoever is given one rests on the same."""

    watch: _Watch | None = None
    _seen: dict[str, _Seen] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], _Made]) -> _Made:
        assert self.watch is not None
        if name not in self._made:
            with self.watch.noting() as self._seen[name]:
                return Memo.once(self, name, make)
        self.watch.saw(self._seen.get(name, _Seen()))
        return Memo.once(self, name, make)


@dataclass(slots=True, kw_only=True)
class Reuse:
    """The readings of a first run, for a second one.

    `different` are the `names` that only one of their roots has. `reused` names the readers that did not run
    again.
    """

    different: frozenset[str] = frozenset()
    reused: list[str] = field(default_factory=list)
    _first: tuple[Discovery, ReadContext] | None = None
    _watch: _Watch | None = None
    _kept: dict[str, tuple[Reading, _Seen]] = field(default_factory=dict)
    _digests: dict[str, bytes] = field(default_factory=dict)
    _alike: bool = False

    def begin(self, context: ReadContext, found: Discovery) -> ReadContext:
        """What the readers of a run are given: the first run is watched, the second compared with it."""
        if self._first is not None:
            self._watch = None
            harmless = all(map(_is_foreign, self.different))
            self._alike = harmless and _alike(*self._first, found, context)
            return context
        self._first = (found, context)
        self._watch = _Watch(root=context.tree.root)
        tree = replace(context.tree, witness=self._watch)
        return replace(context, tree=tree, memo=_WatchedMemo(watch=self._watch))

    def reading(self, reader: str, tree: Tree, make: Callable[[], Reading]) -> Reading:
        """What `make` gives, or what the first run has if that is the same."""
        if self._watch is not None:
            with self._watch.noting() as seen:
                made = make()
            self._kept[reader] = (made, seen)
            return made
        if self._alike and reader in self._kept:
            known, seen = self._kept[reader]
            if seen.holds_in(tree, self.different, self._digests):
                self.reused.append(reader)
                return known
        return make()


def _is_foreign(name: str) -> bool:
    """No reader looks for such a file by itself; a folder is what is in it."""
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - Path is slow for whole trees
    is_source = suffix == ".py" and is_python(SourceFile(name=name, path=Path(name)))
    return name.endswith("/") or suffix in _FOREIGN or (suffix == ".py" and not is_source)


def _upwards(name: str) -> Iterator[str]:
    """A path and all folders that it lies in."""
    path = name.rstrip("/")
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield "."


def names(root: Path) -> frozenset[str]:
    """Everything below a directory that is no tool's: files, folders with a slash, links with their target.

    Empty, and so never the same as another, where there is too much.
    """
    found: set[str] = set()
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    _name(entry, folder, found, pending)
        except OSError:
            found.add(f"{folder}!")
        if len(found) > _MOST_NAMES:
            return frozenset()
    return frozenset(found)


def _name(entry: os.DirEntry[str], folder: str, found: set[str], pending: list[str]) -> None:
    if entry.name in _OF_TOOLS:
        return
    path = f"{folder}{entry.name}"
    if entry.is_symlink():
        found.add(f"{path}@{Path(entry.path).readlink()}")
    elif entry.is_dir(follow_symlinks=False):
        found.add(f"{path}/")
        pending.append(f"{path}/")
    else:
        found.add(path if entry.is_file(follow_symlinks=False) else f"{path}?")


def _alike(found: Discovery, context: ReadContext, other: Discovery, others: ReadContext) -> bool:
    """Apart from the content of files, both runs give their readers the same."""
    mine, theirs = context.tree, others.tree
    same = (
        _listed(found) == _listed(other)
        and (context.options, context.environments) == (others.options, others.environments)
        and mine.root.name == theirs.root.name
        and mine.base.relative_to(mine.root) == theirs.base.relative_to(theirs.root)
        and not (mine.within or theirs.within or mine.virtual or theirs.virtual)
    )
    pairs = zip(found.files, other.files, strict=True) if same else ()
    return same and all(_said(one) == _said(two) for one, two in pairs if one.head != two.head)


def _listed(found: Discovery) -> list[tuple[str, str, str, bool]]:
    sources = [*found.sources, *(("", file) for file in found.companions)]
    return [(reader, file.name, file.below, file.given) for reader, file in sources]


def _said(file: SourceFile) -> tuple[object, ...]:
    """What readers of other files take from the beginning of this one."""
    from budgetcheck.readers.image_builds import builds_in, composed_in

    return (*(reader.claims(file) for reader in READERS), *builds_in([file]), *composed_in([file]))


def _content(tree: Tree, path: Path) -> bytes:
    try:
        return tree.read_bytes(path)
    except UnreadableFileError as error:
        return str(error).encode()


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
