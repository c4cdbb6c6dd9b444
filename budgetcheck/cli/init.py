"""`budgetcheck init`: an app document to start from, as a template or as it follows from code."""

from pathlib import Path

import click

from budgetcheck.cli.inputs import Inputs, input_options
from budgetcheck.cli.output import Progress, print_text, watched, why

NOTHING = 3
"""Exit code where no code was found to infer a document from."""

_TEMPLATE = """\
# What the application states about itself; what is left out takes the component's default.
# `budgetcheck init --infer` writes it from Python code, `budgetcheck schema app` prints its schema.
service: assistant
server: {kind: uvicorn, port: 8000}
routes:
  - path: /chat
    methods: [POST]
    streaming: false
    calls:  # in order; `parallel: [...]` and `loop: {max: N, calls: [...]}` nest
      - {to: api.openai.com, client: openai, timeout: {connect: 5s, read: 20s}, max_retries: 1}
"""


@click.command("init", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--infer", is_flag=True, help="Write what the code says, instead of a template.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write, instead of stdout.",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
@input_options
@click.pass_context
def init(ctx: click.Context, /, **_: object) -> int:
    """Write an app document: what the application states about its server, routes and calls.

    With --infer it follows from the code in PATHS (without any, the current directory), with a comment where
    each number comes from. Exits with 3 where no such code is found.
    """
    output: Path | None = ctx.params["output"]
    if output is not None and output.exists() and not ctx.params["force"]:
        raise click.ClickException(f"{output} exists; --force overwrites it")
    inputs = Inputs.of(ctx.params)
    text = _inferred(inputs) if ctx.params["infer"] else _TEMPLATE
    if text is None:
        print_text("no code was found that answers requests or calls anything\n", "stderr")
        return NOTHING
    if output is None:
        return print_text(text)
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write {output}: {why(error)}") from None
    return 0


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
