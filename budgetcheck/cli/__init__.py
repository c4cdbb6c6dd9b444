"""The command line: arguments in, text out, exit code.

Everything heavy is imported by the command that needs it, so `--version` and `--help` cost next to nothing.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

from budgetcheck import __version__
from budgetcheck.cli.baselines import DEFAULT, known_findings, write_baseline
from budgetcheck.cli.comment import comment
from budgetcheck.cli.completion import complete_paths, completion
from budgetcheck.cli.configure import link
from budgetcheck.cli.diff import diff, report_since
from budgetcheck.cli.fix import fix
from budgetcheck.cli.init import init
from budgetcheck.cli.inputs import STDIN, Inputs, input_options
from budgetcheck.cli.output import (
    Progress,
    complain,
    crash_line,
    did_you_mean,
    print_text,
    watched,
)
from budgetcheck.cli.questions import what_if, why
from budgetcheck.cli.reports import Target, complete_format, deliver, read_formats, targets
from budgetcheck.cli.route import explain_route, route
from budgetcheck.cli.watch import watch
from budgetcheck.garbage import collector_paused
from budgetcheck.render import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

    from budgetcheck.model.findings import Severity

EXIT_CODES = (
    ("0", "nothing at or above --fail-on"),
    ("1", "findings at or above --fail-on"),
    ("2", "wrong usage, wrong configuration, or a path that does not exist"),
    ("3", "nothing was recognised, or no joint could be checked and nothing was found"),
)

SCHEMAS = {
    "app": "budgetcheck.readers.app_schema:app_schema",
    "budgetcheck": "budgetcheck.config:config_schema",
    "facts": "budgetcheck.facts.schema:facts_schema",
    "report": "budgetcheck.render.contract:report_schema",
}
"""Name of a document -> `module:function` that makes its JSON Schema."""

_INTERRUPTED = 130  # what shells report for a program that Ctrl-C ended
_HELP = {"help_option_names": ["-h", "--help"]}


class Root(click.Command):
    """The check itself; a first argument that names a subcommand leads there instead."""

    subcommands: dict[str, click.Command]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - click's own signature
        super().__init__(*args, **kwargs)
        self.subcommands = {}

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        """As click's, for whichever command is meant."""
        command = self.subcommands.get(args[0]) if args else None
        if command is None:
            return super().make_context(info_name, args, parent, **extra)
        return command.make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command that the context was made for."""
        return super().invoke(ctx) if ctx.command is self else ctx.command.invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The subcommands and the exit codes."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, item.get_short_help_str(120)) for name, item in self.subcommands.items()]
            )
        with formatter.section("Exit codes"):
            formatter.write_dl(EXIT_CODES)

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ANN401 - click's own signature
        """Runs a command line and ends the process; whatever goes wrong is one line on stderr."""
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.UsageError as error:
            name = error.ctx.command_path if error.ctx else "budgetcheck"
            code = complain(f"{error.format_message()} (see `{name} --help`)")
        except click.ClickException as error:
            code = complain(error.format_message())
        except click.Abort:
            complain("interrupted")
            code = _INTERRUPTED
        except Exception as error:  # noqa: BLE001 - the outermost boundary: a crash must not look like findings
            code = complain(crash_line(error))
        sys.exit(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the command line asks of a check."""

    inputs: Inputs
    format: tuple[Target, ...]
    output: Path | None
    fail_on: str | None
    allow_unchecked: bool
    strict: bool
    strict_unknown: bool
    baseline: Path | None
    update_baseline: bool
    base: str | None
    new_only: bool
    explain_route: str | None
    color: str
    quiet: bool

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> "Request":
        """The request that a command's parameters make."""
        own = {field.name: parameters[field.name] for field in fields(cls) if field.name != "inputs"}
        own["format"] = targets(own["format"], own["output"])
        own["baseline"] = own["baseline"] or (DEFAULT if own["update_baseline"] else None)
        if own["strict"] and own["fail_on"]:
            raise click.UsageError("--strict and --fail-on exclude one another")
        if own["new_only"] and own["base"] is None:
            raise click.UsageError("--new-only needs to know since when: --base COMMIT")
        if own["base"] is not None and own["update_baseline"]:
            raise click.UsageError("--base and --update-baseline exclude one another")
        return cls(inputs=Inputs.of(parameters), **own)


def _complete(ctx: click.Context, _: click.Parameter, word: str) -> "list[CompletionItem]":
    """Paths and, in the first place, commands for the shell."""
    return complete_paths(main.subcommands, ctx.params.get("paths") or (), word)


@click.command("budgetcheck", cls=Root, context_settings=_HELP)
@click.argument(
    "paths",
    nargs=-1,
    type=click.Path(),
    shell_complete=_complete,
)
@click.option(
    "--format",
    metavar="FORMAT[=FILE]",
    callback=read_formats,
    shell_complete=complete_format,
    multiple=True,
    help=f"Form of the report: {', '.join(FORMATS)}. Repeatable; all but one name a file.  [default: text]",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of the format that names none, instead of stdout.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
    help="Lowest severity that makes the exit code 1.  [default: error, or what the configuration says]",
)
@input_options
@click.option("--allow-unchecked", is_flag=True, help="Exit with 0 where no joint could be checked.")
@click.option("--strict", is_flag=True, help="Warnings fail the run as errors do.")
@click.option("--strict-unknown", is_flag=True, help="Fail where it cannot be told whether neighbours fit.")
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of known findings: only others are reported.",
)
@click.option(
    "--update-baseline",
    is_flag=True,
    help=f"Write all findings into that file, and report none.  [default file: {DEFAULT}]",
)
@click.option(
    "--base",
    metavar="COMMIT",
    help="Mark every finding as new or unchanged since that commit, branch or tag.",
)
@click.option("--new-only", is_flag=True, help="Only findings that are new since --base fail the run.")
@click.option(
    "--explain-route",
    metavar="NAME",
    help="Print the whole chain of the routes of that name, with every limit; * is a wildcard.",
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour the text report; auto heeds NO_COLOR and FORCE_COLOR.",
)
@click.option("--quiet", is_flag=True, help="Findings and counts only: no chains, no progress.")
@click.option("--watch", is_flag=True, help="Check again whenever an input file changes, until Ctrl-C.")
@click.version_option(__version__, prog_name="budgetcheck", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context, /, **_: object) -> int:
    """Check that every timeout, retry and backoff on a request's way fits inside the layer above.

    PATHS are files and directories of the system that is to be checked together; without any, the current
    directory. The path - is standard input. A path that is called like a command is written ./rules.
    """
    _refuse_misplaced_command(ctx.params["paths"])
    request = Request.of(ctx.params)
    if not ctx.params["watch"]:
        return check(request)
    if STDIN in request.inputs.paths:
        raise click.UsageError("--watch cannot look at standard input again")
    written = [target.file for target in request.format if target.file is not None]
    config = [request.inputs.config] if request.inputs.config is not None else []
    return watch(lambda: check(request), [*(request.inputs.places or [Path()]), *config], written)


@collector_paused()
def check(request: Request) -> int:
    """Runs the check, delivers the report, and returns the exit code."""
    from budgetcheck.run import UsageError, exit_code

    settings = request.inputs.settings(
        fail_on=_fail_on("warning" if request.strict else request.fail_on),
        allow_unchecked=request.allow_unchecked,
        strict_unknown=request.strict_unknown,
        baseline=known_findings(request.baseline, update=request.update_baseline),
    )
    with Progress() as progress:
        try:
            tell = progress if watched() and not request.quiet else None
            report = report_since(request.base, request.inputs, settings, tell, new_only=request.new_only)
        except UsageError as error:
            raise click.ClickException(str(error)) from None
    if request.update_baseline and request.baseline is not None:
        return write_baseline(request.baseline, report)
    if request.explain_route is not None:
        return explain_route(report, request.explain_route, request.color)
    deliver(
        report,
        request.format,
        inputs=request.inputs,
        settings=settings,
        color=request.color,
        quiet=request.quiet,
    )
    return exit_code(report)


def _fail_on(choice: str | None) -> "Severity | Literal['unset'] | None":
    from budgetcheck.model.findings import Severity

    if choice is None:
        return "unset"
    return None if choice == "never" else Severity[choice.upper()]


def _refuse_misplaced_command(paths: tuple[str, ...]) -> None:
    """Says what was probably meant where the first path is a command's name, or nearly one, and no file."""
    first = paths[0] if paths else ""
    if first in main.subcommands:
        raise click.UsageError(
            f"the command {first!r} stands before all options; a path of that name is written ./{first}"
        )
    if first == Path(first).name and not Path(first).exists():
        hint = did_you_mean(first, main.subcommands)
        if hint:
            raise click.UsageError(f"{first!r} is neither a path nor a command{hint}")


@click.command("explain", context_settings=_HELP)
@click.argument("rule", metavar="CODE|NAME")
def explain(rule: str) -> int:
    """Print the manual page of a rule."""
    from budgetcheck.rules import RULES, find

    found = find(rule)
    if found is None:
        known = [word for item in RULES for word in (item.code, item.name)]
        hint = did_you_mean(rule, known) or "; `budgetcheck rules` lists them"
        raise click.UsageError(f"there is no rule {rule!r}{hint}")
    title = f"{found.code} {found.name}"
    manual = found.manual.strip().removeprefix(title).strip()
    return print_text(f"{title} ({found.severity.label}): {found.summary}\n\n{manual}\n")


@click.command("rules", context_settings=_HELP)
def rules() -> int:
    """List all rules."""
    from budgetcheck.rules import RULES

    rows = [(rule.code, rule.name, rule.severity.label, rule.summary) for rule in RULES]
    width = max((len(name) for _, name, _, _ in rows), default=0)
    return print_text(
        "".join(f"{code}  {name:<{width}}  {severity:<7}  {text}\n" for code, name, severity, text in rows)
    )


@click.command("components", context_settings=_HELP)
@click.argument("name", required=False)
def components(name: str | None) -> int:
    """List the known components, or all facts of one with their sources."""
    from budgetcheck.facts.loader import component_names, find
    from budgetcheck.facts.show import describe, listing

    if name is None:
        return print_text(f"{listing().rstrip()}\n")
    found = find(name)
    if found is None:
        hint = did_you_mean(name, component_names()) or "; `budgetcheck components` lists them"
        raise click.UsageError(f"there is no component {name!r}{hint}")
    return print_text(f"{describe(found).rstrip()}\n")


@click.command("schema", context_settings=_HELP)
@click.argument("name", type=click.Choice(list(SCHEMAS)))
def schema(name: str) -> int:
    """Print the JSON Schema of a document."""
    import json

    module, _, function = SCHEMAS[name].partition(":")
    make: Callable[[], dict[str, object]] = getattr(import_module(module), function)
    document = make()
    return print_text(f"{json.dumps(document, indent=2, ensure_ascii=False)}\n")


main.subcommands.update(
    {
        command.name or "": command
        for command in (
            route,
            why,
            what_if,
            fix,
            diff,
            comment,
            init,
            link,
            explain,
            rules,
            components,
            schema,
            completion,
        )
    }
)
