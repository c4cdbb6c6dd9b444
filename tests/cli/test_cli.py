"""The command line around a pipeline that a stand-in plays: arguments, streams, exit codes, failures."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from expectations import Run

from budgetcheck import __version__
from budgetcheck.cli import EXIT_CODES
from budgetcheck.cli.output import Progress
from budgetcheck.cli.reports import rule_help
from budgetcheck.model.findings import Confidence, Finding, Severity
from budgetcheck.model.report import Joints, Report
from budgetcheck.model.span import Span
from budgetcheck.render import FORMATS, RenderOptions, load
from budgetcheck.rules import RULES, Rule
from budgetcheck.run import RunSettings, UsageError

Cli = Callable[..., Run]

FINDING = Finding(
    rule="BC101",
    name="inner-outlives-outer",
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    message="überlang",
    span=Span(file="nginx.conf", line=3),
)
CLEAN = Report(joints=Joints(proven=1), recognised=1)
BROKEN = Report(findings=(FINDING,), joints=Joints(broken=1), recognised=1)


@dataclass
class Pipeline:
    """Stands in for `budgetcheck.run`: keeps what it was asked and answers what it is told to."""

    report: Report = CLEAN
    code: int = 0
    error: BaseException | None = None
    paths: Sequence[Path] = ()
    settings: RunSettings = field(default_factory=RunSettings)
    progress: object = None

    def run(self, paths: Sequence[Path], *, cwd: Path, settings: RunSettings, progress: object) -> Report:
        assert cwd == Path.cwd()
        self.paths, self.settings, self.progress = paths, settings, progress
        if self.error is not None:
            raise self.error
        return self.report


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    played = Pipeline()
    monkeypatch.setattr("budgetcheck.run.run", played.run)
    monkeypatch.setattr("budgetcheck.run.exit_code", lambda _report: played.code)
    return played


def complaint(run: Run) -> str:
    """The one line that a failed run leaves on stderr."""
    assert run.crash is None
    assert run.exit_code == 2
    assert run.stdout == ""
    assert run.stderr.startswith("budgetcheck: ")
    assert run.stderr.count("\n") == 1
    return run.stderr.strip()


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        pytest.param([], ["."], id="no-path-is-here"),
        pytest.param(["infra", "app.yaml"], ["infra", "app.yaml"], id="paths"),
        pytest.param(["--quiet", "infra", "--format", "json", "app.yaml"], ["infra", "app.yaml"], id="mixed"),
        pytest.param(["./rules"], ["rules"], id="a-path-called-like-a-command"),
        pytest.param(["infra", "rules"], ["infra", "rules"], id="a-command-stands-first-only"),
        pytest.param(["--quiet", "--", "-odd"], ["-odd"], id="a-path-called-like-an-option"),
    ],
)
def test_paths_stand_anywhere(
    cli: Cli, pipeline: Pipeline, tmp_path: Path, arguments: list[str], paths: list[str]
) -> None:
    assert cli(tmp_path, *arguments).exit_code == 0
    assert [str(path) for path in pipeline.paths] == paths


def test_options_reach_the_pipeline(cli: Cli, pipeline: Pipeline, tmp_path: Path) -> None:
    options = ["--environment", "prod", "--environment", "qa", "--allow-unchecked", "--config", "b.yaml"]
    cli(tmp_path, *options, "--fail-on", "warning")
    assert pipeline.settings == RunSettings(
        config=Path("b.yaml"), environments=("prod", "qa"), allow_unchecked=True, fail_on=Severity.WARNING
    )
    cli(tmp_path, "--no-config")
    assert pipeline.settings == RunSettings(no_config=True)


def test_never_failing_differs_from_not_saying(cli: Cli, pipeline: Pipeline, tmp_path: Path) -> None:
    cli(tmp_path, "--fail-on", "never")
    assert pipeline.settings.fail_on is None
    cli(tmp_path)
    assert pipeline.settings.fail_on == "unset"


@pytest.mark.parametrize("code", [0, 1, 3])
@pytest.mark.parametrize("form", FORMATS)
def test_the_report_goes_to_stdout_whatever_the_outcome(
    cli: Cli, pipeline: Pipeline, tmp_path: Path, code: int, form: str
) -> None:
    pipeline.report, pipeline.code = BROKEN, code
    run = cli(tmp_path, "--format", form)
    assert run.exit_code == code
    assert run.stdout == load(form)(BROKEN, RenderOptions(rules=rule_help()))
    assert run.stderr == ""


def test_output_goes_to_a_file_in_utf8(cli: Cli, pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.report, pipeline.code = BROKEN, 1
    run = cli(tmp_path, "--output", "report.txt")
    assert (run.exit_code, run.stdout, run.stderr) == (1, "", "")
    assert (tmp_path / "report.txt").read_bytes() == load("text")(BROKEN, RenderOptions()).encode("utf-8")


@pytest.mark.usefixtures("pipeline")
def test_output_that_cannot_be_written_is_a_failure(cli: Cli, tmp_path: Path) -> None:
    run = cli(tmp_path, "--output", "missing/report.txt")
    assert "cannot write missing/report.txt: no such file or directory" in complaint(run)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["--formt", "json"], "Did you mean '--format'?", id="misspelt-option"),
        pytest.param(["--format", "xml"], "'xml' is not one of 'text', 'json'", id="unknown-format"),
        pytest.param(["--fail-on", "fatal"], "is not one of", id="unknown-severity"),
        pytest.param(["--config"], "requires an argument", id="option-without-value"),
        pytest.param(["--config", "a.yaml", "--no-config"], "exclude one another", id="contradiction"),
        pytest.param(["explian", "BC101"], "did you mean explain?", id="misspelt-command"),
        pytest.param(["--quiet", "rules"], "written ./rules", id="command-behind-options"),
        pytest.param(["rules", "BC101"], "unexpected extra argument", id="too-many-arguments"),
        pytest.param(["schema", "apps"], "is not one of", id="unknown-schema"),
        pytest.param(["components", "opnai"], "did you mean openai?", id="misspelt-component"),
        pytest.param(["components", "zzz"], "`budgetcheck components` lists them", id="unknown-component"),
    ],
)
def test_wrong_usage_is_one_line(
    cli: Cli, pipeline: Pipeline, tmp_path: Path, arguments: list[str], says: str
) -> None:
    assert says in complaint(cli(tmp_path, *arguments))
    assert pipeline.paths == ()


def test_a_file_called_nearly_like_a_command_is_a_file(cli: Cli, pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    assert cli(tmp_path, "schemas").exit_code == 0
    assert pipeline.paths == [Path("schemas")]


def test_what_the_pipeline_refuses_is_one_line(cli: Cli, pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.error = UsageError("no such path: a\nb ##[error]\x1b[2J")
    assert complaint(cli(tmp_path, "x")) == "budgetcheck: no such path: a b # #[error]\\x1b[2J"


def test_a_crash_is_one_line_and_quotes_nothing(cli: Cli, pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.error = KeyError("password=hunter2")
    line = complaint(cli(tmp_path))
    assert "internal error: KeyError in test_cli.py:" in line
    assert "hunter2" not in line


def test_a_crash_shows_its_traceback_on_demand(
    cli: Cli, pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUDGETCHECK_DEBUG", "1")
    pipeline.error = KeyError("key")
    run = cli(tmp_path)
    assert run.exit_code == 2
    assert "Traceback (most recent call last)" in run.stderr
    assert run.stdout == ""


def test_an_interrupt_is_no_crash(cli: Cli, pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.error = KeyboardInterrupt()
    run = cli(tmp_path)
    assert (run.crash, run.exit_code, run.stdout) == (None, 130, "")
    assert run.stderr.strip() == "budgetcheck: interrupted"


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        pytest.param([], {}, False, id="a-pipe"),
        pytest.param(["--color", "always"], {}, True, id="asked-for"),
        pytest.param([], {"FORCE_COLOR": "1"}, True, id="forced"),
        pytest.param(["--color", "never"], {"FORCE_COLOR": "1"}, False, id="refused"),
        pytest.param(["--format", "json", "--color", "always"], {}, False, id="json-has-none"),
    ],
)
def test_colour(
    cli: Cli,
    pipeline: Pipeline,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    environment: dict[str, str],
    expected: bool,
) -> None:
    pipeline.report = BROKEN
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in cli(tmp_path, *arguments).stdout) is expected


def test_nobody_is_told_of_progress_off_a_terminal(cli: Cli, pipeline: Pipeline, tmp_path: Path) -> None:
    cli(tmp_path)
    assert pipeline.progress is None


def test_progress_waits_and_then_clears_its_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    clock = [0.0]
    monkeypatch.setattr("budgetcheck.cli.output.time.monotonic", lambda: clock[0])
    with Progress() as progress:
        progress("reading a.tf")
        clock[0] = 1.5
        progress("reading b\x1b[2J.tf")
    assert capfd.readouterr().err == "\r\x1b[2Kreading b\\x1b[2J.tf\r\x1b[2K"


def test_version(cli: Cli, tmp_path: Path) -> None:
    assert cli(tmp_path, "--version").stdout == f"budgetcheck {__version__}\n"


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_names_the_commands_and_the_exit_codes(cli: Cli, tmp_path: Path, option: str) -> None:
    run = cli(tmp_path, option)
    assert run.exit_code == 0
    assert "Usage: budgetcheck [OPTIONS] [PATHS]..." in run.stdout
    flat = " ".join(run.stdout.split())
    for command in ("route", "explain", "rules", "components", "schema"):
        assert f"\n  {command} " in run.stdout
        assert "Usage: budgetcheck " + command in cli(tmp_path, command, option).stdout
    for code, meaning in EXIT_CODES:
        assert f"{code} {meaning}" in flat


@pytest.mark.parametrize("word", ["BC102", "bc102", "retries-outlive-outer"])
def test_explain_prints_the_manual_page(cli: Cli, tmp_path: Path, word: str) -> None:
    head, empty, *manual = cli(tmp_path, "explain", word).stdout.splitlines()
    assert head.startswith("BC102 retries-outlive-outer (error): ")
    assert empty == ""
    assert manual[0] == "What it checks"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_a_page_and_a_line(cli: Cli, tmp_path: Path, rule: Rule) -> None:
    title = f"{rule.code} {rule.name}"
    page = cli(tmp_path, "explain", rule.name).stdout
    assert page.startswith(f"{title} ({rule.severity.label}): {rule.summary}\n\n")
    assert page.count(title) == 1
    listed = [line.split() for line in cli(tmp_path, "rules").stdout.splitlines()]
    assert [rule.code, rule.name, rule.severity.label, *rule.summary.split()] in listed


def test_explain_of_an_unknown_rule(cli: Cli, tmp_path: Path) -> None:
    assert "did you mean BC102" in complaint(cli(tmp_path, "explain", "BC1O2"))
    assert "did you mean retries-outlive-outer?" in complaint(cli(tmp_path, "explain", "retries-outlive"))
    assert "`budgetcheck rules` lists them" in complaint(cli(tmp_path, "explain", "zzz"))
    assert "Missing argument" in complaint(cli(tmp_path, "explain"))


def test_components(cli: Cli, tmp_path: Path) -> None:
    listing, page = cli(tmp_path, "components").stdout, cli(tmp_path, "components", "openai").stdout
    assert "openai" in listing
    assert "nginx" in listing
    assert "max_retries" in page
    assert "https://" in page


@pytest.mark.parametrize("name", ["app", "budgetcheck", "facts", "report"])
def test_schemas_are_draft_7(cli: Cli, tmp_path: Path, name: str) -> None:
    printed = json.loads(cli(tmp_path, "schema", name).stdout)
    assert printed["$schema"] == "http://json-schema.org/draft-07/schema#"


@pytest.mark.parametrize(
    ("config", "says"),
    [
        pytest.param("severity: {BC110: note}", "severity.BC110", id="severity"),
        pytest.param("ignore: [{rule: BC110, reason: known}]", "ignore[0].rule", id="ignore"),
    ],
)
def test_a_rule_that_does_not_exist_is_refused(cli: Cli, tmp_path: Path, config: str, says: str) -> None:
    (tmp_path / "budgetcheck.yaml").write_text(config)
    line = complaint(cli(tmp_path))
    assert says in line
    assert "is no rule (did you mean BC10" in line
