"""Findings that were there when a team began: kept in a file, so that only new ones fail the run.

An entry stands for one finding. It is recognised by its rule and ends in the same files; where a location,
resource or function was renamed, by its rule, files, settings and numbers. So a renamed thing never reopens a
finding, and a fault in another file is never taken for a known one.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from budgetcheck.model.findings import End, Finding

SCHEMA = "budgetcheck/baseline/v1"
_ABOUT = "Findings that were known when this file was written; `budgetcheck --update-baseline` renews it."
_MOST_ENTRIES = 100_000


class BaselineError(Exception):
    """The file is no baseline; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One known finding: what it is, and how it is recognised after a renaming."""

    same: tuple[str, ...]
    renamed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Findings that are new, known ones, and the number of entries whose finding is gone."""

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    gone: int


def dump(findings: Iterable[Finding]) -> str:
    """The file for these findings; findings about the run itself (BC9xx) are never part of it."""
    entries = [_written(finding) for finding in findings if not finding.rule.startswith("BC9")]
    entries.sort(key=lambda entry: json.dumps(entry, sort_keys=True))
    document = {"schema": SCHEMA, "about": _ABOUT, "findings": entries}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def load(text: str) -> tuple[Entry, ...]:
    """The entries of a file. Raises BaselineError."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise BaselineError("it is no JSON") from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise BaselineError(f'it is no baseline: "schema" must be "{SCHEMA}"')
    entries = document.get("findings")
    if not isinstance(entries, list) or len(entries) > _MOST_ENTRIES:
        raise BaselineError('"findings" must be a list')
    return tuple(_entry(number, entry) for number, entry in enumerate(entries))


def compare(findings: Sequence[Finding], entries: Sequence[Entry]) -> Compared:
    """Takes each entry for one finding: first where all is the same, then where something was renamed."""
    left = list(entries)
    known: set[int] = set()
    for part in ("same", "renamed"):
        for number, finding in enumerate(findings):
            if number in known or finding.rule.startswith("BC9"):
                continue
            mine = getattr(keys(finding), part)
            match = next((entry for entry in left if getattr(entry, part) == mine), None)
            if match is not None:
                left.remove(match)
                known.add(number)
    return Compared(
        new=tuple(finding for number, finding in enumerate(findings) if number not in known),
        known=tuple(
            replace(finding, suppressed_by="baseline")
            for number, finding in enumerate(findings)
            if number in known
        ),
        gone=len(left),
    )


def keys(finding: Finding) -> Entry:
    """How a finding is recognised."""
    return _entry(0, _written(finding))


def _written(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "outer": _end(finding.outer),
        "inner": _end(finding.inner),
        "subject": finding.subject,
        "path": finding.span.file,
        "budget_ms": finding.budget_ms,
        "needed_ms": finding.needed_ms,
        "environments": sorted(finding.environments),
    }


def _end(end: End | None) -> dict[str, str] | None:
    if end is None:
        return None
    return {
        "id": end.address,
        "component": end.component,
        "setting": end.setting.rpartition(".")[2],
        "path": end.span.file,
    }


def _entry(number: int, written: object) -> Entry:
    if not isinstance(written, dict) or not isinstance(written.get("rule"), str):
        raise BaselineError(f'entry {number + 1} has no "rule"')
    ends = [written.get("outer"), written.get("inner")]
    if not all(end is None or isinstance(end, dict) for end in ends):
        raise BaselineError(f"entry {number + 1} has an end that is no object")
    rule, path = written["rule"], str(written.get("path"))
    ids = [str(end.get("id")) if isinstance(end, dict) else "" for end in ends]
    parts = [
        str(end.get(key)) if isinstance(end, dict) else ""
        for end in ends
        for key in ("component", "setting", "path")
    ]
    environments = written.get("environments")
    where = ",".join(map(str, environments)) if isinstance(environments, list) else ""
    numbers = (str(written.get("budget_ms")), str(written.get("needed_ms")))
    return Entry(
        same=(rule, *ids, *parts, str(written.get("subject")), path),
        renamed=(rule, *parts, path, *numbers, where) if any(ids) else (),
    )
