"""What the command line writes: UTF-8 to both streams, one line where something is wrong, a progress line."""

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, Self

import click

from budgetcheck.render import RenderOptions
from budgetcheck.render.console import draws_boxes, text_width, wants_color
from budgetcheck.render.escape import guarded, visible

FAILURE = 2
"""Exit code where budgetcheck itself could not do what was asked."""

_PATIENCE = 1.0  # seconds without a progress line


class Progress:
    """One line on a terminal that says what is being done once it takes a while; it goes away at the end."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._shown = False

    def __call__(self, text: str) -> None:
        """Shows the text unless the run is still young."""
        if time.monotonic() - self._started >= _PATIENCE:
            print_text(f"\r\x1b[2K{visible(text)[: columns() - 1]}", "stderr")
            self._shown = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            print_text("\r\x1b[2K", "stderr")


def watched() -> bool:
    """Somebody looks at stderr, and it can take a line back."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def render_options(
    color: str, *, terminal: bool, to_stdout: bool = True, quiet: bool = False, kinds: tuple[str, ...] = ()
) -> RenderOptions:
    """How text is to look where it goes; `color` is auto, always or never."""
    return RenderOptions(
        width=text_width(columns(), terminal=terminal),
        color=wants_color(color, os.environ, terminal=terminal),
        ascii_only=to_stdout and not draws_boxes(sys.stdout.encoding),
        quiet=quiet,
        kinds=kinds,
    )


def print_text(text: str, stream: Literal["stdout", "stderr"] = "stdout") -> int:
    """Writes UTF-8 whatever the locale says; a reader that went away is no error. Returns exit code 0."""
    binary = (sys.stdout if stream == "stdout" else sys.stderr).buffer
    try:
        binary.write(text.encode(errors="backslashreplace"))
        binary.flush()
    except BrokenPipeError:
        _abandon(stream)
    except OSError as error:
        _abandon(stream)
        raise click.ClickException(f"cannot write to {stream}: {why(error)}") from None
    return 0


def _abandon(stream: Literal["stdout", "stderr"]) -> None:
    """Leads the stream nowhere, or the interpreter would fail once more when it flushes it at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), getattr(sys, stream).fileno())


def complain(message: str) -> int:
    """One line on stderr, harmless whatever it quotes. Returns the exit code for it."""
    line = guarded(visible(f"budgetcheck: {' '.join(message.split())}"))
    print_text(f"{line}\n", "stderr")
    return FAILURE


def crash_line(error: Exception) -> str:
    """An unexpected exception by its kind and place: its message may quote what the user's files hold."""
    import traceback

    if os.environ.get("BUDGETCHECK_DEBUG") == "1":
        print_text("".join(traceback.format_exception(error)), "stderr")
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return (
        f"internal error: {type(error).__name__} in {place}; this is a bug in budgetcheck: please report it"
        " with the files that cause it (BUDGETCHECK_DEBUG=1 shows the traceback)"
    )


def columns() -> int:
    """Width of the terminal."""
    import shutil

    return shutil.get_terminal_size().columns


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` to put behind a complaint; empty where nothing is near."""
    import difflib

    near = difflib.get_close_matches(word[:100], list(known), n=2, cutoff=0.7)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def why(error: OSError) -> str:
    """The system's reason, as the end of a sentence."""
    return (error.strerror or type(error).__name__).lower()
