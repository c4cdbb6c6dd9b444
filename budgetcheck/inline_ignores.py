"""Suppressions in the user's own files: `# budgetcheck: ignore[BC101] until=2027-03-01 why this is accepted`.

A comment behind a line means that line, a comment alone on its line the next one that is none. The line is
one at either end of a finding: where a limit is written, or the block of a hop whose limit nobody wrote.
"""

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from budgetcheck.hints import did_you_mean
from budgetcheck.model.options import Ignore
from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.tree import SourceFile, Tree, UnreadableFileError, as_text

_WORD = "budgetcheck:"
# All parts stay within a line of bounded length: no repetition can cross one.
_MARKER = re.compile(r"(?:#|//|--|;|/\*|<!--|\{#-?)[ \t]*budgetcheck:[ \t]*(?P<rest>[^\n]{0,600})")
_IGNORE = re.compile(r"ignore(?:\[(?P<rules>[^\]]{0,200})\])?(?P<rest>.*)")
_UNTIL = re.compile(r"[ \t]*until=(?P<day>\S{1,40})(?P<rest>.*)")
_COMMENT = ("#", "//", "--", ";", "/*", "<!--", "{#")
_CLOSERS = ("*/", "-->", "#}")
_EXAMPLE = "budgetcheck: ignore[BC101] until=2027-03-01 why it is accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineIgnores:
    """What the comments of all files say; `faults` are comments that are not well formed (BC904)."""

    ignores: tuple[Ignore, ...] = ()
    faults: tuple[Problem, ...] = ()


def inline_ignores(files: Iterable[SourceFile], tree: Tree, rules: Sequence[str]) -> InlineIgnores:
    """The suppressions in comments of the files. `rules` are the codes and names of all rules."""
    ignores: list[Ignore] = []
    faults: list[Problem] = []
    for file in files:
        try:
            content = tree.read_bytes(file.path)
        except UnreadableFileError:
            continue  # whoever reads the file says so
        if _WORD.encode() not in content:
            continue
        for found in _in_text(as_text(content), file.name, rules):
            if isinstance(found, Ignore):
                ignores.append(found)
            else:
                faults.append(found)
    return InlineIgnores(ignores=tuple(ignores), faults=tuple(faults))


def _in_text(text: str, file: str, rules: Sequence[str]) -> Iterator[Ignore | Problem]:
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        marker = _MARKER.search(line) if _WORD in line else None
        if marker is None:
            continue
        alone = not line[: marker.start()].strip()
        meant = _next_line(lines, number) if alone else number
        span = Span(file=file, line=number, column=marker.start("rest") + 1)
        yield from _parsed(_without_closer(marker["rest"]), span, (file, meant), rules)


def _next_line(lines: Sequence[str], number: int) -> int:
    """The number of the next line that is neither empty nor a comment; the comment's own at the end."""
    for following in range(number, len(lines)):
        text = lines[following].strip()
        if text and not text.startswith(_COMMENT):
            return following + 1
    return number


def _without_closer(text: str) -> str:
    text = text.rstrip()
    for closer in _CLOSERS:
        text = text.removesuffix(closer)
    return text.strip()


def _parsed(text: str, span: Span, at: tuple[str, int], rules: Sequence[str]) -> Iterator[Ignore | Problem]:
    ignore = _IGNORE.fullmatch(text)
    if ignore is None:
        yield _fault(span, "is no suppression")
        return
    codes = [code.strip() for code in (ignore["rules"] or "").split(",") if code.strip()]
    rest, day = ignore["rest"], ""
    until = _UNTIL.match(rest)
    if until is not None:
        day, rest = until["day"], until["rest"]
    wrong = _wrong(codes, day, rest.strip(), rules)
    if wrong:
        yield _fault(span, wrong)
        return
    for code in codes:
        yield Ignore(rule=code, reason=rest.strip(), span=span, until=day, at=at)


def _wrong(codes: Sequence[str], day: str, reason: str, rules: Sequence[str]) -> str:
    """What is wrong with the parts; empty where nothing is."""
    if not codes:
        return "names no rule"
    for code in codes:
        if code not in rules:
            return f"names {code[:20]!r}, which is no rule{did_you_mean(code, rules)}"
    if day:
        try:
            datetime.date.fromisoformat(day)
        except ValueError:
            return "has no valid day in until="
    return "" if reason else "gives no reason"


def _fault(span: Span, text: str) -> Problem:
    return Problem(span=span, text=f"the comment {text}", fix=f"write it as {_EXAMPLE!r}")
