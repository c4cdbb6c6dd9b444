"""The process: what `budgetcheck` and `python -m budgetcheck` start."""

import gc

from budgetcheck.cli import main


def run() -> None:
    """Runs the command line, which ends the process.

    Nobody looks for cyclic garbage: of a large system that takes a second, and all memory is given back at
    the end anyway.
    """
    gc.disable()
    main()


if __name__ == "__main__":
    run()
