"""Two pieces of work at the same time: one in this process, the other in a copy of it.

A copy inherits everything that is loaded, runs no other program, and imports nothing from the working
directory, as a fresh interpreter would. Where the system has no such copies, has one processor, or other
threads run here, one piece of work is done after the other.
"""

import os
import pickle
import signal
import threading
from collections.abc import Callable
from typing import TypeVar

_Here = TypeVar("_Here")
_There = TypeVar("_There")


def side_by_side(here: Callable[[], _Here], there: Callable[[], _There]) -> tuple[_Here, _There]:
    """Both results. What `there` raises is raised here; its result must be a value that can be pickled."""
    if not _possible():
        return here(), there()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _answer(there, writing)
    os.close(writing)
    with open(reading, "rb") as answer:  # noqa: PTH123 - the descriptor is already open
        try:
            mine = here()
            given = answer.read()
        except BaseException:
            os.kill(child, signal.SIGKILL)
            raise
        finally:
            os.waitpid(child, 0)
    # Without an answer it failed there, or was ended for want of memory: here it says why.
    theirs: _There = pickle.loads(given) if given else there()
    return mine, theirs


def _possible() -> bool:
    if not hasattr(os, "fork") or threading.active_count() > 1:
        return False
    usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    return len(usable) > 1


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
