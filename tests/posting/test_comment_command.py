"""`budgetcheck comment` against a host on this machine: what is called, and what is said."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from expectations import Run, run_cli
from hosts import HEAD, MARKER, TOKEN, Failure, Host, running

from budgetcheck.posting import patience

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


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two states, `before` and `after`; the working directory is the later one."""
    for name, limit in (("before", "60s"), ("after", "30s")):
        (tmp_path / name / ".git").mkdir(parents=True)
        (tmp_path / name / "nginx.conf").write_text(NGINX.format(limit))
        (tmp_path / name / "app.yaml").write_text(APP)
    monkeypatch.chdir(tmp_path / "after")
    for name in ("GITHUB_EVENT_PATH", "GITHUB_BASE_REF", "GITLAB_TOKEN", "CI_JOB_TOKEN", "CI_COMMIT_SHA"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    with running("github") as host:
        monkeypatch.setenv("GITHUB_API_URL", host.url)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.setenv("GITHUB_REPOSITORY", "owner/name")
        yield host


@pytest.fixture
def gitlab(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    with running("gitlab") as host:
        monkeypatch.setenv("CI_SERVER_URL", host.url)
        monkeypatch.setenv("CI_PROJECT_ID", "3")
        monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
        yield host


@pytest.fixture(params=["github", "gitlab"])
def host(request: pytest.FixtureRequest) -> Host:
    found: Host = request.getfixturevalue(request.param)
    return found


def post(folder: Path, host: Host, *options: str, fixed: bool = False) -> Run:
    which = ("--pull-request", "5") if "pull" in host.answers else ("--merge-request", "7")
    states = ("--base", str(folder / "before"), "--head", str(folder / ("before" if fixed else "after")))
    run = run_cli("comment", *which, *states, "--commit", HEAD, "--no-config", *options)
    assert TOKEN not in run.stdout + run.stderr
    return run


def test_first_comment_is_written_and_an_unchanged_one_left_alone(folder: Path, host: Host) -> None:
    run = post(folder, host)
    assert (run.exit_code, run.stderr) == (0, "")
    assert run.stdout == "create: first comment\n"
    (body,) = host.said()
    assert body.startswith(MARKER.format(HEAD))
    assert "slack 20 s -> -10 s" in body
    assert len(host.writes) == 1
    again = post(folder, host)
    assert again.stdout == "nothing written: the comment says this already\n"
    assert len(host.writes) == 1


def test_token_goes_out_as_the_host_wants_it(folder: Path, host: Host) -> None:
    post(folder, host)
    name = "Authorization: token " if "pull" in host.answers else "PRIVATE-TOKEN: "
    assert host.tokens == {f"{name}{TOKEN}"}


def test_nothing_to_say_is_not_said(folder: Path, host: Host) -> None:
    run = post(folder, host, fixed=True)
    assert run.stdout == "nothing written: nothing to say\n"
    assert host.writes == []


def test_other_comment_is_changed_and_what_is_fixed_is_one_line(folder: Path, host: Host) -> None:
    key = host.say(f"{MARKER.format('b' * 40)}something else\n")
    assert post(folder, host).stdout.startswith(f"update {key}")
    post(folder, host, fixed=True)
    (body,) = host.said()
    assert body.count("\n") == 2
    assert "breaks no budget" in body


def test_older_run_does_not_overwrite(folder: Path, host: Host) -> None:
    host.head = "c" * 40
    host.say(f"{MARKER.format('c' * 40)}newer\n")
    run = post(folder, host)
    assert run.exit_code == 0
    assert "newer commit" in run.stdout
    assert host.writes == []


def test_marker_of_somebody_else_is_not_ours(folder: Path, host: Host) -> None:
    """Anybody may write a comment that begins with the marker: it is neither changed nor taken for ours."""
    host.say(f"{MARKER.format(HEAD)}all is well\n", mine=False)
    assert post(folder, host).stdout.startswith("create")
    assert len(host.said()) == 2


def test_person_with_a_token_of_their_own(folder: Path, github: Host) -> None:
    github.bot = False
    github.say(f"{MARKER.format('b' * 40)}mine\n")
    github.say(f"{MARKER.format('b' * 40)}foreign\n", mine=False)
    assert post(folder, github).stdout.startswith("update 100")


def test_delete_removes_the_earlier_one(folder: Path, host: Host) -> None:
    host.say(f"{MARKER.format(HEAD)}old\n")
    post(folder, host, "--mode", "delete")
    (body,) = host.said()
    assert "slack" in body


def test_hide_folds_the_earlier_one(folder: Path, github: Host) -> None:
    key = github.say(f"{MARKER.format(HEAD)}old\n")
    run = post(folder, github, "--mode", "hide")
    assert run.stdout.startswith(f"create, hide {key}")
    assert github.hidden == {key}
    assert post(folder, github, "--mode", "hide").stdout.startswith("nothing written")


def test_hide_is_refused_where_the_host_cannot(folder: Path, gitlab: Host) -> None:
    run = post(folder, gitlab, "--mode", "hide")
    assert run.exit_code == 2
    assert "cannot hide" in run.stderr


def test_dry_run_writes_nothing(folder: Path, host: Host) -> None:
    run = post(folder, host, "--dry-run")
    assert run.stdout.startswith("would create: first comment\n\n<!-- budgetcheck")
    assert host.writes == []


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses take no time, and everything two seconds at most."""
    monkeypatch.setattr(patience, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(
        patience.Patience.__init__,
        "__kwdefaults__",
        {**patience.Patience.__init__.__kwdefaults__, "seconds": 2.0},
    )


@pytest.mark.usefixtures("hasty")
def test_bad_gateway_then_success(folder: Path, host: Host) -> None:
    host.failures = [Failure("GET", 502), Failure("POST", 502)]
    assert post(folder, host).stdout == "create: first comment\n"
    assert len(host.said()) == 1


@pytest.mark.usefixtures("hasty")
def test_write_that_failed_only_for_us_is_not_repeated(folder: Path, host: Host) -> None:
    """The host wrote the comment and the answer was lost: the next try finds it."""
    host.failures = [Failure("POST", 504, done=True)]
    assert post(folder, host).stdout == "nothing written: the comment says this already\n"
    assert len(host.said()) == 1


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("status", [403, 429])
def test_rate_limit_is_waited_for(status: int, folder: Path, github: Host) -> None:
    github.failures = [
        Failure("POST", status, {"Retry-After": "1"}, "You have exceeded a secondary rate limit")
    ]
    assert post(folder, github).stdout == "create: first comment\n"


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("soft", [False, True], ids=["hard", "soft"])
def test_rate_limit_behind_the_deadline(soft: bool, folder: Path, github: Host) -> None:
    github.failures = [Failure("GET", 429, {"Retry-After": "3600"})]
    run = post(folder, github, *(["--soft-fail"] if soft else []))
    assert run.exit_code == (0 if soft else 2)
    assert "asks to wait 3600 s" in run.stderr


@pytest.mark.usefixtures("hasty")
def test_deadline(folder: Path, host: Host) -> None:
    host.failures = [Failure("GET", 503) for _ in range(1_000)]
    run = post(folder, host)
    assert run.exit_code == 2
    assert "answers 503 (gave up after" in run.stderr


@pytest.mark.usefixtures("hasty")
def test_answer_that_drips_for_ever(folder: Path, host: Host) -> None:
    host.failures = [Failure("GET", 200, drip=6)]
    run = post(folder, host)
    assert run.exit_code == 2
    assert "did not answer within 2 s" in run.stderr


@pytest.mark.parametrize("soft", [False, True], ids=["hard", "soft"])
def test_fork_without_permission(soft: bool, folder: Path, github: Host) -> None:
    github.failures = [Failure("POST", 403, message="Resource not accessible by integration")]
    run = post(folder, github, *(["--soft-fail"] if soft else []))
    assert run.exit_code == (0 if soft else 2)
    assert "may not comment on owner/name (403)" in run.stderr
    assert "fork" in run.stderr
    assert len(github.writes) == 1, "a refusal is not tried again"


def test_token_of_a_job_that_may_not_write(folder: Path, gitlab: Host, monkeypatch) -> None:
    monkeypatch.delenv("GITLAB_TOKEN")
    monkeypatch.setenv("CI_JOB_TOKEN", TOKEN)
    gitlab.failures = [Failure("POST", 403, message="403 Forbidden")]
    run = post(folder, gitlab)
    assert run.exit_code == 2
    assert "set GITLAB_TOKEN" in run.stderr
    assert gitlab.tokens == {f"JOB-TOKEN: {TOKEN}"}


@pytest.mark.parametrize(
    ("status", "says"), [(401, "does not know the token"), (404, "no such pull request"), (422, "refuses")]
)
def test_refusals_say_what_they_mean(status: int, says: str, folder: Path, github: Host) -> None:
    github.failures = [Failure("GET", status, message=f"{TOKEN} ::error::x")]
    run = post(folder, github)
    assert run.exit_code == 2
    assert says in run.stderr


def test_missing_token(folder: Path, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "GITLAB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    run = post(folder, host)
    assert run.exit_code == 2
    assert "no token" in run.stderr
    assert host.calls == []


def test_token_is_not_sent_in_the_clear(folder: Path, github: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_API_URL", "http://api.example.com")
    run = post(folder, github)
    assert run.exit_code == 2
    assert "https://" in run.stderr


@pytest.mark.parametrize(
    "options", [(), ("--pull-request", "5", "--merge-request", "7"), ("--pull-request", "0")]
)
def test_one_request_has_to_be_named(options: tuple[str, ...], folder: Path) -> None:
    assert folder
    assert run_cli("comment", *options, "--base", "x").exit_code == 2


@pytest.mark.usefixtures("github")
def test_commit_comes_from_the_event_of_a_pull_request(folder: Path, monkeypatch) -> None:
    """What the job has checked out is a merge, which no pull request holds."""
    event = folder / "event.json"
    event.write_text(json.dumps({"pull_request": {"head": {"sha": HEAD}}}))
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
    states = ("--base", str(folder / "before"), "--head", str(folder / "after"))
    run = run_cli("comment", "--pull-request", "5", *states, "--no-config")
    assert run.stdout == "create: first comment\n"


@pytest.mark.parametrize(
    ("module", "option", "extra"),
    [("github", "--pull-request", "github"), ("gitlab", "--merge-request", "gitlab")],
)
def test_missing_client_names_its_extra(module: str, option: str, extra: str, folder: Path) -> None:
    code = (
        f"import sys; sys.modules[{module!r}] = None\nfrom budgetcheck.cli import main\n"
        f"main(['comment', {option!r}, '5', '--base', 'x'])"
    )
    environment = {"GITHUB_TOKEN": "x", "GITHUB_REPOSITORY": "a/b", "GITLAB_TOKEN": "x", "CI_PROJECT_ID": "3"}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, check=False
    )
    assert run.returncode == 2
    assert f"pip install 'budgetcheck[{extra}]'" in run.stderr.decode()


def test_no_other_command_loads_a_client() -> None:
    code = "import sys, budgetcheck.cli\nassert not {'github', 'gitlab', 'requests'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
