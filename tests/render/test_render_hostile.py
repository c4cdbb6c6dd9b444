"""Names that somebody chose to break reports: every format shows them and does nothing else."""

import json
from collections.abc import Callable
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import hostile_tree
import pytest
from expectations import Run, run_cli
from formats import diagnostics, issues, rendered, sarif_run, suites
from hostile_reports import HOSTILE_TEXTS, hostile
from hypothesis import given, settings
from hypothesis import strategies as st
from tame import annotations, assert_harmless_lines, assert_tame_markdown

from budgetcheck.model.report import Report
from budgetcheck.render import FORMATS

_OWN_SCRIPTS = rendered("html", Report()).count("<script")
_BODY = partial(assert_tame_markdown, columns=())


def check_github(document: str) -> str:
    found = annotations(document)
    return "\n".join(value for item in found for value in item.values())


def check_sarif(document: str) -> str:
    assert_harmless_lines(document)
    run = sarif_run(document)
    for result in run["results"]:
        assert "](" not in result["message"]["text"]
    return json.dumps(run, ensure_ascii=False)


def check_gitlab(document: str) -> str:
    assert_harmless_lines(document)
    found = issues(document)
    return "\n".join([_BODY(issue["content"]["body"]) for issue in found] + [document])


def check_rdjson(document: str) -> str:
    assert_harmless_lines(document)
    found = diagnostics(document)
    related = [_BODY(place["message"]) for item in found for place in item.get("related_locations", [])]
    return "\n".join([_BODY(item["message"]) for item in found] + related + [document])


def check_junit(document: str) -> str:
    assert_harmless_lines(document)
    assert suites(document)
    return document


def check_markdown(document: str) -> str:
    assert_harmless_lines(document)
    return assert_tame_markdown(document)


class _Page(HTMLParser):
    """Everything that a page shows or may do: its texts, its attributes, its scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.faults: list[str] = []
        self.scripts = 0
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.scripts += tag == "script"
        if tag in ("iframe", "object", "embed", "base", "link", "img", "form"):
            self.faults.append(f"a <{tag}>")
        for name, value in given.items():
            if name.startswith("on") or name in ("src", "srcdoc", "action", "formaction"):
                self.faults.append(f"{tag} {name}")
            if name in ("href", "xlink:href") and not (value or "").startswith(("#", "https://")):
                self.faults.append(f"{tag} {name}={value}")
            self.texts.append(value or "")
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given.get("content") or ""

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def check_html(document: str) -> str:
    """No tag, attribute or script beyond the page's own, and a policy that allows nothing else."""
    page = _Page()
    page.feed(document)
    assert not page.faults
    assert "default-src 'none'" in page.policy
    assert page.scripts == _OWN_SCRIPTS
    assert not {character for character in document if not (character.isprintable() or character in "\n\t")}
    return "\n".join(page.texts)


def check_plain(document: str) -> str:
    assert_harmless_lines(document)
    return document


CHECKS: dict[str, Callable[[str], str]] = {
    "text": check_plain,
    "json": check_plain,
    "sarif": check_sarif,
    "github": check_github,
    "gitlab": check_gitlab,
    "junit": check_junit,
    "rdjson": check_rdjson,
    "markdown": check_markdown,
    "html": check_html,
}


def test_every_format_is_checked() -> None:
    assert set(CHECKS) == set(FORMATS)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The hostile system in every format, from one run."""
    folder = hostile_tree.write(tmp_path_factory.mktemp("hostile") / "repository")
    out = tmp_path_factory.mktemp("out")
    options = [word for form in FORMATS for word in ("--format", f"{form}={out / form}")]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run = run_cli(*options)
    assert (run.exit_code, run.stdout, run.stderr) == (1, "", "")
    return {form: (out / form).read_bytes().decode("utf-8") for form in FORMATS}


@pytest.mark.parametrize("form", FORMATS)
def test_a_hostile_system_is_shown_and_nothing_happens(form: str, outputs: dict[str, str]) -> None:
    words = CHECKS[form](outputs[form])
    for piece in hostile_tree.PIECES:
        assert piece in words or piece in words.replace("# #", "##"), piece


def test_the_hostile_system_has_what_it_is_for(outputs: dict[str, str]) -> None:
    """Otherwise the test above would be about nothing."""
    report = json.loads(outputs["json"])
    assert {"BC102", "BC203", "BC901", "BC902", "BC903", "BC904"} <= {f["rule"] for f in report["findings"]}
    assert report["suppressed"]
    said = json.dumps(report)
    for name in (hostile_tree.NGINX_FILE, hostile_tree.APP_FILE, hostile_tree.TERRAFORM_FILE):
        assert json.dumps(name)[1:-1].replace("##[", "##[") in said, name
    assert hostile_tree.MARKUP in said
    assert json.dumps(hostile_tree.CONTROLS)[1:-1] in said


def test_names_come_back_as_they_were_where_machines_read_them(outputs: dict[str, str]) -> None:
    uris = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in sarif_run(outputs["sarif"])["results"]
    }
    from urllib.parse import unquote

    assert {unquote(uri) for uri in uris} == {
        f"{hostile_tree.FOLDER}/{hostile_tree.NGINX_FILE}",
        hostile_tree.APP_FILE,
        hostile_tree.TERRAFORM_FILE,
    }


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in ("text", "json")])
@pytest.mark.parametrize("words", HOSTILE_TEXTS, ids=lambda words: ascii(words[:20]))
def test_hostile_text_in_every_field(words: str, form: str) -> None:
    CHECKS[form](rendered(form, hostile(words)))


ACTIVE = "@#:/[]()<>!|`*_~$&;%,=-.+{}\\'\"\n\r\t \x1b\x9b\u202e\u2028\ud800\udc80\ufffe\U000e0041abw1"


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in ("text", "json")])
@given(words=st.text(st.sampled_from(ACTIVE), max_size=30))
@settings(max_examples=30, deadline=None)
def test_any_text_in_every_field(words: str, form: str) -> None:
    CHECKS[form](rendered(form, hostile(words)))


@given(
    prefix=st.text(st.sampled_from(ACTIVE), max_size=15), words=st.text(st.sampled_from(ACTIVE), max_size=15)
)
@settings(max_examples=30, deadline=None)
def test_any_prefix_leaves_locations_valid(prefix: str, words: str) -> None:
    check_sarif(rendered("sarif", hostile(words), prefix=prefix.strip("/")))
    check_github(rendered("github", hostile(words), prefix=prefix.strip("/")))


def test_output_on_a_terminal_is_the_same(cli: Callable[..., Run], tmp_path: Path) -> None:
    folder = hostile_tree.write(tmp_path / "repository")
    check_github(cli(folder, "--format", "github").stdout)
