"""A few of the edits of every seed; `make mutation SEEDS=20` makes all of them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from budgetcheck import run
from budgetcheck.model.report import Report
from budgetcheck.rules import Scene

from .check import Result, outcomes, planned
from .grounds import Ground, grounds
from .literals import literal, replaced

_SHARE = 0.15
_GROUNDS = grounds()


@pytest.mark.parametrize("ground", _GROUNDS, ids=[ground.name for ground in _GROUNDS])
def test_every_edit_is_noticed_or_harmless(ground: Ground) -> None:
    wrong = (Result.MISSED, Result.FALSE, Result.IDLE)
    assert not [outcome.text for outcome in outcomes(ground, 1, share=_SHARE) if outcome.result in wrong]


def test_the_edits_are_of_all_kinds_and_of_both_sorts() -> None:
    kinds = {(edit.kind, bool(edit.rules)) for ground in _GROUNDS for edit in planned(ground, 2)}
    for kind in ("limit raised", "outer lowered", "retries added", "keep-alive lowered", "grace cut"):
        assert {(kind, True), (kind, False)} <= kinds
    assert {("visibility cut", True), ("link broken", False), ("host renamed", False)} <= kinds


def test_a_tool_that_says_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    speaks = run.check

    def silent(scenes: Sequence[Scene], *given: object, **options: object) -> Report:
        return replace(speaks(scenes, *given, **options), findings=())

    monkeypatch.setattr(run, "check", silent)
    clean = next(ground for ground in _GROUNDS if ground.name == "clean")
    faults = [outcome for outcome in outcomes(clean, 1) if outcome.edit.rules]
    assert {outcome.result for outcome in faults} == {Result.MISSED}


@pytest.mark.parametrize(
    ("text", "unit", "milliseconds", "written"),
    [
        ("30s", "s", 45_000, "45s"),
        ("30", "s", 45_000, "45"),
        ("30000", "ms", 45_000, "45000"),
        ("2m", "s", 90_000, "90s"),
        ("2m", "s", 60_000, "1m"),
        ("'30'", "s", 31_000, "31"),
        ("30.0", "s", 45_000, "45.0"),
    ],
)
def test_a_number_is_written_in_the_manner_of_the_old_one(
    text: str, unit: str, milliseconds: int, written: str
) -> None:
    number = literal(text, unit)
    assert number is not None
    assert number.written(milliseconds) == written


@pytest.mark.parametrize("text", ["var.idle", "30s 5s", "${T}", "1.5", "1m30s", ""])
def test_what_is_no_plain_number_is_left_alone(text: str) -> None:
    assert literal(text, "s") is None


@pytest.mark.parametrize(
    ("line", "after", "column", "expected"),
    [
        ("  proxy_read_timeout 30s;\n", "proxy_read_timeout", 0, "  proxy_read_timeout 9s;\n"),
        ("--bind :30 --timeout 30s", "timeout", 0, "--bind :30 --timeout 9s"),
        ("{read: 30s, total: 30s}", "total", 0, "{read: 30s, total: 9s}"),
        ("30s 30s", "", 0, None),
        ("x = 30s", "", 0, "x = 9s"),
        ("x = 130s", "", 0, None),
    ],
    ids=["one", "another-number-before", "the-same-number-before", "two", "no-name", "part-of-a-word"],
)
def test_the_number_of_a_setting_is_replaced(
    line: str, after: str, column: int, expected: str | None
) -> None:
    assert replaced(line, "30s", "9s", column=column, after=after) == expected
