"""Two states compared: what is new, fixed, lost; and that reading a commit runs nothing of the repository."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from budgetcheck.compare_runs import compare_directories, compare_with_base
from budgetcheck.git_base import GitError, base_tree
from budgetcheck.model.difference import Difference
from budgetcheck.model.report import Verdict
from budgetcheck.run import RunSettings, UsageError

NGINX = """\
server {{
    listen 80;
    server_name api.example.com;
    location / {{
        proxy_pass http://app:8000;
        proxy_read_timeout {limit};
    }}
}}
"""
APP = """\
service: app
server: {kind: uvicorn}
routes:
  - {path: /answer, methods: [POST], calls: [{to: api.example.org, client: httpx, timeout: 40s}]}
"""
SETTINGS = RunSettings(no_config=True)


def write(folder: Path, limit: str, app: str = APP) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nginx.conf").write_text(NGINX.format(limit=limit))
    (folder / "app.yaml").write_text(app)


def git(folder: Path, *arguments: str) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(
        ["git", *identity, *arguments], cwd=folder, env=environment, check=True, capture_output=True
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose only commit fits."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path / "repository"
    write(folder, "60s")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "fits")
    return folder


def changed(folder: Path, base: str = "HEAD") -> Difference:
    return compare_with_base([folder], base, None, cwd=folder, settings=SETTINGS)


def test_lowered_limit_breaks_a_route(repository: Path) -> None:
    write(repository, "30s")
    found = changed(repository)
    assert [finding.rule for finding in found.new] == ["BC101"]
    (route,) = found.routes
    assert (route.before_ms, route.after_ms) == (20_000, -10_000)
    (setting,) = found.settings
    assert (setting.setting, setting.before, setting.after) == ("proxy_read_timeout", "60 s", "30 s")
    assert setting.span.place == "nginx.conf:6"


def test_raised_limit_fixes_it(repository: Path) -> None:
    write(repository, "30s")
    git(repository, "commit", "-q", "-a", "-m", "breaks")
    write(repository, "60s")
    found = changed(repository)
    assert [finding.rule for finding in found.fixed] == ["BC101"]
    assert not found.new


def test_two_commits_are_compared_without_the_files(repository: Path) -> None:
    write(repository, "30s")
    git(repository, "commit", "-q", "-a", "-m", "breaks")
    write(repository, "nonsense")
    found = compare_with_base([repository], "HEAD~1", "HEAD", cwd=repository, settings=SETTINGS)
    assert [finding.rule for finding in found.new] == ["BC101"]


def test_proof_that_is_lost_is_said(repository: Path) -> None:
    """The limit now comes from a variable that nobody sets: no finding, but nothing is proven any more."""
    write(repository, "60s")
    (repository / "nginx.conf").unlink()
    (repository / "nginx.conf.template").write_text(NGINX.format(limit="${READ_TIMEOUT}"))
    found = changed(repository)
    assert [route.lost for route in found.routes] == [True]
    assert len(found.lost) == 1


INNER = """\
server {
    listen 8000;
    location / {
        proxy_pass http://10.0.0.9:9000;
        proxy_read_timeout 40s;
    }
}
"""


@pytest.mark.parametrize(
    ("upstream", "lost"),
    [
        pytest.param("10.0.0.1", [True], id="the port of an address: it was a proof"),
        pytest.param("backend", [False], id="a name that nobody bears: it was a guess"),
    ],
)
def test_join_that_a_second_candidate_takes_away(upstream: str, lost: list[bool], tmp_path: Path) -> None:
    """What fitted by a guess was no proof, so nobody is told that one is lost when it is no longer made."""
    for state, inner in (("old", ["one"]), ("new", ["one", "two"])):
        for name, text in {"edge": NGINX.format(limit="60s"), **dict.fromkeys(inner, INNER)}.items():
            (tmp_path / state / name).mkdir(parents=True)
            (tmp_path / state / name / "nginx.conf").write_text(text.replace("//app:", f"//{upstream}:"))
    found = compare_directories(tmp_path / "old", tmp_path / "new", settings=SETTINGS)
    fitted = [route for route in found.routes if route.before is Verdict.FITS]
    assert [route.after for route in fitted] == [Verdict.NOT_COMPARED]
    assert [route.lost for route in fitted] == lost


def test_same_route_through_another_file_is_compared(tmp_path: Path) -> None:
    """A migration: the host and path stay, the files do not."""
    write(tmp_path / "old", "60s")
    write(tmp_path / "new", "45s")
    (tmp_path / "new" / "nginx.conf").rename(tmp_path / "new" / "nginx-next.conf")
    found = compare_directories(tmp_path / "old", tmp_path / "new", settings=SETTINGS)
    assert [(route.before_ms, route.after_ms) for route in found.routes] == [(20_000, 5_000)]


def test_limit_that_got_a_second_value_is_told_with_both(tmp_path: Path) -> None:
    """Two services run one program, each with its own value: both are known."""
    code = (
        "import os\nimport requests\nfrom fastapi import FastAPI\napp = FastAPI()\n"
        '@app.get("/answer")\ndef answer():\n'
        '    return requests.get("https://api.example.org", timeout=int(os.getenv("WAIT"))).text\n'
    )
    for state, wait in (("old", 4), ("new", 15)):
        folder = tmp_path / state
        folder.mkdir()
        (folder / "main.py").write_text(code)
        (folder / "Dockerfile").write_text('FROM python\nCOPY main.py .\nCMD ["uvicorn", "main:app"]\n')
        services = (
            f"{{a: {{build: ., environment: {{WAIT: 4}}}}, b: {{build: ., environment: {{WAIT: {wait}}}}}}}"
        )
        (folder / "compose.yaml").write_text(f"services: {services}\n")
    found = compare_directories(tmp_path / "old", tmp_path / "new", settings=SETTINGS)
    assert {(change.before, change.after) for change in found.settings} == {("4 s", "4 s or 15 s")}


def test_nothing_changed(repository: Path) -> None:
    found = changed(repository)
    assert not found.new
    assert not found.fixed
    assert not found.settings
    assert not found.routes
    assert found.same_routes == 1


@pytest.mark.parametrize("ref", ["nosuch", "--upload-pack=touch", "HEAD~99", "HEAD:nginx.conf"])
def test_unknown_commit_is_a_usage_error(ref: str, repository: Path) -> None:
    with pytest.raises(UsageError):
        changed(repository, ref)


def test_reading_a_commit_runs_nothing_and_follows_no_link(repository: Path, tmp_path: Path) -> None:
    """Filters, hooks and monitors of the repository's own configuration are commands of somebody else."""
    trap = tmp_path / "ran"
    script = f"touch {trap}"
    (repository / ".gitattributes").write_text("*.conf filter=trap\n")
    (repository / "link").symlink_to("/etc/passwd")
    git(repository, "add", ".gitattributes", "link")
    git(repository, "commit", "-q", "-m", "attributes")
    for name in ("filter.trap.smudge", "filter.trap.clean", "core.fsmonitor", "core.sshCommand"):
        git(repository, "config", name, script)
    with base_tree(repository, "HEAD") as base:
        root = base.root
        assert (root / "nginx.conf").read_text() == NGINX.format(limit="60s")
        assert not (root / "link").exists()
    assert not root.exists()
    assert not trap.exists()


def test_links_among_what_takes_long_to_read(repository: Path) -> None:
    """A link, a link to nowhere, and a name that looks like one."""
    (repository / "real@other.tf").write_text("# text\n")
    (repository / "link.tf").symlink_to("real@other.tf")
    (repository / "gone.yaml").symlink_to("nowhere.yaml")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "links")
    write(repository, "30s")
    assert [finding.rule for finding in changed(repository).new] == ["BC101"]


def test_outside_of_any_repository(tmp_path: Path) -> None:
    with pytest.raises(GitError), base_tree(tmp_path, "HEAD"):
        pass
