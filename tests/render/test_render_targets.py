"""Several formats in one run: which goes where, and what is refused before anything is read."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from expectations import Run
from formats import copied_sample, sarif_run

Cli = Callable[..., Run]


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return copied_sample("llm-assistant", tmp_path)


def test_one_goes_to_stdout_and_the_others_to_their_files(cli: Cli, sample: Path) -> None:
    run = cli(sample, "--format", "text", "--format", "sarif=out.sarif", "--format", "json=report.json")
    assert (run.exit_code, run.stderr) == (1, "")
    assert run.stdout == cli(sample).stdout
    assert (sample / "report.json").read_text(encoding="utf-8") == cli(sample, "--format", "json").stdout
    assert sarif_run((sample / "out.sarif").read_text(encoding="utf-8"))["results"]
    assert sorted(path.name for path in sample.iterdir()) == [
        "app.yaml",
        "expected.toml",
        "infra",
        "out.sarif",
        "report.json",
    ]


def test_with_files_only_nothing_is_printed(cli: Cli, sample: Path) -> None:
    run = cli(sample, "--format", "gitlab=q.json")
    assert (run.exit_code, run.stdout, run.stderr) == (1, "", "")
    assert json.loads((sample / "q.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("form", ["json", "json=-"])
def test_output_is_the_file_of_the_format_without_one(form: str, cli: Cli, sample: Path) -> None:
    run = cli(sample, "--format", form, "--format", "markdown=m.md", "--output", "report.json")
    assert (run.exit_code, run.stdout) == (1, "")
    assert json.loads((sample / "report.json").read_text(encoding="utf-8"))["findings"]
    assert (sample / "m.md").read_text(encoding="utf-8").startswith("## budgetcheck: 1 error")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--format", "json", "--format", "text"], "json and text would both go to standard output"),
        (["--format", "json=a", "--format", "text=a"], "json and text would both go to a"),
        (["--format", "json=a", "--format", "text=./a"], "json and text would both go to a"),
        (["--format", "json=a", "--format", "text", "--output", "a"], "would both go to a"),
        (["--format", "json=a", "--output", "b"], "--output is the file of a --format without one"),
        (["--format", "json="], "json= names no file; write json=FILE"),
        (["--format", "sarfi=a"], "'sarfi' is not one of 'text', 'json', 'sarif'"),
        (["--format", "sarfi=a"], "did you mean sarif?"),
        (["--format", "json=missing/a"], "cannot write missing/a: no such file or directory"),
        (["--format", "json=infra"], "cannot write infra: is a directory"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value[:20],
)
def test_what_cannot_be_is_said_before_anything_is_read(
    arguments: list[str], says: str, cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("budgetcheck.run.run", lambda *_, **__: pytest.fail("the check ran"))
    run = cli(sample, *arguments)
    assert run.exit_code == 2
    assert run.stdout == ""
    assert says in run.stderr
    assert run.stderr.count("\n") == 1
    assert sorted(path.name for path in sample.iterdir()) == ["app.yaml", "expected.toml", "infra"]


def test_exit_codes_are_the_same_for_every_format(cli: Cli, sample: Path) -> None:
    for options, code in (
        ((), 1),
        (("--fail-on", "never"), 0),
        (("--environment", "nowhere"), 2),
    ):
        for form in ("sarif", "github", "gitlab", "junit", "rdjson", "markdown"):
            assert cli(sample, "--format", form, *options).exit_code == code, (form, options)


def test_a_file_is_replaced_in_one_step_and_keeps_its_mode(cli: Cli, sample: Path) -> None:
    target = sample / "report.md"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o600)
    with target.open(encoding="utf-8") as opened_before:
        cli(sample, "--format", "markdown=report.md")
        assert opened_before.read() == "old"
    assert target.read_text(encoding="utf-8").startswith("## budgetcheck")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_link_is_written_through(cli: Cli, sample: Path) -> None:
    (sample / "link.json").symlink_to("real.json")
    cli(sample, "--format", "json=link.json")
    assert (sample / "link.json").is_symlink()
    assert json.loads((sample / "real.json").read_text(encoding="utf-8"))


def test_what_is_no_regular_file_is_written_into(cli: Cli, sample: Path) -> None:
    os.mkfifo(sample / "pipe")
    reader = os.open(sample / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert cli(sample, "--format", "github=pipe").exit_code == 1
        assert os.read(reader, 9) == b"::error f"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO((sample / "pipe").stat().st_mode)


def test_standard_input_is_read_once_for_all_formats(cli: Cli, sample: Path) -> None:
    nginx = (sample / "infra" / "nginx" / "nginx.conf").read_bytes()
    run = cli(sample, "app.yaml", "-", "--format", "rdjson", "--format", "sarif=s", stdin=nginx)
    assert run.exit_code == 1
    assert json.loads(run.stdout)["diagnostics"][0]["location"]["path"] == "stdin.conf"


@pytest.mark.parametrize(
    ("folder", "arguments"),
    [
        (".", ["services"]),
        ("services", ["."]),
        ("services/llm-assistant", []),
        ("elsewhere", ["../services"]),
    ],
    ids=["from the root", "from a folder", "from deeper", "from beside"],
)
@pytest.mark.usefixtures("sample")
def test_hosts_get_paths_from_the_root_of_the_repository(
    folder: str, arguments: list[str], cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    run = cli(
        tmp_path / folder, *arguments, "--format", "sarif", "--format", "gitlab=q", "--format", "github=g"
    )
    place = "services/llm-assistant/infra/nginx/nginx.conf"
    location = sarif_run(run.stdout)["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == place
    written = tmp_path / folder
    assert json.loads((written / "q").read_text(encoding="utf-8"))[0]["location"]["path"] == place
    assert f"file={place},line=31," in (written / "g").read_text(encoding="utf-8")


def test_without_a_repository_paths_are_the_printed_ones(cli: Cli, sample: Path, tmp_path: Path) -> None:
    (tmp_path / ".git").rmdir()
    result = sarif_run(cli(sample, "--format", "sarif").stdout)["results"][0]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "infra/nginx/nginx.conf"
