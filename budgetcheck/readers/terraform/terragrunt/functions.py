"""The functions that Terragrunt adds to those of Terraform.

Relative paths start from the directory of the unit, those of Terraform's own functions of files from the
directory of the configuration that they stand in.

https://terragrunt.gruntwork.io/docs/reference/hcl/functions/
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from budgetcheck.readers.terraform.files import read_file_function
from budgetcheck.readers.terraform.functions import call_function
from budgetcheck.readers.terraform.operators import to_text
from budgetcheck.readers.terraform.terragrunt.open_map import merged
from budgetcheck.readers.terraform.terragrunt.paths import DEFAULT_NAMES
from budgetcheck.readers.terraform.values import (
    MOST_CHOICES,
    Encoded,
    Handle,
    ListValue,
    Scalar,
    Unknown,
    Value,
    choose,
    distribute,
    failed,
)

if TYPE_CHECKING:
    from budgetcheck.readers.terraform.terragrunt.configuration import Configuration

_OUTSIDE = {
    "run_cmd": "the output of a command",
    "sops_decrypt_file": "an encrypted file",
    "get_aws_account_id": "the account it runs in",
    "get_aws_account_alias": "the account it runs in",
    "get_aws_caller_identity_arn": "the identity it runs as",
    "get_aws_caller_identity_user_id": "the identity it runs as",
    "get_platform": "the machine it runs on",
    "get_terraform_command": "the command line",
    "get_terraform_cli_args": "the command line",
    "get_terragrunt_source_cli_flag": "the command line",
    "get_working_dir": "the machine it runs on",
}
_VAR_FILES = (".tfvars", ".tfvars.json")
_FILES = ("file", "templatefile", "fileexists")
_ENV_NEEDS = (
    "name a file that sets it in budgetcheck.yaml: `environments: {NAME: {env_files: [...]}}`, or the var"
    " files themselves: `var_files: [...]`"
)


def call(configuration: "Configuration", name: str, arguments: tuple[Value, ...]) -> Value:
    """A function's result, as it is for this configuration."""
    if name in _OUTSIDE:
        return Unknown(reason=f"{name}() is {_OUTSIDE[name]}, known only when Terragrunt runs")
    if name in ("merge", "deep_merge"):
        return merged(arguments, deep=name == "deep_merge")
    if name in _FILES:
        return read_file_function(
            name,
            _relocated(configuration, arguments),
            configuration.library.sources,
            configuration.folder,
            configuration.scope,
        )
    if name == "read_tfvars_file":
        return _read_tfvars_file(configuration, arguments)
    if name == "read_terragrunt_config":
        return _read_terragrunt_config(configuration, arguments)
    own = _FUNCTIONS.get(name)
    if own is None:
        return call_function(name, arguments)
    try:
        return distribute(lambda *values: own(configuration, *values), *arguments)
    except TypeError:
        return failed(f"{name}() is called with arguments it does not take")


def _relocated(configuration: "Configuration", arguments: tuple[Value, ...]) -> tuple[Value, ...]:
    """The arguments of a function of files, with a path that starts from the configuration's folder."""

    def relative(path: Value) -> Value:
        found = configuration.library.paths.located(to_text(path), configuration.folder)
        return Scalar(value=os.path.relpath(found, configuration.folder))

    return (distribute(relative, arguments[0]), *arguments[1:]) if arguments else arguments


def _find_in_parent_folders(
    configuration: "Configuration", name: Value | None = None, fallback: Value | None = None
) -> Value:
    names = (to_text(name),) if name is not None else DEFAULT_NAMES
    paths = configuration.library.paths
    found = paths.above(configuration.use.folder, names)
    if found is not None:
        return Scalar(value=paths.shown(found))
    if fallback is not None:
        return fallback
    return Unknown(reason=f"{names[0]} is in none of the folders above the unit")


def _read_terragrunt_config(configuration: "Configuration", arguments: tuple[Value, ...]) -> Value:
    if not arguments:
        return failed("read_terragrunt_config() needs a path")

    def read(path: Value) -> Value:
        file = configuration.library.paths.located(to_text(path), configuration.use.folder)
        if not configuration.library.paths.exists(file):
            if len(arguments) > 1:
                return arguments[1]
            return Unknown(reason=f"{configuration.library.sources.tree.name(file)} does not exist")
        found = configuration.read(file)
        return Handle(subject=found) if found else Unknown(reason="the configuration could not be read")

    return distribute(read, arguments[0])


def _read_tfvars_file(configuration: "Configuration", arguments: tuple[Value, ...]) -> Value:
    """The values of a var file, as the JSON that Terragrunt gives.

    Where a part of the name is not known, it is one of the files that have such a name.
    """
    if len(arguments) != 1:
        return failed("read_tfvars_file() takes one path")
    parts = arguments[0].items if isinstance(arguments[0], ListValue) else arguments
    unknown = [part for part in parts if isinstance(part, Unknown)]
    if unknown:
        files = list(_matching(configuration, parts))
        if 0 < len(files) <= MOST_CHOICES:
            return choose((_tfvars(configuration, file) for file in files), unknown[0].reason)

    def read(*texts: Value) -> Value:
        path = "".join(map(to_text, texts))
        return _tfvars(configuration, configuration.library.paths.located(path, configuration.use.folder))

    return distribute(read, *parts)


def _tfvars(configuration: "Configuration", file: Path) -> Value:
    if not configuration.library.paths.exists(file):
        name = configuration.library.sources.tree.name(file)
        return Unknown(reason=f"{name}, which read_tfvars_file() reads, is not in these files")
    return Encoded(inner=configuration.library.var_file(file))


def _matching(configuration: "Configuration", parts: Sequence[Value]) -> Iterator[Path]:
    """The var files whose name fits what is known of a path: its directory and the end at least."""
    known = "".join(to_text(part) if isinstance(part, Scalar) else "\0" for part in parts)
    folder, _, name = known.rpartition("/")
    if "\0" in folder or not name.endswith(_VAR_FILES):
        return
    place = configuration.library.paths.located(folder or ".", configuration.use.folder)
    pattern = re.sub(r"\0+", "*", re.sub(r"[*?\[]", lambda match: f"[{match.group()}]", name))
    if not configuration.library.paths.exists(place):
        return
    try:
        names = sorted(entry.name for entry in os.scandir(place) if entry.is_file())
    except OSError:
        return
    yield from (place / one for one in names if fnmatchcase(one, pattern))


def _get_env(configuration: "Configuration", name: Value, default: Value | None = None) -> Value:
    del default  # what it is set to where Terragrunt runs is not known
    variable = to_text(name)
    if variable in configuration.use.variables:
        return Scalar(value=configuration.use.variables[variable])
    return Unknown(
        reason=f"{variable} is an environment variable of whoever runs Terragrunt", needs=_ENV_NEEDS
    )


def _folder(kind: Callable[["Configuration"], Path | None]) -> Callable[..., Value]:
    def give(configuration: "Configuration", *_: Value) -> Value:
        found = kind(configuration)
        if found is None:
            return Unknown(reason="the repository is not seen: no .git in the folders above")
        return Scalar(value=configuration.library.paths.shown(found))

    return give


def _relative(ways: Callable[["Configuration", str], tuple[Path, Path] | None]) -> Callable[..., Value]:
    """A function that gives the way from one directory to another; `.` where there is none."""

    def give(configuration: "Configuration", name: Value | None = None) -> Value:
        found = ways(configuration, to_text(name) if name is not None else "")
        if found is None:
            return Scalar(value=".")
        to, start = found
        return Scalar(value=PurePosixPath(os.path.relpath(to, start)).as_posix())

    return give


def _to_include(configuration: "Configuration", name: str) -> tuple[Path, Path] | None:
    outer = configuration.include_folder(name)
    return (configuration.use.folder, outer) if outer else None


def _from_include(configuration: "Configuration", name: str) -> tuple[Path, Path] | None:
    outer = configuration.include_folder(name)
    return (outer, configuration.use.folder) if outer else None


def _repository(configuration: "Configuration") -> Path | None:
    return configuration.library.paths.repository(configuration.use.folder)


def _to_repository(configuration: "Configuration", _: str) -> tuple[Path, Path] | None:
    found = _repository(configuration)
    return (found, configuration.use.folder) if found else None


def _from_repository(configuration: "Configuration", _: str) -> tuple[Path, Path] | None:
    found = _repository(configuration)
    return (configuration.use.folder, found) if found else None


def _parent_folder(configuration: "Configuration", name: Value | None = None) -> Value:
    found = configuration.include_folder(to_text(name) if name is not None else "")
    return Scalar(value=configuration.library.paths.shown(found or configuration.use.folder))


def _dirname(_: "Configuration", path: Value) -> Value:
    return Scalar(value=os.path.dirname(to_text(path).rstrip("/")) or ".")  # noqa: PTH120 - text, no path of ours


def _basename(_: "Configuration", path: Value) -> Value:
    return Scalar(value=os.path.basename(to_text(path).rstrip("/")) or "/")  # noqa: PTH119 - text, no path of ours


def _same(_: "Configuration", value: Value) -> Value:
    return value


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "find_in_parent_folders": _find_in_parent_folders,
    "get_env": _get_env,
    "get_terragrunt_dir": _folder(lambda one: one.use.folder),
    "get_original_terragrunt_dir": _folder(lambda one: one.use.original),
    "get_repo_root": _folder(_repository),
    "get_parent_terragrunt_dir": _parent_folder,
    "path_relative_to_include": _relative(_to_include),
    "path_relative_from_include": _relative(_from_include),
    "get_path_to_repo_root": _relative(_to_repository),
    "get_path_from_repo_root": _relative(_from_repository),
    "dirname": _dirname,
    "basename": _basename,
    "mark_as_read": _same,
}
