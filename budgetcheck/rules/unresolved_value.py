"""BC902 unresolved-value

What it checks
    A setting on a route whose value could not be worked out, and every comparison that stays open because
    of something these files do not say. One note lists the keys of settings files that look like limits and
    that nothing is known to read.

Why it matters
    An unknown is not a default: budgetcheck gives no verdict on it, and nobody should read its silence as
    one. The note says what is missing and how to supply it.

Bad
    idle_timeout = var.idle_timeout, where the variable has no default and no var file gives it a value.

Good
    A default, a terraform.tfvars, or an environment with its var files in budgetcheck.yaml. An unknown
    that cannot change a verdict is still listed, but no verdict depends on it.

References
    https://developer.hashicorp.com/terraform/language/values/variables
"""

from collections.abc import Iterator, Sequence

from budgetcheck.assess import Joint
from budgetcheck.model.findings import Confidence, Finding, Severity, Step
from budgetcheck.model.report import UnresolvedItem, Verdict
from budgetcheck.model.settings import UnboundKey
from budgetcheck.rules.arithmetic import show_bound
from budgetcheck.rules.base import Scene, SceneRule
from budgetcheck.rules.proof import confidence, grant_end, need_end

CODE, NAME = "BC902", "unresolved-value"
_SHOWN = 10
_NAMED = 3


def check(scene: Scene) -> Iterator[Finding]:
    """A note for every unresolved setting, and for every other reason that leaves a joint open."""
    for items in _by_cause(scene.unresolved):
        yield _setting(items)
    if scene.unbound:
        yield _unbound(scene.unbound)
    explained = {item.reason for item in scene.unresolved}
    seen: set[tuple[str, str, str]] = set()
    for assessment in scene.assessments:
        for joint in assessment.joints:
            reason = _reason(joint)
            key = (joint.outer.address, joint.inner.address, reason)
            if (
                joint.overall is Verdict.CANNOT_TELL
                and reason
                and reason not in explained
                and key not in seen
            ):
                seen.add(key)
                yield _comparison(joint, reason)


def _unbound(keys: Sequence[UnboundKey]) -> Finding:
    """All keys in one note. A name alone never makes more than that."""
    first = keys[0]
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    names = ", ".join(key.key for key in keys[:_SHOWN])
    count = "a setting looks like a limit" if len(keys) == 1 else f"{len(keys)} settings look like limits"
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.NOTE,
        confidence=Confidence.LOW,
        message=f"{count}, and what reads them is not known: {names}{more}",
        span=first.span,
        steps=tuple(Step(text=f"{key.key}\t{key.looks}", span=key.span, indent=1) for key in keys[:_SHOWN]),
        notes=(f"If one is a limit of a hop, say so in budgetcheck.yaml: bindings: [{first.binding}].",),
        subject="settings that look like limits",
    )


def _by_cause(items: Sequence[UnresolvedItem]) -> list[list[UnresolvedItem]]:
    """One thing to supply: a setting missing for one reason in many files, all that one line leaves open."""
    settings: dict[tuple[str, str, str], list[UnresolvedItem]] = {}
    for item in items:
        settings.setdefault((item.setting, item.reason, item.needs), []).append(item)
    causes: dict[tuple[object, ...], list[UnresolvedItem]] = {}
    for alike in settings.values():
        places = tuple(sorted({item.span.sort_key for item in alike}))
        causes.setdefault((alike[0].reason, alike[0].needs, places), []).extend(alike)
    return list(causes.values())


def _setting(items: Sequence[UnresolvedItem]) -> Finding:
    item = items[0]
    settings = list(dict.fromkeys(other.setting for other in items))
    names = _listed(settings)
    verb = "is" if len(settings) == 1 else "are"
    spans = list(dict.fromkeys(other.span for other in items))  # one setting of a client serves many calls
    places = f" ({len(spans)} places)" if len(spans) > 1 else ""
    more = (Step(text=f"and {len(spans) - _SHOWN} more", indent=1),) if len(spans) > _SHOWN else ()
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.NOTE,
        confidence=Confidence.HIGH,
        message=f"{names} {verb} not known: {item.reason}{places}",
        span=item.span,
        steps=(*(Step(text=item.setting, span=span, indent=1) for span in spans[1:_SHOWN]), *more),
        notes=(item.needs,) if item.needs else (),
        subject=f"{item.span.file} {item.setting} {item.reason}",
    )


def _listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b, c and 4 more`."""
    shown = list(names) if len(names) <= _NAMED + 1 else [*names[:_NAMED], f"{len(names) - _NAMED} more"]
    *first, last = shown
    return f"{', '.join(first)} and {last}" if first else last


def _reason(joint: Joint) -> str:
    """Why a joint stays open; empty where BC104 says it (a server nothing is known behind)."""
    needed = joint.costs[joint.worst_class].worst.hang
    reason = joint.granted.reason or needed.reason
    return "" if "not in these files" in reason else reason


def _comparison(joint: Joint, reason: str) -> Finding:
    cost = joint.costs[joint.worst_class]
    maker = cost.makers[0].hop
    needed = cost.worst.hang
    per_more = (
        f" (+{show_bound(cost.makers[0].attempt)} for every further one)" if "addresses" in reason else ""
    )
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.NOTE,
        confidence=confidence(joint.evidence),
        message=f"cannot tell whether {maker.title_short} fits: {joint.outer.title_short} grants "
        f"{show_bound(joint.granted)}, it may take {show_bound(needed)}{per_more}; {reason}",
        span=maker.span,
        notes=(_supply(joint, reason),),
        routes=(joint.route.name,),
        environments=(joint.route.environment,) if joint.route.environment else (),
        outer=grant_end(joint),
        inner=need_end(maker),
        budget_ms=joint.granted.value,
        needed_ms=needed.value,
        subject=reason,
    )


def _supply(joint: Joint, reason: str) -> str:
    if "addresses" in reason:
        return (
            "Cap the attempts with `proxy_next_upstream_tries 1`, or say how many addresses the name has in "
            "budgetcheck.yaml: nginx: {addresses: {NAME: 2}}."
        )
    return f"Give {joint.outer.title_short} and what stands behind it values that these files show."


RULE = SceneRule(
    code=CODE,
    name=NAME,
    severity=Severity.NOTE,
    summary="a value on a route that could not be resolved, with what is missing",
    manual=__doc__,
    check=check,
)
