"""Runs cases one after the other: `python runner.py SERVER CASE.py ...`; prints a line of JSON for each."""

import asyncio
import inspect
import json
import os
import runpy
import sys
import time


def main(server: str, paths: list[str]) -> None:
    """Times the `call` of each case."""
    for path in paths:
        name = os.path.basename(path).removesuffix(".py")  # noqa: PTH119 - nothing of the project is imported here
        os.environ["TARGET"] = f"{server}/{name}"
        call = runpy.run_path(path)["call"]
        outcome = "answered"
        started = time.monotonic()
        try:
            if inspect.iscoroutinefunction(call):
                asyncio.run(call())
            else:
                call()
        except Exception as error:  # noqa: BLE001 - whichever error the library ends with is the result
            outcome = type(error).__name__
        seconds = time.monotonic() - started
        sys.stdout.write(json.dumps({"name": name, "seconds": seconds, "outcome": outcome}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
