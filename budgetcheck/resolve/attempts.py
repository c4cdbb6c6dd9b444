"""How often a hop tries, and with which pauses."""

from collections.abc import Mapping
from dataclasses import replace

from budgetcheck.facts.fact import AttemptsFact, Component, Proof
from budgetcheck.model.bound import ONE, exactly, union
from budgetcheck.model.limits import SINGLE_ATTEMPT, Count, Origin, RetryPolicy
from budgetcheck.model.settings import Declaration, Known, Setting
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
        return replace(merged, count=replace(merged.count, doubt=doubt))
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
        backoff=fact.backoff,
        repeats=fact.repeats,
        retry_after=exactly(fact.retry_after),
    )


def _repeats_waits(fact: AttemptsFact) -> bool:
    return any(failure.value in ("timeout", "status") for failure in fact.repeats)


def _count(setting: Setting | None, component: Component, fact: AttemptsFact, versions: str) -> Count:
    if setting is None or setting.value == Known(value=None):
        return Count(
            bound=exactly(fact.default + fact.retries),
            setting=fact.setting or "attempts",
            origin=Origin.DEFAULT,
            source=f"{component.name} default {fact.setting or 'attempts'}={fact.default}{versions}",
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
    )


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
