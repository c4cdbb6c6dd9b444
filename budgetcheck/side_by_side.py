"""Two pieces of work at the same time: one in this process, the other in a copy of it.

A copy inherits everything that is loaded, runs no other program, and imports nothing from the working
directory, as a fresh interpreter would.
"""

import os
import pickle
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

_QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""Microseconds of each period, or `max`: https://docs.kernel.org/admin-guide/cgroup-v2.html."""

_Here = TypeVar("_Here")
_There = TypeVar("_There")


def side_by_side(here: Callable[[], _Here], there: Callable[[], _There]) -> tuple[_Here, _There]:
    """Both results. What `there` raises is raised here; its result must be a value that can be pickled.

    Only where that is `possible`.
    """
    reading, writing = os.pipe()
    watched, held = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.close(held)
        threading.Thread(target=_end_with, args=(watched,), daemon=True).start()
        _answer(there, writing)
    os.close(writing)
    os.close(watched)
    with open(reading, "rb") as answer:  # noqa: PTH123 - the descriptor is already open
        try:
            mine = here()
            given = answer.read()
        except BaseException:
            os.kill(child, signal.SIGKILL)
            raise
        finally:
            os.waitpid(child, 0)
            os.close(held)
    # Without an answer it failed there, or was ended for want of memory: here it says why.
    theirs: _There = pickle.loads(given) if given else there()
    return mine, theirs


def possible() -> bool:
    """The system has such copies and a second processor to run them, and no other thread runs here."""
    return hasattr(os, "fork") and threading.active_count() == 1 and _processors() >= 2


def _processors() -> float:
    """How many this process may use: those it is bound to, and what its container has of them."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = _QUOTA.read_text(encoding="ascii").split()
        return bound if quota == "max" else min(bound, int(quota) / int(period))
    except (OSError, ValueError):
        return bound


def _end_with(watched: int) -> None:
    """Waits for the original to end, also by a signal: what it asked for is of no use then."""
    os.read(watched, 1)
    os._exit(1)


def _answer(work: Callable[[], object], writing: int) -> None:
    """Sends the result and ends the copy at once: nothing that the original has open is flushed twice."""
    status = 1
    try:
        result = pickle.dumps(work(), protocol=pickle.HIGHEST_PROTOCOL)
        with open(writing, "wb") as pipe:
            pipe.write(result)
        status = 0
    finally:
        os._exit(status)
