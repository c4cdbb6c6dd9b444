"""`--watch`: checks again whenever a file below the inputs is another than it was.

Names, sizes and times are looked at once a second; nothing is read for it. What the run itself writes is left
out, or every report would cause the next one.
"""

import gc
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import click

from budgetcheck.cli.output import complain, print_text
from budgetcheck.render.escape import guarded, visible

INTERRUPTED = 130
"""Exit code of a program that Ctrl-C ended, as shells report it."""
_PAUSE = 1.0
_MOST_FILES = 50_000
_SKIPPED = frozenset({".git", "node_modules", "venv", ".venv", "__pycache__"})

_Stamps = dict[str, tuple[int, int, int]]


def watch(
    run: Callable[[], int], paths: Sequence[Path], written: Iterable[Path] = (), pause: float = _PAUSE
) -> int:
    """Runs, and again after every change, until Ctrl-C. Returns the exit code for that.

    `paths` are looked at with all below them; `written` are files of the run itself. What is wrong with a
    configuration does not end it: the next change may repair it.
    """
    own = {str(path.absolute()) for path in written}
    try:
        while True:
            before = _stamps(paths, own)
            _run(run)
            gc.collect()  # a process that ends does not, this one goes on
            name = _wait(paths, own, before, pause)
            print_text(f"\n{guarded(visible(f'{name} changed, checking again'))}\n\n", "stderr")
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(run: Callable[[], int]) -> None:
    try:
        run()
    except click.ClickException as error:
        complain(error.format_message())


def _wait(paths: Sequence[Path], own: set[str], before: _Stamps, pause: float) -> str:
    """The name of a file that is different; also of one that changed while the run went on."""
    while True:
        now = _stamps(paths, own)
        if now != before:
            return os.path.normpath(
                min(name for name in {*now, *before} if now.get(name) != before.get(name))
            )
        time.sleep(pause)


def _stamps(paths: Sequence[Path], own: set[str]) -> _Stamps:
    found: _Stamps = {}
    for name in _names(paths):
        if os.path.abspath(name) in own:  # noqa: PTH100 - links are not followed
            continue
        try:
            status = os.stat(name)  # noqa: PTH116 - a path object per file and second is most of the work
        except OSError:
            continue
        found[name] = (status.st_mtime_ns, status.st_size, status.st_ino)
        if len(found) >= _MOST_FILES:
            break
    return found


def _names(paths: Sequence[Path]) -> Iterator[str]:
    for path in paths or (Path(),):
        if not path.is_dir():
            yield str(path)
            continue
        for folder, folders, files in os.walk(path):
            folders[:] = sorted(set(folders) - _SKIPPED)
            yield from (os.path.join(folder, file) for file in sorted(files))  # noqa: PTH118 - as above
