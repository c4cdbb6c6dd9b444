"""Which environments there are: declared ones, and those that files are named after.

Only names of files are looked at. Whether two names mean the same environment (production, prod) is decided
here alone.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import PurePosixPath

from budgetcheck.model.options import EnvironmentOptions, Options
from budgetcheck.tree import SourceFile, Tree

_ALIASES = {
    "production": "prod",
    "prd": "prod",
    "staging": "stage",
    "stg": "stage",
    "development": "dev",
    "develop": "dev",
    "testing": "test",
}
_USUAL = frozenset(
    {*_ALIASES, *_ALIASES.values(), "integration", "qa", "uat", "preprod", "preview", "sandbox", "demo"}
)
_FOLDERS = frozenset({"env", "envs", "environment", "environments", "vars"})
_GENERIC = frozenset(
    {"main", "terraform", "variables", "default", "common", "global", "shared", "values", "vars", "env", ""}
)
_NO_ENVIRONMENT = frozenset(
    {
        "example",
        "examples",
        "sample",
        "template",
        "tmpl",
        "tpl",
        "dist",
        "local",
        "j2",
        "bak",
        "enc",
        "schema",
    }
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")
_VALUES = re.compile(r"values[._-](.+)\.ya?ml", re.IGNORECASE)


class FileKind(Enum):
    """How a file belongs to its environment."""

    VARIABLES = "variables"
    """Terraform variables."""
    ENVIRONMENT_FILE = "environment file"
    """`KEY=value` lines."""
    OVERLAY = "overlay"
    """Helm values, a Kustomize overlay: only the name is taken from it here."""


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    kind: FileKind
    path: str


def canonical_environment(name: str) -> str:
    """One spelling for all names of an environment: `Production`, `prd` and `prod` are `prod`."""
    lower = name.lower()
    return _ALIASES.get(lower, lower)


def same_environment(left: str, right: str) -> bool:
    """Both names mean the same environment."""
    return canonical_environment(left) == canonical_environment(right)


def environments(
    sources: Iterable[SourceFile], options: Options, tree: Tree
) -> tuple[EnvironmentOptions, ...]:
    """Declared environments and those found by file name, sorted by name, each once.

    A declared environment keeps its name; it takes found files only of a kind for which it names none. Of
    several spellings that were only found, the most frequent wins, then the first in order.
    """
    files = list(sources)
    modules = {_folder(file) for file in files if file.base.endswith((".tf", ".tofu", ".tf.json"))}
    by_folder = _named_folders(files)
    groups: dict[str, list[_Found]] = {}
    for file in files:
        named = environment_file(file.name, module=_folder(file) in modules)
        if named and named[1] is FileKind.VARIABLES and _folder(file) in by_folder:
            named = PurePosixPath(_folder(file)).name, FileKind.VARIABLES
        if named:
            path = PurePosixPath(os.path.relpath(file.path, tree.root)).as_posix()
            found = _Found(named[0], named[1], path)
            groups.setdefault(canonical_environment(found.name), []).append(found)
    result = []
    for declared in options.environments:
        group = groups.pop(canonical_environment(declared.name), [])
        result.append(_completed(declared, group))
    for group in groups.values():
        spellings = Counter(found.name for found in group)
        name = min(spellings, key=lambda spelling: (-spellings[spelling], spelling))
        result.append(_completed(EnvironmentOptions(name=name), group))
    return tuple(sorted(result, key=lambda environment: environment.name))


def _named_folders(files: Iterable[SourceFile]) -> set[str]:
    """Folders that are environments, since the var files in them are called after parts of the system.

    production/chat.tfvars beside staging/chat.tfvars: no environment is called chat. eu/prod.tfvars beside
    us/prod.tfvars is the environment prod in two regions.
    """
    folders: dict[tuple[str, str], set[str]] = {}
    for file in files:
        if file.base.endswith((".tfvars", ".tfvars.json")):
            folder = PurePosixPath(_folder(file))
            stem = file.base.partition(".tfvars")[0].lower()
            if stem not in _USUAL | _GENERIC and folder.name.lower() in _USUAL:
                folders.setdefault((str(folder.parent), stem), set()).add(str(folder))
    return set().union(*(same for same in folders.values() if len(same) > 1))


def environment_file(name: str, *, module: bool = False) -> tuple[str, FileKind] | None:
    """The environment a file is named after and how it belongs to it; None for all other files.

    `module`: Terraform sources lie beside it, so a `terraform.tfvars` is read in every environment.
    """
    path = PurePosixPath(name)
    base = path.name
    found: tuple[str, FileKind] | None = None
    if base.endswith((".tfvars", ".tfvars.json")):
        stem = base.removesuffix(".json").removesuffix(".tfvars")
        if not stem.endswith(".auto") and not (module and stem == "terraform"):
            found = _by_stem(stem, path), FileKind.VARIABLES
    elif base.startswith(".env."):
        found = base.removeprefix(".env."), FileKind.ENVIRONMENT_FILE
    elif base.endswith(".env"):
        found = _by_place(base.removesuffix(".env"), path), FileKind.ENVIRONMENT_FILE
    elif values := _VALUES.fullmatch(base):
        found = values.group(1), FileKind.OVERLAY
    elif base in {"kustomization.yaml", "kustomization.yml"}:
        overlay = path.parent.name if path.parent.parent.name.lower() == "overlays" else ""
        found = overlay, FileKind.OVERLAY
    elif base.endswith((".yaml", ".yml")):
        found = _by_place(path.stem, path), FileKind.OVERLAY
    return found if found and _is_environment(found[0]) else None


def _by_stem(stem: str, path: PurePosixPath) -> str:
    """`prod` for `prod.tfvars`; the folder's name where the stem says nothing."""
    folder = path.parent.name
    holds_environments = path.parent.parent.name.lower() in _FOLDERS
    usual = folder.lower() in _USUAL
    if stem.lower() in _GENERIC:
        return folder if holds_environments or usual else ""
    # envs/prod/network.tfvars is a part of prod, envs/eu-west-1/prod.tfvars is prod.
    return folder if holds_environments and usual and stem.lower() not in _USUAL else stem


def _by_place(stem: str, path: PurePosixPath) -> str:
    """As `_by_stem` for kinds of files that mostly have nothing to do with environments."""
    folders = (path.parent.name.lower(), path.parent.parent.name.lower())
    if not any(folder in _FOLDERS for folder in folders):
        return ""
    if stem.lower() in _GENERIC:
        return path.parent.name if folders[1] in _FOLDERS else ""
    return stem if stem.lower() in _USUAL else ""


def _is_environment(name: str) -> bool:
    words = set(re.split(r"[._-]", name.lower()))
    return bool(_NAME.fullmatch(name)) and not words & _NO_ENVIRONMENT


def _completed(environment: EnvironmentOptions, group: Iterable[_Found]) -> EnvironmentOptions:
    files = {
        kind: tuple(sorted({found.path for found in group if found.kind is kind}, key=_shared_first))
        for kind in FileKind
    }
    return replace(
        environment,
        var_files=environment.var_files or files[FileKind.VARIABLES],
        env_files=environment.env_files or files[FileKind.ENVIRONMENT_FILE],
    )


def _shared_first(path: str) -> tuple[bool, str]:
    """What holds for all parts is read first: of two var files that set a variable the last one wins."""
    return (PurePosixPath(path).name.partition(".")[0] not in _GENERIC, path)


def _folder(file: SourceFile) -> str:
    return file.name.rpartition("/")[0] or "."
