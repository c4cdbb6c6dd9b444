"""Who owns a file: the repository's CODEOWNERS with GitHub's rules.

The first of three places counts, the last pattern that matches wins, and a pattern without owners takes them
away again. Unlike gitignore there is no negation and no range of characters; lines that use one are skipped,
as the host skips them. Source: docs.github.com, "About code owners".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from budgetcheck.tree import Tree, UnreadableFileError

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where the file may stand, the first that exists counts."""

MOST_BYTES = 3_000_000
"""The host does not load a longer file."""
_MOST_RULES = 20_000
_MOST_SEGMENTS = 64
_MOST_OWNERS = 5

_OWNER = re.compile(r"@[\w.-]{1,100}(?:/[\w.-]{1,100})?|[^\s@]{1,100}@[^\s@]{1,100}")
_FIELD = re.compile(r"(?:\\.|[^\\\s])+")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRule:
    """One line: a pattern as segments, `**` for any number of them, and the owners it names."""

    segments: tuple[str, ...]
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """The rules of a repository, in the order of the file; without rules nobody owns anything."""

    rules: tuple[OwnerRule, ...] = ()

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of a path relative to the root of the repository, as the file writes them."""
        segments = PurePosixPath(path).parts
        if not segments or len(segments) > _MOST_SEGMENTS or ".." in segments:
            return ()
        for rule in reversed(self.rules):
            if _matches(rule.segments, segments):
                return rule.owners[:_MOST_OWNERS]
        return ()

    def table(self, paths: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        """Owners by printed path; `paths` leads from that to the path in the repository."""
        return {shown: owners for shown, real in sorted(paths.items()) if (owners := self.of(real))}


def load_owners(tree: Tree) -> Owners:
    """The rules of the repository that the tree lies in; none where no CODEOWNERS can be read."""
    for place in PLACES:
        path = tree.root / place
        if not path.is_file():
            continue
        try:
            data = tree.read_bytes(path)
        except UnreadableFileError:
            return Owners()
        return parse(data.decode("utf-8-sig", errors="replace")) if len(data) <= MOST_BYTES else Owners()
    return Owners()


def parse(text: str) -> Owners:
    """The rules of a file's text; lines that are no rule are skipped."""
    found: list[OwnerRule] = []
    for line in text.splitlines():
        rule = _rule(line)
        if rule is not None:
            found.append(rule)
        if len(found) == _MOST_RULES:
            break
    return Owners(rules=tuple(found))


def _rule(line: str) -> OwnerRule | None:
    fields = _FIELD.findall(line[:4_000])
    comment = next((number for number, field in enumerate(fields) if field.startswith("#")), len(fields))
    fields = fields[:comment]
    if not fields:
        return None
    pattern = fields[0]
    if pattern.startswith(("!", "^")) or any(sign in pattern for sign in "[]"):
        return None
    owners = fields[1:]
    if not all(_OWNER.fullmatch(owner) for owner in owners):
        return None
    segments = _segments(re.sub(r"\\(.)", r"\1", pattern))
    return OwnerRule(segments=segments, owners=tuple(owners)) if segments else None


def _segments(pattern: str) -> tuple[str, ...]:
    """The pattern from the root on. Without a slash before its end it may begin anywhere."""
    folder = pattern.endswith("/")
    parts = [part for part in pattern.split("/") if part]
    if not parts or len(parts) > _MOST_SEGMENTS:
        return ()
    if "/" not in pattern.rstrip("/"):
        parts.insert(0, "**")
    # `docs/*` means the files directly in it; a name means what lies below it as well.
    if folder or (parts[-1] not in ("*", "**") or (len(parts) == 2 and parts[0] == "**")):
        parts.append("**/" if folder else "**")
    return tuple(parts)


def _matches(pattern: Sequence[str], path: Sequence[str]) -> bool:
    """Segments against segments; every pair of positions is looked at once."""

    @cache
    def at(rule: int, place: int) -> bool:
        if rule == len(pattern):
            return place == len(path)
        if pattern[rule] == "**":
            return at(rule + 1, place) or (place < len(path) and at(rule, place + 1))
        if pattern[rule] == "**/":  # a folder's contents: at least one segment
            return place < len(path)
        return place < len(path) and _segment(pattern[rule], path[place]) and at(rule + 1, place + 1)

    return at(0, 0)


def _segment(pattern: str, text: str) -> bool:
    """`*` and `?` within one segment, without a regular expression: time is bounded by both lengths."""
    p = t = 0
    star, mark = -1, 0
    while t < len(text):
        if p < len(pattern) and pattern[p] == "*":
            star, mark, p = p, t, p + 1
        elif p < len(pattern) and pattern[p] in ("?", text[t]):
            p, t = p + 1, t + 1
        elif star >= 0:
            mark += 1
            p, t = star + 1, mark
        else:
            return False
    return pattern[p:].strip("*") == ""
