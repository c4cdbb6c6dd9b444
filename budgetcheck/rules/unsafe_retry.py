"""BC302 unsafe-retry

What it checks
    Retries in code round a request that is not idempotent (POST, PATCH), and clients that are told to repeat
    such requests, without an idempotency key.

Why it matters
    A request that timed out may have been carried out: the order is placed, the mail is sent, the card is
    charged, and the retry does it again. Proxies and clients leave POST alone for this reason.

Bad
    @retry(stop=stop_after_attempt(3)) round session.post("https://payments.example.com/charges", ...).
    Retry(total=3, allowed_methods=None) on a session that posts.

Good
    The same with an Idempotency-Key header. GET, PUT and DELETE. Calls of a language model, which are POST
    and change nothing; they cost money, which is another rule's business.

References
    https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2
"""

from collections.abc import Iterator

from budgetcheck.assess import Assessment
from budgetcheck.costs import Maker
from budgetcheck.model.findings import Confidence, Finding, Severity, Step
from budgetcheck.model.limits import Repeats
from budgetcheck.model.options import Options
from budgetcheck.model.topology import UNSAFE_METHODS, Hop, Layer
from budgetcheck.rules.base import RouteRule
from budgetcheck.rules.proof import need_end
from budgetcheck.rules.retry_layers import Retrying, first_class, makers_of, retrying
from budgetcheck.rules.unbounded_call import run_by_somebody

CODE, NAME = "BC302", "unsafe-retry"

_ASKS_ONLY = frozenset({"openai", "anthropic", "google-genai", "litellm", "botocore"})
"""Clients whose POST changes nothing (language models), or whose protocol posts everything (AWS)."""


def check(assessment: Assessment, _options: Options) -> Iterator[Finding]:
    """One finding for each call that changes something and may be made again."""
    methods = first_class(assessment)
    for maker in makers_of(assessment, methods):
        if not _changes_something(maker.hop):
            continue
        for layer in retrying(assessment, maker, methods):
            if _repeats_it(layer, maker):
                yield _finding(assessment, maker, layer)
                break


def _changes_something(call: Hop) -> bool:
    asks = call.component in _ASKS_ONLY or call.component.startswith("langchain")
    keyed = call.trait("idempotency_key") in ("true", "yes")
    return call.trait("method").upper() in UNSAFE_METHODS and not asks and not keyed


def _repeats_it(layer: Retrying, maker: Maker) -> bool:
    """A wrapper repeats whatever fails; a client repeats a POST only where it is told to."""
    if layer.hop.layer is Layer.WRAPPER:
        return Repeats.TIMEOUT in layer.hop.retry.repeats
    told = layer.hop is maker.hop and (maker.hop.retry.attempts_unsafe.low or 0) > 1
    return told and layer.written


def _finding(assessment: Assessment, maker: Maker, layer: Retrying) -> Finding:
    call = maker.hop
    method = call.trait("method").upper()
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.NOTE if run_by_somebody(assessment) else Severity.WARNING,
        confidence=Confidence.MEDIUM,
        message=f"{layer.hop.component} may send the {method} of {call.title} {layer.attempts} times",
        span=layer.end.span,
        steps=(
            Step(text=f"{layer.hop.component} tries {layer.attempts} times", span=layer.end.span),
            Step(text=f"{method} to {call.title}", span=call.span),
        ),
        consequence="A request that timed out may have been carried out; the retry does it again.",
        notes=("Send an Idempotency-Key, repeat only what was not sent (connection errors), or not at all.",),
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        outer=layer.end,
        inner=need_end(call),
    )


RULE = RouteRule(
    code=CODE,
    name=NAME,
    severity=Severity.WARNING,
    summary="a request that changes something may be sent twice",
    manual=__doc__,
    check=check,
)
