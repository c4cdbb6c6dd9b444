"""Checks two states of the same files: two directories, or a commit and files.

The second run reads again only what is different. Where that is much, both run at the same time.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from filecmp import cmp
from functools import partial
from pathlib import Path

from budgetcheck.difference import difference, marked
from budgetcheck.git_base import BaseTree, GitError, base_tree, repository_of
from budgetcheck.model.difference import Difference
from budgetcheck.model.report import Report
from budgetcheck.readers.claims import is_python, is_terraform
from budgetcheck.reuse import Reuse, names
from budgetcheck.run import Progress, RunSettings, UsageError, run
from budgetcheck.side_by_side import side_by_side
from budgetcheck.tree import SourceFile

_MUCH = 500_000
"""Bytes of code whose reading takes longer than a second process costs."""

_Check = Callable[[Reuse | None], Report]


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """The reports of two states and the names of these.

    `left_out` says what of the earlier one could not be had.
    """

    before: Report
    after: Report
    names: tuple[str, str]
    left_out: tuple[str, ...] = ()

    @property
    def difference(self) -> Difference:
        """What is different in the later one."""
        return replace(difference(self.before, self.after, self.names), left_out=self.left_out)

    @property
    def report(self) -> Report:
        """That of the later one, with every finding marked as new or unchanged."""
        return marked(self.before, self.after, self.difference)


def compare_directories(
    old: Path, new: Path, *, settings: RunSettings, progress: Progress | None = None, thrifty: bool = True
) -> Difference:
    """The difference of two directories. Raises UsageError as `run` does."""
    for folder in (old, new):
        if not folder.is_dir():
            raise UsageError(f"no such directory: {folder}")
    before, after = old.resolve(), new.resolve()
    reports = _both(
        partial(_run, [before], before, settings, progress),
        partial(_run, [after], after, settings, progress),
        (before, after) if thrifty else None,
    )
    return States(before=reports[0], after=reports[1], names=(str(old), str(new))).difference


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
    return states(paths, base, head, cwd=cwd, settings=settings, progress=progress).difference


def states(
    paths: Sequence[Path],
    base: str,
    head: str | None,
    *,
    cwd: Path,
    settings: RunSettings,
    progress: Progress | None = None,
    thrifty: bool = True,
) -> States:
    """Both reports of a commit and the files (or another commit). Raises UsageError.

    Without `thrifty` both run by themselves, one after the other; the result is the same.
    """
    inputs = [path if path.is_absolute() else cwd / path for path in paths or [Path()]]
    try:
        repository = repository_of(inputs[0])
        inside = [Path(path).resolve().relative_to(repository.resolve()) for path in inputs]
        with ExitStack() as opened:
            there = partial(_there, inside=inside, cwd=cwd, repository=repository, settings=settings)
            earlier = opened.enter_context(base_tree(repository, base))
            before = partial(there, earlier, progress)
            after: _Check = partial(_run, list(paths) or [Path()], cwd, settings, progress)
            later, left_out = repository, earlier.left_out
            if head is not None:
                tree = opened.enter_context(base_tree(repository, head))
                after, later = partial(there, tree, progress), tree.root
                left_out = tuple(dict.fromkeys((*left_out, *tree.left_out)))
            reports = _both(before, after, (earlier.root, later) if thrifty else None)
    except GitError as error:
        raise UsageError(str(error)) from None
    except ValueError:
        raise UsageError("all paths must lie in the same repository") from None
    named = (base, head or "the files")
    return States(before=reports[0], after=reports[1], names=named, left_out=left_out)


def _both(before: _Check, after: _Check, roots: tuple[Path, Path] | None) -> tuple[Report, Report]:
    """The reports of both states. `roots` are their directories; None for nothing but the two runs."""
    if roots is None:
        return before(None), after(None)
    old, new = roots
    here = names(new)
    same = bool(here) and names(old) == here
    if any(_much(new, files) and not (same and _equal(old, new, files)) for files in _code(here)):
        later, earlier = side_by_side(partial(after, None), partial(before, None))
        return earlier, later
    reuse = Reuse() if same else None
    later = after(reuse)
    return before(reuse), later


def _code(listed: Iterable[str]) -> list[list[str]]:
    """The files of the formats that take long to read."""
    files = [SourceFile(name=name, path=Path(name)) for name in listed if name.endswith((".py", ".tf"))]
    return [[file.name for file in files if claims(file)] for claims in (is_python, is_terraform)]


def _much(root: Path, files: Sequence[str]) -> bool:
    """Reading them takes longer than a second process costs."""
    sizes = (path.stat().st_size for name in files if (path := root / name).is_file())
    return sum(sizes) >= _MUCH


def _equal(old: Path, new: Path, files: Sequence[str]) -> bool:
    return all(cmp(old / name, new / name, shallow=False) for name in files)


def _run(
    paths: Sequence[Path], cwd: Path, settings: RunSettings, progress: Progress | None, reuse: Reuse | None
) -> Report:
    return run(paths, cwd=cwd, settings=settings, progress=progress, reuse=reuse)


def _there(
    tree: BaseTree,
    progress: Progress | None,
    reuse: Reuse | None,
    *,
    inside: Sequence[Path],
    cwd: Path,
    repository: Path,
    settings: RunSettings,
) -> Report:
    """The same check in a copy of the repository; what did not exist then is left out."""
    there = [tree.root / path for path in inside if (tree.root / path).exists()]
    if not there:
        return Report()
    here = tree.root
    if cwd.resolve().is_relative_to(repository.resolve()):
        here /= cwd.resolve().relative_to(repository.resolve())
    here.mkdir(parents=True, exist_ok=True)
    return _run(there, here, replace(settings, virtual={}), progress, reuse)
