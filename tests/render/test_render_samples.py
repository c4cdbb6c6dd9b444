"""Golden copies of every format on two samples, run in a repository as in a pipeline."""

from collections.abc import Callable
from pathlib import Path

import pytest
from expectations import Run
from formats import RULES, copied_sample, diagnostics, issues, sarif_run, suites
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from budgetcheck.render import FORMATS, SUMMARIES

SUFFIXES = {"sarif": "sarif", "gitlab": "json", "junit": "xml", "rdjson": "json", "markdown": "md"}
PARSED = {"sarif": sarif_run, "gitlab": issues, "junit": suites, "rdjson": diagnostics}


@pytest.mark.parametrize("sample", ["llm-assistant", "shop"])
@pytest.mark.parametrize("form", [name for name in FORMATS if name not in ("text", "json", "html")])
def test_golden_report(
    form: str,
    sample: str,
    cli: Callable[..., Run],
    tmp_path: Path,
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("budgetcheck.render.sarif.__version__", "VERSION")
    monkeypatch.setattr("budgetcheck.cli.reports.rule_help", lambda: RULES)

    class OneFile(SingleFileSnapshotExtension):
        _write_mode = WriteMode.TEXT
        file_extension = SUFFIXES.get(form, "txt")

    run = cli(copied_sample(sample, tmp_path), "--format", form)
    assert run.exit_code == 1
    PARSED.get(form, str)(run.stdout)
    assert run.stdout == snapshot.use_extension(OneFile)


def test_every_format_says_what_it_is_for() -> None:
    assert list(SUMMARIES) == list(FORMATS)
