"""What a commit holds, entry by entry: files, links, submodules, pointers of Git LFS."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath

from budgetcheck.tree import GENERATED_BYTES

_SKIPPED = frozenset({"node_modules", "venv", ".venv", "__pycache__"})
_POINTER = b"version https://git-lfs.github.com/spec/v1\n"
"""First line of a pointer: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md."""
_LONGEST_POINTER = 1_024
_OBJECT = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)
_SIZE = re.compile(rb"^size (\d{1,12})$", re.MULTILINE)
_HASH = re.compile(r"[0-9a-fA-F]{7,64}|HEAD.*")
_BRANCH = re.compile(r"\w[\w./+-]*", re.ASCII)
_READABLE = frozenset(
    {
        *("", ".conf", ".env", ".hcl", ".json", ".nginx", ".py", ".tf", ".tfstate", ".tfvars", ".tofu"),
        *(".j2", ".lock", ".template", ".tmpl", ".toml", ".tpl", ".txt", ".yaml", ".yml"),
    }
)


class Kind(Enum):
    """What stands at a path. `HUGE`: a file that is too long for any reader. `GONE`: not in this clone."""

    FILE = "file"
    LINK = "link"
    HUGE = "huge"
    GONE = "gone"
    SUBMODULE = "submodule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One path of a commit; `size` in bytes, 0 for what is not read.

    `program`: a missing file that can be executed and whose name has no suffix, so more often a program than
    configuration.
    """

    path: str
    digest: str
    kind: Kind
    size: int = 0
    program: bool = False


def entries(listed: bytes, sizes: Mapping[bytes, bytes] | None = None) -> Iterator[Entry]:
    """The entries of the answer of `ls-tree -r -z --long`, without folders of tools.

    `sizes`: those that a partial clone has, by their digest, where the answer is without them.
    """
    for line in listed.split(b"\0"):
        if not line:
            continue
        head, _, name = line.partition(b"\t")
        mode, kind, digest, *long_form = head.split()
        size = long_form[0] if sizes is None else sizes.get(digest, b"BAD")
        path = os.fsdecode(name)
        parts = PurePosixPath(path).parts
        if _SKIPPED & set(parts) or ".." in parts or ".git" in parts or path.startswith("/"):
            continue
        if kind == b"commit":
            yield Entry(path=path, digest=digest.decode(), kind=Kind.SUBMODULE)
        elif kind == b"blob" and not size.isdigit():  # `BAD`: the clone is a partial one
            program = mode == b"100755" and not PurePosixPath(path).suffix
            yield Entry(path=path, digest=digest.decode(), kind=Kind.GONE, program=program)
        elif kind == b"blob":
            long = int(size) > GENERATED_BYTES
            what = Kind.LINK if mode == b"120000" else Kind.HUGE if long else Kind.FILE
            if what is not Kind.LINK or not long:
                yield Entry(path=path, digest=digest.decode(), kind=what, size=int(size))


def inward(path: str, target: str) -> bool:
    """A link leads to something below the root."""
    landed = os.path.normpath(PurePosixPath(path).parent / target)
    return "\0" not in target and not target.startswith("/") and landed.split("/")[0] != ".."


def lfs_object(data: bytes, objects: Path) -> bytes | None:
    """What a pointer of Git LFS stands for, if it was fetched; None where it was not, or is no pointer."""
    if not _is_pointer(data):
        return None
    found, size = _OBJECT.search(data), _SIZE.search(data)
    if not found or not size or int(size[1]) > GENERATED_BYTES:
        return None
    name = found[1].decode()
    try:
        content = (objects / name[:2] / name[2:4] / name).read_bytes()
    except OSError:
        return None
    return content if len(content) == int(size[1]) else None


def hidden_content(path: str, data: bytes) -> bool:
    """A pointer stands where a reader would look for content."""
    return _is_pointer(data) and may_be_read(path)


def may_be_read(path: str) -> bool:
    """Some reader opens files of that name."""
    return PurePosixPath(path).suffix.lower() in _READABLE


def is_data(path: str) -> bool:
    """A file of that name is more often data than configuration."""
    return PurePosixPath(path).suffix.lower() in (".json", ".lock", ".txt")


def may_be_branch(ref: str) -> bool:
    """A branch may have that name; it does not say itself where the commit is, as a hash does."""
    return _BRANCH.fullmatch(ref) is not None and not _HASH.fullmatch(ref)


def _is_pointer(data: bytes) -> bool:
    return len(data) <= _LONGEST_POINTER and data.startswith(_POINTER)
