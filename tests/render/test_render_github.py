"""Workflow commands: what an annotation says, how many there are, and that nothing gets out of one."""

from dataclasses import replace

import pytest
from formats import rendered
from sample_reports import CLEAN, MARGIN, NOTHING, RETRIES, TYPICAL, UNCHECKED, UNREADABLE, UNRESOLVED_NOTE
from tame import annotations

from budgetcheck.model.findings import Finding
from budgetcheck.model.report import Report
from budgetcheck.model.span import Span


def shown(*findings: Finding, **options: object) -> list[dict[str, str]]:
    return annotations(rendered("github", Report(findings=findings, recognised=1), **options))


def test_an_annotation_is_the_finding_in_full() -> None:
    (item,) = shown(RETRIES, prefix="svc")
    assert {key: item[key] for key in ("level", "file", "line", "col", "title")} == {
        "level": "error",
        "file": "svc/infra/nginx/assistant.conf",
        "line": "14",
        "col": "9",
        "title": "BC102 retries-outlive-outer",
    }
    lines = item["message"].split("\n")
    assert lines[0] == RETRIES.message
    assert "  3 attempts openai default max_retries=2 (openai 1.x-3.x)" in lines
    assert any(line.startswith("remedy: ") and "loses both retries" in line for line in lines)


def test_levels_and_order() -> None:
    levels = [item["level"] for item in annotations(rendered("github", TYPICAL))]
    assert levels == ["error", "warning", "warning", "notice"]


@pytest.mark.parametrize(
    ("span", "missing"),
    [
        (Span(file="a.tf"), {"line", "col"}),
        (Span(file="a.tf", line=3), {"col"}),
        (Span(file="a.tf", column=3), {"line", "col"}),
        (Span(file="."), {"file", "line", "col"}),
        (Span(file="../a.tf", line=3), {"file", "line", "col"}),
    ],
    ids=["no line", "no column", "a column alone", "no file", "outside"],
)
def test_only_what_is_known_is_a_property(span: Span, missing: set[str]) -> None:
    (item,) = shown(replace(UNREADABLE, span=span))
    assert {"file", "line", "col"} - set(item) == missing


def test_properties_are_escaped_and_come_back_as_they_were() -> None:
    (item,) = shown(replace(UNREADABLE, span=Span(file="::a:b,c%0A=.tf", line=1)))
    assert item["file"] == "::a:b,c%0A=.tf"
    printed = rendered(
        "github", Report(findings=(replace(UNREADABLE, span=Span(file="a:b,c%0A.tf", line=1)),))
    )
    assert printed.startswith("::warning file=a%3Ab%2Cc%250A.tf,line=1,title=BC901 unreadable-input::")


@pytest.mark.parametrize(
    ("errors", "warnings", "notes", "expected", "more"),
    [
        (10, 10, 10, (10, 10, 10), None),
        (12, 0, 0, (10, 0, 1), "2 more errors"),
        (12, 11, 0, (10, 10, 1), "2 more errors, 1 more warning"),
        (0, 0, 11, (0, 0, 10), "2 more notes"),  # the notice about them takes a place itself
        (11, 0, 10, (10, 0, 10), "1 more error, 1 more note"),
    ],
)
def test_no_level_has_more_than_the_runner_keeps(
    errors: int, warnings: int, notes: int, expected: tuple[int, int, int], more: str | None
) -> None:
    items = shown(*[UNRESOLVED_NOTE] * notes, *[MARGIN] * warnings, *[RETRIES] * errors)
    levels = [item["level"] for item in items]
    assert tuple(levels.count(level) for level in ("error", "warning", "notice")) == expected
    last = items[-1]
    if more is None:
        assert last["title"] != "budgetcheck"
    else:
        assert last["message"].startswith(f"{more}: GitHub shows 10 of a level")


def test_messages_end_at_a_whole_line_before_the_runner_cuts_them() -> None:
    finding = replace(RETRIES, notes=tuple(f"{number} " + "x" * 500 for number in range(20)))
    (item,) = shown(finding)
    assert 3_500 < len(item["message"]) <= 4_096
    assert item["message"].endswith("x" * 500)


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (CLEAN, "budgetcheck: 0 errors, 0 warnings, 0 notes, 0 suppressed; joints: 1 proven, 0 broken"),
        (NOTHING, "budgetcheck: Nothing was recognised"),
        (UNCHECKED, "budgetcheck: Not checked"),
    ],
    ids=["clean", "nothing", "unchecked"],
)
def test_without_findings_the_log_says_what_that_is_worth(report: Report, words: str) -> None:
    printed = rendered("github", report)
    assert printed.startswith(words)
    assert annotations(printed) == []
