"""A comment's text from a difference: owners and lines to suggest, as far as the files at hand have them."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from budgetcheck.cli.inputs import Inputs

if TYPE_CHECKING:
    from budgetcheck.model.difference import Difference
    from budgetcheck.model.findings import Edit, Finding
    from budgetcheck.tree import Tree

_MOST_LINE = 300
# What may stand beside the literal in a line that is shown whole: names, and values that are numbers.
_VALUE = r"(?:\d+(?:\.\d+)?(?:ms|min|[smhd])?|true|false|null|None|True|False)"
_NAME = r"[A-Za-z_][\w./-]{0,80}"
_PIECE = re.compile(rf"\s*(?:{_NAME}\s+|(?:{_NAME}\s*[:=]\s*){{0,6}})[\"']?{_VALUE}?[\"']?\s*;?\s*", re.ASCII)


def comment_text(found: "Difference", inputs: Inputs, host: str, *, reserved: int = 0) -> str:
    """The comment for a host (`github` or `gitlab`) with so many characters of it kept free."""
    from budgetcheck.codeowners import load_owners
    from budgetcheck.discover import repository_prefix, tree_of
    from budgetcheck.render.comment import render, reported
    from budgetcheck.render.comment_options import LIMITS, CommentOptions

    tree = tree_of(inputs.places, Path.cwd())
    findings = reported(found)
    files = sorted({end.span.file for f in findings for end in (f.outer, f.inner) if end is not None})
    prefix = repository_prefix(tree)
    owners = load_owners(tree).table({file: f"{prefix}/{file}" if prefix else file for file in files})
    options = CommentOptions(
        limit=LIMITS[host] - reserved, owners=owners, suggestions=_suggestions(found, findings, tree)
    )
    return render(found, options)


def _suggestions(found: "Difference", findings: "list[Finding]", tree: "Tree") -> "dict[Edit, str]":
    """The new lines of edits whose line this change touches and whose literal stands there for certain."""
    from budgetcheck.fix import literals
    from budgetcheck.tree import UnreadableFileError

    touched = {(change.span.file, change.span.line) for change in found.settings}
    edits = [edit for finding in findings for fix in finding.fixes for edit in fix.edits]
    wanted = [edit for edit in edits if (edit.span.file, edit.span.line) in touched]
    lines = {}
    for edit, literal in literals(wanted, tree).items():
        try:
            line = tree.read_text(tree.base / edit.span.file).splitlines()[edit.span.line - 1]
        except (UnreadableFileError, IndexError):
            continue
        start = literal.column - 1
        new = line[:start] + edit.new + line[start + len(edit.old) :]
        if harmless_line(new):
            lines[edit] = new
    return lines


def harmless_line(line: str) -> bool:
    """The line holds names and numbers only: no other value of a settings file leaves it."""
    if len(line) > _MOST_LINE or not line.replace("\t", " ").isprintable():
        return False
    return all(_PIECE.fullmatch(piece) for piece in re.sub(r"[\[\]{}()]", " ", line).split(","))
