"""Runs one case in a process of its own: `python runner.py CASE.py`, and prints what happened as JSON."""

import asyncio
import inspect
import json
import runpy
import sys
import time


def main(path: str) -> None:
    """Imports the case, then times its `call`."""
    call = runpy.run_path(path)["call"]
    started = time.monotonic()
    outcome = "answered"
    try:
        if inspect.iscoroutinefunction(call):
            asyncio.run(call())
        else:
            call()
    except Exception as error:  # noqa: BLE001 - whichever error the library ends with is the result
        outcome = type(error).__name__
    sys.stdout.write(json.dumps({"seconds": time.monotonic() - started, "outcome": outcome}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
