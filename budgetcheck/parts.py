"""Findings about several calls: which calls these are, and the finding about some of them."""

from collections.abc import Sequence
from dataclasses import replace

from budgetcheck.model.findings import Finding, Part, Step

ALSO = "also here"
MOST_PLACES = 8
"""So many further places of one cause are listed."""

_OF_CALLS = frozenset({"BC104", "BC601"})
"""Rules whose fault stands where the call is made: each further call is one more fault."""


def parts_of(finding: Finding) -> tuple[Part, ...]:
    """The calls that a finding is about; empty where its fault is a number, wherever that is used."""
    if finding.parts or finding.rule not in _OF_CALLS or finding.inner is None:
        return finding.parts
    if finding.inner.written or finding.subject:
        return ()  # given where the client is made, for all of its calls
    return (
        Part(
            severity=finding.severity,
            end=finding.inner,
            span=finding.inner.span,  # that of the hop: the number is not written
            message=finding.message,
            steps=finding.steps,
            routes=finding.routes,
            environments=finding.environments,
        ),
    )


def joined_parts(first: Finding, second: Finding) -> tuple[Part, ...]:
    """The calls of two findings with one cause, those of the first before the others."""
    found: dict[tuple[str, str], Part] = {}
    own = _of_outer if _differ(first, second) else parts_of
    for part in (*(first.parts or own(first)), *(second.parts or own(second))):
        key = (part.outer.address if part.outer else "", part.end.address)
        known = found.get(key)
        found[key] = part if known is None else _wider(known, part)
    return tuple(found.values()) if len(found) > 1 or first.parts else ()


def _differ(first: Finding, second: Finding) -> bool:
    """Both have a limit of their own, at another place."""
    if first.outer is None or second.outer is None:
        return False
    return first.outer.span != second.outer.span and first.outer.address != second.outer.address


def _of_outer(finding: Finding) -> tuple[Part, ...]:
    """The finding as one of several that one inner number makes with outer ones alike."""
    if finding.inner is None or finding.outer is None:
        return ()
    return (
        Part(
            severity=finding.severity,
            end=finding.inner,
            outer=finding.outer,
            span=finding.outer.span,
            message=finding.message,
            steps=finding.steps,
            routes=finding.routes,
            environments=finding.environments,
        ),
    )


def only(finding: Finding, parts: Sequence[Part]) -> Finding:
    """The finding about these of its calls alone, at the place of the first."""
    first, *others = parts
    listed = [step for part in parts for step in part.steps] if finding.outer is None else [*first.steps]
    places = [first.span, *(step.span for step in listed)]
    listed += [Step(text=ALSO, span=part.span) for part in others if part.span not in places]
    shown = list(dict.fromkeys(listed))
    left = len(shown) - MOST_PLACES - 1
    return replace(
        finding,
        severity=max(part.severity for part in parts),
        message=first.message + (first.many.format(len(parts)) if others else ""),
        span=first.span,
        steps=(*shown[: MOST_PLACES + 1], *((Step(text=f"and {left} more"),) if left > 0 else ())),
        outer=first.outer or finding.outer,
        inner=first.end,
        # Remedies were tried for the call that the finding named.
        fixes=finding.fixes if first.end == finding.inner and first.outer in (None, finding.outer) else (),
        routes=tuple(sorted({route for part in parts for route in part.routes})),
        environments=tuple(sorted({name for part in parts for name in part.environments})),
        parts=tuple(parts),
    )


def _wider(one: Part, other: Part) -> Part:
    return replace(
        one,
        severity=max(one.severity, other.severity),
        routes=tuple(sorted({*one.routes, *other.routes})),
        environments=tuple(sorted({*one.environments, *other.environments})),
    )
