"""`budgetcheck fix`: remedies as diffs, and written in place."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from budgetcheck.cli.inputs import Inputs, input_options
from budgetcheck.cli.output import Progress, print_text, render_options, watched

if TYPE_CHECKING:
    from budgetcheck.model.changes import Proposal

KINDS = ("fewer-attempts", "shorter-limit", "add-deadline", "raise-limit")


@click.command("fix", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--kind", type=click.Choice(KINDS), multiple=True, help="Only remedies of this kind; repeatable."
)
@click.option(
    "--write",
    type=click.Choice(KINDS),
    help="Write the remedies of this kind into the files, as far as their places are certain.",
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour the text; auto heeds NO_COLOR and FORCE_COLOR.",
)
@input_options
@click.pass_context
def fix(ctx: click.Context, /, **_: object) -> int:
    """Show the remedies of all findings as diffs, each with its cost.

    No remedy is safe: each takes something away, and its line says what. With --write those of one kind are
    made in the files: literals replaced, and settings added where their place is certain; the rest says why
    it is for a person. Check again afterwards. Exits with 1 where a remedy could not be written.
    """
    return run_fix(ctx.params)


def run_fix(parameters: dict[str, Any]) -> int:
    """Finds the remedies, shows or writes them, and returns the exit code."""
    from budgetcheck.fix import FixError, proposals, whole, write
    from budgetcheck.model.findings import FixKind
    from budgetcheck.render.fixes import render
    from budgetcheck.run import UsageError, checked, prepare

    inputs = Inputs.of(parameters)
    wanted = [parameters["write"]] if parameters["write"] else parameters["kind"] or list(KINDS)
    with Progress() as progress:
        tell = progress if watched() else (lambda _: None)
        try:
            prepared = prepare(inputs.places, cwd=Path.cwd(), settings=inputs.settings(), tell=tell)
        except UsageError as error:
            raise click.ClickException(str(error)) from None
        report = checked(prepared)
    tree = prepared.found.tree
    found = proposals(report, tree, [FixKind(kind) for kind in wanted])
    options = render_options(parameters["color"], terminal=sys.stdout.isatty())
    if not parameters["write"]:
        print_text(render(found, options))
        return 0
    try:
        written = write(whole(found), tree)
    except FixError as error:
        raise click.ClickException(str(error)) from None
    return _tell(found, written)


def _tell(found: "tuple[Proposal, ...]", written: tuple[str, ...]) -> int:
    left = sum(bool(proposal.reasons) for proposal in found)
    print_text("".join(f"changed {file}\n" for file in written))
    if left:
        print_text(f"{left} of {len(found)} remedies need a hand: `budgetcheck fix` shows them\n")
    if not found:
        print_text("no finding has a remedy of this kind: nothing was changed\n")
    elif not written:
        print_text("nothing was changed\n")
    return 1 if left else 0
