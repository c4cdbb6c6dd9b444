"""`budgetcheck what-if` and `budgetcheck why`: questions that a check of everything does not answer."""

import sys
from pathlib import Path
from typing import Any

import click

from budgetcheck.cli.inputs import Inputs, input_options
from budgetcheck.cli.output import Progress, print_text, render_options, watched
from budgetcheck.cli.route import NOTHING, read_request

_HELP = {"help_option_names": ["-h", "--help"]}
_COLOR = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour the text; auto heeds NO_COLOR and FORCE_COLOR.",
)
_FORMAT = click.option(
    "--format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Form of the answer.",
)


@click.command("what-if", context_settings=_HELP)
@click.argument("changes", metavar="SETTING=VALUE...", nargs=-1, required=True)
@click.option("--path", "paths", type=click.Path(), multiple=True, help="Files and directories; repeatable.")
@_FORMAT
@_COLOR
@input_options
@click.pass_context
def what_if(ctx: click.Context, /, **_: object) -> int:
    """Answer "may I change this to that", without editing anything.

    SETTING=VALUE changes that setting wherever it is (proxy_read_timeout=65s, max_retries=0),
    HOP::SETTING=VALUE only on hops of that component or address (openai::timeout=9s,
    'nginx:api.example.com/*::proxy_read_timeout=65s'). Exits with 1 where the change makes a new finding.
    """
    from budgetcheck.cli.diff import exit_code
    from budgetcheck.render.difference import render_json, render_text
    from budgetcheck.run import UsageError, prepare
    from budgetcheck.what_if import parse
    from budgetcheck.what_if import what_if as answer

    parameters: dict[str, Any] = ctx.params
    inputs = Inputs.of(parameters)
    with Progress() as progress:
        tell = progress if watched() else (lambda _: None)
        try:
            wishes = parse(parameters["changes"])
            prepared = prepare(inputs.places, cwd=Path.cwd(), settings=inputs.settings(), tell=tell)
            found = answer(prepared, wishes)
        except UsageError as error:
            raise click.ClickException(str(error)) from None
    options = render_options(parameters["color"], terminal=sys.stdout.isatty())
    print_text(render_json(found) if parameters["format"] == "json" else render_text(found, options))
    return exit_code(found, None)


@click.command("why", context_settings=_HELP)
@click.argument("request", metavar="HOST/PATH")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--status", type=click.IntRange(100, 599), help="HTTP status that the caller saw.")
@click.option("--after", metavar="TIME", help="How long the caller had waited: 60s, 1m30s.")
@click.option("--server", metavar="TEXT", help="The Server header of the answer: awselb/2.0.")
@click.option("--method", metavar="NAME", default="", help="Method of the request.  [default: any]")
@_FORMAT
@_COLOR
@input_options
@click.pass_context
def why(ctx: click.Context, /, **_: object) -> int:
    """List the limits that can have ended a request as it was seen, the likeliest first.

    HOST/PATH may be the name of a route as a report writes it. PATHS are as in a check. Exits with 3 where
    nothing takes the request.
    """
    from budgetcheck.model.suspects import Seen
    from budgetcheck.render.suspects import render_json, render_text
    from budgetcheck.route import route
    from budgetcheck.run import UsageError
    from budgetcheck.why import suspects

    parameters: dict[str, Any] = ctx.params
    inputs = Inputs.of(parameters)
    asked = read_request(parameters["request"], parameters["method"].upper())
    seen = Seen(
        status=parameters["status"] or 0,
        after_ms=_milliseconds(parameters["after"]),
        server=(parameters["server"] or "").lower(),
    )
    with Progress() as progress:
        try:
            answer = route(
                asked,
                inputs.places,
                cwd=Path.cwd(),
                settings=inputs.settings(),
                progress=progress if watched() else None,
            )
        except UsageError as error:
            raise click.ClickException(str(error)) from None
    found = suspects(answer, seen)
    options = render_options(parameters["color"], terminal=sys.stdout.isatty())
    print_text(render_json(found) if parameters["format"] == "json" else render_text(found, options))
    return 0 if found.taken else NOTHING


def _milliseconds(text: str | None) -> int | None:
    from budgetcheck.model.duration import parse_duration

    if text is None:
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
