"""From a command and its environment to the servers it runs, in the words of their facts.

This is the way in for every format that starts processes: a command as a list of words or as shell text,
the variables it sees, its working directory and its files.
"""

from collections.abc import Callable, Iterable, Sequence

from budgetcheck.readers.processes.expansion import Variables
from budgetcheck.readers.processes.launch import (
    OTHER_SERVERS,
    SUPERVISORS,
    WORKERS,
    Files,
    Launcher,
    NoFiles,
    Start,
)
from budgetcheck.readers.processes.lexing import Source
from budgetcheck.readers.processes.servers.alternatives import merged
from budgetcheck.readers.processes.servers.asgi import (
    read_fastapi,
    read_granian,
    read_hypercorn,
    read_uvicorn,
    read_waitress,
)
from budgetcheck.readers.processes.servers.base import UNSTATED, Binding, Server
from budgetcheck.readers.processes.servers.gunicorn import read_gunicorn
from budgetcheck.readers.processes.servers.node import read_next, read_node
from budgetcheck.readers.processes.servers.uwsgi import read_uwsgi
from budgetcheck.readers.processes.shell_state import Arg
from budgetcheck.readers.processes.supervisord import programs_of

__all__ = ["WORKERS", "launched", "servers_from", "servers_of"]

_READERS: dict[str, Callable[[Start, Files], Server | None]] = {
    "gunicorn": read_gunicorn,
    "uvicorn": read_uvicorn,
    "fastapi": read_fastapi,
    "hypercorn": read_hypercorn,
    "granian": read_granian,
    "waitress-serve": read_waitress,
    "uwsgi": read_uwsgi,
    "node": read_node,
    "next": read_next,
}
_DEVELOPMENT = frozenset({"flask", "django"})
_SERVING = {"rails": ("server", "s"), "php-fpm": (), "puma": ()}
_USUAL_PORTS = {"php-fpm": 9000, "puma": 9292, "unicorn": 8080, "rails": 3000, "daphne": 8000}


def servers_of(
    command: Sequence[Arg] | Source, environment: Variables, folder: str = "", files: Files | None = None
) -> tuple[Server, ...]:
    """The servers a command runs; alternatives that listen in the same place are one, with several values.

    A development server counts only where it is the only kind. Workers that take work from a queue are no
    servers.
    """
    seen = files or NoFiles()
    return servers_from(launched(command, environment, folder, seen), seen)


def launched(
    command: Sequence[Arg] | Source, environment: Variables, folder: str, files: Files
) -> list[Start]:
    """Every known program a command may start; those that a process supervisor runs included."""
    launcher = Launcher(files)
    if isinstance(command, Source):
        starts = launcher.launch_shell(command, environment, folder)
    else:
        starts = launcher.launch(command, environment, folder)
    found: list[Start] = []
    for start in starts:
        if start.program in SUPERVISORS:
            for program in programs_of(start, files):
                found += launched(program.command, program.environment, program.folder, files)
        else:
            found.append(start)
    return found


def servers_from(starts: Iterable[Start], files: Files) -> tuple[Server, ...]:
    """The servers that program starts make."""
    servers = [server for start in starts if (server := _server(start, files)) is not None]
    lasting = [server for server in servers if not server.development]
    return merged(lasting or servers)


def _server(start: Start, files: Files) -> Server | None:
    if start.program in _READERS:
        return _READERS[start.program](start, files)
    if start.program in WORKERS or start.program not in OTHER_SERVERS:
        return None
    verbs = _SERVING.get(start.program, ())
    if verbs and (not start.args or start.args[0].text.known not in verbs):
        return None
    if start.program == "flask" and not any(arg.text.known == "run" for arg in start.args):
        return None
    port = _USUAL_PORTS.get(start.program, 0)
    return Server(
        component=UNSTATED,
        program=start.program,
        span=start.span,
        binding=Binding(hidden=True) if not port else Binding(ports=(port,), hidden=True),
        development=start.program in _DEVELOPMENT,
    )
