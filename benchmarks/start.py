"""How long budgetcheck takes, whole processes: to start, next to importing click, and on each sample.

Prints medians in milliseconds. Byte code is written and reused, as for anybody who runs the tool twice.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = 15
MOST = 2.5
"""`budgetcheck --version` may take this many times as long as `python -c "import click"`."""


def main() -> int:
    """Measures, prints a table, and fails if starting is slower than promised."""
    click = median_ms([sys.executable, "-c", "import click"])
    version = median_ms([str(Path(sys.executable).with_name("budgetcheck")), "--version"])
    ratio = version / click
    show("python -c 'import click'", click)
    show("budgetcheck --version", version, f"{ratio:.2f} x, at most {MOST} x")
    for sample in sorted(path for path in (ROOT / "samples").iterdir() if path.is_dir()):
        show(f"samples/{sample.name}", median_ms([sys.executable, "-m", "budgetcheck", str(sample)], runs=5))
    return 0 if ratio <= MOST else 1


def median_ms(command: Sequence[str], runs: int = RUNS) -> float:
    """Median wall-clock milliseconds of a whole process, after one run that warms the caches."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    taken = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
        taken.append((time.perf_counter() - start) * 1_000)
    return statistics.median(taken[1:])


def show(label: str, milliseconds: float, remark: str = "") -> None:
    """One line of the table."""
    print(f"{label:<32}{milliseconds:>8.1f} ms  {remark}".rstrip())  # noqa: T201 - this is its output


if __name__ == "__main__":
    sys.exit(main())
