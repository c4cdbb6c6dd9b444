"""`budgetcheck route`: which hop serves one concrete request, and why."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from budgetcheck.cli.inputs import Inputs, input_options
from budgetcheck.cli.output import Progress, did_you_mean, print_text, render_options, watched

if TYPE_CHECKING:
    from budgetcheck.model.answer import Asked
    from budgetcheck.model.report import Report

NOTHING = 3
"""Exit code where nothing takes the request."""

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_METHOD = re.compile(r"[A-Za-z]{1,20}", re.ASCII)
_WITH_METHOD = re.compile(r"(?P<method>[A-Z]{3,7}) (?P<request>\S+)", re.ASCII)


def _method(_: click.Context, __: click.Parameter, value: str | None) -> str:
    if value and not _METHOD.fullmatch(value):
        raise click.BadParameter(f"{value!r} is not a method; write GET, POST or the like")
    return (value or "").upper()


@click.command("route", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("request", metavar="HOST/PATH")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--method", metavar="NAME", callback=_method, help="Method of the request.  [default: any]")
@click.option(
    "--format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Form of the answer.",
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
def route(ctx: click.Context, /, **_: object) -> int:
    """Print which server and location serve a request, why, and its chain.

    HOST/PATH is a host name and a path (api.example.com/v1/users), a URL, only a path (/v1/users), or the
    name of a route as a report writes it. PATHS are as in a check; without any, the current directory. Exits
    with 3 where nothing takes the request.
    """
    return answer(read_request(ctx.params["request"], ctx.params["method"]), ctx.params)


def answer(asked: "Asked", parameters: dict[str, Any]) -> int:
    """Finds the way of the request, prints it, and returns the exit code."""
    inputs = Inputs.of(parameters)
    from budgetcheck.render.answer import render_json, render_text
    from budgetcheck.route import route as find
    from budgetcheck.run import UsageError

    with Progress() as progress:
        try:
            found = find(
                asked,
                inputs.places,
                cwd=Path.cwd(),
                settings=inputs.settings(),
                progress=progress if watched() else None,
            )
        except UsageError as error:
            raise click.ClickException(str(error)) from None
    options = render_options(parameters["color"], terminal=sys.stdout.isatty())
    print_text(render_json(found) if parameters["format"] == "json" else render_text(found, options))
    return 0 if found.serving else NOTHING


def explain_route(report: "Report", name: str, color: str) -> int:
    """Prints the routes of that name with every limit; returns the exit code. Raises click.UsageError."""
    from budgetcheck.render.answer import render_routes
    from budgetcheck.wildcards import fits

    found = [route for route in report.routes if fits(route.route.name, name)]
    if not found:
        known = [route.route.name for route in report.routes]
        hint = did_you_mean(name, known)
        raise click.UsageError(f"there is no route {name!r}{hint}")
    options = render_options(color, terminal=sys.stdout.isatty())
    return print_text(render_routes(found, options))


def read_request(text: str, method: str = "") -> "Asked":
    """What a URL, `host:port/path`, `/path` or the name of a route asks for. Raises click.UsageError."""
    from urllib.parse import unquote, urlsplit

    from budgetcheck.model.answer import Asked

    name = text
    if (found := _WITH_METHOD.fullmatch(text)) is not None:
        method, text = method or found["method"], found["request"]
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "", text
    elif scheme.lower() not in _PORTS:
        raise click.UsageError(f"{scheme}:// is no scheme of a request; write http:// or https://")
    try:
        parts = urlsplit(f"//{rest}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        if "[" in rest[1:]:  # an address of Terraform
            return Asked(path="", name=name)
        raise click.UsageError("the request is no URL; write HOST/PATH, HOST:PORT/PATH or /PATH") from None
    if not host and (separator or not rest.startswith("/")):
        raise click.UsageError("the request names no host; write HOST/PATH, or /PATH for any host")
    path = unquote(parts.path, errors="replace") or "/"
    port = port or _PORTS.get(scheme.lower(), 0)
    return Asked(host=host, path=path, method=method, port=port, name=name)
