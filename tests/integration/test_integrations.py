"""What other programs are given: the action, the hook, the job of GitLab, the image, completion."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from expectations import ROOT, run_cli

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]
SCRIPTS = {step["name"]: step["run"] for step in STEPS if "run" in step}
MANUAL = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
BASH = shutil.which("bash")
NGINX = (
    "server {{ listen 80; server_name a.example.com; location / {{ proxy_pass http://app:8000;\n"
    "proxy_read_timeout {};\n}} }}\n"
)
APP = """\
service: app
server: {kind: uvicorn}
routes:
  - {path: /, methods: [POST], calls: [{to: api.example.org, client: httpx, timeout: 40s}]}
"""
needs_bash = pytest.mark.skipif(BASH is None, reason="bash is not installed")


def test_inputs_of_the_action_are_used_and_documented() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", yaml.safe_dump(ACTION)))
    assert used == set(ACTION["inputs"])
    rows = set(re.findall(r"^\| `([\w-]+)` \|", MANUAL, re.MULTILINE))
    assert rows == set(ACTION["inputs"])
    assert all(given["description"] for given in ACTION["inputs"].values())


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_of_the_action_hold_no_expression(name: str) -> None:
    """An expression in a script is pasted into it: whoever names a branch would write the script."""
    assert "${{" not in SCRIPTS[name]


@needs_bash
@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_of_the_action_are_valid(name: str) -> None:
    subprocess.run([BASH, "-n", "-c", SCRIPTS[name]], check=True)


def test_options_that_scripts_pass_exist() -> None:
    known = "".join(run_cli(*words, "--help").stdout for words in ((), ("diff",), ("comment",)))
    texts = [*SCRIPTS.values(), (ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8")]
    passed = set(re.findall(r"(?<= |\()--(?:[a-z]+-?)+", "\n".join(texts)))
    ours = {option for option in passed if option not in ("--quiet", "--no-install-recommends")}
    assert {"--pull-request", "--merge-request", "--soft-fail", "--fail-on"} <= ours
    assert [option for option in ours if option not in known] == []


def written(folder: Path, limit: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "nginx.conf").write_text(NGINX.format(limit))
    (folder / "app.yaml").write_text(APP)


def ran(name: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A step of the action, as the runner runs it: bash with -e."""
    programs = folder.parent / "runner" / "budgetcheck" / "bin"
    if not programs.exists():
        programs.parent.mkdir(parents=True)
        programs.symlink_to(Path(sys.executable).parent)
    known = {"PATH": os.environ["PATH"], "RUNNER_TEMP": str(folder.parent / "runner")}
    files = {key: str(folder.parent / key.lower()) for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    return subprocess.run(
        [str(BASH), "--noprofile", "--norc", "-eo", "pipefail", "-c", SCRIPTS[name]],
        cwd=folder,
        env={**known, **files, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@needs_bash
def test_check_writes_summary_and_report_and_leaves_the_verdict_to_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "my repository"
    written(folder, "30s")
    (folder / ".git").mkdir()
    run = ran(
        "Check",
        folder,
        INPUT_PATHS="nginx.conf\napp.yaml\n",
        INPUT_FAIL_ON="error",
        INPUT_CONFIG="",
        INPUT_SUMMARY="true",
    )
    assert run.returncode == 0, run.stderr
    assert "::error " in run.stdout
    assert (tmp_path / "github_output").read_text().startswith("exit-code=1\nsarif-file=")
    assert "BC101" in (tmp_path / "github_step_summary").read_text()
    assert (tmp_path / "runner" / "budgetcheck.sarif").is_file()


@needs_bash
def test_hostile_input_of_the_action_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    written(folder, "30s")
    run = ran(
        "Check",
        folder,
        INPUT_PATHS="$(touch pwned)\n--update-baseline",
        INPUT_FAIL_ON="error",
        INPUT_CONFIG="",
        INPUT_SUMMARY="false",
    )
    assert run.returncode == 0
    assert (tmp_path / "github_output").read_text() == "exit-code=2\n"
    assert sorted(path.name for path in folder.iterdir()) == ["app.yaml", "nginx.conf"]


@needs_bash
@pytest.mark.parametrize(
    ("before", "after", "new_only", "pull", "code"),
    [
        ("60s", "30s", "true", "5", 1),
        ("30s", "29s", "true", "5", 0),
        ("30s", "29s", "false", "5", 1),
        ("30s", "29s", "true", "", 1),
    ],
    ids=["new", "old debt", "old debt counts if asked", "on a branch everything counts"],
)
def test_verdict(before: str, after: str, new_only: str, pull: str, code: int, tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path / "repository"
    written(folder, before)
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "a")):
        git(folder, environment, *words)
    written(folder, after)
    git(folder, environment, "commit", "-q", "-a", "-m", "b")
    run = ran(
        "Verdict",
        folder,
        INPUT_PATHS=".",
        INPUT_FAIL_ON="error",
        INPUT_CONFIG="",
        INPUT_BASE="",
        INPUT_NEW_ONLY=new_only,
        PULL_REQUEST=pull,
        CHECK_CODE="1",
    )
    assert run.returncode == code, run.stdout + run.stderr


def git(folder: Path, environment: dict[str, str], *words: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *identity, *words], cwd=folder, env=environment, check=True, capture_output=True)


def test_hook_looks_at_the_whole_repository() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook["entry"] == hook["id"] == "budgetcheck"
    assert hook["pass_filenames"] is False
    files = re.compile(hook["files"])
    for name in ("infra/nginx.conf", "a/main.tf", "app.yaml", "x/Dockerfile", ".env.prod", "Procfile"):
        assert files.search(name), name
    assert not files.search("README.md")


@needs_bash
def test_job_of_gitlab() -> None:
    document = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8"))
    job = document["budgetcheck"]
    report = job["artifacts"]["reports"]["codequality"]
    script = "\n".join([*job["before_script"], *job["script"]])
    assert f"gitlab={report}" in script
    subprocess.run([str(BASH), "-n", "-c", script], check=True)
    for name in re.findall(r"\$\{?(BUDGETCHECK_\w+)", script):
        assert name in document["variables"]


def test_image_runs_as_nobody_in_particular() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    words = [line.split()[0] for line in lines if line and line[0].isupper()]
    assert words.index("USER") < words.index("ENTRYPOINT")
    copied = [
        word
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    ]
    assert all((ROOT / word).exists() for word in copied)
    assert all(f"!{word}" in (ROOT / ".dockerignore").read_text().splitlines() for word in copied)


def test_examples_of_the_manual_are_yaml() -> None:
    for block in re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL):
        assert yaml.safe_load(block)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str) -> None:
    script = run_cli("completion", shell).stdout
    assert "_BUDGETCHECK_COMPLETE" in script
    program = shutil.which(shell)
    if program is not None:
        subprocess.run([program, "-n"], input=script.encode(), check=True)


@pytest.mark.parametrize(
    ("words", "item"),
    [
        ("budgetcheck di", "plain,diff"),
        ("budgetcheck ", "file,"),
        ("budgetcheck infra di", "file,di"),
        ("budgetcheck --fo", "plain,--format"),
        ("budgetcheck --format sa", "plain,sarif"),
        ("budgetcheck diff --format co", "plain,comment"),
    ],
)
def test_completed_words(words: str, item: str) -> None:
    environment = {
        **os.environ,
        "_BUDGETCHECK_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    code = "import sys; sys.argv[0] = 'budgetcheck'; from budgetcheck.cli import main; main()"
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert item in run.stdout.splitlines(), run.stderr
    if words.startswith("budgetcheck infra"):
        assert "plain,diff" not in run.stdout


def test_every_command_says_what_it_does() -> None:
    """Summaries are whole sentences, and every option has a text."""
    listed = run_cli("--help").stdout
    assert "..." not in listed.split("Commands:")[1]
    from budgetcheck.cli import main

    for command in (main, *main.subcommands.values()):
        assert (command.help or "").split("\n")[0].endswith((".", ":")), command.name
        for parameter in command.params:
            if parameter.param_type_name == "option":
                assert getattr(parameter, "help", ""), f"{command.name} {parameter.name}"
