"""The text report: golden copies of whole reports, and the promises that hold for any report."""

import re
import unicodedata
from dataclasses import replace

import pytest
from hostile_reports import EVERYTHING, HOSTILE_TEXTS, hostile
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_reports import (
    CHAT,
    CLEAN,
    DOUBTFUL,
    FITTING,
    MARGIN,
    NGINX,
    NOTHING,
    RETRIES,
    TYPICAL,
    UNCHECKED,
    UNREADABLE,
)
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from budgetcheck.model.findings import Severity
from budgetcheck.model.report import Joints, OpenEnd, Report, Verdict
from budgetcheck.render import RenderOptions, load

ANSI = re.compile(r"\x1b\[[0-9;]*m")
KINDS = ("nginx", "Terraform", "app document")

REPORTS = {
    "clean": CLEAN,
    "typical": TYPICAL,
    "everything": EVERYTHING,
    "nothing": NOTHING,
    "unchecked": UNCHECKED,
}


class TextFile(SingleFileSnapshotExtension):
    """One readable file per golden report."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture
def golden(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextFile)


def text(report: Report, **options: object) -> str:
    return load("text")(report, RenderOptions(kinds=KINDS, **options))


@pytest.mark.parametrize("name", REPORTS)
def test_golden_report(name: str, golden: SnapshotAssertion) -> None:
    assert text(REPORTS[name]) == golden


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [60, 100, 140])
def test_same_words_with_and_without_colour(name: str, width: int) -> None:
    coloured = text(REPORTS[name], color=True, width=width)
    assert "\x1b[" in coloured
    assert ANSI.sub("", coloured) == text(REPORTS[name], width=width)


@pytest.mark.parametrize("name", REPORTS)
def test_same_report_same_bytes(name: str) -> None:
    assert text(REPORTS[name]) == text(REPORTS[name])


@pytest.mark.parametrize("width", [60, 80, 100])
def test_only_words_that_cannot_be_broken_pass_the_margin(width: int) -> None:
    for line in text(TYPICAL, width=width).splitlines():
        if len(line) > width:
            longest = max(line.split(), key=len)
            assert len(longest) > width // 2, line


def test_worst_comes_first_whatever_the_order_in_the_report() -> None:
    heads = re.findall(r"^(error|warning|note) BC", text(TYPICAL), re.MULTILINE)
    assert heads == ["error", "warning", "warning", "note"]


def test_the_proof_reads_as_a_table() -> None:
    """The sample of the manual: claims and factors in columns, each with its place."""
    report = text(Report(findings=(RETRIES,), recognised=2), quiet=True)
    assert report.startswith(
        """\
error BC102 retries-outlive-outer  route assistant.example.com/chat
  nginx grants 30 s             proxy_read_timeout   infra/nginx/assistant.conf:14
  openai may take 61.5 s        3 attempts x 20 s + 1.5 s backoff
    20 s   read timeout         app.yaml:12
    3      attempts             openai default max_retries=2 (openai 1.x-3.x)
  At 30 s the caller gets 504; the handler works on for 31.5 s and starts up to 1 more attempt.
  remedies: a 28 s deadline around the call (keeps 20 s answers, ends the orphan) [app.yaml:8]
            max_retries: 0 -> 20 s (loses both retries)
            proxy_read_timeout 65s -> then the ALB's unwritten 60 s breaks; raise it too
"""
    )


def test_a_message_is_printed_where_no_proof_says_the_same() -> None:
    assert UNREADABLE.message in text(Report(findings=(UNREADABLE,)))
    assert RETRIES.message not in text(Report(findings=(RETRIES,)))
    assert RETRIES.message in text(Report(findings=(replace(RETRIES, steps=()),)))


def test_many_routes_and_environments_are_counted() -> None:
    flat = " ".join(text(Report(findings=(MARGIN,))).split())
    assert "routes api.example.com/v1, api.example.com/v2 and 3 more in prod and staging" in flat
    assert "(medium confidence)" in flat


def test_quiet_keeps_findings_and_counts() -> None:
    quiet = text(TYPICAL, quiet=True)
    assert "error BC102" in quiet
    assert "2 proven, 1 broken" in quiet
    assert "└" not in quiet
    assert "open ends" not in quiet


def test_ascii_drawing_holds_no_other_characters() -> None:
    drawing = text(replace(TYPICAL, findings=()), ascii_only=True)
    assert drawing.isascii()
    assert "  + nginx assistant.example.com/chat" in drawing


def test_provenance_is_the_whole_way_to_the_literal() -> None:
    flat = " ".join(text(CLEAN, width=140).split())
    assert "infra/alb.tf:23 <- var.idle (infra/variables.tf:4) <- infra/prod.tfvars:9" in flat


def test_defaults_that_decide_no_verdict_are_not_drawn() -> None:
    drawing = text(CLEAN)
    assert "proxy_read_timeout" in drawing
    assert "proxy_connect_timeout" not in drawing  # a default, and no wait for an answer
    assert "keepalive_timeout" in drawing  # somebody wrote it
    assert "deregistration_delay" not in drawing


def test_of_many_routes_only_those_with_findings_are_drawn() -> None:
    fitting = tuple(
        replace(FITTING, route=replace(FITTING.route, name=f"fits.example.com/{number}"))
        for number in range(10)
    )
    drawn = text(Report(findings=(RETRIES,), routes=(*fitting, CHAT), recognised=1))
    assert "route assistant.example.com/chat (POST): exceeds" in drawn
    assert "route fits.example.com" not in drawn


def test_a_finding_of_one_environment_draws_the_route_of_that_environment() -> None:
    routes = tuple(
        replace(CHAT, route=replace(CHAT.route, environment=name)) for name in ("dev", "prod", "qa", "stage")
    )
    finding = replace(RETRIES, environments=("prod",))
    drawn = text(Report(findings=(finding,), routes=(*routes, FITTING, DOUBTFUL), recognised=1))
    assert re.findall(r"^route \S+ \(POST, (\w+)\)", drawn, re.MULTILINE) == ["prod"]


def test_drawings_lists_and_open_ends_are_bounded() -> None:
    many = 200
    finding = replace(RETRIES, routes=tuple(f"r{number}" for number in range(many)))
    report = Report(
        findings=(finding,),
        routes=tuple(replace(CHAT, route=replace(CHAT.route, name=name)) for name in finding.routes),
        unresolved=TYPICAL.unresolved * many,
        open_ends=TYPICAL.open_ends * many,
        recognised=1,
    )
    printed = text(report)
    assert "180 more routes with findings; --format json lists them all" in printed
    assert "and 188 more; --format json lists them all" in printed
    assert len(printed.splitlines()) < 700


@pytest.mark.parametrize(
    ("report", "says"),
    [
        pytest.param(
            NOTHING, "budgetcheck understands: nginx, Terraform and app document", id="nothing-known"
        ),
        pytest.param(UNCHECKED, "Not checked: no two neighbours", id="no-joint"),
        pytest.param(
            replace(UNCHECKED, findings=(UNREADABLE,)),
            "--allow-unchecked accepts this. Start with the first warning: `budgetcheck explain BC901`",
            id="no-joint-and-a-file-that-cannot-be-read",
        ),
        pytest.param(
            replace(UNCHECKED, findings=(RETRIES,)),
            "these files) Start with the first error",
            id="found-all-the-same",
        ),
        pytest.param(CLEAN, "Every joint is proven", id="all-proven"),
        pytest.param(
            Report(joints=Joints(proven=1, open=1), recognised=1),
            "What could be compared fits. Supply what is listed",
            id="some-open",
        ),
        pytest.param(TYPICAL, "Start with the first error: `budgetcheck explain BC102`", id="error"),
        pytest.param(
            replace(CLEAN, findings=(MARGIN,)),
            "No error was found. Start with the first warning",
            id="warning-only",
        ),
        pytest.param(
            Report(
                findings=(replace(MARGIN, severity=Severity.NOTE),), joints=Joints(proven=1), recognised=1
            ),
            "Every joint is proven",
            id="notes-do-not-ask-for-action",
        ),
        pytest.param(
            Report(suppressed=(RETRIES,), joints=Joints(proven=1, broken=1), recognised=1),
            "1 broken joint left: the finding is suppressed, known from the baseline, or a note.",
            id="a-suppressed-finding-proves-nothing",
        ),
    ],
)
def test_the_last_words_fit_the_outcome(report: Report, says: str) -> None:
    assert says in " ".join(text(report).split())


def test_an_open_end_says_what_to_declare() -> None:
    end = TYPICAL.open_ends[0]
    inner = replace(end, side="inner", candidates=("app:svc/chat",), agreed=Verdict.EXCEEDS, grants=end.needs)
    printed = text(Report(open_ends=(end, inner, OpenEnd(hop=NGINX, side="outer", grants=None, needs=None))))
    flat = " ".join(printed.split())
    assert "needs up to 30 s from what stands in front of it" in flat
    assert 'links: [{outer: "terraform:aws_lb.api", inner: "nginx:assistant.example.com/chat"}]' in flat
    assert "grants 30 s to what it sends requests to; candidate: app:svc/chat" in flat
    assert 'links: [{outer: "nginx:assistant.example.com/chat", inner: "app:svc/chat"}]' in flat
    assert "(with it the verdict is: exceeds)" in flat
    assert "has nothing in front of it" in flat


def assert_harmless(printed: str) -> None:
    for line in printed.split("\n"):
        assert not line.lstrip().startswith("::"), line
        assert "##[" not in line
        assert "##vso[" not in line.lower()
        hidden = [c for c in line if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}]
        assert not hidden, (line, hidden)


@pytest.mark.parametrize("words", HOSTILE_TEXTS, ids=lambda words: ascii(words[:20]))
@pytest.mark.parametrize("width", [60, 100])
def test_nothing_from_a_file_reaches_the_log_as_a_command_or_a_control(words: str, width: int) -> None:
    assert_harmless(text(hostile(words), width=width))
    assert_harmless(ANSI.sub("", text(hostile(words), width=width, color=True)))


@given(
    words=st.text(st.sampled_from(" :#[]vso\n\r\t\x1b\x9b\u202e\u2028\ud800ab"), max_size=40),
    width=st.integers(min_value=60, max_value=140),
)
@settings(max_examples=60, deadline=None)
def test_no_wrap_and_no_join_of_words_makes_a_command(words: str, width: int) -> None:
    assert_harmless(text(hostile(words), width=width))


def test_hidden_characters_are_shown_as_escapes() -> None:
    printed = text(hostile("\x1b[31m\u202e\n"))
    assert "\\x1b[31m\\u202e\\n" in printed
