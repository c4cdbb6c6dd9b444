"""Which facts of a component apply to one declaration: by its traits and its version."""

import datetime
from collections.abc import Mapping

from budgetcheck.facts.fact import AttemptsFact, Component, LimitFact, UnsupportedFact
from budgetcheck.facts.versions import parse_range

When = tuple[tuple[str, tuple[str, ...]], ...]

RECHECK_DAYS = 548
"""Facts older than a year and a half are to be checked again; findings that rest on them are warnings."""

_NOT = "!"
_ANYTHING_ELSE = "\0"  # stands for every trait value that no condition mentions


def limits_for(component: Component, traits: Mapping[str, str], version: str) -> tuple[LimitFact, ...]:
    """The limits that a declaration with these traits and this version may have, in file order.

    A trait that the declaration does not have counts as an empty value. For a version that is not known
    (empty) every variant of a setting is kept: the caller sees all of its possible defaults.
    """
    return tuple(
        fact
        for fact in component.limits
        if applies(fact.when, traits) and parse_range(fact.evidence.versions).holds(version)
    )


def attempts_for(component: Component, traits: Mapping[str, str], version: str) -> tuple[AttemptsFact, ...]:
    """How often a declaration with these traits and this version may try; variants as in `limits_for`."""
    return tuple(
        fact
        for fact in component.attempts
        if applies(fact.when, traits) and parse_range(fact.evidence.versions).holds(version)
    )


def unsupported_for(
    component: Component, traits: Mapping[str, str], version: str
) -> tuple[UnsupportedFact, ...]:
    """The settings that do not work for a declaration with these traits and this version.

    What depends on a version that is not known (empty) is left out: nothing is claimed on a guess.
    """
    return tuple(
        fact
        for fact in component.unsupported
        if applies(fact.when, traits)
        and (version or not fact.evidence.versions)
        and parse_range(fact.evidence.versions).holds(version)
    )


def applies(when: When, traits: Mapping[str, str]) -> bool:
    """Every condition holds: the trait has one of the values, or (`!value`) none of the excluded ones."""
    return all(_holds(values, traits.get(trait, "")) for trait, values in when)


def overlap(left: When, right: When) -> bool:
    """Some declaration meets both sets of conditions."""
    conditions = dict(left)
    return all(_share_a_value(conditions[trait], values) for trait, values in right if trait in conditions)


def stale(component: Component, today: datetime.date) -> tuple[LimitFact | AttemptsFact, ...]:
    """The facts of the component whose last check is more than RECHECK_DAYS ago."""
    latest = today - datetime.timedelta(days=RECHECK_DAYS)
    facts: tuple[LimitFact | AttemptsFact, ...] = (*component.limits, *component.attempts)
    return tuple(fact for fact in facts if fact.evidence.checked < latest)


def _holds(values: tuple[str, ...], value: str) -> bool:
    excluded = {item.removeprefix(_NOT) for item in values if item.startswith(_NOT)}
    return value in values or (bool(excluded) and value not in excluded)


def _share_a_value(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    candidates = (*(item.removeprefix(_NOT) for item in (*left, *right)), _ANYTHING_ELSE)
    return any(_holds(left, value) and _holds(right, value) for value in candidates)
