"""Prints which real incidents are found before their fix, and what is said after it: `make incidents`."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass
from typing import Any

from tests.expectations import run_cli

from .catalogue import UNREAD, Incident, Pair, false_alarms, incidents, levels, not_found

_HEAD = f"{'incident':<9} {'formats':<42} {'before the fix':<20} {'false after':<12} left by the fix"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the runs on both states gave.

    Attributes:
        levels: the severity at which each fault was found; of a fault that was not, there is none.
    """

    incident: Incident
    levels: Mapping[Pair, str]
    missing: Sequence[Pair]
    false: Sequence[Pair]

    @property
    def as_told(self) -> bool:
        """What is marked as missed or as a false alarm is no surprise; that it is not so any more is one."""
        one = self.incident
        found = bool(self.missing) is bool(one.missed)
        return found and (bool(self.false) is bool(one.alarm) or bool(one.missed))


def main() -> int:
    """0 where every fault is found that is not marked as missed, and nothing false is said; else 1."""
    outcomes = [_outcome(incident) for incident in incidents()]
    _say(f"{_HEAD}\n{'-' * len(_HEAD)}")
    for outcome in outcomes:
        _say(_line(outcome))
    _say("\nIn formats that are not read:")
    for identity, needs in sorted(UNREAD.items()):
        _say(f"{identity:<9} {needs}")
    _by_format(outcomes)
    _summary(outcomes)
    return 0 if all(outcome.as_told for outcome in outcomes) else 1


def _outcome(incident: Incident) -> Outcome:
    before = _report(incident, "before")
    return Outcome(
        incident=incident,
        levels=levels(before),
        missing=not_found(incident, before),
        false=false_alarms(incident, _report(incident, "after")),
    )


def _report(incident: Incident, state: str) -> dict[str, Any]:
    with chdir(incident.folder / state):
        return run_cli("--format", "json", ".").report


def _line(outcome: Outcome) -> str:
    one = outcome.incident
    before = ", ".join(f"{pair.rule} {outcome.levels.get(pair, 'MISSED')}" for pair in one.before)
    left = ", ".join(sorted({pair.rule for pair in one.left})) or "-"
    false = ", ".join(sorted({pair.rule for pair in outcome.false})) or "-"
    shown = f"{one.id:<9} {', '.join(one.formats):<42} {before or 'no fault':<20} {false:<12} {left}"
    known = (("missed", one.missed), ("false alarm", one.alarm))
    return "\n".join([shown, *(f"{'':<9} {what}: {why}" for what, why in known if why)])


def _by_format(outcomes: Sequence[Outcome]) -> None:
    """Per format: faults found of all there are, and false alarms."""
    _say(f"\n{'format':<20} {'found':>7} {'false alarms':>13}")
    for name in sorted({name for outcome in outcomes for name in outcome.incident.formats}):
        _say(_total(name, [outcome for outcome in outcomes if name in outcome.incident.formats]))
    _say(_total("all that are files", outcomes))


def _total(name: str, group: Sequence[Outcome]) -> str:
    faulty = _faulty(group)
    found = sum(not outcome.missing for outcome in faulty)
    return f"{name:<20} {f'{found}/{len(faulty)}':>7} {sum(len(outcome.false) for outcome in group):>13}"


def _summary(outcomes: Sequence[Outcome]) -> None:
    faulty = _faulty(outcomes)
    found = Counter(_best(outcome) for outcome in faulty if not outcome.missing)
    shares = ", ".join(f"{found[level]} as {level}" for level in ("error", "warning", "note") if found[level])
    every = len(outcomes) + len(UNREAD)
    _say(f"\n{every} incidents: {len(faulty)} with a fault that the files prove, {found.total()} found")
    _say(f"at their best: {shares}")
    _say(f"{len(outcomes) - len(faulty)} without one, {len(UNREAD)} in formats that are not read")
    clean = sum(not outcome.false for outcome in outcomes)
    _say(f"after the fix {clean} of {len(outcomes)} are free of false alarms")


def _faulty(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.incident.before]


def _best(outcome: Outcome) -> str:
    """The highest severity at which a fault of the incident was found."""
    order = ("error", "warning", "note")
    return min((outcome.levels[pair] for pair in outcome.incident.before), key=order.index)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
