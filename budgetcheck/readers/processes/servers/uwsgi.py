"""uWSGI: options of the command line and of ini files."""

import re
from collections.abc import Iterator
from dataclasses import replace

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.expansion import not_set
from budgetcheck.readers.processes.ini import read_ini
from budgetcheck.readers.processes.launch import Files, Start
from budgetcheck.readers.processes.lexing import Source
from budgetcheck.readers.processes.options import Given, options
from budgetcheck.readers.processes.servers.base import Binding, Server, read_addresses, settings_of
from budgetcheck.readers.processes.texts import Text, harmless, joined, literal

_SETTINGS = ("harakiri", "http-timeout", "worker-reload-mercy", "reload-mercy", "socket-timeout")
_ADDRESSES = ("http", "http-socket", "socket", "uwsgi-socket", "https", "http11-socket", "fastcgi-socket")
_FLAGS = {f"--{name}": name for name in (*_SETTINGS, *_ADDRESSES, "ini", "http-to", "py-autoreload")} | {
    "-t": "harakiri",
    "-s": "socket",
    "-i": "ini",
}
_VARIABLE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")
_REPLACED = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


def read_uwsgi(start: Start, files: Files) -> Server:
    """https://uwsgi-docs.readthedocs.io/en/latest/Options.html"""
    found = list(options(start.args, _FLAGS))
    inis = [value.text.known or "" for name, value in found if name == "ini"]
    inis += [arg.text.known or "" for arg in start.args if (arg.text.known or "").endswith(".ini")]
    used: list[str] = []
    missing = False
    from_files: list[tuple[str, Given]] = []
    for path in dict.fromkeys(path for path in inis if path):
        source = files.find(path, start.folder)
        missing = missing or source is None
        if source:
            used.append(source.file)
            from_files += _ini(source, start)
    given = dict((*from_files, *found))
    if missing:
        lost = Text(reason="its ini file is not among these files", needs="add the file")
        for name in ("harakiri", "worker-reload-mercy"):
            given.setdefault(name, Given(text=lost, span=start.span))
    addresses = [value.text for name, value in (*from_files, *found) if name in _ADDRESSES]
    binding = read_addresses(addresses) if addresses else Binding(hidden=True)
    return Server(
        component="uwsgi",
        program="uwsgi",
        span=start.span,
        settings=settings_of(given, _SETTINGS),
        traits=(("router", "http"),) if {"http", "https"} & given.keys() else (),
        binding=binding,
        development="py-autoreload" in given and given["py-autoreload"].text.known not in ("0", ""),
        files=tuple(used),
    )


def _ini(source: Source, start: Start) -> Iterator[tuple[str, Given]]:
    """The options of the `[uwsgi]` section."""
    conditions: list[Text | None] = []
    for entry in read_ini(source.text):
        if entry.section != "uwsgi":
            continue
        name = entry.key.replace("_", "-")
        if name.startswith("if-"):
            conditions.append(_condition(name, entry.value, start))
        elif name == "endif":
            conditions = conditions[:-1]
        elif all(condition is not None for condition in conditions):
            inner = conditions[-1] if conditions else None
            known = harmless(entry.value) or entry.value.startswith(("$(", "%("))
            span = Span(file=source.file, line=entry.line, text=f"{name} = {entry.value}" if known else name)
            yield name, Given(text=_filled(entry.value, start, inner), span=span)


def _condition(name: str, variable: str, start: Start) -> Text | None:
    """What `%(_)` stands for inside a condition that holds; None for one that does not."""
    value = start.environment.get(variable)
    is_set = value is not None and not value.unset
    if name == "if-env":
        return value if is_set else None
    if name == "if-not-env":
        return None if is_set else literal("")
    return Text(reason=f"it depends on `{name}` in {start.program}'s file")


def _filled(value: str, start: Start, inner: Text | None) -> Text:
    """`$(NAME)` is a variable of the environment, `%(_)` what the condition round it found."""
    if value == "%(_)" and inner is not None:
        return inner
    if _REPLACED.fullmatch(value):  # no value of uWSGI's, but what a script searches for
        return Text(reason=f"{value} is replaced by something else", needs="the file as uWSGI reads it")
    parts: list[Text] = []
    end = 0
    for match in _VARIABLE.finditer(value):
        found = start.environment.get(match.group(1))
        parts += [literal(value[end : match.start()]), found or not_set(match.group(1))]
        end = match.end()
    parts.append(literal(value[end:]))
    return replace(joined(parts), unset=False)
