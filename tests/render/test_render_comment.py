"""The comment on a pull request: what it says, what it leaves out, and that nothing in it is active."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import hostile_tree
import pytest
from hostile_reports import HOSTILE_TEXTS, hostile
from tame import assert_harmless_lines, assert_tame_markdown

from budgetcheck.cli.comment_text import comment_text, harmless_line
from budgetcheck.cli.inputs import Inputs
from budgetcheck.compare_runs import compare_directories
from budgetcheck.model.difference import Difference, RouteChange, SettingChange
from budgetcheck.model.findings import Part, Severity
from budgetcheck.model.report import Verdict
from budgetcheck.model.span import Span
from budgetcheck.render.comment import render, worth_a_comment
from budgetcheck.render.comment_options import CommentOptions
from budgetcheck.run import RunSettings

SERVER = """\
server {
    listen 80;
    server_name api.example.com;
"""
OWNERS = "* @example/app\n*.conf @example/infra\n"


def nginx(**limits: str) -> str:
    """One location per name, each with its limit."""
    blocks = (
        f"    location /{name} {{\n"
        f"        proxy_pass http://app:8000;\n        proxy_read_timeout {value};\n    }}\n"
        for name, value in limits.items()
    )
    return f"{SERVER}{''.join(blocks)}}}\n"


def app(**calls: str) -> str:
    """One route per name with one call."""
    routes = "".join(
        f"  - {{path: /{name}, methods: [POST], calls: [{{to: api.example.org, {call}}}]}}\n"
        for name, call in calls.items()
    )
    return f"service: app\nserver: {{kind: uvicorn}}\nroutes:\n{routes}"


HTTPX = "client: httpx, timeout: 40s"
OPENAI = "client: openai, timeout: {connect: 5s, read: 12s}"
MANY = [f"r{number}" for number in range(40)]
SCENES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "new-error": (
        {"nginx.conf": nginx(chat="70s"), "app.yaml": app(chat=OPENAI)},
        {"nginx.conf": nginx(chat="30s"), "app.yaml": app(chat=OPENAI)},
    ),
    "two-errors-on-one-route": (
        {"nginx.conf": nginx(a="60s"), "app.yaml": app(a=HTTPX)},
        {
            "nginx.conf": nginx(a="30s"),
            "app.yaml": app(a=f"{HTTPX}}}, {{to: db.example.org, client: httpx, timeout: 50s"),
        },
    ),
    "lost-proof": (
        {"nginx.conf.template": nginx(a="60s"), "app.yaml": app(a=HTTPX)},
        {"nginx.conf.template": nginx(a="${READ_TIMEOUT}"), "app.yaml": app(a=HTTPX)},
    ),
    "fixed": (
        {"nginx.conf": nginx(a="30s"), "app.yaml": app(a=HTTPX)},
        {"nginx.conf": nginx(a="60s"), "app.yaml": app(a=HTTPX)},
    ),
    "only-warnings": (
        {"nginx.conf": nginx(a="60s"), "app.yaml": app(a=HTTPX)},
        {"nginx.conf": nginx(a="40500ms"), "app.yaml": app(a=HTTPX)},
    ),
    "many-routes": (
        {"nginx.conf": nginx(**dict.fromkeys(MANY, "60s")), "app.yaml": app(**dict.fromkeys(MANY, HTTPX))},
        {"nginx.conf": nginx(**dict.fromkeys(MANY, "30s")), "app.yaml": app(**dict.fromkeys(MANY, HTTPX))},
    ),
    "one-line-is-the-remedy": (
        {"nginx.conf": nginx(a="60s"), "app.yaml": app(a=HTTPX)},
        {"nginx.conf": nginx(a="30s"), "app.yaml": app(a=HTTPX)},
    ),
    "old-debt": (
        {"nginx.conf": nginx(a="30s", b="60s"), "app.yaml": app(a=HTTPX, b=HTTPX)},
        {"nginx.conf": nginx(a="30s", b="59s"), "app.yaml": app(a=HTTPX, b=HTTPX)},
    ),
}


def compared(folder: Path, scene: str) -> Difference:
    for name, files in zip(("before", "after"), SCENES[scene], strict=True):
        (folder / name / ".git").mkdir(parents=True)
        (folder / name / "CODEOWNERS").write_text(OWNERS)
        for file, text in files.items():
            (folder / name / file).write_text(text)
    found = compare_directories(folder / "before", folder / "after", settings=RunSettings(no_config=True))
    return replace(found, before="before", after="after")


def commented(folder: Path, scene: str, monkeypatch: pytest.MonkeyPatch) -> str:
    found = compared(folder, scene)
    monkeypatch.chdir(folder / "after")
    return comment_text(found, inputs(), "github")


def inputs() -> Inputs:
    return Inputs(
        paths=(),
        config=None,
        no_config=True,
        environment=(),
        nginx_version="",
        tf_var_env=False,
        stdin_filename=None,
    )


@pytest.mark.parametrize("scene", SCENES)
def test_comment(scene: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot) -> None:
    text = commented(tmp_path, scene, monkeypatch)
    assert text == snapshot
    assert_harmless_lines(text)
    assert_tame_markdown(text.replace("```suggestion", "```text"), columns=(4,))
    assert str(tmp_path) not in text


def test_same_difference_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = commented(tmp_path / "a", "many-routes", monkeypatch)
    assert commented(tmp_path / "b", "many-routes", monkeypatch) == first


@pytest.mark.parametrize(
    ("scene", "worth"),
    [
        ("new-error", True),
        ("lost-proof", True),
        ("only-warnings", True),
        ("fixed", False),
        ("old-debt", False),
    ],
)
def test_is_there_anything_to_say(scene: str, worth: bool, tmp_path: Path) -> None:
    assert worth_a_comment(compared(tmp_path, scene)) is worth


@pytest.mark.parametrize("scene", ["fixed", "old-debt"])
def test_nothing_broken_is_one_line(scene: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert commented(tmp_path, scene, monkeypatch).count("\n") == 1


def test_what_is_out_of_sight_is_not_fixed(tmp_path: Path) -> None:
    """The route exceeded, and its limit is not known any more: nobody has repaired anything."""
    (tmp_path / "before").mkdir()
    (tmp_path / "after").mkdir()
    for state, limit in (("before", "30s"), ("after", "${READ_TIMEOUT}")):
        (tmp_path / state / "nginx.conf.template").write_text(nginx(a=limit))
        (tmp_path / state / "app.yaml").write_text(app(a=HTTPX))
    found = compare_directories(tmp_path / "before", tmp_path / "after", settings=RunSettings(no_config=True))
    assert len(found.fixed) == 1
    text = render(found, CommentOptions())
    assert "1 finding no longer compared" in text
    assert "fixes" not in text


def test_old_debt_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Route `a` was broken before; a change of `b` that fits says nothing about it."""
    text = commented(tmp_path, "old-debt", monkeypatch)
    assert "BC1" not in text
    assert "api.example.com" not in text


@pytest.mark.parametrize("scene", ["lost-proof", "only-warnings"])
def test_no_error_is_claimed_where_none_is_proven(
    scene: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "error" not in commented(tmp_path, scene, monkeypatch)


def test_environments_are_one_row(tmp_path: Path) -> None:
    found = compared(tmp_path, "new-error")
    (change,) = found.routes
    (finding,) = (item for item in found.new if item.severity is Severity.ERROR)
    both = tuple(replace(change, environment=name) for name in ("production", "staging"))
    merged = replace(finding, environments=("production", "staging"))
    text = render(replace(found, routes=both, new=(merged,)), CommentOptions())
    assert "(production and staging): slack" in text
    assert text.count("| `api.example.com") == 1


@pytest.mark.parametrize(
    ("change", "head"),
    [
        pytest.param(
            {"rule": "BC402", "routes": ("POST /chat via api",)},
            "### budgetcheck: 1 new warning: `POST /chat via api`: 5 s at shutdown",
            id="a finding about another route than the one whose slack changed",
        ),
        pytest.param(
            {"rule": "BC402"},
            "### budgetcheck: 1 new warning: `api.example.com/chat`: 5 s at shutdown",
            id="one that names the route, but is not about its slack",
        ),
        pytest.param(
            {"rule": "BC601", "routes": ("GET /a", "POST /b"), "outer": None, "parts": ("POST /b",)},
            "### budgetcheck: 1 new warning: `POST /b`: 5 s at shutdown",
            id="the route that reaches the call, not the first of all",
        ),
        pytest.param(
            {"rule": "BC203", "routes": (), "outer": None},
            "### budgetcheck: 1 new warning: 5 s at shutdown",
            id="a finding about no route",
        ),
        pytest.param(
            {"rule": "BC102"},
            "### budgetcheck: 1 new warning: POST `api.example.com/chat`: slack 32.5 s -> -7.5 s",
            id="the one whose slack it is",
        ),
    ],
)
def test_head_line_is_about_the_finding(change: dict[str, Any], head: str, tmp_path: Path) -> None:
    found = compared(tmp_path, "new-error")
    (error,) = (item for item in found.new if item.severity is Severity.ERROR)
    assert error.inner is not None
    parts = tuple(
        Part(severity=Severity.WARNING, end=error.inner, span=error.span, message="", routes=(route,))
        for route in change.pop("parts", ())
    )
    finding = replace(error, severity=Severity.WARNING, message="5 s at shutdown", parts=parts, **change)
    text = render(replace(found, new=(finding,)), CommentOptions())
    assert text.splitlines()[0] == head
    if finding.first_route:
        assert f"#### warning {finding.rule} {finding.name}: `{finding.first_route}`" in text


@pytest.mark.parametrize("limit", [3_000, 6_000, 20_000, 65_536])
def test_long_comment_is_cut_by_whole_blocks(limit: int, tmp_path: Path) -> None:
    found = compared(tmp_path, "new-error")
    found = replace(found, new=tuple(found.new) * 30)
    text = render(found, CommentOptions(limit=limit))
    assert len(text.encode()) < limit
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0
    assert "more finding" in text
    assert text.rstrip().splitlines()[-1].endswith("lost proof")


def hostile_difference(text: str) -> Difference:
    report = hostile(text)
    findings = tuple(
        replace(finding, severity=Severity.ERROR, budget_ms=1, needed_ms=2) for finding in report.findings
    )
    lost = RouteChange(
        name=text, environment=text, before=Verdict.FITS, after=Verdict.CANNOT_TELL, before_ms=1_000
    )
    changes = (lost, replace(lost, after=Verdict.EXCEEDS, after_ms=-1))
    setting = SettingChange(
        address=text, title=text, setting=text, before=text, after=text, span=Span(file=text, line=1)
    )
    return Difference(
        before=text,
        after=text,
        report=report,
        new=findings,
        routes=changes,
        settings=(setting,),
        lost=(lost,),
    )


@pytest.mark.parametrize("words", HOSTILE_TEXTS, ids=lambda words: ascii(words[:20]))
def test_hostile_text_in_every_field(words: str) -> None:
    found = hostile_difference(words)
    edits = {edit: words for finding in found.new for fix in finding.fixes for edit in fix.edits}
    options = CommentOptions(owners={words: (words, words)}, suggestions=edits)
    text = render(found, options)
    assert len(text.encode()) < options.limit
    assert_harmless_lines(text)
    assert_tame_markdown(text.replace("```suggestion", "```text"), columns=(4,))


def test_hostile_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "before").mkdir()
    folder = hostile_tree.write(tmp_path / "after")
    (folder / "CODEOWNERS").write_text(f"* @octocat {hostile_tree.MARKUP}\n* @org/{hostile_tree.PIECES[1]}\n")
    found = compare_directories(tmp_path / "before", folder, settings=RunSettings())
    assert found.new
    monkeypatch.chdir(folder)
    text = comment_text(found, inputs(), "github")
    assert_harmless_lines(text)
    words = assert_tame_markdown(text, columns=(4,))
    assert "evil.example" in words


@pytest.mark.parametrize(
    ("line", "harmless"),
    [
        ("        proxy_read_timeout 65s;", True),
        ("idle_timeout = 65", True),
        ("    timeout: {connect: 5s, read: 9s}", True),
        ('  nginx.ingress.kubernetes.io/proxy-read-timeout: "65"', True),
        ("client = OpenAI(timeout=9, max_retries=0)", False),
        ("URL: https://user:secret@db/?t=5s", False),
        ("password: hunter2, timeout: 5s", False),
        ("password hunter2 5s", False),
        ('api_key="sk-1", timeout=5', False),
        ("timeout: 5s  # token abc", False),
        ("x" * 400, False),
    ],
)
def test_only_lines_of_names_and_numbers_are_shown_whole(line: str, harmless: bool) -> None:
    assert harmless_line(line) is harmless
