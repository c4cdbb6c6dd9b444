"""Fixtures that every test shares: a scrubbed environment and the command line in-process."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from expectations import Run, run_cli
from hypothesis import settings

# A busy machine is slow now and then, and no example is wrong because of that.
settings.register_profile("budgetcheck", deadline=None)
settings.load_profile("budgetcheck")

_AMBIENT = ("CI", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "TERM")
_AMBIENT_PREFIXES = ("BUDGETCHECK_", "GITHUB_", "GITLAB_", "TF_VAR_")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same output on a laptop, in CI and in a terminal: nothing ambient reaches the tool."""
    for name in list(os.environ):
        if name in _AMBIENT or name.startswith(_AMBIENT_PREFIXES):
            monkeypatch.delenv(name)


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Runs budgetcheck in a directory: `cli(folder, "infra", "app.yaml", "--format", "json")`."""

    def run(folder: Path, *arguments: str, stdin: bytes = b"") -> Run:
        monkeypatch.chdir(folder)
        return run_cli(*arguments, stdin=stdin)

    return run
