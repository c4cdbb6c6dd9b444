"""`budgetcheck diff`: what a change does to the budgets."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from budgetcheck.cli.inputs import Inputs, input_options
from budgetcheck.cli.output import Progress, complain, print_text, render_options, watched

if TYPE_CHECKING:
    from budgetcheck.model.difference import Difference
    from budgetcheck.model.report import Report
    from budgetcheck.run import RunSettings


@click.command("diff", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("base")
@click.argument("head", required=False)
@click.option(
    "--path",
    "paths",
    type=click.Path(),
    multiple=True,
    help="Look at this path of the repository only; repeatable.  [default: the current directory]",
)
@click.option(
    "--format",
    type=click.Choice(["text", "json", "comment"]),
    default="text",
    show_default=True,
    help="Form of the answer; comment is the Markdown of a comment on a pull request.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
    help="Lowest severity of a new finding that makes the exit code 1.  [default: error]",
)
@click.option("--new-only", is_flag=True, help="Leave out what was fixed and what did not change.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour the text; auto heeds NO_COLOR and FORCE_COLOR.",
)
@input_options
@click.pass_context
def diff(ctx: click.Context, /, **_: object) -> int:
    """Compare the budgets of two states: findings, lost proofs, slack of each route.

    BASE is a commit, a branch or a tag, and HEAD another one; without HEAD, the files as they are. `main...`
    is the commit where HEAD parted from main. Nothing is checked out. Two directories are compared as two
    states of the same files, also where another component serves the routes in the second one. Exits with 1
    where a finding is new.
    """
    return run_diff(ctx.params)


def run_diff(parameters: dict[str, Any]) -> int:
    """Compares, prints, and returns the exit code."""
    from budgetcheck.render.difference import render_json, render_text

    inputs, found = compared(parameters)
    _tell(found.left_out)
    if parameters["new_only"]:
        found = _only_new(found)
    if parameters["format"] == "comment":
        from budgetcheck.cli.comment_text import comment_text

        print_text(comment_text(found, inputs, "github"))
    elif parameters["format"] == "json":
        print_text(render_json(found))
    else:
        print_text(render_text(found, render_options(parameters["color"], terminal=sys.stdout.isatty())))
    return exit_code(found, parameters["fail_on"])


def compared(parameters: dict[str, Any]) -> "tuple[Inputs, Difference]":
    """The two states that the parameters name, compared. Raises click.ClickException."""
    from budgetcheck.run import UsageError

    inputs = Inputs.of(parameters)
    with Progress() as progress:
        try:
            found = _compared(parameters, inputs, inputs.settings(), progress if watched() else None)
        except UsageError as error:
            raise click.ClickException(str(error)) from None
    return inputs, found


def report_since(
    base: str | None,
    inputs: Inputs,
    settings: "RunSettings",
    progress: Progress | None,
    *,
    new_only: bool = False,
) -> "Report":
    """The report of a check, its findings held against a commit where one is given. Raises UsageError."""
    from budgetcheck.run import run

    if base is None:
        return run(inputs.places, cwd=Path.cwd(), settings=settings, progress=progress)
    from dataclasses import replace

    from budgetcheck.compare_runs import states

    found = states(inputs.places, base, None, cwd=Path.cwd(), settings=settings, progress=progress)
    _tell(found.left_out)
    return replace(found.report, new_only=new_only)


def _tell(left_out: Iterable[str]) -> None:
    """What of an earlier state could not be had, a line each."""
    for what in left_out:
        complain(f"not compared: {what}")


def exit_code(found: "Difference", fail_on: str | None) -> int:
    """1 where a new finding is as severe as asked."""
    from budgetcheck.model.findings import Severity

    if fail_on == "never":
        return 0
    least = Severity[fail_on.upper()] if fail_on else found.report.fail_on
    return int(least is not None and any(finding.severity >= least for finding in found.new))


def _compared(
    parameters: dict[str, Any], inputs: Inputs, settings: "RunSettings", progress: Progress | None
) -> "Difference":
    from budgetcheck.compare_runs import compare_directories, compare_with_base

    base, head = parameters["base"], parameters["head"]
    if head is not None and _names_directories(base, head):
        return compare_directories(Path(base), Path(head), settings=settings, progress=progress)
    return compare_with_base(inputs.places, base, head, cwd=Path.cwd(), settings=settings, progress=progress)


def _names_directories(base: str, head: str) -> bool:
    """Both are directories, or one is and the other is written as one: that it is missing is said then."""
    there = [Path(place).is_dir() for place in (base, head)]
    return all(there) or (any(there) and (base.endswith("/") or head.endswith("/")))


def _only_new(found: "Difference") -> "Difference":
    from dataclasses import replace

    return replace(found, fixed=(), unchanged=(), routes=tuple(route for route in found.routes if route.lost))
