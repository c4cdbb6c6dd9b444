"""The JSON report: golden copies, the published schema, and that hostile text survives as a value only."""

import json
from collections.abc import Iterator
from dataclasses import replace

import jsonschema
import pytest
from expectations import REPORT_SCHEMA
from hostile_reports import EVERYTHING, HOSTILE_TEXTS, hostile
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_reports import (
    CHAT,
    CLEAN,
    DOUBTFUL,
    MARGIN,
    NOTHING,
    RETRIES,
    TYPICAL,
    UNCHECKED,
    UNREADABLE,
)
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from budgetcheck.model.limits import Meaning, Origin
from budgetcheck.model.report import Report, Verdict
from budgetcheck.model.topology import Evidence
from budgetcheck.render import RenderOptions, contract, load
from budgetcheck.render.contract import ReportV1, report_schema

REPORTS = {
    "clean": CLEAN,
    "typical": TYPICAL,
    "everything": EVERYTHING,
    "nothing": NOTHING,
    "unchecked": UNCHECKED,
}


class JsonFile(SingleFileSnapshotExtension):
    """One readable file per golden report."""

    _write_mode = WriteMode.TEXT
    file_extension = "json"


@pytest.fixture
def golden(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JsonFile)


def document(report: Report) -> str:
    return load("json")(report, RenderOptions())


@pytest.mark.parametrize("name", ["clean", "typical", "everything"])
def test_golden_report(name: str, golden: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("budgetcheck.render.json_v1.__version__", "VERSION")
    assert document(REPORTS[name]) == golden


def test_the_published_schema_is_the_one_the_models_make() -> None:
    """After a change: `budgetcheck schema report > schemas/report.schema.json`."""
    written = json.dumps(report_schema(), indent=2, ensure_ascii=False) + "\n"
    assert REPORT_SCHEMA.read_text(encoding="utf-8") == written


@pytest.mark.parametrize("name", REPORTS)
def test_reports_keep_the_schema(name: str) -> None:
    schema = json.loads(REPORT_SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema).validate(json.loads(document(REPORTS[name])))


@pytest.mark.parametrize("name", REPORTS)
def test_every_printed_field_is_published(name: str) -> None:
    """The schema lets readers meet new fields; the models must know all of them all the same."""
    printed = json.loads(document(REPORTS[name]))
    known = ReportV1.model_validate(printed).model_dump(by_alias=True, exclude_unset=True)
    assert known == printed


def test_the_schema_refuses_a_wrong_document() -> None:
    broken = json.loads(document(TYPICAL))
    broken["findings"][0]["severity"] = "fatal"
    del broken["routes"][0]["verdict"]
    validator = jsonschema.Draft7Validator(report_schema())
    assert len(list(validator.iter_errors(broken))) == 2


@pytest.mark.parametrize(
    ("published", "internal"),
    [
        (contract.Meaning, [meaning.value for meaning in Meaning]),
        (contract.Verdict, [verdict.value for verdict in Verdict]),
        (contract.Evidence, [evidence.name for evidence in Evidence]),
        (contract.Limit.model_fields["origin"].annotation, [origin.value for origin in Origin]),
    ],
    ids=["meaning", "verdict", "evidence", "origin"],
)
def test_every_value_of_the_model_is_published(published: object, internal: list[str]) -> None:
    assert sorted(published.__args__) == sorted(internal)


def test_same_report_same_bytes() -> None:
    assert document(EVERYTHING) == document(EVERYTHING)
    assert document(EVERYTHING) == load("json")(EVERYTHING, RenderOptions(color=True, quiet=True, width=60))


def test_numbers_known_unknown_and_unlimited_differ() -> None:
    _, call = json.loads(document(Report(routes=(DOUBTFUL,))))["routes"][0]["hops"]
    choice, unlimited, unknown = call["limits"]
    numbers = ("value_ms", "unlimited", "low_ms", "high_ms")
    assert [choice[key] for key in numbers] == [None, False, 5_000, None]
    assert [unlimited[key] for key in numbers] == [None, True, None, None]
    assert [unknown[key] for key in numbers] == [None, False, 0, None]
    assert call["evidence"] == "ONLY_CANDIDATE"
    worst = call["worst_case"]
    assert (worst["idempotent"]["hang_ms"], worst["idempotent"]["hang_unlimited"]) == (None, True)
    assert (worst["non_idempotent"]["hang_ms"], worst["non_idempotent"]["hang_unlimited"]) == (None, False)


def test_a_hop_has_the_worst_cases_it_was_given_and_its_names() -> None:
    nginx = json.loads(document(Report(routes=(CHAT,))))["routes"][0]["hops"][1]
    assert list(nginx["worst_case"]) == ["non_idempotent"]
    assert nginx["server_names"] == ["assistant.example.com"]
    assert nginx["location"] == "/chat"


def test_environments_are_sorted() -> None:
    finding = replace(MARGIN, environments=("staging", "prod"))
    assert json.loads(document(Report(findings=(finding,))))["findings"][0]["environments"] == [
        "prod",
        "staging",
    ]


def test_absent_things_are_null() -> None:
    finding = json.loads(document(Report(findings=(UNREADABLE,))))["findings"][0]
    absent = ("outer", "inner", "budget_ms", "needed_ms", "column", "arithmetic", "consequence")
    assert [finding[key] for key in absent] == [None] * len(absent)
    assert (finding["path"], finding["line"]) == ("infra/nginx/broken.conf", 3)


def test_steps_are_one_line_and_edits_say_from_and_to() -> None:
    finding = json.loads(document(Report(findings=(RETRIES,))))["findings"][0]
    assert finding["steps"][0] == {
        "text": "nginx grants 30 s proxy_read_timeout",
        "path": "infra/nginx/assistant.conf",
        "line": 14,
    }
    assert finding["fixes"][2]["edits"] == [
        {"path": "infra/nginx/assistant.conf", "line": 14, "from": "30s", "to": "65s"}
    ]


def strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for part in value.values():
                yield from strings(part)
        case list():
            for part in value:
                yield from strings(part)


def assert_harmless_and_exact(words: str) -> None:
    printed = document(hostile(words))
    for line in printed.split("\n"):
        assert line.isprintable(), line
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line.lower()
    assert json.loads(printed)["findings"][0]["message"] == words
    printed.encode()  # a lone surrogate would not be UTF-8


@pytest.mark.parametrize("words", HOSTILE_TEXTS, ids=lambda words: ascii(words[:20]))
def test_hostile_text_is_escaped_and_comes_back_as_it_was(words: str) -> None:
    assert_harmless_and_exact(words)


@given(words=st.text(st.sampled_from(':#[]vso\n\r\t"\\\x1b\x9b\u202e\u2028\ud800\U000e0041ab'), max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_text_comes_back_as_it_was(words: str) -> None:
    assert_harmless_and_exact(words)


def test_text_that_prints_stays_readable() -> None:
    assert "пример.рф/путь" in document(hostile("пример.рф/путь"))
