"""Every incident whose formats are read: its fault is named before the fix, and nothing else after it."""

from collections.abc import Callable
from typing import Any

import pytest
from expectations import Run

from .catalogue import UNREAD, Incident, false_alarms, incidents, not_found, reported

Cli = Callable[..., Run]
ALL = incidents()


def expected_to_fail(reason: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.xfail(strict=True, reason=reason)] if reason else []


BEFORE = [pytest.param(one, id=f"{one.id} {one.title}", marks=expected_to_fail(one.missed)) for one in ALL]
AFTER = [
    pytest.param(one, id=one.id, marks=expected_to_fail(one.alarm))
    for one in ALL
    if one.alarm or not one.missed
]


def report(cli: Cli, incident: Incident, state: str) -> dict[str, Any]:
    run = cli(incident.folder / state, "--format", "json", ".")
    assert not run.crashed, run.stderr
    return run.report


@pytest.mark.parametrize("incident", BEFORE)
def test_fault_is_named_before_the_fix(incident: Incident, cli: Cli) -> None:
    before = report(cli, incident, "before")
    missing = [str(pair) for pair in not_found(incident, before)]
    assert not missing, f"found {[str(pair) for pair in reported(before, notes=True)]}"
    if not incident.before:
        assert not reported(before, notes=False)


@pytest.mark.parametrize("incident", AFTER)
def test_nothing_but_what_the_fix_left_is_reported_after_it(incident: Incident, cli: Cli) -> None:
    after = report(cli, incident, "after")
    assert not [str(pair) for pair in false_alarms(incident, after)]
    found = reported(after, notes=True)
    assert not [str(pair) for pair in incident.left if pair not in found]


@pytest.mark.parametrize("incident", [pytest.param(one, id=one.id) for one in ALL])
def test_both_states_are_the_same_files_with_other_numbers(incident: Incident) -> None:
    before, after = (
        {path.relative_to(incident.folder / state): path.read_text(encoding="utf-8") for path in paths}
        for state in ("before", "after")
        if (paths := [path for path in (incident.folder / state).rglob("*") if path.is_file()])
    )
    assert before.keys() == after.keys()
    assert before != after


def test_every_incident_is_either_read_or_listed_as_unread() -> None:
    ids = [one.id for one in ALL]
    assert ids == [one.folder.name for one in ALL]
    assert not set(ids) & UNREAD.keys()
    assert all(one.url.startswith("https://") and one.title and one.formats for one in ALL)
