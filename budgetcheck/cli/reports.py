"""Where reports go: several formats in one run, one of them to standard output, the others to files."""

import os
import secrets
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from budgetcheck.cli.inputs import STDIN, Inputs
from budgetcheck.cli.output import did_you_mean, print_text, render_options, why
from budgetcheck.render import FORMATS, RenderOptions, RuleHelp, load

if TYPE_CHECKING:
    from budgetcheck.model.report import Report
    from budgetcheck.run import RunSettings

_SELF_CONTAINED = ("text", "json")
"""Formats that need nothing beyond the report: no source, no repository, no rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One form of the report and its file; None for standard output."""

    form: str
    file: Path | None = None


def read_formats(_: click.Context, __: click.Parameter, values: Sequence[str]) -> tuple[Target, ...]:
    """The targets that `FORMAT` and `FORMAT=FILE` mean. Raises click.BadParameter."""
    return tuple(_target(value) for value in values)


def complete_format(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """Names of formats for the shell."""
    return [name for name in FORMATS if name.startswith(incomplete)]


def _target(value: str) -> Target:
    form, separator, file = value.partition("=")
    if form not in FORMATS:
        known = ", ".join(map(repr, FORMATS))
        raise click.BadParameter(f"{form!r} is not one of {known}{did_you_mean(form, FORMATS)}")
    if separator and not file:
        raise click.BadParameter(f"{form}= names no file; write {form}=FILE, or {form} for standard output")
    return Target(form=form, file=None if file in ("", STDIN) else Path(file))


def targets(chosen: Sequence[Target], output: Path | None) -> tuple[Target, ...]:
    """What was asked for, text where nothing was; `output` is the file of the one that names none.

    Raises click.UsageError where two go to the same place, and for a file that cannot be written.
    """
    wanted = list(chosen) or [Target(form="text")]
    if output is not None:
        if all(target.file for target in wanted):
            raise click.UsageError("--output is the file of a --format without one, and all have theirs")
        wanted = [target if target.file else replace(target, file=output) for target in wanted]
    _refuse_shared(wanted)
    for target in wanted:
        _refuse_unwritable(target.file)
    return tuple(wanted)


def _refuse_shared(wanted: Sequence[Target]) -> None:
    taken: dict[Path | None, str] = {}
    for target in wanted:
        place = target.file.absolute() if target.file else None
        if place in taken:
            where = str(target.file) if target.file else "standard output"
            hint = f"write --format {target.form}=FILE"
            raise click.UsageError(f"{taken[place]} and {target.form} would both go to {where}; {hint}")
        taken[place] = target.form


def _refuse_unwritable(file: Path | None) -> None:
    """A run may take long; what is certain to fail at its end fails here."""
    if file is None:
        return
    problem = ""
    if file.is_dir():
        problem = "is a directory"
    elif not file.parent.is_dir():
        problem = "no such file or directory"
    elif not os.access(file if file.exists() else file.parent, os.W_OK):
        problem = "permission denied"
    if problem:
        raise click.UsageError(f"cannot write {file}: {problem}")


def deliver(
    report: "Report",
    wanted: Sequence[Target],
    *,
    inputs: Inputs,
    settings: "RunSettings",
    color: str,
    quiet: bool,
) -> None:
    """Renders every form and writes it, standard output last: a file that fails leaves none of it behind."""
    context = _Context.of(report, wanted, inputs, settings)
    for target in sorted(wanted, key=lambda target: target.file is None):
        to_stdout = target.file is None
        options = render_options(
            color,
            terminal=to_stdout and sys.stdout.isatty(),
            to_stdout=to_stdout,
            quiet=quiet,
            kinds=_kinds(),
        )
        text = load(target.form)(report, context.added_to(options))
        if target.file is None:
            print_text(text)
        else:
            write(target.file, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """What formats for machines know beyond the report; nothing where none of them is asked for."""

    known: RenderOptions

    @classmethod
    def of(
        cls, report: "Report", wanted: Sequence[Target], inputs: Inputs, settings: "RunSettings"
    ) -> "_Context":
        if all(target.form in _SELF_CONTAINED for target in wanted):
            return cls(known=RenderOptions())
        from budgetcheck.discover import repository_prefix, tree_of
        from budgetcheck.fix import literals

        tree = tree_of(inputs.places, Path.cwd(), settings.virtual)
        edits = (edit for finding in report.findings for fix in finding.fixes for edit in fix.edits)
        return cls(
            known=RenderOptions(
                prefix=repository_prefix(tree), rules=rule_help(), literals=literals(edits, tree)
            )
        )

    def added_to(self, options: RenderOptions) -> RenderOptions:
        known = self.known
        return replace(options, prefix=known.prefix, rules=known.rules, literals=known.literals)


def rule_help() -> tuple[RuleHelp, ...]:
    """All rules as renderers know them."""
    from budgetcheck.rules import RULES

    return tuple(
        RuleHelp(
            code=rule.code,
            name=rule.name,
            severity=rule.severity,
            summary=rule.summary,
            manual=rule.manual,
        )
        for rule in RULES
    )


def _kinds() -> tuple[str, ...]:
    from budgetcheck.readers import READERS

    return tuple(reader.title for reader in READERS)


def write(file: Path, text: str) -> None:
    """Writes a file in one step: whoever reads it sees the old report or the whole new one.

    What is no regular file (`/dev/stderr`, a pipe) is written into. Raises click.ClickException.
    """
    data = text.encode(errors="backslashreplace")
    try:
        real = file.resolve()
        if real.exists() and not stat.S_ISREG(real.stat().st_mode):
            real.write_bytes(data)
        else:
            _replace(real, data)
    except OSError as error:
        raise click.ClickException(f"cannot write {file}: {why(error)}") from None


def _replace(file: Path, data: bytes) -> None:
    beside = file.with_name(f".budgetcheck-{secrets.token_hex(8)}.tmp")
    try:
        with beside.open("xb") as new:
            new.write(data)
        if file.exists():
            beside.chmod(stat.S_IMODE(file.stat().st_mode))
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
