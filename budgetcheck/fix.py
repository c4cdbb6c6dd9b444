"""Remedies as changes of files: literals replaced where they stand, everything else left as it is.

Only a literal that a remedy names, and that stands exactly once where the report says, is replaced. A setting
that nobody wrote is added where its place is unambiguous. Everything else is shown and left to a person.
"""

import difflib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from budgetcheck.additions import added
from budgetcheck.model.changes import ByHand, Change, Literal, Proposal
from budgetcheck.model.duration import parse_duration
from budgetcheck.model.findings import Edit, FixKind
from budgetcheck.model.report import Report
from budgetcheck.tree import Tree, UnreadableFileError

_COMMENT = re.compile(r"(?:^|\s)(?:#|//|;)")


class FixError(Exception):
    """A file cannot be changed; the message says which and why."""


def proposals(report: Report, tree: Tree, kinds: Sequence[FixKind] = tuple(FixKind)) -> tuple[Proposal, ...]:
    """Every remedy of these kinds, in the order of the findings."""
    texts: dict[str, list[str] | None] = {}
    found = []
    for finding in report.findings:
        for fix in finding.fixes:
            if fix.kind not in kinds:
                continue
            made = [(edit, _made(edit, _lines(edit.span.file, tree, texts))) for edit in fix.edits]
            changes = tuple(change for _, change in made if isinstance(change, Change))
            found.append(
                Proposal(
                    finding=finding,
                    fix=fix,
                    changes=changes,
                    by_hand=tuple((edit, why) for edit, why in made if isinstance(why, ByHand)),
                    diff=diff(changes, tree),
                )
            )
    return tuple(found)


def literals(edits: Iterable[Edit], tree: Tree) -> dict[Edit, Literal]:
    """Where the literals of these edits stand, as far as that is certain."""
    texts: dict[str, list[str] | None] = {}
    found = {}
    for edit in edits:
        lines = _lines(edit.span.file, tree, texts)
        change = _located(edit, lines)
        if change is None or lines is None:
            continue
        before = lines[change.line - 1][: change.start]
        if "\ufffd" not in before:  # undecodable bytes have no certain number
            found[edit] = Literal(column=change.start + 1, byte_column=len(before.encode()) + 1)
    return found


def diff(changes: Iterable[Change], tree: Tree) -> str:
    """The changes as one unified diff, files in order."""
    parts: list[str] = []
    for file, mine in _by_file(changes).items():
        before = _with_ends(tree.read_text(tree.base / file))
        after = _with_ends("".join(_changed(before, mine)))  # what was added may hold line ends
        parts += difflib.unified_diff(before, after, f"a/{file}", f"b/{file}", n=2)
    return "".join(part if part.endswith("\n") else f"{part}\n" for part in parts)


def whole(found: Iterable[Proposal]) -> tuple[Change, ...]:
    """The changes of all proposals that need no hand; of several for one place the one that serves all.

    Of raised limits that is the largest, of lowered numbers the smallest. Of two settings that would each
    begin the same block in one place the second is left for another time.
    """
    chosen: dict[tuple[str, int, int, str], Change] = {}
    for proposal in found:
        if proposal.by_hand:
            continue
        raises = proposal.fix.kind is FixKind.RAISE_LIMIT
        for change in proposal.changes:
            key = (change.file, change.line, change.start, change.setting.partition(".")[0])
            known = chosen.get(key)
            same = known is None or known.setting == change.setting
            if known is None or (same and _further(change, known, raises=raises)):
                chosen[key] = change
    return tuple(chosen[key] for key in sorted(chosen))


def write(changes: Iterable[Change], tree: Tree) -> tuple[str, ...]:
    """Makes the changes in place; returns the names of the files. Raises FixError."""
    written = []
    for file, mine in _by_file(changes).items():
        path = tree.base / file
        try:
            data = tree.read_bytes(path)
            text = data.decode("utf-8")
        except (UnreadableFileError, UnicodeDecodeError) as error:
            why = error if isinstance(error, UnreadableFileError) else "is no UTF-8"
            raise FixError(f"{file} {why}") from None
        lines = _with_ends(text)
        _replace(path, "".join(_changed(lines, mine)).encode("utf-8"), file)
        written.append(file)
    return tuple(written)


def _replace(path: Path, data: bytes, file: str) -> None:
    """Writes through a link and keeps the mode: the file itself is written, not another in its place."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise FixError(f"{file} cannot be written: {(error.strerror or 'unknown error').lower()}") from None


def _lines(file: str, tree: Tree, texts: dict[str, list[str] | None]) -> list[str] | None:
    if file not in texts:
        try:
            texts[file] = _with_ends(tree.read_text(tree.base / file))
        except UnreadableFileError:
            texts[file] = None
    return texts[file]


def _with_ends(text: str) -> list[str]:
    """The lines as parsers count them: a form feed ends none."""
    return io.StringIO(text, newline="").readlines()


def _made(edit: Edit, lines: Sequence[str] | None) -> Change | ByHand:
    """The change that an edit is, or why a person has to make it."""
    if lines is None:
        return ByHand.NO_FILE
    if edit.old:
        return _located(edit, lines) or ByHand.NOT_THERE
    if edit.addition is None and edit.span.file.endswith(".py"):
        return ByHand.CODE
    return added(edit, lines) or ByHand.NO_PLACE


def _located(edit: Edit, lines: Sequence[str] | None) -> Change | None:
    """Where the literal of an edit stands; None where that is not certain."""
    if not edit.old or lines is None or not 0 < edit.span.line <= len(lines):
        return None
    line = lines[edit.span.line - 1].rstrip("\r\n")
    token = re.compile(rf"(?<![\w.]){re.escape(edit.old)}(?![\w.])")
    spots = [match.span() for match in token.finditer(line)]
    exactly = [spot for spot in spots if spot[0] == edit.span.column - 1]
    code = [spot for spot in spots if not _COMMENT.search(line[: spot[0]])]
    behind = [spot for spot in code if spot[0] >= edit.span.column]
    chosen = next((found for found in (exactly, behind, code) if len(found) == 1), None)
    if chosen is None:
        return None
    start, end = chosen[0]
    return Change(file=edit.span.file, line=edit.span.line, start=start, end=end, old=edit.old, new=edit.new)


def _by_file(changes: Iterable[Change]) -> Mapping[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for change in sorted(changes, key=lambda change: (change.file, change.line, change.start)):
        found.setdefault(change.file, []).append(change)
    return found


def _changed(lines: Sequence[str], changes: Sequence[Change]) -> list[str]:
    changed = list(lines)
    for change in reversed(changes):  # from the right, so that columns stay where they are
        line = changed[change.line - 1]
        changed[change.line - 1] = line[: change.start] + change.new + line[change.end :]
    return changed


def _further(change: Change, known: Change, *, raises: bool) -> bool:
    new, old = (_size(one.value or one.new) for one in (change, known))
    return new > old if raises else new < old


def _size(literal: str) -> int:
    """How large a literal is, to compare two for the same place: both have the same unit or none."""
    try:
        return parse_duration(literal)
    except ValueError:
        digits = re.fullmatch(r"\d{1,12}", literal)
        return int(literal) if digits else 0
