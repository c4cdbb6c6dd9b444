"""Prints which single edits are noticed: `make mutation`, `make mutation SEEDS=20`."""

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from .check import Outcome, Result, outcomes
from .grounds import grounds

_COLUMNS = (Result.FOUND, Result.NOTE, Result.MISSED, Result.QUIET, Result.FALSE, Result.BY_PORT, Result.IDLE)
_WRONG = (Result.MISSED, Result.FALSE, Result.IDLE)


def main(arguments: list[str]) -> int:
    """0 where every fault was found and nothing false was said; `arguments` may hold a number of seeds."""
    seeds = int(arguments[0]) if arguments else 1
    found = [outcome for seed in range(seeds) for ground in grounds() for outcome in outcomes(ground, seed)]
    _print_table(found)
    wrong = sorted({outcome.text for outcome in found if outcome.result in _WRONG})
    for text in wrong:
        _say(text)
    suffixes = Counter(Path(one.edit.file).suffix or Path(one.edit.file).name for one in found)
    _say(f"by file: {', '.join(f'{suffix} {count}' for suffix, count in suffixes.most_common())}")
    _say(f"{len(found)} edits of {len({one.ground.name for one in found})} directories, {seeds} seeds")
    return 1 if wrong else 0


def _print_table(found: Iterable[Outcome]) -> None:
    counts = Counter((outcome.edit.kind, outcome.result) for outcome in found)
    titles = ("fault: found", "as a note", "missed", "slack: quiet", "false", "linked by port", "idle")
    _say(f"{'':<20} " + " ".join(titles))
    for kind in sorted({kind for kind, _ in counts}):
        numbers = zip((counts[kind, column] for column in _COLUMNS), map(len, titles), strict=True)
        _say(f"{kind:<20} " + " ".join(f"{number:>{width}}" for number, width in numbers))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
