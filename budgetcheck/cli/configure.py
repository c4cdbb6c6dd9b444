"""`budgetcheck link`, and what `init` shares with it: configurations that are written for the user."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from budgetcheck.cli.inputs import STDIN, Inputs, input_options
from budgetcheck.cli.output import Progress, did_you_mean, print_text, watched, why

if TYPE_CHECKING:
    from collections.abc import Callable

    from budgetcheck.model.report import Report
    from budgetcheck.run import Prepared

_HELP = {"help_option_names": ["-h", "--help"]}


def configuration(parameters: dict[str, Any]) -> str:
    """A first configuration from what a run finds."""
    from budgetcheck.config_writing import first_configuration

    prepared, report = _looked_at(parameters)
    return first_configuration(report, prepared.context.environments)


def save(text: str, output: Path) -> int:
    """Writes a file, or prints for `-`. Raises click.ClickException."""
    if str(output) == STDIN:
        return print_text(text)
    _write(output, text)
    return print_text(f"wrote {output}\n")


@click.command("link", context_settings=_HELP)
@click.argument("outer")
@click.argument("inner")
@click.option("--path", "paths", type=click.Path(), multiple=True, help="Files and directories; repeatable.")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("budgetcheck.yaml"),
    show_default=True,
    help="The configuration to add the link to; it is made where there is none.",
)
@input_options
@click.pass_context
def link(ctx: click.Context, /, **_: object) -> int:
    """Say that OUTER sends its requests to INNER: adds a link to the configuration.

    Both are addresses as reports show them; * is a wildcard. Comments and order of the file stay.
    """
    from budgetcheck.config_writing import LinkError, known_addresses, names_a_hop, with_link

    report = _looked_at(ctx.params)[1]
    known = known_addresses(report)
    for side in (ctx.params["outer"], ctx.params["inner"]):
        if not names_a_hop(side, known):
            hint = did_you_mean(side, known) or "; `budgetcheck --format json` lists them"
            raise click.UsageError(f"there is no hop {side!r}{hint}")
    file: Path = ctx.params["file"]
    try:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        changed = with_link(text, ctx.params["outer"], ctx.params["inner"])
    except OSError as error:
        raise click.ClickException(f"cannot read {file}: {why(error)}") from None
    except (LinkError, UnicodeDecodeError) as error:
        reason = error if isinstance(error, LinkError) else "it is no UTF-8"
        raise click.ClickException(f"{file}: {reason}") from None
    _write(file, changed)
    return print_text(f"{file}: {ctx.params['outer']} -> {ctx.params['inner']}\n")


def _write(file: Path, text: str) -> None:
    try:
        file.write_bytes(text.encode())
    except OSError as error:
        raise click.ClickException(f"cannot write {file}: {why(error)}") from None


def _looked_at(parameters: dict[str, Any]) -> "tuple[Prepared, Report]":
    from budgetcheck.run import UsageError, checked, prepare

    inputs = Inputs.of(parameters)
    with Progress() as progress:
        tell: Callable[[str], None] = progress if watched() else (lambda _: None)
        try:
            prepared = prepare(inputs.places, cwd=Path.cwd(), settings=inputs.settings(), tell=tell)
            return prepared, checked(prepared)
        except UsageError as error:
            raise click.ClickException(str(error)) from None
