"""The page as a document: what it may hold, what it shows in which order, and how large it may become."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from formats import rendered
from hostile_reports import HOSTILE_TEXTS, hostile
from hypothesis import given, settings
from hypothesis import strategies as st
from page_parser import Document
from sample_reports import CHAT, CLEAN, DOUBTFUL, FITTING, MARGIN, NOTHING, RETRIES, TYPICAL, UNCHECKED

from budgetcheck.model.bound import UNLIMITED, exactly, unknown
from budgetcheck.model.report import JointReport, Report, RouteReport, Verdict
from budgetcheck.render import html, html_page
from budgetcheck.render.html_assets import SCRIPTS, asset, script


def joint(granted, needed, verdict: Verdict, slack: int | None = None) -> JointReport:
    hop = CHAT.route.hops[1]
    return JointReport(
        outer=hop.address,
        limit=hop.limits[1],
        granted=granted,
        needed=needed,
        verdict=verdict,
        slack_ms=slack,
    )


def named(name: str, verdict: Verdict, *joints: JointReport) -> RouteReport:
    return replace(CHAT, route=replace(CHAT.route, name=name), verdict=verdict, joints=joints)


def page(report: Report) -> Document:
    return Document.of(rendered("html", report))


@pytest.mark.parametrize(
    "report", [NOTHING, UNCHECKED, CLEAN, TYPICAL], ids=["nothing", "unchecked", "clean", "typical"]
)
def test_only_its_own_style_and_script_count(report: Report) -> None:
    found = page(report)
    (policy,) = [
        tag["content"] for tag in found.tags("meta") if tag.get("http-equiv") == "Content-Security-Policy"
    ]
    (style,), (data, code) = found.raw["style"], found.raw["script"]
    assert policy.split("; ") == [
        "default-src 'none'",
        f"script-src '{digest(code)}'",
        f"style-src '{digest(style)}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    json.loads(data)


def digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def test_nothing_is_loaded_and_no_element_brings_style_or_code() -> None:
    found = page(TYPICAL)
    for name, attributes in found.elements:
        assert name not in {"link", "img", "iframe", "object", "embed", "form", "base", "audio", "video"}
        assert not [key for key in attributes if key.startswith("on") or key in {"style", "src", "srcdoc"}]
        assert attributes.get("href", "#").startswith("#")


@pytest.mark.parametrize("name", [*(f"{name}.js" for name in SCRIPTS), "report.css"])
def test_assets_ask_for_nothing(name: str) -> None:
    text = asset(name)
    assert not re.search(
        r"https?:|//[a-z]+\.|url\(|@import|fetch\(|XMLHttp|import\(|eval\(|innerHTML|</", text
    )
    assert "<!--" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_every_script_is_strict() -> None:
    assert all('"use strict";' in script(name) for name in SCRIPTS)


def test_same_report_same_bytes() -> None:
    assert rendered("html", TYPICAL) == rendered("html", TYPICAL)


@pytest.mark.parametrize(
    ("routes", "says"),
    [
        pytest.param((CHAT, FITTING), "1 of 2 routes can exceed its time budget", id="one of several"),
        pytest.param((CHAT,), "The only route can exceed its time budget", id="one of one"),
        pytest.param((CHAT, CHAT, FITTING), "2 of 3 routes can exceed their time budget", id="several"),
        pytest.param((DOUBTFUL, FITTING), "1 of 2 routes cannot be decided", id="doubt"),
        pytest.param((FITTING,), "1 route keeps its time budget", id="fits"),
    ],
)
def test_headline(routes: tuple[RouteReport, ...], says: str) -> None:
    assert html.headline(replace(CLEAN, routes=routes)) == says


def test_silence_is_no_praise() -> None:
    for report in (NOTHING, UNCHECKED):
        assert html.headline(report) == "Nothing was checked"
    assert "no two neighbours" in page(UNCHECKED).text


def test_routes_come_worst_first() -> None:
    fits, exceeds, doubt = Verdict.FITS, Verdict.EXCEEDS, Verdict.CANNOT_TELL
    routes = (
        named("roomy", fits, joint(exactly(9_000), exactly(1_000), fits, 8_000)),
        named("uncompared", Verdict.NOT_COMPARED),
        named("tight", fits, joint(exactly(9_000), exactly(8_000), fits, 1_000)),
        named("doubt", doubt, joint(unknown("?"), exactly(5), doubt)),
        named("bit", exceeds, joint(exactly(9_000), exactly(9_500), exceeds, -500)),
        named("endless", exceeds, joint(exactly(9_000), UNLIMITED, exceeds)),
        named("lot", exceeds, joint(exactly(9_000), exactly(99_000), exceeds, -90_000)),
    )
    found = page(replace(CLEAN, routes=routes))
    assert found.texts("name") == ["endless", "lot", "bit", "doubt", "tight", "roomy", "uncompared"]


def test_a_row_shows_the_comparison_that_makes_the_verdict() -> None:
    fits, exceeds = Verdict.FITS, Verdict.EXCEEDS
    route = named(
        "r",
        exceeds,
        joint(exactly(60_000), exactly(30_000), fits, 30_000),
        joint(exactly(30_000), exactly(61_500), exceeds, -31_500),
    )
    found = page(replace(CLEAN, routes=(route,)))
    assert found.texts("num")[3:5] == ["30 s", "61.5 s"], "behind the three headings"
    assert found.texts("num slack")[0] == "−31.5 s"


def test_a_finding_has_all_that_was_said() -> None:
    text = page(TYPICAL).text
    for fix in RETRIES.fixes:
        for piece in (fix.text, fix.cost, fix.breaks, *(edit.new for edit in fix.edits)):
            assert piece in text
    for piece in (RETRIES.message, RETRIES.arithmetic, RETRIES.consequence, *MARGIN.notes):
        assert piece in text
    for step in RETRIES.steps:
        assert all(cell in text for cell in step.text.split("\t"))
    assert "# budgetcheck: ignore[BC102] until=YYYY-MM-DD why this is accepted" in text
    assert "https://example.org/a" in text, "the manual"


def test_a_rule_without_a_manual_is_no_link() -> None:
    hrefs = {tag["href"] for tag in page(TYPICAL).tags("a")}
    ids = {tag["id"] for _, tag in page(TYPICAL).elements if "id" in tag}
    assert {href[1:] for href in hrefs} <= ids
    assert "#rule-BC102" in hrefs
    assert "#rule-BC901" not in hrefs


def test_more_routes_than_anybody_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MOST_DETAILS", 3)
    monkeypatch.setattr(html, "MOST_ROWS", 6)
    routes = tuple(replace(FITTING, route=replace(FITTING.route, name=f"r{n}")) for n in range(10))
    found = page(replace(CLEAN, routes=routes))
    assert len(found.texts("name")) == 6
    assert len([tag for tag in found.tags("details") if "data-route" in tag]) == 3
    assert len(json.loads(found.raw["script"][0])["routes"]) == 3
    assert "The worst 3 routes have details here. 4 more are counted only." in found.text


def test_more_findings_than_anybody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MOST_FINDINGS", 2)
    found = page(replace(TYPICAL, findings=(MARGIN,) * 5))
    assert len(found.tags("article")) == 2
    assert "3 more findings" in found.text


@pytest.mark.parametrize("words", HOSTILE_TEXTS, ids=lambda words: ascii(words[:20]))
def test_hostile_text_stays_text(words: str) -> None:
    check_page(rendered("html", hostile(words)))


MARKUP = (
    "</script>",
    "<script>",
    "<!--",
    "]]>",
    "<b onclick='x'>",
    '"',
    "'",
    "&lt;",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "\u2028",
)


@given(
    words=st.lists(st.sampled_from((*MARKUP, "a", " ", "\n", "\x1b", "\u202e", "##[", "\ud800")), max_size=6)
)
@settings(max_examples=40, deadline=None)
def test_any_markup_stays_text(words: list[str]) -> None:
    check_page(rendered("html", hostile(f"x{''.join(words)}")))


def check_page(document: str) -> None:
    """The elements are those of a page about harmless names, one by one."""
    harmless = Document.of(rendered("html", hostile("name")))
    found = Document.of(document)
    assert [name for name, _ in found.elements] == [name for name, _ in harmless.elements]
    assert [sorted(tag) for _, tag in found.elements] == [sorted(tag) for _, tag in harmless.elements]
    assert found.raw["script"][1] == harmless.raw["script"][1]
    data = found.raw["script"][0]
    assert data.isascii()
    assert not set("<>&#") & set(data)
    json.loads(data)
    assert "49" not in found.text.replace("ignore", "")
    for line in document.split("\n"):
        assert line.isprintable(), ascii(line)
        assert "##[" not in line
        assert not line.lstrip().startswith("::"), line


def test_data_survives_its_escaping() -> None:
    value = {"</script>": ["<!--", "&amp;", "##[x]", "\u2028", 'q"uote', None, True, 7]}
    assert json.loads(html_page.embedded(value)) == value


def test_the_parser_of_these_tests_sees_what_a_browser_sees() -> None:
    """An attribute or element that gets through must be noticed."""
    found = Document.of("<p class='name'>a<b onclick='x'>b</b></p><script>1 < 2</script>")
    assert ("b", {"onclick": "x"}) in found.elements
    assert found.texts("name") == ["ab"]
    assert isinstance(found.parser, HTMLParser)
