"""From a command and its environment to the servers it runs, in the words of their facts.

This is the way in for every format that starts processes: a command as a list of words or as shell text,
the variables it sees, its working directory and its files.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from budgetcheck.model.settings import Value
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
from budgetcheck.readers.processes.servers.applications import application_of
from budgetcheck.readers.processes.servers.asgi import (
    read_fastapi,
    read_granian,
    read_hypercorn,
    read_uvicorn,
    read_waitress,
)
from budgetcheck.readers.processes.servers.base import UNSTATED, Binding, Server
from budgetcheck.readers.processes.servers.celery import read_celery
from budgetcheck.readers.processes.servers.gunicorn import read_gunicorn
from budgetcheck.readers.processes.servers.node import read_next, read_node
from budgetcheck.readers.processes.servers.php_fpm import read_php_fpm
from budgetcheck.readers.processes.servers.ruby import read_puma, read_rails, read_unicorn
from budgetcheck.readers.processes.servers.uwsgi import read_uwsgi
from budgetcheck.readers.processes.shell_state import Arg
from budgetcheck.readers.processes.supervisord import programs_of

__all__ = ["WORKERS", "launched", "servers_from", "servers_of"]

_READERS: dict[str, Callable[[Start, Files], Server | tuple[Server, ...] | None]] = {
    "gunicorn": read_gunicorn,
    "uvicorn": read_uvicorn,
    "fastapi": read_fastapi,
    "hypercorn": read_hypercorn,
    "granian": read_granian,
    "waitress-serve": read_waitress,
    "uwsgi": read_uwsgi,
    "node": read_node,
    "next": read_next,
    "celery": read_celery,
    "puma": read_puma,
    "rails": read_rails,
    "unicorn": read_unicorn,
    "unicorn_rails": read_unicorn,
    "php-fpm": read_php_fpm,
}
_DEVELOPMENT = frozenset({"flask", "django"})
_USUAL_PORTS = {"daphne": 8000}


def servers_of(
    command: Sequence[Arg] | Source,
    environment: Variables,
    folder: str = "",
    files: Files | None = None,
    *,
    any_arguments: bool = False,
) -> tuple[Server, ...]:
    """The servers a command runs; alternatives that listen in the same place are one, with several values.

    A development server counts only where it is the only kind. Workers that take work from a queue come
    behind the servers, as far as there are facts for them.
    """
    seen = files or NoFiles()
    return servers_from(launched(command, environment, folder, seen, any_arguments=any_arguments), seen)


def launched(
    command: Sequence[Arg] | Source,
    environment: Variables,
    folder: str,
    files: Files,
    *,
    any_arguments: bool = False,
) -> list[Start]:
    """Every known program a command may start; those that a process supervisor runs included.

    `any_arguments`: whoever starts it may add arguments, which are not known.
    """
    launcher = Launcher(files, any_arguments)
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
    found = [
        replace(server, traits=(*server.traits, *application_of(start, files)))
        for start in starts
        for server in _servers(start, files)
    ]
    workers = [server for server in found if server.worker]
    servers = [server for server in found if not server.worker]
    lasting = [server for server in servers if not server.development]
    distinct = {(worker.component, worker.traits, _values(worker)): worker for worker in reversed(workers)}
    return (*merged(lasting or servers), *reversed(distinct.values()))


def _values(server: Server) -> tuple[tuple[str, Value], ...]:
    return tuple((setting.name, setting.value) for setting in server.settings)


def _servers(start: Start, files: Files) -> tuple[Server, ...]:
    if start.program not in _READERS:
        other = _without_facts(start)
        return (other,) if other else ()
    found = _READERS[start.program](start, files)
    return found if isinstance(found, tuple) else (found,) if found else ()


def _without_facts(start: Start) -> Server | None:
    if start.program in WORKERS or start.program not in OTHER_SERVERS:
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
