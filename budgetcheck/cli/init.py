"""`budgetcheck init`: a first configuration, or an app document as it follows from code."""

from pathlib import Path

import click

from budgetcheck.cli.inputs import STDIN, Inputs, input_options
from budgetcheck.cli.output import Progress, print_text, watched

NOTHING = 3
"""Exit code where no code was found to infer a document from."""


@click.command("init", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--infer", is_flag=True, help="Write an app document from what the code says.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; - prints.  [default: budgetcheck.yaml, with --infer -]",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
@input_options
@click.pass_context
def init(ctx: click.Context, /, **_: object) -> int:
    """Write a commented budgetcheck.yaml from what was found: environments, ambiguous links, missing values.

    With --infer an app document instead: what the code in PATHS (without any, the current directory) says of
    its server, routes and calls, with a comment where each number comes from. Exits with 3 where no such code
    is found.
    """
    from budgetcheck.cli.configure import configuration, save
    from budgetcheck.config_writing import NAME

    infer: bool = ctx.params["infer"]
    output: Path = ctx.params["output"] or Path(STDIN if infer else NAME)
    if str(output) != STDIN and output.exists() and not ctx.params["force"]:
        raise click.ClickException(f"{output} exists; --force overwrites it, -o - prints")
    text = _inferred(Inputs.of(ctx.params)) if infer else configuration(ctx.params)
    if text is None:
        print_text("no code was found that answers requests or calls anything\n", "stderr")
        return NOTHING
    return save(text, output)


def _inferred(inputs: Inputs) -> str | None:
    """The inferred documents; None where there is nothing to infer them from."""
    from budgetcheck.infer import infer
    from budgetcheck.render.app_yaml import render_app_yaml
    from budgetcheck.run import UsageError

    with Progress() as progress:
        try:
            services = infer(
                inputs.places,
                cwd=Path.cwd(),
                settings=inputs.settings(),
                progress=progress if watched() else None,
            )
        except UsageError as error:
            raise click.ClickException(str(error)) from None
    return render_app_yaml(services) if services else None
