"""The only door to the user's files: regular files below the root, of bounded size, nothing else.

budgetcheck runs on untrusted pull requests. An include may name `/etc/passwd`, a FIFO, a device or a link
that leaves the repository; every reader therefore opens files through a `Tree`.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

MAX_BYTES = 8 * 1024 * 1024
"""Larger files are refused: configuration is never that long, generated data often is."""
GENERATED_BYTES = 64 * 1024 * 1024
"""The same for JSON and states, which tools write: a plan of a large system is that long."""
HEAD_BYTES = 64 * 1024
"""How much of a file is read to find out what it is."""
_GENERATED = (".json", ".tfstate")


class UnreadableFileError(Exception):
    """A file that must not or cannot be opened; the message says why, without an absolute path."""


class DeniedFileError(UnreadableFileError):
    """The system does not let us open the file, though it is there."""


class Witness(Protocol):
    """Who is told what is read through a tree."""

    def read(self, path: Path, outcome: bytes) -> None:
        """A file was asked for; `outcome` is what was in it, or why it was refused."""

    def asked(self, path: Path) -> None:
        """Somebody wants to know whether a path is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One input file: its name relative to the display base, and where it really is.

    `head` is the beginning of the text, read once while looking for the reader it belongs to. `given`: it was
    named by itself, not found in a directory. `below`: its name below the directory it was found in, so
    that nobody judges a file by folders that the user chose to look into (`samples/`, `tests/`). `base` is
    the file's own name and `suffix` its last suffix (`.tf`), in lower case: each reader asks for each file.
    """

    name: str
    path: Path
    head: str = ""
    given: bool = False
    below: str = ""
    base: str = field(init=False, repr=False, compare=False)
    suffix: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        base = self.name.rpartition("/")[2].lower()
        dot = base.rfind(".")
        object.__setattr__(self, "base", base)
        object.__setattr__(self, "suffix", base[dot:] if 0 < dot < len(base) - 1 else "")

    @property
    def place(self) -> str:
        """The name that may be judged by its folders: below the given directory, where that is known."""
        return self.below or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Files below `root`, named relative to `base` in everything that is printed.

    Attributes:
        root: resolved directory that nothing may be opened outside of.
        base: resolved directory that printed paths are relative to; it contains all inputs.
        within: where the inputs lie in several repositories, these: nothing else below `root`, their common
            directory, is opened.
        virtual: contents of files that are not on disk (standard input), by the path they are said to have;
            what is on disk at that path is not seen.
        witness: who is told what is read; None for nobody.
    """

    root: Path
    base: Path
    within: tuple[Path, ...] = ()
    virtual: Mapping[Path, bytes] = field(default_factory=dict, hash=False)
    witness: Witness | None = field(default=None, compare=False, repr=False)

    def read_text(self, path: Path) -> str:
        """The text of a file, UTF-8 with undecodable bytes replaced and a BOM removed.

        Raises UnreadableFileError for anything but a regular file below the root of at most MAX_BYTES, or
        GENERATED_BYTES for what tools write.
        """
        return as_text(self.read_bytes(path))

    def read_bytes(self, path: Path) -> bytes:
        """The bytes of a file. Raises UnreadableFileError as `read_text` does; a binary file is refused."""
        return self._read(path, GENERATED_BYTES + 1)

    def read_head(self, path: Path) -> str:
        """The first HEAD_BYTES of a file's text. Raises UnreadableFileError as `read_text` does."""
        return as_text(self._read(path, HEAD_BYTES))

    def _read(self, path: Path, most: int) -> bytes:
        if self.witness is None:
            return self._bytes(path, most)
        try:
            data = self._bytes(path, most)
        except UnreadableFileError as error:
            self.witness.read(path, str(error).encode())
            raise
        self.witness.read(path, data)
        return data

    def _bytes(self, path: Path, most: int) -> bytes:
        real = self._real(path)
        largest = GENERATED_BYTES if str(path).lower().endswith(_GENERATED) else MAX_BYTES
        if self.virtual and path in self.virtual:
            data = self._virtual(path, most, largest)
        else:
            data = _from_disk(real, most, largest)
        if b"\0" in data[:8192]:
            raise UnreadableFileError("is a binary file")
        return data

    def _virtual(self, path: Path, most: int, largest: int) -> bytes:
        data = self.virtual[path]
        if len(data) > largest:
            raise UnreadableFileError(_too_large(largest))
        return data[:most]

    def inside(self, path: Path) -> Path:
        """The real path, links followed. Raises UnreadableFileError if it is missing or leaves the root."""
        return Path(self._real(path))

    def _real(self, path: Path) -> str:
        """The same as text: a `Path` takes longer to make than a file to read."""
        if self.witness is not None:
            self.witness.asked(path)
        if self.virtual and path in self.virtual:
            return str(path)
        try:
            real = os.path.realpath(path, strict=True)
        except OSError:  # also a loop of links
            raise UnreadableFileError("does not exist") from None
        if not any(_is_below(real, str(allowed)) for allowed in self.within or (self.root,)):
            raise UnreadableFileError("lies outside the repository and is not opened")
        return real

    def beside(self, folder: Path) -> list[str]:
        """Names of the virtual files that lie directly in a folder."""
        return [path.name for path in self.virtual if path.parent == folder]

    def name(self, path: Path) -> str:
        """The printed name of a path: POSIX, relative to the base, links not followed, always valid text."""
        name = Path(os.path.relpath(path, self.base)).as_posix()
        return os.fsencode(name).decode("utf-8", errors="replace")


def as_text(content: bytes) -> str:
    """The text of a file: UTF-8 with undecodable bytes replaced and a BOM removed."""
    return content.decode("utf-8-sig", errors="replace")


def _is_below(real: str, folder: str) -> bool:
    return real == folder or real.startswith(folder.rstrip("/") + "/")


def _too_large(largest: int) -> str:
    return f"is larger than {largest // 1024 // 1024} MiB"


def _from_disk(real: str, most: int, largest: int) -> bytes:
    # O_NONBLOCK: opening a FIFO that nobody writes to must not hang; fstat then refuses it.
    try:
        descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise DeniedFileError(f"cannot be opened: {(error.strerror or 'unknown error').lower()}") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):  # asked before `open`, which raises for a directory
        os.close(descriptor)
        raise UnreadableFileError("is not a regular file")
    with open(descriptor, "rb") as handle:  # noqa: PTH123 - the descriptor is already open
        if status.st_size > largest:
            raise UnreadableFileError(_too_large(largest))
        return handle.read(most)
