"""What declarations of one kind have in common, worked out once.

Thousands of locations differ in their settings, hardly ever in the facts that apply to them: those depend on
a few traits and the version. Which limits follow depends on the few settings that these facts look at, so the
limits of locations that inherit the same settings are the same objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from budgetcheck import facts
from budgetcheck.facts.fact import AttemptsFact, Component, LimitFact
from budgetcheck.model.limits import Limit
from budgetcheck.model.settings import Declaration, Setting

Group = tuple[LimitFact, ...]
"""Facts on one setting: variants for several possible versions."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind:
    """A component together with the traits and the version that choose among its facts.

    Attributes:
        groups: the facts on limits that apply, by setting and in file order.
        names: which groups a setting of that name decides, each with its rank among the names that do.
        attempts: how often it may try, by version.
        stale: facts past their re-check date.
        known: limits by group and setting in force (None for the default), and all limits of a declaration by
            the settings that decide them; filled while resolving. Settings are told apart by identity.
    """

    component: Component
    groups: tuple[Group, ...]
    names: Mapping[str, tuple[tuple[int, int], ...]]
    attempts: tuple[AttemptsFact, ...]
    stale: frozenset[int]
    known: dict[tuple[int, int], Limit | None] = field(default_factory=dict)
    together: dict[tuple[tuple[int, int], ...], tuple[Limit, ...]] = field(default_factory=dict)

    def deciding(self, settings: Mapping[str, Setting]) -> dict[int, Setting]:
        """The setting that decides each group's number: the fact's own name first, then its aliases."""
        ranks: dict[int, int] = {}
        found: dict[int, Setting] = {}
        for name, setting in settings.items():
            for group, rank in self.names.get(name, ()):
                if group not in found or rank < ranks[group]:
                    ranks[group], found[group] = rank, setting
        return found


@dataclass(slots=True, kw_only=True)
class Kinds:
    """All kinds met in one run of `resolve`; `today` decides which facts are stale, None spares the check."""

    today: date | None
    _conditions: dict[str, frozenset[str]] = field(default_factory=dict)
    _kinds: dict[tuple[object, ...], Kind] = field(default_factory=dict)

    def of(self, declaration: Declaration, component: Component) -> Kind:
        """The kind of a declaration. Components of one name must be the same in one run."""
        asked = self._conditions.get(component.name)
        if asked is None:
            asked = self._conditions[component.name] = _asked_for(component)
        traits = tuple(pair for pair in declaration.traits if pair[0] in asked)
        key = (component.name, declaration.version, traits)
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = _kind(component, dict(traits), declaration.version, self.today)
        return kind


def settings_by_name(declaration: Declaration) -> Mapping[str, Setting]:
    """The settings of a declaration; of several with one name the first."""
    return {setting.name: setting for setting in reversed(declaration.settings)}


def _asked_for(component: Component) -> frozenset[str]:
    """The traits that some fact has a condition on."""
    conditions = [fact.when for fact in component.limits] + [fact.when for fact in component.attempts]
    return frozenset(trait for when in conditions for trait, _ in when)


def _kind(component: Component, traits: Mapping[str, str], version: str, today: date | None) -> Kind:
    groups: dict[str, list[LimitFact]] = {}
    for fact in facts.limits_for(component, traits, version):
        groups.setdefault(fact.setting, []).append(fact)
    names: dict[str, list[tuple[int, int]]] = {}
    for number, group in enumerate(groups.values()):
        for rank, name in enumerate((group[0].setting, *group[0].aliases)):
            names.setdefault(name, []).append((number, rank))
    stale = facts.stale(component, today) if today else ()
    return Kind(
        component=component,
        groups=tuple(tuple(group) for group in groups.values()),
        names={name: tuple(found) for name, found in names.items()},
        attempts=facts.attempts_for(component, traits, version),
        stale=frozenset(id(fact) for fact in stale),
    )
