"""The command line: arguments in, text out, exit code.

Everything heavy is imported by the command that needs it, so `--version` and `--help` cost next to nothing.
"""

import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self

import click

from budgetcheck import __version__
from budgetcheck.render import FORMATS, RenderOptions, load
from budgetcheck.render.console import draws_boxes, text_width, wants_color
from budgetcheck.render.escape import guarded, visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from budgetcheck.model.findings import Severity
    from budgetcheck.model.report import Report

FAILURE = 2
"""Exit code where budgetcheck itself could not do what was asked."""

EXIT_CODES = (
    ("0", "nothing at or above --fail-on"),
    ("1", "findings at or above --fail-on"),
    ("2", "wrong usage, wrong configuration, or a path that does not exist"),
    ("3", "nothing was recognised, or no joint could be checked and nothing was found"),
)

SCHEMAS = {
    "app": "budgetcheck.readers.app_schema:app_schema",
    "budgetcheck": "budgetcheck.config:config_schema",
    "facts": "budgetcheck.cli:facts_schema",
    "report": "budgetcheck.render.contract:report_schema",
}
"""Name of a document -> `module:function` that makes its JSON Schema."""

_INTERRUPTED = 130  # what shells report for a program that Ctrl-C ended
_PATIENCE = 1.0  # seconds without a progress line
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
                [(name, item.get_short_help_str(80)) for name, item in self.subcommands.items()]
            )
        with formatter.section("Exit codes"):
            formatter.write_dl(EXIT_CODES)

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ANN401 - click's own signature
        """Runs a command line and ends the process; whatever goes wrong is one line on stderr."""
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.UsageError as error:
            name = error.ctx.command_path if error.ctx else "budgetcheck"
            code = _complain(f"{error.format_message()} (see `{name} --help`)")
        except click.ClickException as error:
            code = _complain(error.format_message())
        except click.Abort:
            _complain("interrupted")
            code = _INTERRUPTED
        except Exception as error:  # noqa: BLE001 - the outermost boundary: a crash must not look like findings
            code = _complain(_crash(error))
        sys.exit(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the command line asks of a check."""

    paths: tuple[str, ...]
    format: str
    output: Path | None
    fail_on: str | None
    config: Path | None
    no_config: bool
    environment: tuple[str, ...]
    allow_unchecked: bool
    color: str
    quiet: bool


@click.command("budgetcheck", cls=Root, context_settings=_HELP)
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--format",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="Form of the report.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report to a file, not to stdout.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
    help="Lowest severity that makes the exit code 1.  [default: error, or what the configuration says]",
)
@click.option(
    "--config", type=click.Path(path_type=Path), help="Configuration file, instead of looking for one."
)
@click.option("--no-config", is_flag=True, help="Heed no configuration file.")
@click.option("--environment", metavar="NAME", multiple=True, help="Check this environment only; repeatable.")
@click.option("--allow-unchecked", is_flag=True, help="Exit with 0 where no joint could be checked.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour the text report; auto heeds NO_COLOR and FORCE_COLOR.",
)
@click.option("--quiet", is_flag=True, help="Findings and counts only: no chains, no progress.")
@click.version_option(__version__, prog_name="budgetcheck", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context, /, **_: object) -> int:
    """Check that every timeout, retry and backoff on a request's way fits inside the layer above.

    PATHS are files and directories of the system that is to be checked together; without any, the current
    directory. A path that is called like a command is written ./rules.
    """
    return check(Request(**ctx.params))


def check(request: Request) -> int:
    """Runs the check, delivers the report, and returns the exit code."""
    _refuse_misplaced_command(request.paths)
    if request.config is not None and request.no_config:
        raise click.UsageError("--config and --no-config exclude one another")
    from budgetcheck.run import RunSettings, UsageError, exit_code, run

    settings = RunSettings(
        config=request.config,
        no_config=request.no_config,
        fail_on=_fail_on(request.fail_on),
        environments=request.environment,
        allow_unchecked=request.allow_unchecked,
    )
    watched = sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not request.quiet
    with Progress() as progress:
        try:
            report = run(
                [Path(path) for path in request.paths or (".",)],
                cwd=Path.cwd(),
                settings=settings,
                progress=progress if watched else None,
            )
        except UsageError as error:
            raise click.ClickException(str(error)) from None
    _deliver(report, request)
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
        hint = _did_you_mean(first, main.subcommands)
        if hint:
            raise click.UsageError(f"{first!r} is neither a path nor a command{hint}")


def _deliver(report: "Report", request: Request) -> None:
    """Writes the report where it was asked for."""
    from budgetcheck.readers import READERS

    terminal = request.output is None and sys.stdout.isatty()
    options = RenderOptions(
        width=text_width(_columns(), terminal=terminal),
        color=wants_color(request.color, os.environ, terminal=terminal),
        ascii_only=request.output is None and not draws_boxes(sys.stdout.encoding),
        quiet=request.quiet,
        kinds=tuple(reader.title for reader in READERS),
    )
    text = load(request.format)(report, options)
    if request.output is None:
        _print(text)
        return
    try:
        request.output.write_bytes(text.encode())
    except OSError as error:
        raise click.ClickException(f"cannot write {request.output}: {_why(error)}") from None


class Progress:
    """One line on a terminal that says what is being done once it takes a while; it goes away at the end."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._shown = False

    def __call__(self, text: str) -> None:
        """Shows the text unless the run is still young."""
        if time.monotonic() - self._started >= _PATIENCE:
            _print(f"\r\x1b[2K{visible(text)[: _columns() - 1]}", "stderr")
            self._shown = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            _print("\r\x1b[2K", "stderr")


@click.command("explain", context_settings=_HELP)
@click.argument("rule", metavar="CODE|NAME")
def explain(rule: str) -> int:
    """Print the manual page of a rule."""
    from budgetcheck.rules import RULES, find

    found = find(rule)
    if found is None:
        known = [word for item in RULES for word in (item.code, item.name)]
        hint = _did_you_mean(rule, known) or "; `budgetcheck rules` lists them"
        raise click.UsageError(f"there is no rule {rule!r}{hint}")
    title = f"{found.code} {found.name}"
    manual = found.manual.strip().removeprefix(title).strip()
    return _print(f"{title} ({found.severity.label}): {found.summary}\n\n{manual}\n")


@click.command("rules", context_settings=_HELP)
def rules() -> int:
    """List all rules."""
    from budgetcheck.rules import RULES

    rows = [(rule.code, rule.name, rule.severity.label, rule.summary) for rule in RULES]
    width = max((len(name) for _, name, _, _ in rows), default=0)
    return _print(
        "".join(f"{code}  {name:<{width}}  {severity:<7}  {text}\n" for code, name, severity, text in rows)
    )


@click.command("components", context_settings=_HELP)
@click.argument("name", required=False)
def components(name: str | None) -> int:
    """List the known components, or all facts of one with their sources."""
    from budgetcheck.facts.loader import component_names, find
    from budgetcheck.facts.show import describe, listing

    if name is None:
        return _print(f"{listing().rstrip()}\n")
    found = find(name)
    if found is None:
        hint = _did_you_mean(name, component_names()) or "; `budgetcheck components` lists them"
        raise click.UsageError(f"there is no component {name!r}{hint}")
    return _print(f"{describe(found).rstrip()}\n")


@click.command("schema", context_settings=_HELP)
@click.argument("name", type=click.Choice(list(SCHEMAS)))
def schema(name: str) -> int:
    """Print the JSON Schema of a document."""
    import json

    module, _, function = SCHEMAS[name].partition(":")
    make: Callable[[], dict[str, object]] = getattr(import_module(module), function)
    document = make()
    return _print(f"{json.dumps(document, indent=2, ensure_ascii=False)}\n")


def facts_schema() -> dict[str, object]:
    """The schema of facts files, written by hand: packaged with the code, or beside it in a checkout."""
    import json

    package = Path(__file__).parent
    for folder in (package / "schemas", package.parent / "schemas"):
        file = folder / "facts.schema.json"
        if file.is_file():
            found: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
            return found
    raise click.ClickException("the schema of facts files is not part of this installation")


main.subcommands.update({command.name or "": command for command in (explain, rules, components, schema)})


def _print(text: str, stream: Literal["stdout", "stderr"] = "stdout") -> int:
    """Writes UTF-8 whatever the locale says; a reader that went away is no error. Returns exit code 0."""
    binary = (sys.stdout if stream == "stdout" else sys.stderr).buffer
    try:
        binary.write(text.encode(errors="backslashreplace"))
        binary.flush()
    except BrokenPipeError:
        _abandon(stream)
    except OSError as error:
        _abandon(stream)
        raise click.ClickException(f"cannot write to {stream}: {_why(error)}") from None
    return 0


def _abandon(stream: Literal["stdout", "stderr"]) -> None:
    """Leads the stream nowhere, or the interpreter would fail once more when it flushes it at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), getattr(sys, stream).fileno())


def _complain(message: str) -> int:
    """One line on stderr, harmless whatever it quotes. Returns the exit code for it."""
    line = guarded(visible(f"budgetcheck: {' '.join(message.split())}"))
    _print(f"{line}\n", "stderr")
    return FAILURE


def _crash(error: Exception) -> str:
    """An unexpected exception by its kind and place: its message may quote what the user's files hold."""
    import traceback

    if os.environ.get("BUDGETCHECK_DEBUG") == "1":
        _print("".join(traceback.format_exception(error)), "stderr")
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return (
        f"internal error: {type(error).__name__} in {place}; this is a bug in budgetcheck: please report it"
        " with the files that cause it (BUDGETCHECK_DEBUG=1 shows the traceback)"
    )


def _columns() -> int:
    import shutil

    return shutil.get_terminal_size().columns


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    import difflib

    near = difflib.get_close_matches(word[:100], list(known), n=2, cutoff=0.7)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
