"""Two states compared: what is new, fixed, lost; and that reading a commit runs nothing of the repository."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from budgetcheck.compare_runs import compare_directories, compare_with_base
from budgetcheck.git_base import GitError, base_tree
from budgetcheck.model.difference import Difference
from budgetcheck.model.report import Verdict
from budgetcheck.render import RenderOptions
from budgetcheck.render.comment import render
from budgetcheck.render.comment_options import CommentOptions
from budgetcheck.render.difference import render_json, render_text
from budgetcheck.render.lost_causes import lost_causes
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
    told = [(cause.setting, cause.span and cause.span.place) for cause in lost_causes(found)]
    assert told == [("", "edge/nginx.conf:4")] * sum(lost)
    assert all("declare the link" in cause.needs for cause in lost_causes(found))


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


BALANCER = """\
resource "aws_lb" "main" {{
  load_balancer_type = "application"
  idle_timeout       = {idle}
}}
resource "aws_lb_listener" "main" {{
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  default_action {{
    type             = "forward"
    target_group_arn = aws_lb_target_group.{group}.arn
  }}
}}
resource "aws_lb_target_group" "{group}" {{
  port                 = 80
  protocol             = "HTTP"
  deregistration_delay = {delay}
}}
"""


@pytest.mark.parametrize(
    ("delay", "told"),
    [
        pytest.param(30, [], id="it is as it was"),
        pytest.param(5, [("aws_lb_target_group.web.deregistration_delay", "30 s", "5 s")], id="it changed"),
    ],
)
def test_limit_of_a_renamed_target_group_is_one(
    delay: int, told: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    for state, group, seconds in (("old", "api", 30), ("new", "web", delay)):
        (tmp_path / state).mkdir()
        text = BALANCER.format(idle=60, group=group, delay=seconds)
        (tmp_path / state / "main.tf").write_text(text)
    found = compare_directories(tmp_path / "old", tmp_path / "new", settings=SETTINGS)
    assert [(change.setting, change.before, change.after) for change in found.settings] == told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param(("a",), ("b",), [("60 s", "50 s")], id="one went and one came"),
        pytest.param(("a", "c"), ("b", "d"), [], id="nobody knows which is which"),
        pytest.param(("a",), ("a", "b"), [("60 s", "50 s")], id="the old one is still there"),
    ],
)
def test_limit_of_a_renamed_hop(
    old: tuple[str, ...], new: tuple[str, ...], told: list[tuple[str, str]], tmp_path: Path
) -> None:
    for state, hosts, limit in (("old", old, "60s"), ("new", new, "50s")):
        (tmp_path / state).mkdir()
        servers = (NGINX.format(limit=limit).replace("api.", f"{host}.") for host in hosts)
        (tmp_path / state / "nginx.conf").write_text("".join(servers))
    found = compare_directories(tmp_path / "old", tmp_path / "new", settings=SETTINGS)
    assert [(change.before, change.after) for change in found.settings] == told


NOTHING = [
    pytest.param({"README.md": "text\n", "main.go": "package main\n"}, "nothing-recognised", id="unknown"),
    pytest.param({"nginx.conf": NGINX.format(limit="60s")}, "no-neighbours", id="one end alone"),
    pytest.param(
        {"nginx.conf.template": NGINX.format(limit="${LIMIT}"), "app.yaml": APP},
        "no-certain-number",
        id="a number that is not known",
    ),
    pytest.param({"nginx.conf": NGINX.format(limit="60s"), "app.yaml": APP}, None, id="a proof"),
]


@pytest.mark.parametrize(("files", "kind"), NOTHING)
def test_that_nothing_was_compared_is_said(files: dict[str, str], kind: str | None, tmp_path: Path) -> None:
    for state in ("old", "new"):
        (tmp_path / state).mkdir()
        for name, text in files.items():
            (tmp_path / state / name).write_text(text)
    found = compare_directories(tmp_path / "old", tmp_path / "new", settings=SETTINGS)
    assert (found.nothing_compared.kind if found.nothing_compared else None) == kind
    options = RenderOptions()
    said = (render_text(found, options), render(found, CommentOptions()))
    assert ["othing was compared" in text for text in said] == [kind is not None] * 2
    assert ("breaks no budget" in said[1]) == (kind is None)
    told = json.loads(render_json(found))["nothing_compared"]
    assert (told and told["kind"]) == kind


def test_formats_that_are_not_read_are_named(tmp_path: Path) -> None:
    for state in ("old", "new"):
        (tmp_path / state).mkdir()
        write(tmp_path / state / "side", "60s")
        (tmp_path / state / "side" / "app.yaml").unlink()
        for name in ("a.go", "b.go", "c.jsonnet"):
            (tmp_path / state / name).write_text("text\n")
    found = compare_directories(tmp_path / "old", tmp_path / "new", settings=SETTINGS)
    assert found.nothing_compared is not None
    assert "not read: Go (2 files), Jsonnet (1 file)" in found.nothing_compared.text


def test_compared_in_one_state_only_is_compared(tmp_path: Path) -> None:
    """The route that lost its end was proven before: that is what there is to say."""
    write(tmp_path / "old", "60s")
    write(tmp_path / "new", "60s")
    (tmp_path / "new" / "app.yaml").unlink()
    found = compare_directories(tmp_path / "old", tmp_path / "new", settings=SETTINGS)
    assert found.nothing_compared is None


ROUTES = "".join(
    f"  - {{path: /{name}, calls: [{{to: {name}.example.org, client: httpx, timeout: 40s}}]}}\n"
    for name in ("a", "b", "c")
)


def test_proof_that_many_routes_lose_is_told_once(tmp_path: Path) -> None:
    """One number, three routes, one line with the place of the number and what to supply."""
    app = f"service: app\nserver: {{kind: uvicorn}}\nroutes:\n{ROUTES}"
    for state, limit in (("old", "60s"), ("new", "${READ_TIMEOUT}")):
        (tmp_path / state).mkdir()
        (tmp_path / state / "nginx.conf.template").write_text(NGINX.format(limit=limit))
        (tmp_path / state / "app.yaml").write_text(app)
    found = compare_directories(tmp_path / "old", tmp_path / "new", settings=SETTINGS)
    assert len(found.lost) == 3
    (cause,) = lost_causes(found)
    assert (cause.setting, cause.span and cause.span.place) == (
        "proxy_read_timeout",
        "nginx.conf.template:6",
    )
    assert cause.needs
    comment = render(found, CommentOptions())
    assert comment.startswith("### budgetcheck: 1 lost proof: ")
    assert comment.count("- lost proof") == comment.count("no certain value") == 1
    assert "and 2 more routes" in comment
    (told,) = json.loads(render_json(found))["lost_proofs"]
    assert (told["path"], told["line"], len(told["routes"])) == ("nginx.conf.template", 6, 3)
    assert render_text(found, RenderOptions()).count("has no certain value") == 1


@pytest.mark.parametrize(
    ("started", "manifest", "after"),
    [
        pytest.param("gunicorn main:app --timeout 30", "{}", Verdict.NOT_COMPARED, id="its server"),
        pytest.param("uwsgi --module main:app", '{"addons": []}', Verdict.CANNOT_TELL, id="its router"),
    ],
)
def test_handler_that_calls_nothing_any_more_lost_no_proof(
    started: str, manifest: str, after: Verdict, tmp_path: Path
) -> None:
    """30 s over a call of 5 s fitted; what is left is of a library that nobody knows."""
    code = (
        "import requests\nfrom elsewhere import answered\nfrom flask import Flask\napp = Flask(__name__)\n"
        '@app.get("/answer")\ndef answer():\n    return answered({body})\n'
    )
    for state, body in (("old", 'requests.get("https://api.example.org", timeout=5).text'), ("new", '"42"')):
        (tmp_path / state).mkdir()
        (tmp_path / state / "main.py").write_text(code.format(body=body))
        (tmp_path / state / "Procfile").write_text(f"web: {started}\n")
        (tmp_path / state / "app.json").write_text(manifest)
    found = compare_directories(tmp_path / "old", tmp_path / "new", settings=SETTINGS)
    assert [(route.before, route.after) for route in found.routes] == [(Verdict.FITS, after)]
    assert not found.lost
