"""Which findings of two states are the same.

A finding is recognised as a baseline recognises it, and beyond that where only its surroundings are
different: its file was moved, its line was, the number that it is about is made by another hop, or it stands
in a copy of a file that serves no request which was not served before. Of a finding about several calls each
call is recognised by itself: one more is told alone, and one less is no news.

A fault in another file on another route is new, and so is one that was a note and has become more than that
with other numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from budgetcheck.finding_pairs import (
    Pairs,
    Sharing,
    Single,
    at_line,
    elsewhere,
    renamed,
    renamed_thing,
    renamed_window,
    requests_of,
    same,
    same_numbers,
    single,
    store,
    window,
    worse,
)
from budgetcheck.model.findings import Finding
from budgetcheck.model.report import Report
from budgetcheck.moved_files import FileChanges
from budgetcheck.old_faults import (
    copies,
    eased,
    old_calls,
    old_heartbeats,
    old_numbers,
    only_seen_now,
    relieved,
)
from budgetcheck.parts import only


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Findings that only the later state has, that only the earlier one had, and of the later that both have.

    Where some calls of a finding are new, it is among the new ones, about these calls alone.
    """

    new: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    unchanged: tuple[Finding, ...]


def match(before: Report, after: Report, files: FileChanges) -> Matched:
    """Compares the findings of two reports. Those on the run itself (BC9xx) are in neither list."""
    pairs = Pairs(
        earlier=[renamed(one, files) for finding in before.findings for one in single(finding)],
        later=[one for finding in after.findings for one in single(finding)],
        requests=(requests_of(before), requests_of(after)),
    )
    pairs.by(at_line, lambda one: at_line(one, files), sharing=Sharing.WHERE_MOVED)
    for key in (same, window, store):
        pairs.by(key)
    for key in (renamed_thing, renamed_window):
        pairs.by(key, sharing=Sharing.OF_CALLS)
    for key in (elsewhere, same_numbers):
        pairs.by(key, sharing=Sharing.ALWAYS)
    known = {
        number
        for number, was in pairs.found.items()
        if not worse(pairs.earlier[was].finding, pairs.later[number].finding)
    }
    known |= set(copies(pairs, files))
    known |= set(old_calls(pairs, files, after))
    known |= set(old_numbers(pairs, files))
    known |= set(eased(pairs, before))
    known |= set(relieved(pairs))
    known |= set(old_heartbeats(pairs, before))
    known |= set(only_seen_now(pairs, files, before, after))
    return _told(pairs, known, before, after)


def _told(pairs: Pairs, known: set[int], before: Report, after: Report) -> Matched:
    """The findings as they were, by what became of their parts."""
    there = {id(pairs.earlier[was].whole) for was in pairs.found.values()}
    parts: dict[int, list[tuple[Single, bool]]] = {}
    for number, one in enumerate(pairs.later):
        parts.setdefault(id(one.whole), []).append((one, number in known))
    new = [
        _reduced(finding, parts[id(finding)])
        for finding in after.findings
        if not all(is_known for _, is_known in parts.get(id(finding), ()))
    ]
    return Matched(
        new=tuple(new),
        fixed=tuple(
            finding
            for finding in before.findings
            if id(finding) not in there and not finding.rule.startswith("BC9")
        ),
        unchanged=tuple(
            finding
            for finding in after.findings
            if id(finding) in parts and all(is_known for _, is_known in parts[id(finding)])
        ),
    )


def _reduced(finding: Finding, parts: Sequence[tuple[Single, bool]]) -> Finding:
    """About what is new of it."""
    added = [one.part for one, is_known in parts if not is_known and one.part is not None]
    return only(finding, added) if added and len(added) < len(parts) else finding
