"""GitLab's Code Quality, JUnit, reviewdog and the Markdown summary: what each promises beyond its schema."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from expectations import Run
from formats import diagnostics, issues, rendered, suites
from hostile_reports import EVERYTHING
from sample_reports import CLEAN, MARGIN, NOTHING, RETRIES, TYPICAL, UNCHECKED, UNREADABLE
from tame import assert_tame_markdown

from budgetcheck.model.changes import Literal
from budgetcheck.model.findings import Severity
from budgetcheck.model.report import Report
from budgetcheck.model.span import Span
from budgetcheck.render.markdown_text import code, fence, prose

ALL = pytest.mark.parametrize(
    "report", [CLEAN, TYPICAL, EVERYTHING, NOTHING, UNCHECKED], ids=["clean", "typical", "all", "none", "-"]
)


@ALL
def test_gitlab_accepts_every_report(report: Report) -> None:
    assert len(issues(rendered("gitlab", report))) == len(report.findings)


def test_gitlab_tells_findings_apart_and_maps_severities() -> None:
    found = issues(rendered("gitlab", replace(TYPICAL, findings=(RETRIES, RETRIES, *TYPICAL.findings))))
    severities = [issue["severity"] for issue in found]
    assert severities == ["critical"] * 3 + ["major", "major", "info"]
    assert found[0]["fingerprint"] == RETRIES.fingerprint
    assert found[0]["description"] == f"BC102 {RETRIES.message}"
    assert [place["path"] for place in found[0]["other_locations"]] == ["app.yaml"]


def test_gitlab_needs_a_line_and_a_path() -> None:
    nowhere = replace(UNREADABLE, span=Span(file=""))
    without_line = replace(UNREADABLE, span=Span(file="a.tf"), fingerprint="x")
    first, second = issues(rendered("gitlab", Report(findings=(nowhere, without_line)), prefix="svc"))
    assert first["location"] == {"path": ".", "lines": {"begin": 1}}
    assert second["location"] == {"path": "svc/a.tf", "lines": {"begin": 1}}


@ALL
def test_junit_counts_add_up(report: Report) -> None:
    assert {"BC102 retries-outlive-outer", "BC103 thin-margin"} <= set(suites(rendered("junit", report)))


@pytest.mark.parametrize(
    ("threshold", "failing"),
    [(Severity.ERROR, {"BC102"}), (Severity.WARNING, {"BC102", "BC103", "BC901"}), (None, set())],
    ids=["error", "warning", "never"],
)
def test_junit_fails_what_fails_the_run(threshold: Severity | None, failing: set[str]) -> None:
    found = suites(rendered("junit", replace(TYPICAL, fail_on=threshold)))
    assert {name.split()[0] for name, suite in found.items() if int(suite.get("failures"))} == failing
    passed = [out.text for suite in found.values() for out in suite.iter("system-out")]
    assert len(passed) == 4 - len(failing)


def test_junit_shows_suppressed_findings_as_skipped_and_silent_rules_as_passed() -> None:
    known = replace(MARGIN, suppressed_by="nginx.conf:3: it is meant")
    found = suites(rendered("junit", Report(suppressed=(known,))))
    assert [item.get("message") for item in found["BC103 thin-margin"].iter("skipped")] == [
        known.suppressed_by
    ]
    (passed,) = found["BC102 retries-outlive-outer"]
    assert list(passed) == []


def test_junit_failures_hold_the_proof() -> None:
    (failure,) = suites(rendered("junit", TYPICAL))["BC102 retries-outlive-outer"].iter("failure")
    assert failure.get("type") == "error"
    assert failure.get("message") == RETRIES.message
    assert "remedy: max_retries: 0 -> 20 s (loses both retries) [app.yaml:12]" in failure.text.split("\n")


@ALL
def test_reviewdog_accepts_every_report(report: Report) -> None:
    assert len(diagnostics(rendered("rdjson", report))) == len(report.findings)


def test_reviewdog_gets_a_suggestion_only_for_the_whole_of_a_remedy_in_the_line_itself() -> None:
    edit = RETRIES.fixes[2].edits[0]
    literals = {edit: Literal(column=20, byte_column=23)}

    def suggested(**changed: object) -> list[dict]:
        finding = replace(RETRIES, fixes=(replace(RETRIES.fixes[2], **{"breaks": "", **changed}),))
        (item,) = diagnostics(rendered("rdjson", Report(findings=(finding,)), literals=literals))
        return item.get("suggestions", [])

    start, end = {"line": 14, "column": 23}, {"line": 14, "column": 26}
    assert suggested() == [{"range": {"start": start, "end": end}, "text": "65s"}]
    assert suggested(breaks="the ALB") == []
    assert suggested(edits=(edit, edit)) == []
    assert suggested(edits=(replace(edit, span=Span(file=edit.span.file, line=15)),)) == []
    assert suggested(edits=(replace(edit, new="65s;\nevil on;"),)) == []


def test_a_suggestion_replaces_bytes_of_the_real_line(cli: Callable[..., Run], tmp_path: Path) -> None:
    """Columns are bytes, and other numbers of the line stay."""
    line = 'set $x "größer"; proxy_read_timeout 30s; # war 30s\n'
    (tmp_path / "nginx.conf").write_text(
        "upstream up { server app:8000; }\nserver {\n  server_name a.example;\n  location / {\n"
        f"proxy_pass http://up;\n{line}}}\n}}\n",
        encoding="utf-8",
    )
    (tmp_path / "app.yaml").write_text(
        "service: app\nserver:\n  {kind: gunicorn, worker_class: uvicorn_worker.UvicornWorker, "
        "graceful_timeout: 60s}\nroutes:\n"
        "  - path: /\n    methods: [POST]\n    calls: [{to: x.example, client: httpx, timeout: 40s}]\n",
        encoding="utf-8",
    )
    found = diagnostics(cli(tmp_path, "--format", "rdjson").stdout)
    (suggestion,) = [suggestion for item in found for suggestion in item.get("suggestions", [])]
    start, end = (suggestion["range"][name]["column"] - 1 for name in ("start", "end"))
    changed = line.encode()[:start] + suggestion["text"].encode() + line.encode()[end:]
    assert changed.decode() == line.replace("proxy_read_timeout 30s", "proxy_read_timeout 45s")


@ALL
def test_markdown_is_tables_folds_and_code(report: Report) -> None:
    words = assert_tame_markdown(rendered("markdown", report))
    for finding in report.findings:
        assert all(step.text.split("\t")[0] in words for step in finding.steps[:2] if step.text.isprintable())


def test_markdown_depends_on_the_findings_only() -> None:
    assert rendered("markdown", TYPICAL) == rendered("markdown", TYPICAL, width=60, color=True, quiet=True)


def test_markdown_fits_into_the_summary_of_a_step() -> None:
    long = replace(MARGIN, notes=("x " * 490,) * 40)
    report = Report(findings=tuple(replace(long, fingerprint=str(number)) for number in range(2_000)))
    document = rendered("markdown", report)
    assert len(document.encode()) < 1_024 * 1_024
    assert "1800 more are in the report of `--format json`." in document
    proofs = document.count("<details>")
    assert f"The proofs of {2_000 - proofs} more are in the report" in document


@pytest.mark.parametrize(
    ("report", "words"),
    [(NOTHING, "Nothing was recognised"), (UNCHECKED, "Not checked"), (CLEAN, "1 proven, 0 broken")],
    ids=["nothing", "unchecked", "clean"],
)
def test_markdown_is_never_silently_green(report: Report, words: str) -> None:
    assert words in rendered("markdown", report)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nginx grants 30 s, openai may take 61.5 s", "nginx grants 30 s, openai may take 61.5 s"),
        ("set proxy_read_timeout 65s (nginx.conf:3)", "set `proxy_read_timeout 65s` (`nginx.conf:3`)"),
        ("a -> b", "a \\-> b"),
        ("1. x", "1\\. x"),
        ("call f(x) now", "call `f(x)` now"),
        ("by @octocat, #12", "by `@octocat`, `#12`"),
        ("[app.yaml:1, b.tf:2]", "\\[`app.yaml:1`, `b.tf:2`\\]"),
        ("a|b", "<code>a&#124;b</code>"),
        ("end it with `;`: `max = 16;`", "end it with `;`: `max = 16;`"),
        ("(`@octocat` said)", "(`@octocat` said)"),
        ("`a|b` and a`b", "<code>a&#124;b</code> and <code>a&#96;b</code>"),
        ("``", "<code>&#96;&#96;</code>"),
        ("x\ny", "<code>x&#92;ny</code>"),
        ("", ""),
    ],
)
def test_plain_words_stay_and_everything_else_is_code(text: str, expected: str) -> None:
    assert prose(text) == expected


def test_code_and_fences_end_where_they_should() -> None:
    assert code("a`b") == "<code>a&#96;b</code>"
    assert code(" ") == ""
    assert fence(["```", "````x"]) == ["`````text", "```", "````x", "`````"]


def test_json_formats_are_json_in_a_log_too() -> None:
    for form in ("gitlab", "rdjson", "sarif"):
        assert json.loads(rendered(form, EVERYTHING))
