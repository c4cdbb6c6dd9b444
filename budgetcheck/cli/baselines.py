"""Reading and writing the file of known findings."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from budgetcheck.cli.output import print_text, why

if TYPE_CHECKING:
    from budgetcheck.baseline import Entry
    from budgetcheck.model.report import Report

DEFAULT = Path(".budgetcheck-baseline.json")


def known_findings(path: Path | None, *, update: bool) -> "tuple[Entry, ...] | None":
    """The entries of the file; None without one, or where it is written anew. Raises click.ClickException."""
    if path is None or update:
        return None
    from budgetcheck.baseline import BaselineError, load

    try:
        return load(path.read_text(encoding="utf-8"))
    except OSError as error:
        text = f"cannot read {path}: {why(error)}; --update-baseline writes it"
        raise click.ClickException(text) from None
    except (BaselineError, UnicodeDecodeError) as error:
        reason = error if isinstance(error, BaselineError) else "it is no UTF-8"
        raise click.ClickException(f"{path}: {reason}") from None


def write_baseline(path: Path, report: "Report") -> int:
    """Writes all findings of a report as known. Returns exit code 0. Raises click.ClickException."""
    from budgetcheck.baseline import dump

    try:
        path.write_bytes(dump(report.findings).encode())
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {why(error)}") from None
    return print_text(f"{path}: {len(report.findings)} findings are known from now on\n")
