"""From the given paths to source files, each claimed by one reader, and the root that bounds what is opened.

Looks at names and at the beginning of texts only. What is given by name is always looked at; in directories,
folders of tools and dependencies are passed over.
"""

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from budgetcheck.environments import (
    canonical_environment,
    environment_file,
    environments,
    same_environment,
)
from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers import READERS
from budgetcheck.readers.process_names import process_kind
from budgetcheck.tree import DeniedFileError, SourceFile, Tree, UnreadableFileError

__all__ = [
    "Discovery",
    "canonical_environment",
    "discover",
    "environments",
    "repository_prefix",
    "same_environment",
    "tree_of",
]

MOST_ENTRIES = 300_000
"""Directory entries looked at in one run."""
CONFIG_NAMES = ("budgetcheck.yaml", "budgetcheck.yml", "pyproject.toml")

_SKIPPED = frozenset({"node_modules", "venv", "__pycache__"})
# Folders with a dot are for tools, except where servers and deployments keep their configuration.
_KEPT_DOT_FOLDERS = frozenset(
    {".config", ".deploy", ".docker", ".ebextensions", ".helm", ".infra", ".k8s", ".nginx", ".platform"}
)
_GITHUB = ".github"
_MODULES = "modules/modules.json"
# In directories, only files with these suffixes are opened to look at the beginning of their text, and only
# these and the next ones are looked at; a reader for a further suffix needs it in one of the two.
_OPENED = frozenset(
    {
        ".conf",
        ".template",
        ".tmpl",
        ".j2",
        ".erb",
        ".tftpl",
        ".nginx",
        ".vhost",
        ".inc",
        ".ini",
        ".cfg",
        "",
        ".yaml",
        ".yml",
    }
)
_NAMED = frozenset(
    {".py", ".tf", ".tofu", ".tfvars", ".tfstate", ".hcl", ".json", ".config", ".env", ".gotmpl"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What the given paths hold.

    Attributes:
        tree: the door to all files of the run.
        sources: reader name and file, in the order of the reader table, then by file name.
        companions: files no reader starts from but some need: environment files, module manifests.
        problems: what could not be looked at.
        missing: given paths that do not exist, as they were written.
        config_start: the inputs' common directory, where the search for the configuration begins.
    """

    tree: Tree
    sources: tuple[tuple[str, SourceFile], ...] = ()
    companions: tuple[SourceFile, ...] = ()
    problems: tuple[Problem, ...] = ()
    missing: tuple[str, ...] = ()
    config_start: Path

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """All files, sources and companions, by name."""
        found = (*(file for _, file in self.sources), *self.companions)
        return tuple(sorted(found, key=lambda file: file.name))

    def claimed_by(self, reader: str) -> tuple[SourceFile, ...]:
        """The files of one reader."""
        return tuple(file for name, file in self.sources if name == reader)


@dataclass(frozen=True, slots=True)
class _Input:
    """A given path: its place with links in the last part kept, its real place, its kind."""

    path: Path
    real: Path
    mode: int

    @property
    def is_directory(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def directory(self) -> Path:
        return self.path if self.is_directory else self.path.parent

    @property
    def real_directory(self) -> Path:
        return self.real if self.is_directory else self.real.parent


@dataclass(slots=True)
class _Walk:
    """Files seen so far; links apart, because what they point to may be seen itself."""

    tree: Tree
    files: dict[str, str] = field(default_factory=dict)
    """Path of each file, by its real path."""
    links: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)
    entries: int = 0


def discover(
    paths: Sequence[Path], cwd: Path, virtual: Mapping[Path, bytes] = MappingProxyType({})
) -> Discovery:
    """Everything below the given paths that some reader claims; no path means the working directory.

    `virtual` holds the contents of given files that are not on disk, by the paths they are given as.
    """
    cwd = cwd.resolve()
    inputs: list[_Input] = []
    missing: list[str] = []
    denied: list[Path] = []
    contents: dict[Path, bytes] = {}
    for path in paths or (cwd,):
        try:
            found = _look(cwd / path, virtual=path in virtual)
        except PermissionError:
            denied.append(cwd / path)
            continue
        if found is None:
            missing.append(str(path))
        else:
            inputs.append(found)
            if path in virtual:
                contents[found.path] = virtual[path]
    tree = replace(_tree(inputs, cwd), virtual=contents) if inputs else Tree(root=cwd, base=cwd)
    walk = _Walk(
        tree, problems=[_about(path, tree, "cannot be looked at: permission denied") for path in denied]
    )
    if not inputs:
        return Discovery(tree=tree, problems=tuple(walk.problems), missing=tuple(missing), config_start=cwd)
    for given in inputs:
        if given.is_directory:
            _walk_below(given.path, walk)
    sources, companions, problems = _claim_all(inputs, walk)
    return Discovery(
        tree=walk.tree,
        sources=sources,
        companions=companions,
        problems=tuple(sorted({*walk.problems, *problems}, key=lambda problem: problem.span.sort_key)),
        missing=tuple(missing),
        config_start=_common(given.real_directory for given in inputs),
    )


def tree_of(paths: Sequence[Path], cwd: Path, virtual: Mapping[Path, bytes] = MappingProxyType({})) -> Tree:
    """The door to the files of these paths as `discover` opens it, without a look at what lies below them."""
    cwd = cwd.resolve()
    inputs: list[_Input] = []
    contents: dict[Path, bytes] = {}
    for path in paths or (cwd,):
        with suppress(PermissionError):
            found = _look(cwd / path, virtual=path in virtual)
            inputs += [found] if found else []
            contents |= {found.path: virtual[path]} if found and path in virtual else {}
    return replace(_tree(inputs, cwd), virtual=contents) if inputs else Tree(root=cwd, base=cwd)


def repository_prefix(tree: Tree) -> str:
    """Path from the root of the repository to what printed names start from; empty where that is the root."""
    prefix = tree.base.relative_to(_repository(tree.base)).as_posix()
    return "" if prefix == "." else os.fsencode(prefix).decode("utf-8", errors="replace")


def _look(path: Path, *, virtual: bool = False) -> _Input | None:
    """What a given path is; None where it is missing. Raises PermissionError where we must not know."""
    try:
        if virtual:
            return _Input(_place(path), _place(path), stat.S_IFREG)
        mode = path.stat().st_mode
        real = path.resolve(strict=True)
        # A given link keeps its name; `.` and `..` have none of their own.
        place = _place(path) if path.name not in ("", ".", "..") else real
    except PermissionError:
        raise
    except (OSError, RuntimeError, ValueError):  # RuntimeError: a loop of links; ValueError: a NUL character
        return None
    return _Input(place, real, mode)


def _place(path: Path) -> Path:
    """Where a file lies, links in all but its own name followed."""
    return path.parent.resolve() / path.name


def _tree(inputs: Sequence[_Input], cwd: Path) -> Tree:
    """The root that contains all inputs' repositories, and the directory that printed names start from."""
    roots = sorted({_repository(given.real_directory) for given in inputs})
    inside = all(given.path.is_relative_to(cwd) for given in inputs)
    root = _common(roots)
    return Tree(
        root=root,
        base=cwd if inside else _common(given.directory for given in inputs),
        within=() if root in roots else tuple(roots),
    )


def _repository(directory: Path) -> Path:
    """The nearest directory with `.git`, else the directory itself."""
    candidates = (directory, *directory.parents)
    return next((folder for folder in candidates if os.path.lexists(folder / ".git")), directory)


def _common(directories: Iterable[Path]) -> Path:
    return Path(os.path.commonpath([str(directory) for directory in directories]))


def _walk_below(top: Path, walk: _Walk) -> None:
    """Collects the files of a directory, links to directories last: what is real keeps its real name."""
    pending, links = [str(top)], list[str]()
    while pending or links:
        folder = pending.pop() if pending else links.pop(0)
        real = os.path.realpath(folder)
        if real in walk.visited or not _allowed(real, walk.tree):
            continue
        walk.visited.add(real)
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            reason = (error.strerror or "unknown error").lower()
            walk.problems.append(_about(folder, walk.tree, f"the directory cannot be read: {reason}"))
            continue
        walk.entries += len(entries)
        if walk.entries > MOST_ENTRIES:
            text = f"more than {MOST_ENTRIES} files and folders; the rest is not looked at"
            walk.problems.append(_about(folder, walk.tree, text, "give the directories that matter"))
            return
        for entry in entries:
            _take_entry(entry, real, walk, pending, links)


def _take_entry(
    entry: os.DirEntry[str], real_folder: str, walk: _Walk, pending: list[str], links: list[str]
) -> None:
    try:
        if entry.is_dir():
            if entry.name == ".terraform":
                manifest = os.path.join(entry.path, _MODULES)  # noqa: PTH118 - Path is slow for whole trees
                walk.links += [manifest] if os.path.isfile(manifest) else []  # noqa: PTH113
            elif not _skipped(entry.name, os.path.basename(real_folder)):  # noqa: PTH119
                (links if entry.is_symlink() else pending).append(entry.path)
        elif _may_be_ours(entry.name) and entry.is_file():  # no FIFO, no device, no link to nowhere
            if entry.is_symlink():
                walk.links.append(entry.path)
            else:
                walk.files[f"{real_folder}/{entry.name}"] = entry.path
    except OSError:  # a loop of links, or an entry that vanished
        return


def _may_be_ours(name: str) -> bool:
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - Path is slow for whole trees
    return (
        suffix in _OPENED
        or suffix in _NAMED
        or name.startswith(".env.")
        or process_kind(name.lower()) is not None
    )


def _skipped(folder: str, parent: str) -> bool:
    if parent == _GITHUB or folder == _GITHUB:  # of this one only the workflows say what is deployed
        return parent == _GITHUB and folder != "workflows"
    return folder in _SKIPPED or (folder.startswith(".") and folder not in _KEPT_DOT_FOLDERS)


def _allowed(real: str, tree: Tree) -> bool:
    return any(Path(real).is_relative_to(allowed) for allowed in tree.within or (tree.root,))


def _about(path: str | Path, tree: Tree, text: str, fix: str = "") -> Problem:
    return Problem(span=Span(file=tree.name(Path(path))), text=text, fix=fix)


@dataclass(frozen=True, slots=True)
class _Claim:
    """What one file turned out to be: `reader` empty for a companion, None for nothing."""

    file: SourceFile
    reader: str | None
    problem: Problem | None = None


def _claim_all(
    inputs: Sequence[_Input], walk: _Walk
) -> tuple[tuple[tuple[str, SourceFile], ...], tuple[SourceFile, ...], list[Problem]]:
    """Claims each file once: given ones first, then real ones, then links to files not seen otherwise."""
    given = {str(item.real): item.path for item in inputs if not item.is_directory}
    folders = [item.path for item in inputs if item.is_directory]
    links = {
        os.path.realpath(path): Path(path)
        for path in sorted(walk.links, reverse=True)
        if Path(path) not in walk.tree.virtual
    }
    found = {real: Path(path) for real, path in walk.files.items()}
    claims = [
        _claim(path, walk.tree, explicit=real in given, below=_below(path, folders))
        for real, path in sorted({**links, **found, **given}.items())
    ]
    claims.sort(key=lambda claim: claim.file.name)
    sources = tuple(
        (reader.name, claim.file) for reader in READERS for claim in claims if claim.reader == reader.name
    )
    companions = tuple(claim.file for claim in claims if claim.reader == "")
    return sources, companions, [claim.problem for claim in claims if claim.problem]


def _below(path: Path, folders: Sequence[Path]) -> str:
    """The path below the deepest given directory that holds it; empty where none does."""
    holding = [folder for folder in folders if path.is_relative_to(folder)]
    deepest = max(holding, key=lambda folder: len(folder.parts), default=None)
    return path.relative_to(deepest).as_posix() if deepest else ""


def _claim(path: Path, tree: Tree, *, explicit: bool, below: str = "") -> _Claim:
    file = SourceFile(name=tree.name(path), path=path, given=explicit, below=below)
    if explicit or file.suffix in _OPENED:
        try:
            file = replace(file, head=tree.read_head(path))
        except UnreadableFileError as error:
            # In a directory only what is certainly ours is worth a word: data and links out of the
            # repository are not, but a file that is kept from us may be.
            worth = explicit or _reader_of(file) or isinstance(error, DeniedFileError)
            return _Claim(file, None, _about(path, tree, str(error)) if worth else None)
    reader = _reader_of(file)
    if reader or not explicit:
        return _Claim(file, reader or ("" if _is_companion(file) else None))
    if _is_companion(file) or file.base in CONFIG_NAMES:
        return _Claim(file, "")
    return _Claim(file, None, _unclaimed(file))


def _reader_of(file: SourceFile) -> str:
    """The first reader that claims the file; empty where none does."""
    return next((reader.name for reader in READERS if reader.claims(file)), "")


def _is_companion(file: SourceFile) -> bool:
    return file.name.endswith(f".terraform/{_MODULES}") or environment_file(file.name) is not None


def _unclaimed(file: SourceFile) -> Problem:
    """A file somebody named that no reader knows: what it may be, and what can be done."""
    kinds = ", ".join(reader.title for reader in READERS)
    if file.suffix in {".yaml", ".yml", ".toml", ".json", ".env"} or file.base.startswith(".env"):
        if file.base.startswith("app.y") and "\nruntime:" in f"\n{file.head}":
            text = "is an app.yaml of Google App Engine, which holds no timeouts"
            return Problem(span=Span(file=file.name), text=text, fix="give the app document instead")
        text = "is an ordinary settings file: what its keys mean is not known"
        fix = "say so with bindings in budgetcheck.yaml: file, key, hop and setting"
        return Problem(span=Span(file=file.name), text=text, fix=fix)
    return Problem(
        span=Span(file=file.name), text="is of no kind that is understood", fix=f"give {kinds} files"
    )
