"""Which environments a root module is evaluated for, and with which var files."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath

from budgetcheck.model.options import EnvironmentOptions
from budgetcheck.tree import Tree

_FOLDERS = frozenset({"env", "envs", "environment", "environments", "live"})
_VAR_FOLDERS = _FOLDERS | {"vars", "tfvars", "config"}
_NO_NAMES = _FOLDERS | {"modules", "module", "common", "shared", "global", "base", "default", "region"}
_SHARED = frozenset({"common", "global", "shared"})
_NAMES = re.compile(
    r"(?:pre-?|non-?)?prod(?:uction)?|stag(?:e|ing)|dev(?:elopment)?|test(?:ing)?|qa|uat|sandbox|preview|perf"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One evaluation of a root module: environment (empty for none in particular), var files, workspace."""

    environment: str = ""
    var_files: tuple[Path, ...] = ()
    workspace: str = ""


class Variants:
    """Deals the var files of all environments out to the root modules of a run."""

    def __init__(self, tree: Tree, environments: Iterable[EnvironmentOptions], roots: Iterable[Path]) -> None:
        self._tree = tree
        known = {root.resolve() for root in roots}
        self._environments = [
            (options, _Dealt([self._located(name) for name in options.var_files], known))
            for options in environments
        ]

    def of(self, root: Path) -> list[Variant]:
        """The evaluations a root module needs: one per environment that has values for it, at least one."""
        found = []
        for options, dealt in self._environments:
            mine = dealt.of(root.resolve())
            if not mine and options.declared and not dealt.owned:
                mine = dealt.files  # named by the user, and lying beside all modules
            if mine or options.workspace:
                found.append(
                    Variant(environment=options.name, var_files=tuple(mine), workspace=options.workspace)
                )
        return found or [Variant(environment=directory_environment(self._tree.name(root)))]

    def _located(self, name: str) -> Path:
        below_base = self._tree.base / name
        return below_base if below_base.exists() else self._tree.root / name


class _Dealt:
    """The var files of one environment, by the root modules that they belong to."""

    def __init__(self, files: list[Path], roots: set[Path]) -> None:
        self.files = files
        self._of: dict[Path, set[Path]] = {}
        beside: dict[Path, set[Path]] = {}
        for file in files:
            # The directory that is checked may be given by a link; a var file that is one stays where it is.
            below = real = file.parent.resolve() / file.name
            for folder in real.parents:
                if folder in roots:
                    self._of.setdefault(folder, set()).add(file)
                if below != real and below.name.lower() in _VAR_FOLDERS:
                    beside.setdefault(folder, set()).add(file)
                below = folder
        for root in roots:
            if root.parent in beside:
                self._of.setdefault(root, set()).update(beside[root.parent])
        self._by_name(files, roots)

    def _by_name(self, files: list[Path], roots: set[Path]) -> None:
        """variables/prod/search.tfvars is for deployments/search, and prod/common.tfvars with it."""
        named: dict[str, list[Path]] = {}
        for root in roots:
            named.setdefault(root.name, []).append(root)
        shared: dict[Path, set[Path]] = {}
        owners: dict[Path, set[Path]] = {}
        for file in files:
            stem = file.name.partition(".tfvars")[0]
            found = named.get(stem, [])
            if len(found) == 1 and not _NAMES.fullmatch(stem.lower()):
                self._of.setdefault(found[0], set()).add(file)
                owners.setdefault(file.parent, set()).add(found[0])
            elif stem in _SHARED:
                shared.setdefault(file.parent, set()).add(file)
        for folder, its in owners.items():
            for root in its:
                self._of[root] |= shared.get(folder, set())

    @property
    def owned(self) -> bool:
        """Some root module has one of the files."""
        return bool(self._of)

    def of(self, root: Path) -> list[Path]:
        """The files that lie in or below the root module, or in a folder of environments beside it."""
        mine = self._of.get(root, set())
        return [file for file in self.files if file in mine]


def directory_environment(name: str) -> str:
    """The environment a directory is made for (`environments/prod`, `live/staging/api`); empty if none."""
    parts = PurePosixPath(name).parts
    for folder, inner in pairwise(parts):
        if folder.lower() in _FOLDERS and inner.lower() not in _NO_NAMES:
            return inner
    last = parts[-1] if parts else ""
    return last if _NAMES.fullmatch(last.lower()) else ""
