"""An option of a command, behind the word that starts the program: as words, or as items of a list."""

import re
from collections.abc import Sequence

from budgetcheck.additions.place import Place, below, indent_of, inside
from budgetcheck.model.findings import Addition
from budgetcheck.model.span import Span

_MOST_LINES = 60
_YAML = (".yaml", ".yml")
_KEYS = re.compile(r"\s*(?:- )?(?:image|name|container_name|build|working_dir)\s*:")


def place(lines: Sequence[str], span: Span, addition: Addition) -> Place | None:
    """Behind the only word that starts the program in the block of the span."""
    word = re.compile(
        rf"(?<![\w.\-/=:])(?P<quote>[\"']?)(?:/[\w./-]+/)?{re.escape(addition.program)}(?P=quote)(?![\w.\-/=:])"
    )
    found = [
        (number, match)
        for number in _block(lines, span)
        if not lines[number - 1].lstrip().startswith("#") and not _KEYS.match(lines[number - 1])
        for match in word.finditer(lines[number - 1].rstrip("\r\n"))
    ]
    if len(found) != 1:
        return None
    (number, match) = found[0]
    line, quote = lines[number - 1].rstrip("\r\n"), match["quote"]
    option, value = addition.path[-1], addition.value
    before, after = line[: match.start()], line[match.end() :]
    if before.strip() == "-" and not after.strip():
        dash = f"{indent_of(line)}- "
        return below(lines, number, f'{dash}{option}\n{dash}"{value}"')
    if re.match(r"\s*[,\]]", after) and "[" in before:
        mark = quote or '"'
        return inside(number, match.end(), f", {mark}{option}{mark}, {mark}{value}{mark}")
    return None if quote else inside(number, match.end(), f" {option} {value}")


def _block(lines: Sequence[str], span: Span) -> list[int]:
    """The line itself; in YAML also those below it that are further in."""
    numbers = [span.line]
    if not span.file.endswith(_YAML):
        return numbers
    own = len(indent_of(lines[span.line - 1])) + (2 if lines[span.line - 1].lstrip().startswith("- ") else 0)
    for number in range(span.line + 1, min(len(lines), span.line + _MOST_LINES) + 1):
        line = lines[number - 1]
        deeper = (
            len(indent_of(line)) >= own
            if own and lines[span.line - 1].lstrip().startswith("- ")
            else len(indent_of(line)) > own
        )
        if line.strip() and not deeper:
            break
        numbers.append(number)
    return numbers
