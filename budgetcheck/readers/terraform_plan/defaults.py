"""Values that stand in a plan or state because they are the default, not because somebody wrote them."""

from collections.abc import Collection
from dataclasses import replace
from typing import TypeGuard

from budgetcheck import facts
from budgetcheck.facts import AttemptsFact, Component, Grammar, LimitFact, Zero
from budgetcheck.model.bound import Bound, exactly
from budgetcheck.model.duration import parse_duration, scale_number
from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Declaration, Known, Setting
from budgetcheck.model.span import Span


def with_defaults_marked(declaration: Declaration, unwritten: Collection[Span]) -> Declaration:
    """The declaration with Origin.DEFAULT on what nobody is known to have written and is as the facts say.

    A value that is not written and differs from the default stays written: somebody has set it somewhere.
    """
    component = facts.find(declaration.component)
    if component is None:
        return declaration
    settings = tuple(
        replace(one, origin=Origin.DEFAULT)
        if one.spans[0] in unwritten and _is_default(one, component)
        else one
        for one in declaration.settings
    )
    return replace(declaration, settings=settings)


def _is_default(setting: Setting, component: Component) -> bool:
    """The value is a default of the setting, whatever the traits: an ignored one may be another kind's."""
    if not isinstance(setting.value, Known):
        return False
    value = setting.value.value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    limits = (fact for fact in component.limits if fact.setting == setting.name)
    counts = (fact for fact in component.attempts if fact.setting == setting.name)
    return any(_as_limit(value, fact) for fact in limits) or any(_as_count(value, fact) for fact in counts)


def _as_limit(value: float | str, fact: LimitFact) -> bool:
    return _bound(value, fact) == (fact.default or exactly(None))


def _as_count(value: float | str, fact: AttemptsFact) -> bool:
    return str(value) == str(fact.default)


def _bound(value: float | str, fact: LimitFact) -> Bound | None:
    """What a value means; None where it is no time."""
    try:
        milliseconds = parse_duration(value) if _has_unit(value, fact) else scale_number(value, fact.unit)
    except ValueError:
        return None
    unlimited = milliseconds == 0 and fact.zero in (Zero.UNLIMITED, Zero.OFF)
    return exactly(None) if unlimited else exactly(milliseconds)


def _has_unit(value: float | str, fact: LimitFact) -> TypeGuard[str]:
    durations = fact.grammar in (Grammar.DURATION, Grammar.SECONDS_SUFFIX)
    return durations and isinstance(value, str) and not value.isdigit()
