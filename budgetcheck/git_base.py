"""The files of another state of the repository, read from git's objects: nothing is checked out or executed.

Only `ls-tree` and `cat-file` are asked, which run no hook and no filter; lazy fetching from a remote is off.
Regular files of readable size are written below a directory of our own, which is removed afterwards. Links
are left out: what they lead to has its own place.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from budgetcheck.tree import GENERATED_BYTES

_SAFE = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "LC_ALL": "C",
}
_SETTINGS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*")
_SKIPPED = frozenset({"node_modules", "venv", ".venv", "__pycache__"})
_MOST_FILES = 100_000
_MOST_BYTES = 1_000_000_000
_PATIENCE = 120.0


class GitError(Exception):
    """The state cannot be read; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blob:
    path: str
    digest: str
    size: int


def repository_of(place: Path) -> Path:
    """The top directory of the repository that a path lies in. Raises GitError where it lies in none."""
    start = place if place.is_dir() else place.parent
    return Path(_git(start, "rev-parse", "--show-toplevel").decode(errors="surrogateescape").strip())


@contextmanager
def base_tree(repository: Path, ref: str) -> Iterator[Path]:
    """A directory with the files of a commit. Raises GitError where git does not know it."""
    if ref.startswith("-"):
        raise GitError(f"{ref!r} is no name of a commit")
    commit = _git(repository, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()
    with tempfile.TemporaryDirectory(prefix="budgetcheck-base-") as folder:
        root = Path(folder).resolve()
        (root / ".git").mkdir()  # the root of what may be opened, as in the repository itself
        _write(repository, list(_blobs(repository, commit)), root)
        yield root


def _blobs(repository: Path, commit: str) -> Iterator[_Blob]:
    listed = _git(repository, "ls-tree", "-r", "-z", "--long", "--full-tree", commit)
    total = count = 0
    for entry in listed.split(b"\0"):
        if not entry:
            continue
        head, _, name = entry.partition(b"\t")
        mode, kind, digest, size = head.split()
        path = os.fsdecode(name)
        parts = PurePosixPath(path).parts
        if kind != b"blob" or mode == b"120000" or _SKIPPED & set(parts) or ".." in parts or ".git" in parts:
            continue
        if int(size) > GENERATED_BYTES:
            continue
        total, count = total + int(size), count + 1
        if count > _MOST_FILES or total > _MOST_BYTES:
            raise GitError("the commit holds too many files to compare with")
        yield _Blob(path=path, digest=digest.decode(), size=int(size))


def _write(repository: Path, blobs: list[_Blob], root: Path) -> None:
    """Asks for all contents in one go and writes each as it comes."""
    command = ["git", *_SETTINGS, "cat-file", "--batch"]
    wanted = "".join(f"{blob.digest}\n" for blob in blobs).encode()
    with tempfile.TemporaryFile() as asked:
        asked.write(wanted)
        asked.seek(0)
        with subprocess.Popen(
            command, cwd=repository, env=_environment(), stdin=asked, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            for blob in blobs:
                head = process.stdout.readline().split()
                if len(head) != 3 or head[1] != b"blob":
                    raise GitError(f"{blob.path} is not in this clone; fetch it, or make the clone complete")
                data = process.stdout.read(int(head[2]))
                process.stdout.read(1)
                path = root / blob.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        ran = subprocess.run(
            ["git", *_SETTINGS, *arguments],
            cwd=folder,
            env=_environment(),
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise GitError("git did not answer in time") from None
    if ran.returncode != 0:
        said = ran.stderr.decode(errors="replace").strip().splitlines()
        asked = arguments[-1].removesuffix("^{commit}")
        raise GitError(said[-1] if said else f"git knows no commit {asked!r}")
    return ran.stdout


def _environment() -> dict[str, str]:
    return {**os.environ, **_SAFE}
