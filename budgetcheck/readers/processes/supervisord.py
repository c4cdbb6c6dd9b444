"""supervisord: its programs, from a configuration file and those it includes.

http://supervisord.org/configuration.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.expansion import Variables, not_set, set_to
from budgetcheck.readers.processes.ini import Entry, read_ini
from budgetcheck.readers.processes.launch import Files, Start
from budgetcheck.readers.processes.lexing import ShellError, Source, filled_in, lex
from budgetcheck.readers.processes.options import options
from budgetcheck.readers.processes.shell import plain_words
from budgetcheck.readers.processes.shell_state import Arg
from budgetcheck.readers.processes.texts import Text, literal

_DEFAULT_FILES = (
    "supervisord.conf",
    "etc/supervisord.conf",
    "/etc/supervisord.conf",
    "/etc/supervisor/supervisord.conf",
)
_VARIABLE = re.compile(r"%\(ENV_([A-Za-z_]\w*)\)s")
_MOST_PROGRAMS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One `[program:NAME]`; `stop` is the entry that says how long it has to end."""

    name: str
    command: tuple[Arg, ...]
    environment: Variables = field(hash=False)
    folder: str
    span: Span
    stop: Entry | None = None


def programs_of(start: Start, files: Files) -> list[Program]:
    """The programs that a start of supervisord runs."""
    given = dict(options(start.args, {"-c": "file", "--configuration": "file"}))
    paths = (given["file"].text.known or "",) if "file" in given else _DEFAULT_FILES
    source = next((found for path in paths if (found := files.find(path, start.folder))), None)
    if source is None:
        return []
    return list(read_programs(source, start.environment, start.folder, files))[:_MOST_PROGRAMS]


def read_programs(source: Source, outside: Variables, folder: str, files: Files | None) -> Iterator[Program]:
    """The programs of a file; with `files` also those of the files it includes."""
    sections: dict[str, dict[str, Entry]] = {}
    for entry in read_ini(source.text, indented=True):
        sections.setdefault(entry.section, {})[entry.key] = entry
    shared = _variables(sections.get("supervisord", {}).get("environment"), source, outside)
    for name, entries in sections.items():
        if name.startswith("program:") and "command" in entries and not _off(entries):
            yield _program(name.removeprefix("program:"), entries, source, {**outside, **shared}, folder)
    included = sections.get("include", {}).get("files")
    if files is not None and included is not None:
        for pattern in included.value.split():
            for other in files.matching(pattern):
                yield from read_programs(other, {**outside, **shared}, folder, None)


def _program(
    name: str, entries: dict[str, Entry], source: Source, outside: Variables, folder: str
) -> Program:
    environment = {**outside, **_variables(entries.get("environment"), source, outside)}
    command = entries["command"]
    pieces = _filled(_uncommented(command.value), environment)
    try:
        words = plain_words(filled_in(pieces, source.file, command.line, dollars=True))
    except ShellError:
        words = []
    directory = entries.get("directory")
    return Program(
        name=name,
        command=tuple(words),
        environment=environment,
        folder=_uncommented(directory.value) if directory else folder,
        span=Span(file=source.file, line=command.line, text=f"[program:{name}]"),
        stop=entries.get("stopwaitsecs"),
    )


def _off(entries: dict[str, Entry]) -> bool:
    return "autostart" in entries and _uncommented(entries["autostart"].value).lower() == "false"


def _uncommented(value: str) -> str:
    return value.partition(" ;")[0].strip()


def _variables(entry: Entry | None, source: Source, outside: Variables) -> dict[str, Text]:
    """`KEY="value",OTHER=value`."""
    if entry is None:
        return {}
    try:
        tokens = lex(Source(text=entry.value.replace(",", " "), file=source.file, line=entry.line))
    except ShellError:
        return {}
    found: dict[str, Text] = {}
    for token in tokens:
        name, equals, value = (token.word.span.text if token.word else "").partition("=")
        if equals:
            pieces = _filled(value.strip("\"'"), outside)
            text = pieces[0] if len(pieces) == 1 else literal("".join(p.known or "" for p in pieces))
            found[name] = set_to(name, text, source.file, entry.line)
    return found


def _filled(value: str, environment: Variables) -> tuple[Text, ...]:
    """`%(ENV_NAME)s` is a variable of supervisord's own environment."""
    parts: list[Text] = []
    end = 0
    for match in _VARIABLE.finditer(value):
        parts += [
            literal(value[end : match.start()]),
            environment.get(match.group(1)) or not_set(match.group(1)),
        ]
        end = match.end()
    return (*parts, literal(value[end:]))
