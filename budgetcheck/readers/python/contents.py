"""The bytes of source files, and which of them hold a word: read once, and looked through without parsing."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from budgetcheck.tree import SourceFile, Tree, UnreadableFileError

_MOST_KEPT = 200_000_000
"""Bytes that are kept; files beyond are read each time."""


class Contents:
    """Files one behind the other in one piece of memory: a search for a rare word takes one pass."""

    def __init__(self, tree: Tree, files: Sequence[SourceFile]) -> None:
        self._tree = tree
        self._files = files
        self._ends: list[int] = []
        self._whole = b""
        self._known: dict[str, int] = {}
        self._holding: dict[bytes, frozenset[int]] = {}

    def each(self) -> Iterator[tuple[SourceFile, bytes]]:
        """Every file with its content."""
        self._read()
        start = 0
        for number, file in enumerate(self._files):
            if number >= len(self._ends):
                yield file, self._content(file)
                continue
            yield file, self._whole[start : self._ends[number]]
            start = self._ends[number]

    def holding(self, words: Iterable[bytes]) -> list[SourceFile]:
        """The files that hold one of the words."""
        self._read()
        wanted = [word for word in words if word]
        for word in wanted:
            if word not in self._holding:
                self._holding[word] = frozenset(self._numbers(word))
        found = {number for word in wanted for number in self._holding[word]}
        for number in range(len(self._ends), len(self._files)):
            content = self._content(self._files[number])
            if any(word in content for word in wanted):
                found.add(number)
        return [self._files[number] for number in sorted(found)]

    def of(self, file: SourceFile) -> bytes | None:
        """The content of one file; None where it is not kept, or there is none."""
        number = self._known.get(file.name, len(self._ends))
        if number >= len(self._ends):
            return None
        return self._whole[self._ends[number - 1] if number else 0 : self._ends[number]] or None

    def _numbers(self, word: bytes) -> Iterator[int]:
        at = self._whole.find(word)
        while at >= 0:
            number = bisect_right(self._ends, at)
            # What begins in one file and ends in the next is in none.
            inside = at + len(word) <= self._ends[number]
            if inside:
                yield number
            at = self._whole.find(word, self._ends[number] if inside else at + 1)

    def _read(self) -> None:
        if self._ends or not self._files:
            return
        parts: list[bytes] = []
        length = 0
        for file in self._files:
            content = self._content(file)
            length += len(content)
            if length > _MOST_KEPT:
                break
            parts.append(content)
            self._known[file.name] = len(self._ends)
            self._ends.append(length)
        self._whole = b"".join(parts)

    def _content(self, file: SourceFile) -> bytes:
        """The content of a file; empty where it cannot be read, which is noted when it is parsed."""
        try:
            return self._tree.read_bytes(file.path)
        except UnreadableFileError:
            return b""
