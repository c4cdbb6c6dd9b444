"""Checks two states of the same files and compares the reports: two directories, or a commit and files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from budgetcheck.difference import difference
from budgetcheck.git_base import GitError, base_tree, repository_of
from budgetcheck.model.difference import Difference
from budgetcheck.model.report import Report
from budgetcheck.run import Progress, RunSettings, UsageError, run


def compare_directories(
    old: Path, new: Path, *, settings: RunSettings, progress: Progress | None = None
) -> Difference:
    """The difference of two directories. Raises UsageError as `run` does."""
    before = _run(old, settings, progress)
    after = _run(new, settings, progress)
    return difference(before, after, (str(old), str(new)))


def compare_with_base(
    paths: Sequence[Path],
    base: str,
    head: str | None,
    *,
    cwd: Path,
    settings: RunSettings,
    progress: Progress | None = None,
) -> Difference:
    """The difference between a commit and the files (or another commit). Raises UsageError."""
    inputs = [path if path.is_absolute() else cwd / path for path in paths or [Path()]]
    try:
        repository = repository_of(inputs[0])
        inside = [Path(path).resolve().relative_to(repository.resolve()) for path in inputs]
        if head is None:
            after = run(list(paths) or [Path()], cwd=cwd, settings=settings, progress=progress)
        else:
            with base_tree(repository, head) as root:
                after = _there(root, inside, cwd, repository, settings, progress)
        with base_tree(repository, base) as root:
            before = _there(root, inside, cwd, repository, settings, progress)
    except GitError as error:
        raise UsageError(str(error)) from None
    except ValueError:
        raise UsageError("all paths must lie in the same repository") from None
    return difference(before, after, (base, head or "the files"))


def _there(
    root: Path,
    inside: Sequence[Path],
    cwd: Path,
    repository: Path,
    settings: RunSettings,
    progress: Progress | None,
) -> Report:
    """The same check in a copy of the repository; what did not exist then is left out."""
    there = [root / path for path in inside if (root / path).exists()]
    if not there:
        return Report()
    here = root / Path(cwd).resolve().relative_to(repository.resolve()) if _within(cwd, repository) else root
    here.mkdir(parents=True, exist_ok=True)
    return run(there, cwd=here, settings=replace(settings, virtual={}), progress=progress)


def _within(cwd: Path, repository: Path) -> bool:
    return Path(cwd).resolve().is_relative_to(repository.resolve())


def _run(folder: Path, settings: RunSettings, progress: Progress | None) -> Report:
    if not folder.is_dir():
        raise UsageError(f"no such directory: {folder}")
    place = folder.resolve()
    return run([place], cwd=place, settings=settings, progress=progress)
