"""BC803 one-retry-owner

What it checks
    With `policy: {one_retry_owner: true}`: that at most one layer on the way to each dependency tries again.

Why it matters
    When one layer owns the retries, its budget is the whole budget and its backoff is the backoff. Two owners
    multiply each other, also where nobody decided on one of them: SDKs retry by default.

Bad
    A retry decorator round a call of an SDK with its default of two retries.

Good
    The decorator round the same SDK with max_retries=0.

References
    https://sre.google/sre-book/addressing-cascading-failures/#xref_cascading-failure_retries
"""

from collections.abc import Iterator

from budgetcheck.assess import Assessment
from budgetcheck.model.findings import Finding, Severity, Step
from budgetcheck.model.options import Options
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.policies import policy_finding
from budgetcheck.rules.retry_layers import first_class, makers_of, retrying

CODE, NAME = "BC803", "one-retry-owner"


def check(assessment: Assessment, options: Options) -> Iterator[Finding]:
    """One finding for each call with two or more layers that try again."""
    if not options.policy.one_retry_owner:
        return
    methods = first_class(assessment)
    for maker in makers_of(assessment, methods):
        layers = retrying(assessment, maker, methods)
        if len(layers) > 1:
            owners = ", ".join(layer.hop.component for layer in layers)
            yield policy_finding(
                (CODE, NAME),
                assessment,
                f"{maker.hop.title} is repeated by {len(layers)} layers ({owners}); one may own the retries",
                at=maker.hop,
                steps=tuple(
                    Step(text=f"{layer.hop.component} tries {layer.attempts} times", span=layer.end.span)
                    for layer in layers
                ),
            )


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.ERROR,
    summary="several layers repeat a request where the policy wants one",
    manual=__doc__,
    check=check,
)
