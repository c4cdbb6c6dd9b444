"""The files of another state of the repository, read from git's objects: nothing is checked out or executed.

Only objects are asked for, which runs no hook and no filter; lazy fetching from a remote is off. The files
are written below a directory of our own, in memory where there is room, which is removed afterwards.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from budgetcheck.git_files import (
    Entry,
    Kind,
    entries,
    hidden_content,
    inward,
    is_data,
    lfs_object,
    may_be_branch,
    may_be_read,
)

_SAFE = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # git before 2.44 knows no other way to be kept from fetching
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "LC_ALL": "C",
}
_SETTINGS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*")
_MOST_FILES = 100_000
_MOST_BYTES = 1_000_000_000
_DEEPEST = 3
"""Submodules within submodules."""
_PATIENCE = 120.0
_IN_MEMORY = Path("/dev/shm")
_MOST_IN_MEMORY = 256_000_000


class GitError(Exception):
    """The state cannot be read; the message says why, and what to do."""


class _RefusedError(GitError):
    """Git answered, and not with what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseTree:
    """The files of a commit.

    Attributes:
        root: directory that holds them.
        left_out: what could not be had, and what to do about it.
    """

    root: Path
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Writing:
    """What has been written so far below the root."""

    root: Path
    left_out: list[str]
    links: list[tuple[str, str]]
    folders: set[Path]
    count: int = 0
    total: int = 0


def repository_of(place: Path) -> Path:
    """The top directory of the repository that a path lies in. Raises GitError where it lies in none."""
    start = place if place.is_dir() else place.parent
    try:
        found = _git(start, "rev-parse", "--show-toplevel")
    except _RefusedError as error:
        if "not a git repository" not in str(error):
            raise
        text = "this is no repository of git: run it in a clone, or name two directories"
        raise GitError(text) from None
    return Path(os.fsdecode(found).removesuffix("\n"))


@contextmanager
def base_tree(repository: Path, ref: str) -> Iterator[BaseTree]:
    """The files of a commit. Raises GitError where git does not know it."""
    commit = _commit(repository, ref)
    found = _entries(repository, commit)
    total = sum(entry.size for entry in found)
    with tempfile.TemporaryDirectory(prefix="budgetcheck-base-", dir=_roomy(total)) as folder:
        # The directory has the name of the repository: some configurations ask for it.
        root = Path(folder).resolve() / (repository.resolve().name or "repository")
        (root / ".git").mkdir(parents=True)  # the root of what may be opened, as in the repository itself
        writing = _Writing(root=root, left_out=[], links=[], folders={root})
        _write(repository, found, "", writing)
        _link(writing)
        yield BaseTree(root=root, left_out=tuple(writing.left_out))


def _commit(repository: Path, ref: str) -> str:
    """The hash of a commit; `main...` is where HEAD parted from main, as for git."""
    if ref.startswith("-") or not ref:
        raise GitError(f"{ref!r} is no name of a commit")
    if "..." in ref:
        one, _, other = ref.partition("...")
        return _merge_base(repository, one or "HEAD", other or "HEAD")
    try:
        found = _git(repository, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    except _RefusedError:
        raise GitError(
            _shallow(repr(ref)) if _is_shallow(repository) else _unknown(ref, repository)
        ) from None
    return found.decode().strip()


def _merge_base(repository: Path, one: str, other: str) -> str:
    commits = (_commit(repository, one), _commit(repository, other))
    try:
        return _git(repository, "merge-base", *commits).decode().strip()
    except _RefusedError:
        missing = f"the commit that {one!r} and {other!r} have in common"
        text = _shallow(missing) if _is_shallow(repository) else f"git knows no {missing[4:]}"
        raise GitError(text) from None


def _is_shallow(repository: Path) -> bool:
    return _git(repository, "rev-parse", "--is-shallow-repository").strip() == b"true"


def _shallow(missing: str) -> str:
    return (
        f"this clone is shallow and does not hold {missing}: write `fetch-depth: 0` for actions/checkout on"
        " GitHub, `GIT_DEPTH: 0` in the variables of the job on GitLab, or run `git fetch --unshallow`"
    )


def _roomy(total: int) -> str | None:
    """Memory is many times faster than a disk for thousands of small files; None is the system's choice."""
    try:
        free = shutil.disk_usage(_IN_MEMORY).free
    except OSError:
        return None
    fits = total <= _MOST_IN_MEMORY and 3 * total + 64_000_000 <= free and os.access(_IN_MEMORY, os.W_OK)
    return str(_IN_MEMORY) if fits else None


def _entries(repository: Path, commit: str) -> list[Entry]:
    listing = ("ls-tree", "-r", "-z", "--full-tree", commit)
    try:
        return list(entries(_git(repository, *listing, "--long")))
    except _RefusedError:  # a partial clone: git would fetch what is missing, and may not
        return list(entries(_git(repository, *listing), _sizes(repository, commit)))


def _sizes(repository: Path, commit: str) -> dict[bytes, bytes]:
    """The size of each object of a commit that is in a partial clone, by its digest."""
    walked = _git(repository, "rev-list", "--objects", "--missing=print", "--no-walk", commit)
    there = (line.split(b" ", 1)[0] for line in walked.splitlines() if not line.startswith(b"?"))
    checked = _git(repository, "cat-file", "--batch-check", given=b"\n".join(there) + b"\n")
    return {digest: size for digest, _, size in map(bytes.split, checked.splitlines())}


def _write(repository: Path, found: list[Entry], prefix: str, writing: _Writing, depth: int = 0) -> None:
    """Writes every entry of a repository, and what its submodules hold where they are checked out."""
    wanted = [entry for entry in found if entry.kind in (Kind.FILE, Kind.LINK)]
    writing.count += len(wanted)
    writing.total += sum(entry.size for entry in wanted)
    if writing.count > _MOST_FILES or writing.total > _MOST_BYTES:
        raise GitError(f"the commit holds too much to compare with: more than {_MOST_FILES} files or 1 GB")
    objects = _objects(repository)
    for entry, data in _contents(repository, wanted):
        path = prefix + entry.path
        if entry.kind is Kind.LINK:
            writing.links.append((path, os.fsdecode(data)))
            continue
        real = lfs_object(data, objects)
        if real is None and hidden_content(entry.path, data):
            text = "is only a pointer of Git LFS in that commit: run `git lfs fetch` for it"
            writing.left_out.append(f"{path} {text}")
        _put(path, data if real is None else real, writing)
    for entry in found:
        if entry.kind is Kind.GONE and may_be_read(entry.path):
            if not is_data(entry.path) and not entry.program:
                raise GitError(_partial(entry.path))
            writing.left_out.append(_partial(prefix + entry.path))
        if entry.kind in (Kind.HUGE, Kind.GONE):
            _put(prefix + entry.path, b"", writing, size=entry.size)
        elif entry.kind is Kind.SUBMODULE:
            _submodule(repository, entry, prefix, writing, depth + 1)


def _submodule(repository: Path, entry: Entry, prefix: str, writing: _Writing, depth: int) -> None:
    """A submodule that is not checked out is an empty folder, here as there."""
    place, path = repository / entry.path, prefix + entry.path
    _folder(writing.root / path, writing)
    here = (place / ".git").exists() and place.resolve().is_relative_to(repository.resolve())
    if not here or depth > _DEEPEST:
        return
    try:
        _write(place, _entries(place, entry.digest), f"{path}/", writing, depth)
    except GitError:
        text = "the commit of this submodule is not in this clone: run `git fetch` in its folder"
        writing.left_out.append(f"{path}: {text}")


def _put(path: str, data: bytes, writing: _Writing, *, size: int | None = None) -> None:
    """Writes a file; one that is too long to be read is made as long without its content."""
    place = writing.root / path
    try:
        _folder(place.parent, writing)
        with place.open("xb") as file:
            file.write(data)
            if size is not None:
                file.truncate(size)
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        writing.left_out.append(f"{path} cannot be written: {reason}")


def _folder(place: Path, writing: _Writing) -> None:
    if place not in writing.folders:
        place.mkdir(parents=True, exist_ok=True)
        writing.folders.add(place)


def _link(writing: _Writing) -> None:
    """Makes the links that stay inside, last of all: nothing is ever written through one."""
    for path, target in writing.links:
        place = writing.root / path
        if inward(path, target) and not os.path.lexists(place):
            try:
                _folder(place.parent, writing)
                place.symlink_to(target)
            except (OSError, ValueError):
                writing.left_out.append(f"{path} cannot be made: it is a link")


def _contents(repository: Path, wanted: Iterable[Entry]) -> Iterator[tuple[Entry, bytes]]:
    """Asks for all contents in one go and gives each as it comes."""
    listed = list(wanted)
    with tempfile.TemporaryFile() as asked:
        asked.write("".join(f"{entry.digest}\n" for entry in listed).encode())
        asked.seek(0)
        command = ["git", *_SETTINGS, "cat-file", "--batch"]
        with subprocess.Popen(
            command, cwd=repository, env=_environment(), stdin=asked, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            for entry in listed:
                head = process.stdout.readline().split()
                if len(head) != 3 or head[1] != b"blob":
                    raise GitError(_partial(entry.path))
                data = process.stdout.read(int(head[2]))
                process.stdout.read(1)
                yield entry, data


def _partial(path: str) -> str:
    return (
        f"{path} of that commit is not in this clone, which is a partial one:"
        " run `git fetch --refetch --no-filter`"
    )


def _objects(repository: Path) -> Path:
    """Where Git LFS keeps what was fetched."""
    common = _git(repository, "rev-parse", "--git-common-dir").decode(errors="surrogateescape").strip()
    return repository / common / "lfs" / "objects"


def _git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    try:
        ran = subprocess.run(
            ["git", *_SETTINGS, *arguments],
            cwd=folder,
            env=_environment(),
            input=given,
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
        raise _RefusedError(said[-1].removeprefix("fatal: ") if said else f"git {arguments[0]} failed")
    return ran.stdout


def _unknown(ref: str, repository: Path) -> str:
    branch = ref.removeprefix("origin/")
    hint = ""
    if ".." in ref:
        hint = "; write the names of two commits as two arguments"
    elif (repository / ref).is_dir():
        hint = "; it is a directory: name a commit, or two directories"
    elif may_be_branch(branch):
        hint = f"; where it is a branch of the remote, run `git fetch origin {branch}`"
    return f"git knows no commit {ref!r}{hint}"


def _environment() -> dict[str, str]:
    return {**os.environ, **_SAFE}
