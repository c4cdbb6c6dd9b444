"""BC802 max-amplification

What it checks
    How many requests the last dependency may see for one of the caller's, against `max_amplification` of the
    configuration's `policy`.

Why it matters
    Retries of all layers multiply. A team that knows how much load its dependencies bear writes the number
    down once, and no later decorator or proxy setting can exceed it unnoticed.

Bad
    policy: {max_amplification: 3} and a client with two retries behind a proxy that tries two servers: 6.

Good
    The same proxy with one attempt: 3.

References
    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
"""

from collections.abc import Iterator

from budgetcheck.assess import Assessment
from budgetcheck.model.findings import Finding, Severity, Step
from budgetcheck.model.options import Options
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.policies import policy_finding
from budgetcheck.rules.retry_layers import factor, first_class, makers_of, retrying

CODE, NAME = "BC802", "max-amplification"


def check(assessment: Assessment, options: Options) -> Iterator[Finding]:
    """One finding for each call that may be made more often than the policy allows."""
    most = options.policy.max_amplification
    if not most:
        return
    methods = first_class(assessment)
    for maker in makers_of(assessment, methods):
        layers = retrying(assessment, maker, methods)
        if factor(layers) > most:
            product = " x ".join(f"{layer.hop.component} {layer.attempts}" for layer in layers)
            yield policy_finding(
                (CODE, NAME),
                assessment,
                f"{maker.hop.title} may get {factor(layers)} requests for one ({product}); "
                f"at most {most} are allowed",
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
    summary="more requests to a dependency than the policy allows",
    manual=__doc__,
    check=check,
)
