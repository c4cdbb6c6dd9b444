"""gunicorn: options, GUNICORN_CMD_ARGS and configuration files; the later of them wins.

https://docs.gunicorn.org/en/stable/configure.html: file, then GUNICORN_CMD_ARGS, then the command line.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from budgetcheck.model.settings import Problem, ProblemKind
from budgetcheck.model.span import Span
from budgetcheck.readers.processes.launch import Files, Start, words
from budgetcheck.readers.processes.lexing import Source
from budgetcheck.readers.processes.options import Given, from_environment, options
from budgetcheck.readers.processes.python_values import Assigned, PythonFile, prefixed, read_python
from budgetcheck.readers.processes.servers.base import (
    Binding,
    Server,
    counts_of,
    read_addresses,
    settings_of,
)
from budgetcheck.readers.processes.texts import Text
from budgetcheck.readers.worker_class import worker_class

DEFAULT_FILE = "gunicorn.conf.py"
_DEFAULT_PORT = 8000
_SETTINGS = ("timeout", "graceful_timeout", "keepalive")
_COUNTS = ("workers", "threads")
_READ = (*_SETTINGS, *_COUNTS, "worker_class", "bind", "reload")
_FLAGS = {
    "-t": "timeout",
    "--timeout": "timeout",
    "--graceful-timeout": "graceful_timeout",
    "--keep-alive": "keepalive",
    "-k": "worker_class",
    "--worker-class": "worker_class",
    "--threads": "threads",
    "-w": "workers",
    "--workers": "workers",
    "-b": "bind",
    "--bind": "bind",
    "-c": "config",
    "--config": "config",
    "--chdir": "chdir",
    "-e": "env",
    "--env": "env",
    "-n": "name",
    "--name": "name",
    "--reload": "reload!",
}
# Names people write in configuration files that gunicorn does not know and passes over without a word.
_MISSPELT = {"keep_alive": "keepalive", "gracefultimeout": "graceful_timeout", "worker_timeout": "timeout"}


def read_gunicorn(start: Start, files: Files) -> Server:
    """The server that a start of gunicorn makes."""
    cli = _collected(options(start.args, _FLAGS))
    environment = dict(start.environment)
    extra = environment.get("GUNICORN_CMD_ARGS")
    from_variable = _collected(_variable(extra)) if extra is not None else {}
    config = next(reversed([*from_variable.get("config", []), *cli.get("config", [])]), None)
    source = _config_file(config, start, files)
    found = read_python(source.text, source.file, environment) if source else None
    by_file = _file_values(found) if found else {}
    usual = _collected(from_environment(environment, {"WEB_CONCURRENCY": "workers"}))
    given = {**usual, **by_file, **from_variable, **cli}
    problems = _misspelt(found, start) if found else ()
    return _server(start.span, given, _unread(config, source), start, problems, source)


def read_config_alone(source: Source) -> Server | None:
    """The server that a configuration file describes when nothing that starts it was found."""
    found = read_python(source.text, source.file, {})
    if found is None:
        return None
    given = _file_values(found)
    span = Span(file=source.file, line=1, text=source.file.rpartition("/")[2])
    start = Start(program="gunicorn", args=(), environment={}, folder="", span=span)
    return _server(span, given, None, start, _misspelt(found, start), source)


def _server(
    span: Span,
    given: Mapping[str, list[Given]],
    unread: str | None,
    start: Start,
    problems: tuple[Problem, ...],
    source: Source | None,
) -> Server:
    last = {name: found[-1] for name, found in given.items()}
    settings = settings_of(last, _SETTINGS)
    if unread is None:
        settings = (*settings, *counts_of(last, _COUNTS))
    else:
        missing = [name for name in _SETTINGS if name not in last]
        settings = (
            *settings,
            *(
                Given(text=Text(reason=unread, needs="add the file"), span=span).setting(name)
                for name in missing
            ),
        )
    return Server(
        component="gunicorn",
        program="gunicorn",
        span=span,
        settings=settings,
        traits=(("worker_class", _worker(last, unread)),),
        binding=_binding(given.get("bind", []), start, unread),
        problems=problems,
        development=last["reload"].text.known in ("true", "True") if "reload" in last else False,
        files=(source.file,) if source else (),
    )


def _binding(given: list[Given], start: Start, unread: str | None) -> Binding:
    if given:
        return read_addresses(one.text for one in given)
    port = start.environment.get("PORT")
    if port is not None and not port.unset:  # gunicorn's own default is 0.0.0.0:$PORT then
        return replace(
            read_addresses([port.through()] if not port.choices else []), ports=_ports(port), stated=True
        )
    return Binding(hidden=True) if unread else Binding(ports=(_DEFAULT_PORT,))


def _ports(text: Text) -> tuple[int, ...]:
    return tuple(sorted(int(choice) for choice in text.choices if choice.isdigit() and len(choice) < 6))


def _worker(last: Mapping[str, Given], unread: str | None) -> str:
    """The kind of worker; `unresolved` where it may be any."""
    threads: int | None = None
    if "threads" in last:
        counts = {int(choice) for choice in last["threads"].text.choices if choice.isdigit()}
        if not counts or (min(counts) < 2 <= max(counts)):
            threads = None if "worker_class" in last else -1
        else:
            threads = max(counts)
    if "worker_class" not in last:
        return "unresolved" if threads == -1 or (unread and threads is None) else worker_class("", threads)
    kinds = {worker_class(choice, threads) for choice in last["worker_class"].text.choices}
    return kinds.pop() if len(kinds) == 1 else "unresolved"


def _collected(found: Iterable[tuple[str, Given]]) -> dict[str, list[Given]]:
    collected: dict[str, list[Given]] = {}
    for name, given in found:
        collected.setdefault(name, []).append(given)
    return collected


def _variable(extra: Text) -> Iterator[tuple[str, Given]]:
    place = extra.spans[0] if extra.spans else Span(file="")
    try:
        parts = shlex.split(extra.known or "")
    except ValueError:
        return
    for name, given in options(words(parts, place.file, place.line), _FLAGS):
        text = f"GUNICORN_CMD_ARGS: {given.span.text}"
        yield (
            name,
            replace(given, span=replace(place, text=text), text=replace(given.text, spans=extra.spans[1:])),
        )


def _config_file(config: Given | None, start: Start, files: Files) -> Source | None:
    folder = start.folder
    if config is None:
        return files.find(DEFAULT_FILE, folder)
    path = (config.text.known or "").removeprefix("file:")
    if path.startswith("python:"):
        path = path.removeprefix("python:").replace(".", "/") + ".py"
    return files.find(path, folder) if path else None


def _unread(config: Given | None, source: Source | None) -> str | None:
    """Why settings that are not given elsewhere are not known; None where nothing is missing."""
    if config is None or source is not None:
        return None
    named = config.text.known
    if named is None:
        return "the name of gunicorn's configuration file is not known"
    return f"gunicorn's configuration file {named.rpartition('/')[2]} is not among these files"


def _file_values(found: PythonFile) -> dict[str, list[Given]]:
    names: dict[str, Assigned] = {**found.names, **prefixed(found)}
    values: dict[str, list[Given]] = {}
    for name in _READ:
        if name in names:
            assigned = names[name]
            texts = assigned.items if assigned.items is not None else (assigned.value,)
            values[name] = [Given(text=text, span=assigned.span) for text in texts]
    return values


def _misspelt(found: PythonFile, start: Start) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            span=assigned.span,
            text=f"{name}: gunicorn has no setting of that name and passes over it",
            fix=f"Write {right} = ...",
            kind=ProblemKind.INEFFECTIVE,
            component=start.program,
            setting=name,
        )
        for name, right in _MISSPELT.items()
        if (assigned := found.names.get(name)) is not None and right not in found.names
    )
