"""Settings that a component refuses or ignores in the place where they are written."""

from collections.abc import Iterator

from budgetcheck import facts
from budgetcheck.facts.fact import Component, Grammar, UnsupportedFact
from budgetcheck.model.settings import Declaration, Known, Problem, ProblemKind, Scalar
from budgetcheck.resolve import values


def unsupported_settings(declaration: Declaration, component: Component) -> Iterator[Problem]:
    """A problem for each written and known setting that does not work under the declaration's traits.

    Refused settings are invalid, ignored ones ineffective; so is a refused one with the value that passes.
    """
    if not component.unsupported:
        return
    for fact in facts.unsupported_for(component, dict(declaration.traits), declaration.version):
        setting = declaration.setting(fact.setting)
        if setting is None or not isinstance(setting.value, Known) or setting.value.value is None:
            continue
        number = _milliseconds(setting.value.value, fact)
        refused = fact.rejected and (fact.accepted is None or number != fact.accepted)
        name = setting.label or setting.name
        yield Problem(
            span=setting.spans[0],
            text=f"{name}: {fact.text if refused or not fact.rejected else _passes(fact)}",
            fix=fact.fix,
            kind=ProblemKind.INVALID if refused else ProblemKind.INEFFECTIVE,
            address=declaration.address,
            component=component.name,
            setting=name,
            value_ms=number,
        )


def _passes(fact: UnsupportedFact) -> str:
    return f"has no effect; {fact.text}, and only this value passes"


def _milliseconds(value: Scalar, fact: UnsupportedFact) -> int | None:
    if value is None:
        return None
    try:
        return values.milliseconds(value, Grammar.NUMBER, fact.unit)
    except ValueError:
        return None
