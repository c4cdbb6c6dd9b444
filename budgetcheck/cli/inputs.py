"""What every command that looks at files is given: paths, standard input, configuration."""

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from budgetcheck.cli.output import why

if TYPE_CHECKING:
    from budgetcheck.run import RunSettings

STDIN = "-"
"""The path that means standard input."""
STDIN_NAME = "stdin.conf"
"""What standard input is called where nobody says it: a name that nginx's files and dumps have."""

_VERSION = re.compile(r"\d{1,4}\.\d{1,4}\.\d{1,4}", re.ASCII)
_Command = TypeVar("_Command", bound=Callable[..., Any])


def _version(_: click.Context, __: click.Parameter, value: str | None) -> str:
    if value and not _VERSION.fullmatch(value):
        raise click.BadParameter(f"{value!r} is not a version of nginx; write three numbers: 1.29.7")
    return value or ""


def _file_name(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and Path(value).name in ("", ".", ".."):
        raise click.BadParameter(f"{value!r} is not the name of a file")
    return value


_OPTIONS = (
    click.option(
        "--config", type=click.Path(path_type=Path), help="Configuration file, instead of looking for one."
    ),
    click.option("--no-config", is_flag=True, help="Heed no configuration file."),
    click.option(
        "--environment", metavar="NAME", multiple=True, help="Look at this environment only; repeatable."
    ),
    click.option(
        "--nginx-version",
        metavar="X.Y.Z",
        callback=_version,
        help="Version of nginx, instead of the configuration's.",
    ),
    click.option(
        "--tf-var-env",
        is_flag=True,
        help="Give Terraform variables the values of TF_VAR_NAME in the environment.",
    ),
    click.option(
        "--stdin-filename",
        metavar="NAME",
        callback=_file_name,
        help=f"What standard input, the path -, is read and reported as.  [default: {STDIN_NAME}]",
    ),
)


def input_options(command: _Command) -> _Command:
    """Adds the options that `Inputs` has, in the order of the help text."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Which files, and how they are configured; the names are those of the options."""

    paths: tuple[str, ...]
    config: Path | None
    no_config: bool
    environment: tuple[str, ...]
    nginx_version: str
    tf_var_env: bool
    stdin_filename: str | None

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> "Inputs":
        """The inputs among a command's parameters. Raises click.UsageError where they contradict."""
        found = cls(**{field.name: parameters[field.name] for field in fields(cls)})
        if found.config is not None and found.no_config:
            raise click.UsageError("--config and --no-config exclude one another")
        if found.stdin_filename is not None and STDIN not in found.paths:
            raise click.UsageError("--stdin-filename is the name of standard input: give the path - as well")
        return found

    @property
    def places(self) -> list[Path]:
        """The paths, standard input under its name; the current directory where there are none."""
        return [self._stdin if path == STDIN else Path(path) for path in self.paths or (".",)]

    @property
    def _stdin(self) -> Path:
        return Path(self.stdin_filename or STDIN_NAME)

    def settings(self, **more: Any) -> "RunSettings":  # noqa: ANN401 - the other fields of RunSettings
        """The settings of a run. Standard input is read here, where it is among the paths."""
        from budgetcheck.run import RunSettings

        return RunSettings(
            config=self.config,
            no_config=self.no_config,
            environments=self.environment,
            nginx_version=self.nginx_version,
            tf_var=_tf_var() if self.tf_var_env else {},
            virtual={self._stdin: _read_stdin()} if STDIN in self.paths else {},
            **more,
        )


def _tf_var() -> dict[str, str]:
    """Terraform variables of the environment, without their prefix."""
    prefix = "TF_VAR_"
    return {name.removeprefix(prefix): value for name, value in os.environ.items() if name.startswith(prefix)}


def _read_stdin() -> bytes:
    """Standard input up to one byte more than a file may have, so that a longer one is refused as such."""
    from budgetcheck.tree import GENERATED_BYTES

    if sys.stdin is None:
        raise click.ClickException("there is no standard input")
    try:
        return sys.stdin.buffer.read(GENERATED_BYTES + 1)
    except OSError as error:
        raise click.ClickException(f"cannot read standard input: {why(error)}") from None
