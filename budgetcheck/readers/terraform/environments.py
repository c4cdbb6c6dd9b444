"""Which environments a root module is evaluated for, and with which var files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from budgetcheck.model.options import EnvironmentOptions
from budgetcheck.readers.base import ReadContext

_FOLDERS = {"env", "envs", "environment", "environments", "live", "stages", "accounts"}
_NO_NAMES = {
    "modules",
    "module",
    "common",
    "shared",
    "global",
    "base",
    "default",
    "template",
    "templates",
    "region",
}
_NAMES = re.compile(
    r"(?:pre-?|non-?)?prod(?:uction)?|stag(?:e|ing)|dev(?:elopment)?|test(?:ing)?|qa|uat|sandbox|preview|perf"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One evaluation of a root module: environment (empty for none in particular), var files, workspace."""

    environment: str = ""
    var_files: tuple[Path, ...] = ()
    workspace: str = ""


def variants(root: Path, context: ReadContext) -> list[Variant]:
    """The evaluations a root module needs: one per environment that has values for it, at least one."""
    found = [variant for one in context.environments if (variant := _variant(root, one, context))]
    return found or [Variant(environment=directory_environment(context.tree.name(root)))]


def _variant(root: Path, options: EnvironmentOptions, context: ReadContext) -> Variant | None:
    files = [_located(name, context) for name in options.var_files]
    mine = [file for file in files if _belongs(file, root)]
    if not mine and options.declared and options.var_files and not _belongs_elsewhere(files, context):
        mine = files  # named by the user, and lying beside all modules
    if not mine and not options.workspace:
        return None
    return Variant(environment=options.name, var_files=tuple(mine), workspace=options.workspace)


def _located(name: str, context: ReadContext) -> Path:
    below_base = context.tree.base / name
    return below_base if below_base.exists() else context.tree.root / name


def _belongs(file: Path, root: Path) -> bool:
    """The var file lies in or below the root module, or in a folder of environments beside it."""
    if file.is_relative_to(root):
        return True
    folders = file.parent.relative_to(root.parent).parts if file.is_relative_to(root.parent) else ()
    return bool(folders) and (
        folders[0].lower() in _FOLDERS or folders[0].lower() in ("vars", "tfvars", "config")
    )


def _belongs_elsewhere(files: list[Path], context: ReadContext) -> bool:
    roots = {file.path.parent for file in context.siblings if file.suffix in (".tf", ".tofu")}
    return any(_belongs(file, root) for file in files for root in roots)


def directory_environment(name: str) -> str:
    """The environment a directory is made for (`environments/prod`, `live/staging/api`); empty if none."""
    parts = PurePosixPath(name).parts
    for folder, inner in _pairs(parts):
        if folder.lower() in _FOLDERS and inner.lower() not in _NO_NAMES | _FOLDERS:
            return inner
    last = parts[-1] if parts else ""
    return last if _NAMES.fullmatch(last.lower()) else ""


def _pairs(parts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    return zip(parts, parts[1:], strict=False)
