"""Celery workers: the time limits of their command line.

What the application's own code sets is not known here, so nothing is said about a limit that the command does
not give. Variables of the environment are no settings of Celery by themselves: code has to read them.

https://docs.celeryq.dev/en/stable/reference/cli.html#celery-worker
"""

from collections.abc import Sequence

from budgetcheck.readers.processes.launch import Files, Start
from budgetcheck.readers.processes.options import Given, options
from budgetcheck.readers.processes.servers.base import Server, settings_of
from budgetcheck.readers.processes.shell_state import Arg

_SETTINGS = ("task_time_limit", "task_soft_time_limit")
_FLAGS = {
    "--time-limit": "task_time_limit",
    "--soft-time-limit": "task_soft_time_limit",
    "-P": "pool",
    "--pool": "pool",
}
# Options of `celery` itself that take a value: what stands before the name of the command.
_WITH_VALUE = frozenset(
    {"-A", "--app", "-b", "--broker", "--result-backend", "--loader", "--config", "--workdir"}
)
_POOLS = {"processes": "prefork", "prefork": "prefork"} | {
    name: name for name in ("gevent", "eventlet", "solo", "threads")
}


def read_celery(start: Start, _files: Files) -> Server | None:
    """A worker; None for the scheduler, monitors and commands that end by themselves."""
    command = _command(start.args)
    if command not in ("worker", "multi"):
        return None
    given = dict(options(start.args, _FLAGS))
    return Server(
        component="celery",
        program="celery",
        span=start.span,
        settings=settings_of(given, _SETTINGS),
        traits=tuple(_traits(given)),
        worker=True,
    )


def _command(args: Sequence[Arg]) -> str:
    """The word that says what `celery` is to do; empty where it is not known."""
    left = iter(args)
    for arg in left:
        known = arg.text.known
        if known is None:
            return ""
        if known in _WITH_VALUE:
            next(left, None)
        elif not known.startswith("-"):
            return known
    return ""


def _traits(given: dict[str, Given]) -> list[tuple[str, str]]:
    """The pool; `unresolved` for one that is not known."""
    if "pool" not in given:
        return []
    return [("pool", _POOLS.get(given["pool"].text.known or "", "unresolved"))]
