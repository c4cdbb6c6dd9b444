"""Checks two states of the same files: two directories, or a commit and files.

The second run reads again only what is different. Where that is much, both run at the same time if they can.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from filecmp import cmp
from functools import partial
from pathlib import Path

from budgetcheck.difference import difference, marked
from budgetcheck.discover import discover, tree_of
from budgetcheck.git_base import BaseTree, GitError, base_tree, repository_of
from budgetcheck.model.difference import Difference
from budgetcheck.model.report import Report
from budgetcheck.moved_files import FileChanges, file_changes
from budgetcheck.nothing_compared import nothing_compared, unread_kinds
from budgetcheck.readers import READERS
from budgetcheck.readers.claims import is_python
from budgetcheck.reuse import Reuse, names
from budgetcheck.run import Progress, RunSettings, UsageError, run
from budgetcheck.side_by_side import possible, side_by_side
from budgetcheck.tree import SourceFile, Tree

_MUCH = 50_000
"""Bytes whose reading takes longer than a second process costs."""

_Check = Callable[[Reuse | None], Report]


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """The reports of two states and the names of these.

    `left_out` says what of the earlier one could not be had, `files` what became of its files, `unread` what
    kinds of files may say more; these are only looked for where nothing was compared.
    """

    before: Report
    after: Report
    names: tuple[str, str]
    left_out: tuple[str, ...] = ()
    files: FileChanges = field(default_factory=FileChanges)
    unread: tuple[str, ...] = ()

    @property
    def difference(self) -> Difference:
        """What is different in the later one."""
        found = difference(self.before, self.after, self.names, self.files)
        nothing = nothing_compared(self.before, self.after, self.unread)
        return replace(found, left_out=self.left_out, nothing_compared=nothing)

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
        partial(_run, [before], before, replace(settings, remedies=False), progress),
        partial(_run, [after], after, settings, progress),
        (before, after) if thrifty else None,
    )
    return States(
        before=reports[0],
        after=reports[1],
        names=(str(old), str(new)),
        files=_changes(reports, tree_of([before], before), tree_of([after], after)),
        unread=_unread(reports, after, [Path()]),
    ).difference


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
        inside = _below(repository, inputs)
        with ExitStack() as opened:
            there = partial(_there, inside=inside, cwd=cwd, repository=repository)
            earlier = opened.enter_context(base_tree(repository, base))
            before = partial(there, earlier, progress, settings=replace(settings, remedies=False))
            after: _Check = partial(_run, list(paths) or [Path()], cwd, settings, progress)
            later, left_out, tree = repository, earlier.left_out, None
            if head is not None:
                tree = opened.enter_context(base_tree(repository, head))
                after, later = partial(there, tree, progress, settings=settings), tree.root
                left_out = tuple(dict.fromkeys((*left_out, *tree.left_out)))
            reports = _both(before, after, (earlier.root, later) if thrifty else None)
            trees = [
                _tree_there(tree, inside, cwd, repository) if tree else tree_of(inputs, cwd)
                for tree in (earlier, tree)
            ]
            files = _changes(reports, *trees)
            unread = _unread(reports, later, inside)
    except GitError as error:
        raise UsageError(str(error)) from None
    return States(
        before=reports[0],
        after=reports[1],
        names=(base, head or "the files"),
        left_out=left_out,
        files=files,
        unread=unread,
    )


def _below(repository: Path, inputs: Iterable[Path]) -> list[Path]:
    try:
        return [path.resolve().relative_to(repository.resolve()) for path in inputs]
    except ValueError:
        raise UsageError("all paths must lie in the same repository") from None


def _both(before: _Check, after: _Check, roots: tuple[Path, Path] | None) -> tuple[Report, Report]:
    """The reports of both states. `roots` are their directories; None for nothing but the two runs."""
    if roots is None:
        return before(None), after(None)
    old, new = roots
    here, there = names(new), names(old)
    if possible() and sum(_size(new, name) for name in _read_again(old, new, here, there)) >= _MUCH:
        _load(new)
        later, earlier = side_by_side(partial(after, None), partial(before, None))
        return earlier, later
    reuse = Reuse(different=here ^ there) if here and there else None
    later = after(reuse)
    return before(reuse), later


def _load(root: Path) -> None:
    """Loads what both runs need, once."""
    used = {name for name, _ in discover([root], root).sources}
    for reader in READERS:
        if reader.name in used:
            reader.load()


def _read_again(old: Path, new: Path, here: Iterable[str], there: Iterable[str]) -> list[str]:
    """The files that take long to read, and are read again: where one of a kind differs, all of it.

    Code is read again with any of them, and all of them with code: they say which variables it runs with.
    """
    kinds = _kinds(here)
    different = [
        files
        for files, others in zip(kinds, _kinds(there), strict=True)
        if not _same(old, new, files, others)
    ]
    code = kinds[0]
    return [name for files in (kinds if different and code else different) for name in files]


def _same(old: Path, new: Path, files: Sequence[str], others: Sequence[str]) -> bool:
    """The same names with the same content; of a link its name tells all."""
    if files != others:
        return False
    try:
        there = [name for name in files if (new / name).is_file()]
        return all(cmp(old / name, new / name, shallow=False) for name in there)
    except OSError:
        return False


def _kinds(listed: Iterable[str]) -> tuple[list[str], ...]:
    """Code, and what says how it runs: Terraform, YAML, and small files."""
    kinds: tuple[list[str], ...] = ([], [], [], [])
    for name in sorted(listed):
        base = name.rpartition("/")[2].lower()
        if name.endswith(".py"):
            if is_python(SourceFile(name=name, path=Path(name))):
                kinds[0].append(name)
        elif name.endswith((".tf", ".tofu", ".tfvars", ".hcl")):
            kinds[1].append(name)
        elif name.endswith((".yaml", ".yml", ".tpl")):
            kinds[2].append(name)
        elif "dockerfile" in base or base.endswith(".env") or base.startswith(".env"):
            kinds[3].append(name)
    return kinds


def _size(root: Path, name: str) -> int:
    path = root / name
    return path.stat().st_size if path.is_file() else 0


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
    there, here = _inputs_there(tree, inside, cwd, repository)
    if not there:
        return Report()
    here.mkdir(parents=True, exist_ok=True)
    return _run(there, here, replace(settings, virtual={}), progress, reuse)


def _inputs_there(
    tree: BaseTree, inside: Sequence[Path], cwd: Path, repository: Path
) -> tuple[list[Path], Path]:
    """The inputs and the working directory, in the copy."""
    there = [tree.root / path for path in inside if (tree.root / path).exists()]
    here = tree.root
    if cwd.resolve().is_relative_to(repository.resolve()):
        here /= cwd.resolve().relative_to(repository.resolve())
    return there, here


def _tree_there(tree: BaseTree, inside: Sequence[Path], cwd: Path, repository: Path) -> Tree:
    return tree_of(*_inputs_there(tree, inside, cwd, repository))


def _changes(reports: tuple[Report, Report], before: Tree, after: Tree) -> FileChanges:
    """What became of the files that matter: those of findings and of hops on routes."""
    return file_changes(before, after, *map(_files, reports))


def _unread(reports: tuple[Report, Report], root: Path, inside: Iterable[Path]) -> tuple[str, ...]:
    """The kinds of files below the inputs that may say more, where nothing was compared."""
    if nothing_compared(*reports) is None:
        return ()
    below = [place.as_posix() for place in inside]
    return unread_kinds(
        name
        for name in names(root)
        if any(place in (".", name) or name.startswith(f"{place}/") for place in below)
    )


def _files(report: Report) -> set[str]:
    findings = {
        span.file
        for finding in report.findings
        for span in (finding.span, *(end.span for end in (finding.outer, finding.inner) if end is not None))
    }
    hops = {id(part.hop): part.hop for item in report.routes for part in item.hops}.values()
    places = (span for hop in hops for span in hop.places)
    steps = (step.span for finding in report.findings for step in finding.steps if step.span is not None)
    return findings | {span.file for span in (*places, *steps)}
