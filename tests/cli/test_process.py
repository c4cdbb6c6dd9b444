"""What only a process of its own shows: imports, pipes, encodings, terminals."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from expectations import ROOT

FULL = Path("/dev/full")
HEAVY = ("pydantic", "yaml", "rich", "hcl2", "lark", "crossplane", "tree_sitter", "jinja2", "difflib", "json")

PLAYED = """
import sys, types
from budgetcheck.model.findings import Confidence, Finding, Severity
from budgetcheck.model.report import Joints, Report
from budgetcheck.model.span import Span
finding = Finding(rule="BC101", name="n", severity=Severity.ERROR, confidence=Confidence.HIGH,
                  message="\\u00fcberlang", span=Span(file="nginx.conf", line=3))
def run(paths, *, cwd, settings, progress):
    if progress is not None:
        progress("reading")
    return Report(findings=(finding,) * COUNT, joints=Joints(proven=1), recognised=1)
module = types.ModuleType("budgetcheck.run")
module.run, module.exit_code, module.RunSettings, module.UsageError = run, lambda report: 1, dict, OSError
sys.modules["budgetcheck.run"] = module
import budgetcheck.cli, budgetcheck.cli.output
budgetcheck.cli.output._PATIENCE = 0
"""
"""A pipeline that finds COUNT times the same, in a process of its own."""


def python(
    code: str, *, environment: Mapping[str, str] | None = None, **options: object
) -> subprocess.CompletedProcess[bytes]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "LC_", "LANG"))}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**clean, **(environment or {})},
        cwd=ROOT,
        timeout=60,
        check=False,
        **options,
    )


def loaded_by(*arguments: str, before: str = "") -> set[str]:
    """Which heavy modules a command line loads."""
    code = f"""{before}
import sys
from budgetcheck.cli import main
try:
    main({list(arguments)!r})
except SystemExit:
    pass
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    result = python(code, capture_output=True)
    last = result.stderr.decode().strip().splitlines()[-1]
    assert last.startswith("["), result.stderr.decode()
    return set(last.strip("[]").replace("'", "").replace(",", " ").split())


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["explain", "--help"]], ids=" ".join)
def test_asking_about_the_tool_loads_nothing_heavy(arguments: list[str]) -> None:
    assert loaded_by(*arguments) == set()


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        pytest.param(["--format", "text"], set(), id="text"),
        pytest.param(["--format", "json"], {"json"}, id="json"),
        pytest.param(["--color", "always"], {"rich"}, id="colour"),
    ],
)
def test_rendering_loads_only_what_its_format_needs(arguments: list[str], allowed: set[str]) -> None:
    found = loaded_by(*arguments, before=PLAYED.replace("COUNT", "1"))
    assert "rich" in found or "rich" not in allowed
    assert found - {"json"} <= allowed


def test_a_plain_run_loads_neither_colour_nor_templates() -> None:
    sample = ROOT / "samples" / "llm-assistant"
    assert not {"rich", "jinja2"} & loaded_by("--color", "never", str(sample))


def started(count: int) -> str:
    return PLAYED.replace("COUNT", str(count)) + "budgetcheck.cli.main(['.'])\n"


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", started(20_000)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 1


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
def test_a_full_disk_is_a_failure_and_not_a_finding() -> None:
    with FULL.open("wb") as full:
        result = python(started(1), stdout=full, stderr=subprocess.PIPE)
    assert result.returncode == 2
    assert result.stderr == b"budgetcheck: cannot write to stdout: no space left on device\n"


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C.UTF-8"},
    ],
    ids=["c-locale", "latin-1", "utf-8"],
)
def test_output_is_utf8_whatever_the_locale(environment: dict[str, str]) -> None:
    result = python(started(1), environment=environment, capture_output=True)
    assert "überlang" in result.stdout.decode("utf-8")
    assert result.stderr == b""


def test_a_terminal_gets_colour_and_a_progress_line_that_goes_away() -> None:
    ours, theirs = pty.openpty()
    environment = {"TERM": "xterm", "COLUMNS": "80"}
    unset = "import os; os.environ.pop('NO_COLOR', None)\n"
    result = python(unset + started(1), environment=environment, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert result.returncode == 1
    assert shown.startswith("\r\x1b[2Kreading\r\x1b[2K")
    assert "\x1b[1;31merror" in shown
