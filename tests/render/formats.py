"""What the tests of the formats share: schemas, rules as renderers know them, documents of samples."""

import json
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import jsonschema
from expectations import SAMPLES

from budgetcheck.model.findings import Severity
from budgetcheck.model.report import Report
from budgetcheck.render import RenderOptions, RuleHelp, load

SCHEMAS = Path(__file__).parent / "schemas"

RULES = (
    RuleHelp(
        code="BC102",
        name="retries-outlive-outer",
        severity=Severity.ERROR,
        summary="one attempt fits, attempts and backoff together do not",
        manual=(
            "BC102 retries-outlive-outer\n\nWhat it checks\n    All attempts together, `max_retries=2`.\n\n"
            "Bad\n    proxy_read_timeout 30s in front of\n    AsyncOpenAI(timeout=20)\n\n"
            "References\n    https://example.org/a\n    https://example.org/b\n"
        ),
    ),
    RuleHelp(
        code="BC103", name="thin-margin", severity=Severity.WARNING, summary="fits narrowly", manual="Text"
    ),
)


def rendered(form: str, report: Report, **options: object) -> str:
    return load(form)(report, RenderOptions(rules=RULES, **options))


@cache
def validator(name: str) -> jsonschema.Draft4Validator:
    schema = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


def sarif_run(document: str) -> dict:
    """The only run of a log that is valid by the official schema and within the limits of code scanning."""
    log = json.loads(document)
    validator("sarif-schema-2.1.0.json").validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) <= 25_000
    assert all(len(rule.get("properties", {}).get("tags", [])) <= 10 for rule in rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert len(result["locations"]) == 1
        assert result["partialFingerprints"]
        assert len(result.get("relatedLocations", [])) <= 1_000
        assert len(flow(result)) <= 1_000
    for location in physical_locations(run):
        assert location["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
        uri = location["artifactLocation"]["uri"]
        assert uri.isascii()
        assert {"", ".", ".."}.isdisjoint(uri.split("/")), uri
        assert ":" not in uri
        assert location.get("region", {"startLine": 1})["startLine"] >= 1
    return run


def flow(result: dict) -> list[dict]:
    return [
        location["location"]
        for code in result.get("codeFlows", [])
        for thread in code["threadFlows"]
        for location in thread["locations"]
    ]


def physical_locations(value: object) -> Iterator[dict]:
    match value:
        case {"physicalLocation": dict() as location}:
            yield location
        case dict():
            for part in value.values():
                yield from physical_locations(part)
        case list():
            for part in value:
                yield from physical_locations(part)


def diagnostics(document: str) -> list[dict]:
    result = json.loads(document)
    validator("rdjson.DiagnosticResult.json").validate(result)
    assert set(result) == {"source", "diagnostics"}
    return result["diagnostics"]


def issues(document: str) -> list[dict]:
    """Issues that have what GitLab requires."""
    found = json.loads(document)
    for issue in found:
        assert issue["description"]
        assert issue["check_name"]
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["location"]["lines"]["begin"] >= 1
        assert issue["location"]["path"]
        assert not issue["location"]["path"].startswith("./")
    fingerprints = [issue["fingerprint"] for issue in found]
    assert len(set(fingerprints)) == len(fingerprints)
    return found


def suites(document: str) -> dict[str, ET.Element]:
    """The suites by name; every count in the document is the number of what it counts."""
    root = ET.fromstring(document.encode())
    assert root.tag == "testsuites"
    for element in (root, *root):
        for name, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
            assert int(element.get(name)) == len(list(element.iter(tag))), (element.get("name"), name)
    return {suite.get("name"): suite for suite in root}


def copied_sample(name: str, to: Path) -> Path:
    """A copy of a sample in a repository of its own, away from this one's configuration and root."""
    shutil.copytree(SAMPLES / name, to / "services" / name)
    (to / ".git").mkdir()
    return to / "services" / name
