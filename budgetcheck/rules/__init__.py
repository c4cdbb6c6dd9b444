"""One module per rule; `RULES` is the table of all of them, in the order of their codes.

Codes are permanent and never used again. Adding a rule is one module, one fixture directory under
tests/rules/ and one line here.
"""

from budgetcheck.rules import (
    blocking_call_in_async,
    drain_cuts_requests,
    endless_retry,
    ineffective_limit,
    inner_outlives_outer,
    invalid_value,
    keepalive_inversion,
    max_amplification,
    max_total,
    one_retry_owner,
    orphaned_work,
    over_platform_cap,
    require_total,
    retries_outlive_outer,
    retry_multiplication,
    sequence_outlives_outer,
    soft_limit_after_hard,
    stale_suppression,
    stream_cut,
    suspicious_unit,
    thin_margin,
    unbounded_call,
    uncancellable_deadline,
    unlinked_hop,
    unproven_route,
    unreadable_input,
    unresolved_value,
    unsafe_retry,
    visibility_too_short,
)
from budgetcheck.rules.base import JointRule, RouteRule, Rule, Scene, SceneRule

__all__ = ["RULES", "JointRule", "RouteRule", "Rule", "Scene", "SceneRule", "find"]

RULES: tuple[Rule, ...] = (
    inner_outlives_outer.RULE,
    retries_outlive_outer.RULE,
    thin_margin.RULE,
    unbounded_call.RULE,
    sequence_outlives_outer.RULE,
    stream_cut.RULE,
    over_platform_cap.RULE,
    ineffective_limit.RULE,
    invalid_value.RULE,
    suspicious_unit.RULE,
    retry_multiplication.RULE,
    unsafe_retry.RULE,
    endless_retry.RULE,
    keepalive_inversion.RULE,
    drain_cuts_requests.RULE,
    visibility_too_short.RULE,
    soft_limit_after_hard.RULE,
    blocking_call_in_async.RULE,
    uncancellable_deadline.RULE,
    orphaned_work.RULE,
    unproven_route.RULE,
    max_amplification.RULE,
    one_retry_owner.RULE,
    require_total.RULE,
    max_total.RULE,
    unreadable_input.RULE,
    unresolved_value.RULE,
    unlinked_hop.RULE,
    stale_suppression.RULE,
)


def find(code_or_name: str) -> Rule | None:
    """The rule with that code or name, in any case; None where there is none."""
    wanted = code_or_name.strip().lower()
    return next((rule for rule in RULES if wanted in (rule.code.lower(), rule.name)), None)
