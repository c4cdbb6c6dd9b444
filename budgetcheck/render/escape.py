"""Makes text from other people's files harmless for terminals, CI logs and whoever reads them.

Three things must not come out as they went in. Control characters drive terminals and split log lines
(CWE-150). Bidirectional and invisible characters make text read differently from what it is
(CVE-2021-42574). And CI runners execute commands that they find in logs: GitHub's takes `::name` at the
start of a line, and still honours `##[name]` anywhere in one
(https://github.com/google/osv-scanner/issues/2947); Azure Pipelines does the same with `##vso[`.
"""

import re

MOST_CHARACTERS = 1_000
"""A single value longer than this is cut in text for people; nobody reads on."""

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_COMMAND = re.compile(r"##(?=\[|vso\[)", re.IGNORECASE)
_LEADING_COMMAND = re.compile(r"\s*::")


def visible(text: str) -> str:
    """The text on one line with everything that does not print written as an escape (`\\x1b`, `\\u202e`)."""
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS - 3] + "..."
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def command_breaks(line: str) -> list[int]:
    """Positions in a finished line at which a space has to be put so that no CI runner sees a command."""
    breaks = [match.start() + 1 for match in _COMMAND.finditer(line)]
    leading = _LEADING_COMMAND.match(line)
    return sorted([*breaks, leading.end() - 1] if leading else breaks)


def guarded(line: str) -> str:
    """A finished line in which no CI runner sees a command."""
    for position in reversed(command_breaks(line)):
        line = f"{line[:position]} {line[position:]}"
    return line


def harmless_json(document: str) -> str:
    """An indented JSON document with the same value, in which nothing is invisible and no command stands.

    Leading `::` cannot occur: a line of such a document starts with a quote or a bracket.
    """
    if not document.replace("\n", "").isprintable():
        lines = (line if line.isprintable() else _escaped_json(line) for line in document.split("\n"))
        document = "\n".join(lines)
    return _COMMAND.sub("#\\\\u0023", document)


def _escaped(character: str) -> str:
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _escaped_json(line: str) -> str:
    return "".join(
        character if character.isprintable() else _json_units(ord(character)) for character in line
    )


def _json_units(code: int) -> str:
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    rest = code - 0x10000
    return f"\\u{0xD800 + (rest >> 10):04x}\\u{0xDC00 + (rest & 0x3FF):04x}"
