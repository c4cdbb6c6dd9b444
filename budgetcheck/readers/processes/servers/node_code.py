"""Times of Node.js servers as JavaScript and TypeScript files set them, found by their text and never run.

The file that is started is followed through its relative imports to where the HTTP server is made. A time is
known where it is a number, a product, a constant of these files, or a variable of the environment with a
default; any other way to set it makes it unknown, never the default.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import dirname, join, normpath

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.expansion import Variables, not_set
from budgetcheck.readers.processes.launch import Files
from budgetcheck.readers.processes.lexing import Source
from budgetcheck.readers.processes.options import Given
from budgetcheck.readers.processes.texts import Text, either, literal, unknown

TIMES = ("keepAliveTimeout", "headersTimeout", "requestTimeout", "timeout")

_MOST_FILES = 8
_MOST_CHARACTERS = 300_000
_DEEPEST = 6
_SUFFIXES = ("", ".js", ".ts", ".mjs", ".cjs", ".mts", "/index.js", "/index.ts")
_COMMENTS = re.compile(
    r"'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`(?:\\.|[^`\\])*(?:`|\Z)|//[^\n]*|/\*.*?(?:\*/|\Z)",
    re.DOTALL,
)
_IMPORT = re.compile(
    r"(?:\brequire\(\s*|\bfrom\s+|\bimport\s+|\bimport\(\s*)['\"](\.{1,2}/[^'\"\n]{1,200})['\"]"
)
_MAKES = re.compile(r"\bcreateServer\s*\(|\.listen\s*\(|\bfastify\s*\(|\bFastify\s*\(|\bserve\s*\(")
_FASTIFY = re.compile(r"['\"]fastify['\"]|\bFastifyAdapter\b")
_NAMED = re.compile(
    r"(?:const|let|var)\s+(\w+)\s*(?::[^=\n]{1,80})?=\s*(?:await\s+)?[\w.$]{0,80}\b(?:createServer|listen)\s*\("
)
_ASSIGNED = re.compile(
    r"(?:\b(\w+)|[)\]])(?:!|\?)?\.(keepAliveTimeout|headersTimeout|requestTimeout|timeout)\s*=(?![=>])\s*([^;\n]{1,160})"
)
_SET = re.compile(r"(?:\b(\w+)|\.listen\([^;]{0,300}?\))\s*\.setTimeout\(\s*([^;\n]{1,160})")
_OPTIONS = re.compile(r"\b(?:createServer|fastify|Fastify|FastifyAdapter)\s*\(\s*\{([^{}]{0,2000})\}")
_OPTION = re.compile(
    r"\b(keepAliveTimeout|headersTimeout|requestTimeout|connectionTimeout)\s*:\s*([^,\n]{1,120})"
)
_MENTIONED = re.compile(
    r"['\"]?\b(keepAliveTimeout|headersTimeout|requestTimeout)\b['\"]?\s*(?::|\]\s*=(?!=))"
)
_CONSTANT = re.compile(
    r"(?:\b(?:const|let|var)\s+|\breadonly\s+|\bstatic\s+)(\w+)\s*(?::[^=\n]{1,60})?=(?![=>])\s*([^;\n]{1,160})"
)
_SERVER = re.compile(r"(?:.*[a-z_])?(?:server|srv)", re.IGNORECASE)
_NUMBER = re.compile(r"\d[\d_]{0,12}(?:\.0+)?")
_ENV = re.compile(r"process\.env(?:\.(\w+)|\[\s*['\"](\w+)['\"]\s*\])")
_CASTS = ("Number(", "parseInt(", "Number.parseInt(", "parseFloat(", "String(", "(")


@dataclass(slots=True)
class Code:
    """What the files of a server set.

    Attributes:
        files: all that were looked at, the entry first.
        makes: some file makes a server. `fastify`: with Fastify, which has times of its own.
    """

    files: list[Source] = field(default_factory=list)
    found: dict[str, list[Given]] = field(default_factory=dict)
    makes: bool = False
    fastify: bool = False

    def given(self) -> dict[str, Given]:
        """One value for each time; several are one of them."""
        reason = "the code sets it in several places"
        return {
            name: Given(text=either((one.text for one in several), reason), span=several[-1].span)
            for name, several in self.found.items()
        }


def read_code(entry: Source, files: Files, environment: Variables) -> Code:
    """Reads the entry and what it imports, the nearest files first."""
    code = Code()
    pending, seen = [entry], {entry.file}
    constants: dict[str, str] = {}
    texts: list[tuple[Source, str]] = []
    while pending and len(code.files) < _MOST_FILES:
        source = pending.pop(0)
        text = _without_comments(source.text[:_MOST_CHARACTERS])
        code.files.append(source)
        texts.append((source, text))
        constants |= {name: value for name, value in _CONSTANT.findall(text) if name not in constants}
        for imported in _imported(text, source, files, seen):
            seen.add(imported.file)
            pending.append(imported)
    for source, text in texts:
        _read(source, text, _Known(environment, constants), code)
    return code


@dataclass(frozen=True, slots=True)
class _Known:
    environment: Variables
    constants: Mapping[str, str]


def _imported(text: str, source: Source, files: Files, seen: set[str]) -> Iterator[Source]:
    folder = dirname(source.file)
    for path in _IMPORT.findall(text):
        full = normpath(join(folder, path))
        if full.startswith(".."):
            continue
        stem = re.sub(r"\.(?:js|mjs|cjs)$", "", full)
        candidates = dict.fromkeys((full, *(stem + suffix for suffix in _SUFFIXES[1:])))
        found = next((one for one in candidates if (one in seen) or files.find(one, "")), None)
        made = files.find(found, "") if found and found not in seen else None
        if made is not None and made.file not in seen:
            yield made


def _read(source: Source, text: str, known: _Known, code: Code) -> None:
    code.makes = code.makes or bool(_MAKES.search(text))
    code.fastify = code.fastify or bool(_FASTIFY.search(text))
    for setting, at, expression in _places(text):
        line = source.line + text.count("\n", 0, at)
        value = _value(_trimmed(expression), known, 0)
        shown = f"{setting} = {value.known}" if value.known and not value.spans else setting
        given = Given(text=value, span=Span(file=source.file, line=line, text=shown))
        code.found.setdefault(setting, []).append(given)


def _places(text: str) -> Iterator[tuple[str, int, str]]:
    """Every place that sets a time: its name, its offset and the expression; empty for one not understood."""
    servers = set(_NAMED.findall(text))
    for match in _ASSIGNED.finditer(text):
        name, setting, expression = match.groups()
        if setting != "timeout" or _is_server(name, servers):
            yield setting, match.start(2), expression
    for match in _SET.finditer(text):
        if match.group(1) is None or _is_server(match.group(1), servers):
            yield "timeout", match.start(2), _first(match.group(2))
    covered: set[int] = set()
    for block in _OPTIONS.finditer(text):
        for option in _OPTION.finditer(block.group(1)):
            at = block.start(1) + option.start(1)
            covered.add(at)
            setting = "timeout" if option.group(1) == "connectionTimeout" else option.group(1)
            yield setting, at, _first(option.group(2))
    for match in _MENTIONED.finditer(text):
        if match.start(1) not in covered:
            yield match.group(1), match.start(1), ""


def _is_server(name: str | None, servers: set[str]) -> bool:
    return bool(name) and (name in servers or bool(_SERVER.fullmatch(name or "")))


def _value(code: str, known: _Known, depth: int) -> Text:
    if depth > _DEEPEST or not code:
        return unknown("it is worked out in the code")
    code = _uncast(code)
    for operator in ("||", "??"):
        first, several, rest = code.partition(operator)
        if several:
            found = _value(first.strip(), known, depth + 1)
            return _value(rest.strip(), known, depth + 1) if found.unset or found.known == "" else found
    for operator in ("+", "*"):
        parts = _split(code, operator)
        if len(parts) > 1:
            return _combined([_value(part, known, depth + 1) for part in parts], operator)
    if _NUMBER.fullmatch(code):
        return literal(code.replace("_", "").partition(".")[0])
    read = _ENV.fullmatch(code)
    if read:
        name = read.group(1) or read.group(2)
        return known.environment.get(name) or not_set(name)
    if re.fullmatch(r"['\"]\d+['\"]", code):
        return literal(code[1:-1])
    name = code.rpartition(".")[2] if re.fullmatch(r"[\w.]+", code) else ""
    if name in known.constants:
        return _value(_trimmed(known.constants[name]), known, depth + 1)
    return unknown("it is worked out in the code")


def _combined(parts: Sequence[Text], operator: str) -> Text:
    """A sum or product of numbers that are all known."""
    numbers = [
        int(part.known) for part in parts if part.known and part.known.isdigit() and len(part.known) < 13
    ]
    if len(numbers) < len(parts):
        return next((part for part in parts if not part.choices), unknown("it is worked out in the code"))
    result = 0 if operator == "+" else 1
    for number in numbers:
        result = result + number if operator == "+" else result * number
    return literal(str(result), *(span for part in parts for span in part.spans))


def _split(code: str, operator: str) -> list[str]:
    """The operands of an operator that stands in no brackets."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(code):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(character, 0)
        if character == operator and depth == 0 and index > 0:
            parts.append(code[start:index].strip())
            start = index + 1
    return [*parts, code[start:].strip()]


def _first(code: str) -> str:
    """The first argument of a call whose rest was cut off."""
    depth = 0
    for index, character in enumerate(code):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(character, 0)
        if depth < 0 or (character == "," and depth == 0):
            return code[:index].strip()
    return code.strip()


def _trimmed(code: str) -> str:
    """An expression without what the file adds for the type checker, and without a list's comma."""
    code = re.sub(r"\s+as\s+\w+$", "", code.strip().rstrip(","))
    return code.strip()


def _uncast(code: str) -> str:
    """`Number(x)`, `parseInt(x, 10)`, `(x)`, `+x` are x."""
    for _ in range(_DEEPEST):
        before = code
        code = code.strip().removeprefix("+").strip()
        for opening in _CASTS:
            if code.startswith(opening) and _closes_at_its_end(code, len(opening) - 1):
                code = _first(code[len(opening) : -1])
                break
        if code == before:
            break
    return code


def _closes_at_its_end(code: str, at: int) -> bool:
    depth = 0
    for index in range(at, len(code)):
        depth += {"(": 1, ")": -1}.get(code[index], 0)
        if depth == 0:
            return index == len(code) - 1
    return False


def _without_comments(text: str) -> str:
    """The text with its comments blanked out; every other character keeps its line."""

    def blank(match: re.Match[str]) -> str:
        found = match.group()
        return "\n" * found.count("\n") if found.startswith(("//", "/*")) else found

    return _COMMENTS.sub(blank, text)
