"""BC301 retry-multiplication

What it checks
    Layers of retries on the way to one dependency: proxies that try the next server, decorators and loops in
    code, the client's own retries. Their numbers multiply.

Why it matters
    Three layers of three attempts are 27 requests for one. A dependency that is slow because it is overloaded
    gets 27 times the load when it can bear it least, and every one of them may be paid for. Timeouts multiply
    in the same way.

Bad
    @retry(stop=stop_after_attempt(3)) round a call of AsyncOpenAI(), which tries three times by itself: nine
    requests.

Good
    Retries in one layer only: max_retries=0 in the client under the decorator. Nobody's decision, a client
    with its default retries behind a balancer, is not reported.

References
    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    https://sre.google/sre-book/addressing-cascading-failures/#xref_cascading-failure_retries
"""

from collections.abc import Iterator

from budgetcheck.assess import Assessment
from budgetcheck.model.findings import Confidence, Finding, Severity, Step
from budgetcheck.model.limits import Origin
from budgetcheck.model.options import Options
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.retry_layers import Retrying, factor, first_class, makers_of, retrying

CODE, NAME = "BC301", "retry-multiplication"


def check(assessment: Assessment, _options: Options) -> Iterator[Finding]:
    """One finding for each call with two or more layers of retries, of which somebody chose one."""
    methods = first_class(assessment)
    for maker in makers_of(assessment, methods):
        layers = retrying(assessment, maker, methods)
        if len(layers) > 1 and any(layer.written for layer in layers):
            yield _finding(assessment, layers)


def _finding(assessment: Assessment, layers: tuple[Retrying, ...]) -> Finding:
    outer, inner = layers[0], layers[-1]
    product = " x ".join(f"{layer.hop.component} {layer.attempts}" for layer in layers)
    requests = factor(layers)
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.WARNING if not _doubts(layers) else Severity.NOTE,
        confidence=Confidence.HIGH,
        message=f"{len(layers)} layers of retries: {product} = {requests} requests for one",
        span=outer.end.span,
        steps=tuple(map(_step, layers)),
        arithmetic=f"{product} = {requests}",
        consequence=f"When {inner.hop.title} stalls it gets up to {requests} times the requests.",
        notes=(
            "Let one layer repeat and set the others to one attempt.",
            *(f"A note because {doubt}." for doubt in _doubts(layers)),
        ),
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        outer=outer.end,
        inner=inner.end,
    )


def _doubts(layers: tuple[Retrying, ...]) -> list[str]:
    return [layer.count.doubt for layer in layers if layer.count is not None and layer.count.doubt]


def _step(layer: Retrying) -> Step:
    count = layer.count
    source = count.source if count is not None and count.origin is Origin.DEFAULT else layer.end.setting
    placed = count is not None and bool(count.spans)
    return Step(
        text=f"{layer.hop.component} tries {layer.attempts} times\t{source}",
        span=layer.end.span if placed else None,
    )


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.WARNING,
    summary="layers of retries multiply the load on the last dependency",
    manual=__doc__,
    check=check,
)
