"""Runs commands for the documents, in a copy of a sample, and shows what they print."""

import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path

from expectations import Run, run_cli


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """A copy of a directory; what commands write stays in it for the commands that follow."""

    folder: Path

    def run(self, command: str) -> Run:
        """Runs `budgetcheck ...`. Raises ValueError for any other command or a crash."""
        name, *arguments = shlex.split(command)
        if name != "budgetcheck":
            raise ValueError(f"not a command of ours: {command}")
        with chdir(self.folder):
            run = run_cli(*arguments)
        if run.crashed:
            raise ValueError(f"{command}: {run.crash!r} {run.stderr}")
        return run

    def shown(self, command: str) -> str:
        """What a terminal shows after `cat FILE` or `budgetcheck ...`, with any exit code but 0."""
        if command.startswith("cat "):
            name = command.removeprefix("cat ")
            return f"$ {command}\n{(self.folder / name).read_text(encoding='utf-8').rstrip()}"
        run = self.run(command)
        said = f"$ {command}\n{run.stdout.rstrip()}{run.stderr.rstrip()}"
        return f"{said}\n$ echo $?\n{run.exit_code}" if run.exit_code else said


@contextmanager
def sandbox(original: Path) -> Iterator[Sandbox]:
    """A copy of a sample or fixture without its expectation, under a name of its own."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / original.name
        shutil.copytree(original, folder, ignore=shutil.ignore_patterns("expected.toml", "__pycache__"))
        yield Sandbox(folder=folder)
