"""SARIF: valid by the official schema, within the limits of code scanning, nothing of a finding lost."""

import json
from dataclasses import replace

import pytest
from formats import flow, rendered, sarif_run
from hostile_reports import EVERYTHING
from sample_reports import (
    APP_PLACE,
    CHAT,
    CLEAN,
    MARGIN,
    NGINX_PLACE,
    NOTHING,
    RETRIES,
    TYPICAL,
    UNCHECKED,
    UNREADABLE,
)

from budgetcheck.model.changes import Literal
from budgetcheck.model.findings import Finding, Step
from budgetcheck.model.report import Joints, Report
from budgetcheck.model.span import Span

NOWHERE = replace(UNREADABLE, span=Span(file="."), message="internal error")


def results(*findings: Finding, **options: object) -> list[dict]:
    report = Report(findings=findings, routes=(CHAT,), joints=Joints(broken=1), recognised=1)
    return sarif_run(rendered("sarif", report, **options))["results"]


@pytest.mark.parametrize(
    "report", [CLEAN, TYPICAL, EVERYTHING, NOTHING, UNCHECKED], ids=["clean", "typical", "all", "none", "-"]
)
def test_every_report_is_a_valid_log(report: Report) -> None:
    run = sarif_run(rendered("sarif", report))
    assert len(run["results"]) == len(report.findings) + len(report.suppressed)


def test_results_come_worst_first_with_their_levels() -> None:
    levels = [result["level"] for result in sarif_run(rendered("sarif", TYPICAL))["results"]]
    assert levels == ["error", "warning", "warning", "note", "warning"]


def test_the_message_holds_proof_consequence_and_remedies_with_costs() -> None:
    (result,) = results(RETRIES)
    lines = result["message"]["text"].split("\n")
    assert lines[0] == RETRIES.message
    assert "openai may take 61.5 s: 3 attempts x 20 s + 1.5 s backoff" in lines
    assert "  20 s read timeout (app.yaml:12)" in lines
    assert RETRIES.consequence in lines
    assert "remedy: max_retries: 0 -> 20 s (loses both retries) [app.yaml:12]" in lines
    assert result["properties"]["budgetMs"] == 30_000
    assert result["properties"]["neededMs"] == 61_500


def test_the_flow_is_the_way_hop_by_hop_and_then_the_proof() -> None:
    (result,) = results(RETRIES)
    said = [location["message"]["text"] for location in flow(result)]
    assert [words.partition(":")[0] for words in said[:5]] == [
        "aws_lb.api",
        "nginx assistant.example.com/chat",
        "app POST /chat",
        "openai api.openai.com",
        "psycopg postgres",
    ]
    assert said[3] == "openai api.openai.com: may take 61.5 s in 3 attempts; link declared"
    assert said[5:7] == [
        "nginx grants 30 s: proxy_read_timeout (infra/nginx/assistant.conf:14)",
        "openai may take 61.5 s: 3 attempts x 20 s + 1.5 s backoff",
    ]


def test_a_default_is_shown_where_the_finding_is() -> None:
    """It stands in no file, and viewers drop a location without one."""
    last = flow(results(RETRIES)[0])[-1]
    assert last["message"]["text"].startswith("3 attempts openai default")
    assert last["physicalLocation"]["artifactLocation"]["uri"] == NGINX_PLACE.file


def test_related_locations_are_the_other_places_of_the_proof() -> None:
    (related,) = results(RETRIES)[0]["relatedLocations"]
    assert related["physicalLocation"]["artifactLocation"]["uri"] == APP_PLACE.file
    assert related["physicalLocation"]["region"] == {"startLine": 12, "startColumn": 15}


def test_a_place_without_a_line_has_no_region() -> None:
    (result,) = results(replace(UNREADABLE, span=Span(file="infra/nginx/broken.conf", column=4)))
    assert "region" not in result["locations"][0]["physicalLocation"]


def test_what_lies_in_no_file_of_the_repository_is_a_notification() -> None:
    """An upload with a result that has no location is refused as a whole."""
    outside = replace(UNREADABLE, span=Span(file="../other/nginx.conf", line=3), message="outside")
    report = Report(findings=(NOWHERE, outside, RETRIES), recognised=1)
    run = sarif_run(rendered("sarif", report))
    assert [result["ruleId"] for result in run["results"]] == ["BC102"]
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert [note["message"]["text"] for note in notes] == ["internal error", "outside"]
    assert {note["associatedRule"]["id"] for note in notes} == {"BC901"}


def test_a_path_above_the_working_directory_is_one_of_the_repository() -> None:
    outside = replace(UNREADABLE, span=Span(file="../other/nginx.conf", line=3))
    (result,) = results(outside, prefix="services/api")
    assert (
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "services/other/nginx.conf"
    )


def test_a_finding_outside_is_shown_at_the_first_place_of_its_proof_inside() -> None:
    finding = replace(RETRIES, span=Span(file="/etc/nginx.conf", line=3), outer=None)
    (result,) = results(finding)
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == APP_PLACE.file


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/c#d?.tf", "a%20b/c%23d%3F.tf"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("пример.tf", "%D0%BF%D1%80%D0%B8%D0%BC%D0%B5%D1%80.tf"),
        ("a%20b.tf", "a%2520b.tf"),
        ("./a//b/../c.tf", "a/c.tf"),
        ("x\n\udc80", "x%0A%ED%B2%80"),
    ],
)
def test_a_path_becomes_a_relative_reference(path: str, uri: str) -> None:
    (result,) = results(replace(UNREADABLE, span=Span(file=path, line=1)))
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_suppressed_findings_are_results_with_their_suppression() -> None:
    known = replace(MARGIN, suppressed_by="nginx.conf:3: it is meant")
    report = Report(findings=(RETRIES,), suppressed=(known,), recognised=1)
    shown, suppressed = sarif_run(rendered("sarif", report))["results"]
    assert "suppressions" not in shown
    assert suppressed["suppressions"] == [{"kind": "external", "justification": known.suppressed_by}]


def test_rules_have_their_manual_as_markdown_and_no_security_severity() -> None:
    rule = sarif_run(rendered("sarif", CLEAN))["tool"]["driver"]["rules"][0]
    assert rule["help"]["markdown"] == (
        "### What it checks\n\nAll attempts together, `max_retries=2`.\n\n"
        "### Bad\n\n`proxy_read_timeout 30s` in front of\n`AsyncOpenAI(timeout=20)`\n\n"
        "### References\n\n- <https://example.org/a>\n- <https://example.org/b>\n"
    )
    assert rule["fullDescription"]["text"] == "All attempts together, `max_retries=2`."
    assert rule["defaultConfiguration"]["level"] == "error"
    assert "security-severity" not in rule["properties"]


def test_a_rule_that_nobody_described_is_still_one() -> None:
    run = sarif_run(rendered("sarif", Report(findings=(UNREADABLE,), recognised=1)))
    assert run["tool"]["driver"]["rules"][2] == {"id": "BC901", "name": "unreadable-input"}


def test_only_remedies_that_are_certain_and_break_nothing_are_fixes() -> None:
    edit = RETRIES.fixes[2].edits[0]
    whole = replace(RETRIES.fixes[2], breaks="")
    literals = {edit: Literal(column=28, byte_column=31)}
    assert "fixes" not in results(RETRIES, literals=literals)[0]  # it breaks something
    assert "fixes" not in results(replace(RETRIES, fixes=(whole,)))[0]  # its literal was not found
    half = replace(whole, edits=(edit, RETRIES.fixes[0].edits[0]))
    assert "fixes" not in results(replace(RETRIES, fixes=(half,)), literals=literals)[0]
    (fix,) = results(replace(RETRIES, fixes=(whole,)), literals=literals)[0]["fixes"]
    assert fix["artifactChanges"][0]["replacements"] == [
        {
            "deletedRegion": {"startLine": 14, "startColumn": 28, "endColumn": 31},
            "insertedContent": {"text": "65s"},
        }
    ]


def test_beyond_the_limit_the_worst_are_kept_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("budgetcheck.render.sarif.MOST_RESULTS", 3)
    many = tuple(replace(MARGIN, fingerprint=str(number)) for number in range(5))
    known = replace(MARGIN, suppressed_by="baseline")
    report = Report(findings=(*many, RETRIES), suppressed=(known,), recognised=1)
    run = sarif_run(rendered("sarif", report))
    assert [result["level"] for result in run["results"]] == ["error", "warning", "warning"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("Not among the 3 results: 0 errors, 3 warnings, 0 notes")


def test_a_proof_without_end_stays_within_the_limits() -> None:
    steps = tuple(Step(text=f"step {n}", span=Span(file=f"f{n}", line=1)) for n in range(12_000))
    (result,) = results(replace(RETRIES, steps=steps))
    assert len(flow(result)) == 1_000


def test_no_silent_green() -> None:
    for report, words in ((NOTHING, "Nothing was recognised"), (UNCHECKED, "Not checked")):
        (note,) = sarif_run(rendered("sarif", report))["invocations"][0]["toolExecutionNotifications"]
        assert note["message"]["text"].startswith(words)


def test_a_link_in_a_message_is_none() -> None:
    (result,) = results(replace(UNREADABLE, message="[click](https://evil.example)"))
    assert "](" not in json.dumps(result)
