"""`budgetcheck init` and `budgetcheck link`: a first configuration, and a link more."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from budgetcheck.cli.inputs import Inputs, input_options
from budgetcheck.cli.output import Progress, did_you_mean, print_text, watched, why

if TYPE_CHECKING:
    from collections.abc import Callable

    from budgetcheck.model.report import Report
    from budgetcheck.run import Prepared

_HELP = {"help_option_names": ["-h", "--help"]}


@click.command("init", context_settings=_HELP)
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@input_options
@click.pass_context
def init(ctx: click.Context, /, **_: object) -> int:
    """Write a commented budgetcheck.yaml from what was found: environments, ambiguous links, missing values.

    Without --output it is written to budgetcheck.yaml in the current directory; -o - prints it.
    """
    from budgetcheck.config_writing import NAME, first_configuration

    output: Path = ctx.params["output"] or Path(NAME)
    prepared, report = _looked_at(ctx.params)
    text = first_configuration(report, prepared.context.environments)
    return save(text, output, force=ctx.params["force"])


def save(text: str, output: Path, *, force: bool) -> int:
    """Writes a new file, or prints it for `-`. Raises click.ClickException for one that is there."""
    if str(output) == "-":
        return print_text(text)
    if output.exists() and not force:
        raise click.ClickException(f"{output} is there already; --force writes over it, -o - prints")
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
