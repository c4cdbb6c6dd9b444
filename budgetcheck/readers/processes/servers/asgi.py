"""uvicorn, hypercorn, granian and waitress: options, environment and configuration files."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.launch import Files, Start
from budgetcheck.readers.processes.lexing import Source
from budgetcheck.readers.processes.options import Given, from_environment, options
from budgetcheck.readers.processes.python_values import read_python
from budgetcheck.readers.processes.servers.base import (
    Binding,
    Server,
    counts_of,
    port_binding,
    read_addresses,
    settings_of,
)
from budgetcheck.readers.processes.texts import Text, literal

_UVICORN = {
    "--timeout-keep-alive": "timeout_keep_alive",
    "--timeout-graceful-shutdown": "timeout_graceful_shutdown",
    "--host": "host",
    "--port": "port",
    "--uds": "uds",
    "--fd": "fd",
    "--reload": "reload!",
    "--env-file": "env_file",
    "--workers": "workers",
}
_HYPERCORN = {
    "--keep-alive": "keep_alive_timeout",
    "--graceful-timeout": "graceful_timeout",
    "--read-timeout": "read_timeout",
    "-b": "bind",
    "--bind": "bind",
    "-c": "config",
    "--config": "config",
    "--reload": "reload!",
    "-w": "workers",
    "--workers": "workers",
}
_GRANIAN = {
    "--http1-header-read-timeout": "http1_header_read_timeout",
    "--workers-kill-timeout": "workers_kill_timeout",
    "--host": "host",
    "--port": "port",
    "--uds": "uds",
    "--reload": "reload!",
}
_WAITRESS = {
    "--channel-timeout": "channel_timeout",
    "--host": "host",
    "--port": "port",
    "--listen": "listen",
    "--unix-socket": "uds",
}


def read_uvicorn(start: Start, _files: Files) -> Server:
    """https://github.com/Kludex/uvicorn/blob/main/uvicorn/main.py: every option also as UVICORN_*."""
    given = _last(
        (
            *from_environment(start.environment, {"WEB_CONCURRENCY": "workers"}),
            *from_environment(start.environment, _variables("UVICORN", _UVICORN)),
            *_given(start, _UVICORN),
        )
    )
    hidden = "fd" in given
    binding = Binding(hidden=True, stated=True) if hidden else port_binding(given, 8000, socket="uds")
    return _server("uvicorn", start, given, ("timeout_keep_alive", "timeout_graceful_shutdown"), binding)


def read_fastapi(start: Start, files: Files) -> Server | None:
    """`fastapi run` starts uvicorn on port 8000; `fastapi dev` is for development."""
    verb = start.args[0].text.known if start.args else None
    if verb not in ("run", "dev"):
        return None
    server = read_uvicorn(start, files)
    return Server(
        component="uvicorn",
        program="fastapi",
        span=server.span,
        settings=server.settings,
        binding=server.binding,
        development=server.development or verb == "dev",
    )


def read_hypercorn(start: Start, files: Files) -> Server:
    """https://hypercorn.readthedocs.io/en/latest/how_to_guides/configuring.html"""
    from_cli = list(_given(start, _HYPERCORN))
    config = _last(from_cli).get("config")
    source = _config(config.text.known or "", start, files) if config else None
    given = _last((*(_from_file(source, start) if source else ()), *from_cli))
    binds = [value.text for name, value in from_cli if name == "bind"] or (
        [given["bind"].text] if "bind" in given else []
    )
    binding = read_addresses(binds) if binds else Binding(ports=(8000,), hidden=bool(config and not source))
    if config and not source:
        missing = Text(reason="its configuration file is not among these files", needs="add the file")
        for name in ("keep_alive_timeout", "graceful_timeout"):
            given.setdefault(name, Given(text=missing, span=config.span))
    names = ("keep_alive_timeout", "graceful_timeout")
    return _server("hypercorn", start, given, names, binding, (source.file,) if source else ())


def read_granian(start: Start, _files: Files) -> Server:
    """Every option also as GRANIAN_*: https://github.com/emmett-framework/granian/blob/master/granian/cli.py."""
    given = _last(
        (*from_environment(start.environment, _variables("GRANIAN", _GRANIAN)), *_given(start, _GRANIAN))
    )
    names = ("http1_header_read_timeout", "workers_kill_timeout")
    return _server("granian", start, given, names, port_binding(given, 8000, socket="uds"))


def read_waitress(start: Start, _files: Files) -> Server:
    """https://docs.pylonsproject.org/projects/waitress/en/stable/runner.html"""
    from_cli = list(_given(start, _WAITRESS))
    given = _last(from_cli)
    listens = [value.text for name, value in from_cli if name == "listen"]
    binding = read_addresses(listens) if listens else port_binding(given, 8080, socket="uds")
    return _server("waitress", start, given, ("channel_timeout",), binding)


def _server(
    component: str,
    start: Start,
    given: Mapping[str, Given],
    names: tuple[str, ...],
    binding: Binding,
    files: tuple[str, ...] = (),
) -> Server:
    return Server(
        component=component,
        program=start.program,
        span=start.span,
        settings=(*settings_of(given, names), *counts_of(given, ("workers",))),
        binding=binding,
        development="reload" in given and given["reload"].text.known not in ("false", "False", "0"),
        files=files,
    )


def _given(start: Start, flags: Mapping[str, str]) -> Iterator[tuple[str, Given]]:
    return options(start.args, flags)


def _last(found: Iterable[tuple[str, Given]]) -> dict[str, Given]:
    return dict(found)


def _variables(prefix: str, flags: Mapping[str, str]) -> dict[str, str]:
    """UVICORN_TIMEOUT_KEEP_ALIVE for `--timeout-keep-alive`."""
    long = {flag: name.removesuffix("!") for flag, name in flags.items() if flag.startswith("--")}
    return {f"{prefix}_{flag[2:].replace('-', '_').upper()}": name for flag, name in long.items()}


def _config(path: str, start: Start, files: Files) -> Source | None:
    path = path.removeprefix("file:")
    if path.startswith("python:"):
        path = path.removeprefix("python:").replace(".", "/") + ".py"
    return files.find(path, start.folder)


def _from_file(source: Source, start: Start) -> Iterator[tuple[str, Given]]:
    if source.file.endswith(".py"):
        found = read_python(source.text, source.file, start.environment)
        for name, assigned in (found.names if found else {}).items():
            texts = assigned.items if assigned.items is not None else (assigned.value,)
            yield from ((name, Given(text=text, span=assigned.span)) for text in texts)
        return
    try:
        table = tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    for name, value in table.items():
        line = next(
            (n for n, text in enumerate(source.text.splitlines(), 1) if text.strip().startswith(name)), 1
        )
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str | int | float):
                number = f"{name} = {item}" if isinstance(item, int | float) else name
                yield (
                    name,
                    Given(text=literal(str(item)), span=Span(file=source.file, line=line, text=number)),
                )
