"""How often a hop tries, and with which pauses."""

from collections.abc import Mapping
from dataclasses import replace

from budgetcheck.facts.fact import AttemptsFact, Component, Proof
from budgetcheck.model.bound import ONE, exactly, union
from budgetcheck.model.duration import parse_duration, scale_number
from budgetcheck.model.limits import SINGLE_ATTEMPT, Backoff, Count, Origin, RetryPolicy
from budgetcheck.model.settings import Declaration, Known, OneOf, Scalar, Setting, Unresolved
from budgetcheck.resolve import values
from budgetcheck.resolve.kinds import Kind
from budgetcheck.resolve.limits import literal_of, versions_of, written_setting
from budgetcheck.resolve.nginx_retries import nginx_retries


def retries_of(declaration: Declaration, settings: Mapping[str, Setting], kind: Kind) -> RetryPolicy:
    """The retry policy of a component: written, else the default of every version that may be installed."""
    component, variants = kind.component, kind.attempts
    if component.name == "nginx":
        return nginx_retries(declaration)
    if not variants:
        return SINGLE_ATTEMPT
    versions = versions_of(component, [fact.evidence for fact in variants])
    policies = [_policy(settings, component, fact, versions) for fact in variants]
    if len(policies) == 1:
        return policies[0]
    merged = _merge_policies(policies)
    differs = (
        merged.count and merged.count.origin is Origin.DEFAULT and len({p.attempts for p in policies}) > 1
    )
    if merged.count and differs:
        doubt = f"the default of {merged.count.setting} differs between versions"
        source = f"{component.name} default of {merged.count.setting}, by version"
        return replace(merged, count=replace(merged.count, doubt=doubt, source=source))
    return merged


def _policy(
    settings: Mapping[str, Setting], component: Component, fact: AttemptsFact, versions: str
) -> RetryPolicy:
    setting = written_setting(settings, fact) if fact.setting else None
    count = _count(setting, component, fact, versions)
    timed = count.bound if _repeats_waits(fact) else ONE
    return RetryPolicy(
        attempts=timed,
        attempts_unsafe=timed if fact.unsafe else ONE,
        connects=count.bound,
        count=count,
        backoff=backoff_of(settings, fact),
        repeats=fact.repeats,
        retry_after=exactly(fact.retry_after),
    )


def backoff_of(settings: Mapping[str, Setting], fact: AttemptsFact) -> Backoff:
    """The pauses with what is written of them; a part that is not known leaves none of them known."""
    backoff = fact.backoff
    for part, name in fact.backoff_settings:
        setting = settings.get(name)
        if setting is None:
            continue
        if isinstance(setting.value, OneOf | Unresolved):
            return replace(backoff, unknown=f"{name}: {setting.value.reason}")
        try:
            backoff = _with_part(backoff, part, setting.value.value)
        except ValueError:
            return replace(backoff, unknown=f"{name} is no time")
    return backoff


def _with_part(backoff: Backoff, part: str, value: Scalar) -> Backoff:
    """The backoff with one part replaced. Raises ValueError where the value is no time or number."""
    if value is None:
        return replace(backoff, most=None) if part == "most" else backoff
    number = parse_duration(str(value)) if _has_unit(value) else scale_number(str(value), "s")
    match part:
        case "first":
            return replace(backoff, first=number)
        case "factor":
            return replace(backoff, factor=number)  # in thousandths, as seconds are in milliseconds
        case "most":
            return replace(backoff, most=number)
        case "jitter":
            return replace(backoff, jitter=number)
        case _:
            return replace(backoff, least=number)


def _has_unit(value: Scalar) -> bool:
    return isinstance(value, str) and value[-1:].isalpha()


def _repeats_waits(fact: AttemptsFact) -> bool:
    return any(failure.value in ("timeout", "status") for failure in fact.repeats)


def _count(setting: Setting | None, component: Component, fact: AttemptsFact, versions: str) -> Count:
    if setting is None or (setting.value == Known(value=None) and not fact.null_unlimited):
        return Count(
            bound=exactly(None if fact.default is None else fact.default + fact.retries),
            setting=fact.setting or "attempts",
            origin=Origin.DEFAULT,
            source=f"{component.name} default {fact.setting or 'attempts'}={_shown(fact.default)}{versions}",
            retries=fact.retries,
            doubt="how often it tries is inferred" if fact.evidence.proof is Proof.INFERRED else "",
        )
    bound = values.attempts(setting.value, fact)
    return Count(
        bound=bound,
        setting=setting.label or setting.name,
        origin=setting.origin if bound.exact or bound.choices else Origin.UNRESOLVED,
        spans=setting.spans,
        retries=fact.retries,
        literal=literal_of(setting),
        places=setting.value.places if isinstance(setting.value, OneOf) else (),
    )


def _shown(count: int | None) -> str:
    return "unlimited" if count is None else str(count)


def _merge_policies(policies: list[RetryPolicy]) -> RetryPolicy:
    """One policy that covers every version that may be installed; the slowest backoff counts."""
    slowest = max(policies, key=lambda policy: (policy.backoff.pause(1), policy.backoff.most or 0))
    return replace(
        slowest,
        attempts=union(policy.attempts for policy in policies),
        attempts_unsafe=union(policy.attempts_unsafe for policy in policies),
        connects=union(policy.connects for policy in policies),
        retry_after=union(policy.retry_after for policy in policies),
        repeats=frozenset().union(*(policy.repeats for policy in policies)),
    )
