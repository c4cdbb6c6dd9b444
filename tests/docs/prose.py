"""Markdown as the generated pages need it: escaped text, code, tables, fenced blocks."""

import re
from collections.abc import Iterable, Sequence

GENERATED = "<!-- Written by `make docs`; changes here are lost. -->"

_CODE = re.compile(r"(`[^`]+`)")
_URL = re.compile(r"(?<![(<\"'])\bhttps?://[^\s)>,\"']+")


def text(words: str) -> str:
    """Plain text of ours: what Markdown would take for markup is escaped; code in backticks is kept."""
    parts = _CODE.split(" ".join(words.split()))
    return "".join(part if part.startswith("`") and len(part) > 1 else _escaped(part) for part in parts)


def _escaped(words: str) -> str:
    words = words.replace("\\", "\\\\").replace("<", "&lt;").replace("*", r"\*")
    words = re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", words)
    words = re.sub(r"\[(?=[^\]]*\])", r"\\[", words)
    return _URL.sub(lambda match: f"<{match[0].replace(chr(92), '')}>", words)


def code(words: object) -> str:
    """A code span."""
    return f"`{words}`"


def codes(words: Iterable[object]) -> str:
    """Code spans in a row."""
    return ", ".join(code(word) for word in words)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; columns that are empty in every row are left out."""
    lines = [tuple(cell.replace("|", r"\|").replace("\n", " ") for cell in row) for row in rows]
    kept = [at for at in range(len(head)) if any(row[at] for row in lines)]
    shown = [[row[at] for at in kept] for row in (tuple(head), *lines)]
    out = ["| " + " | ".join(row) + " |" for row in shown]
    return "\n".join((out[0], "| " + " | ".join("---" for _ in kept) + " |", *out[1:]))


def fenced(body: str, language: str = "") -> str:
    """A block of code; the fence is longer than any in the body."""
    longest = max((len(run) for run in re.findall(r"`{3,}", body)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{body.rstrip()}\n{fence}"


def page(*parts: str) -> str:
    """A whole page: paragraphs, tables and blocks with a blank line between them."""
    return "\n\n".join(part.strip("\n") for part in (parts[0], GENERATED, *parts[1:]) if part.strip()) + "\n"


def anchor(heading: str) -> str:
    """What a heading is linked by."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")
