"""A pull request from its first push to its last, in a repository of git: comment, gate, silence.

The repository has an old fault that the request has nothing to do with: it never fails the gate and is never
told.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from expectations import Run, run_cli
from hosts import TOKEN, Host, running

NGINX = """\
server {{
    listen 80;
    server_name {host};
    location /chat {{
        proxy_pass http://{app}:8000;
        proxy_read_timeout {limit};
    }}
}}
"""
APP = """\
service: {app}
server: {{kind: uvicorn}}
routes:
  - {{path: /chat, methods: [POST], calls: [{{to: api.example.org, client: httpx, timeout: 40s}}]}}
"""
HOSTS = {
    "github": {
        "GITHUB_API_URL": "{url}",
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_REPOSITORY": "owner/name",
        "GITHUB_BASE_REF": "main",
    },
    "gitlab": {"CI_SERVER_URL": "{url}", "CI_PROJECT_ID": "3", "GITLAB_TOKEN": TOKEN},
}
OTHERS = ("GITHUB_EVENT_PATH", "CI_JOB_TOKEN", "CI_COMMIT_SHA", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")


@dataclass
class Request:
    """A branch `feature` of a repository, and the host that has the request for it."""

    folder: Path
    host: Host
    name: str
    monkeypatch: pytest.MonkeyPatch

    def git(self, *arguments: str) -> str:
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        command = ["git", *identity, *arguments]
        return subprocess.check_output(
            command, cwd=self.folder, env=environment, text=True, stderr=subprocess.DEVNULL
        ).strip()

    def push(self, **files: str) -> None:
        """A commit with these files; the host knows it as the newest one."""
        for name, text in files.items():
            (self.folder / name.replace("_", ".")).write_text(text)
        self.git("add", ".")
        self.git("commit", "-q", "-m", "change")
        self.host.head = self.git("rev-parse", "HEAD")

    def comment(self) -> str:
        """What a job of the request says that it did."""
        if self.name == "gitlab":
            base = self.git("merge-base", "main", "HEAD")
            self.monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", base)
            self.monkeypatch.setenv("CI_COMMIT_SHA", self.host.head)
        option = ("--pull-request", "5") if self.name == "github" else ("--merge-request", "7")
        run = run_cli("comment", *option)
        assert (run.exit_code, run.stderr) == (0, ""), run.stderr
        return run.stdout

    def gate(self) -> Run:
        return run_cli(".", "--base", "main", "--new-only", "--format", "json")

    def shown(self) -> list[str]:
        """The lines of the only comment that a reader sees."""
        (body,) = self.host.said()
        marker, *lines = body.splitlines()
        assert marker.startswith("<!-- ")
        return lines


@pytest.fixture(params=["github", "gitlab"])
def request_(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Request]:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    for name in (*OTHERS, *(name for names in HOSTS.values() for name in names)):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "repository"
    folder.mkdir()
    with running(request.param) as host:
        for name, value in HOSTS[request.param].items():
            monkeypatch.setenv(name, value.format(url=host.url))
        monkeypatch.chdir(folder)
        made = Request(folder=folder, host=host, name=request.param, monkeypatch=monkeypatch)
        made.git("init", "-q", "-b", "main")
        for app, limit in (("new", "60s"), ("old", "10s")):
            (folder / f"{app}.conf").write_text(NGINX.format(host=f"{app}.example.com", app=app, limit=limit))
            (folder / f"{app}.yaml").write_text(APP.format(app=app))
        made.push()
        made.git("update-ref", "refs/remotes/origin/main", "main")
        made.git("checkout", "-q", "-b", "feature")
        yield made


def fresh(run: Run) -> list[tuple[str, list[str]]]:
    """Rule and routes of the findings that are new."""
    found = json.loads(run.stdout)["findings"]
    return [(one["rule"], one["routes"]) for one in found if one["since_base"] == "new"]


def config(limit: str) -> str:
    return NGINX.format(host="new.example.com", app="new", limit=limit)


def test_break_repair_and_nothing(request_: Request) -> None:
    request_.push(new_conf=config("30s"))
    assert request_.comment() == "create: first comment\n"
    lines = request_.shown()
    assert lines[0] == "### budgetcheck: 1 new error: POST `new.example.com/chat`: slack 20 s -> -10 s"
    assert "old.example.com" not in "\n".join(lines)
    gate = request_.gate()
    assert gate.exit_code == 1
    assert fresh(gate) == [("BC101", ["new.example.com/chat"])]

    request_.push(new_conf=config("55s"))
    assert request_.comment().startswith("update 100: ")
    assert request_.shown() == ["budgetcheck: this change breaks no budget; 1 route unchanged, 0 lost proof"]
    assert request_.gate().exit_code == 0

    writes = len(request_.host.writes)
    request_.push(README_md="Nothing that is read.\n")
    assert request_.comment() == "nothing written: the comment says this already\n"
    assert len(request_.host.writes) == writes


def test_old_fault_fails_a_check_but_no_gate(request_: Request) -> None:
    """The gate is not merely blind: the same files fail where everything counts."""
    request_.push(README_md="Nothing that is read.\n")
    assert run_cli(".").exit_code == 1
    gate = request_.gate()
    assert (gate.exit_code, fresh(gate)) == (0, [])
    assert request_.comment() == "nothing written: nothing to say\n"
    assert request_.host.writes == []


def test_fault_that_grows_is_no_new_one(request_: Request) -> None:
    """The route was broken before: whoever touches it is not charged with all of it, and reads its slack."""
    (request_.folder / "old.conf").write_text(NGINX.format(host="old.example.com", app="old", limit="9s"))
    request_.push()
    assert request_.gate().exit_code == 0
    said = run_cli("diff", "main").stdout
    assert "old.example.com/chat: slack -30 s -> -31 s" in said


def test_second_fault_is_told_beside_the_first(request_: Request) -> None:
    """The comment is changed, not doubled, and its first line counts both."""
    request_.push(new_conf=config("30s"))
    request_.comment()
    extra = NGINX.format(host="more.example.com", app="more", limit="20s")
    request_.push(more_conf=extra, more_yaml=APP.format(app="more"))
    assert request_.comment().startswith("update 100: ")
    first, *rest = request_.shown()
    assert first.startswith("### budgetcheck: 2 new errors: POST `more.example.com/chat`: ")
    assert first.endswith(", and 1 more route")
    assert "- error: POST `new.example.com/chat`: slack 20 s -> -10 s" in rest


def test_main_moves_on(request_: Request) -> None:
    """What main repaired meanwhile is not charged to a branch that was begun before."""
    request_.push(new_conf=config("50s"))
    request_.git("checkout", "-q", "main")
    (request_.folder / "old.conf").write_text(NGINX.format(host="old.example.com", app="old", limit="60s"))
    request_.git("commit", "-q", "-a", "-m", "repaired")
    request_.git("checkout", "-q", "feature")
    since_fork = run_cli(".", "--base", "main...", "--new-only", "--format", "json")
    assert (since_fork.exit_code, fresh(since_fork)) == (0, [])
    assert request_.gate().exit_code == 1, "without the dots the state of main itself is meant"
