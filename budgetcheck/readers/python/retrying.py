"""A loop of the project that tries again, as what stands round its calls: attempts and pauses as settings."""

from collections.abc import Collection
from fractions import Fraction

from budgetcheck.model.settings import Known, OneOf, Setting, Unresolved, Value
from budgetcheck.model.span import Span
from budgetcheck.readers.python.exits import Loop
from budgetcheck.readers.python.pauses import Growth, growth
from budgetcheck.readers.python.reach import Reach, Scope
from budgetcheck.readers.python.retry_loops import RetryLoop
from budgetcheck.readers.python.timeouts import covers_timeouts
from budgetcheck.readers.python.values import Plain, Wrapper

COMPONENT = "retry-loop"
_SLEEPS = frozenset(
    {"time.sleep", "asyncio.sleep", "anyio.sleep", "trio.sleep", "gevent.sleep", "eventlet.sleep"}
)
_MOST_ROUNDS = 1_000_000


def retry_wrapper(
    loop: RetryLoop, node: Loop, components: Collection[str], reach: Reach, scope: Scope
) -> Wrapper | None:
    """What stands round the work of the loop; None where a timeout leads to no further attempt.

    `components`: of the calls and deadlines inside it.
    """
    covered = [
        covers_timeouts(name, components) for kind in loop.caught for name in reach.exceptions(kind, scope)
    ]
    if True not in covered and None not in covered:
        return None
    span = reach.span(node, scope)
    attempts = _attempts(loop, reach, scope, span)
    if True not in covered and isinstance(attempts.value, Known):
        reason = "whether what it catches includes timeouts is not known"
        attempts = Setting(
            name="attempts",
            value=OneOf(values=(1, attempts.value.value), reason=reason),
            spans=attempts.spans,
        )
    return Wrapper(
        component=COMPONENT,
        kind="retry",
        span=span,
        settings=(attempts, *_pauses(loop, attempts, reach, scope, span)),
    )


def _attempts(loop: RetryLoop, reach: Reach, scope: Scope, span: Span) -> Setting:
    if loop.attempts is None:
        return Setting(name="attempts", value=Known(value=None), spans=(span,))
    found = reach.evaluate(loop.attempts, scope)
    value: Value = Unresolved(reason="the number of rounds is not known", needs="give it as a constant")
    spans: tuple[Span, ...] = ()
    if isinstance(found, Plain):
        value, spans = found.value, found.spans
    return Setting(name="attempts", value=value, spans=tuple(dict.fromkeys((span, *spans))))


def _pauses(loop: RetryLoop, attempts: Setting, reach: Reach, scope: Scope, span: Span) -> list[Setting]:
    rounds = attempts.value.value if isinstance(attempts.value, Known) else None
    counted = rounds if isinstance(rounds, int) and rounds < _MOST_ROUNDS else None
    found = growth(
        loop,
        counted,
        lambda node: reach.number(node, scope),
        lambda call: reach.name(call.func, scope) in _SLEEPS,
    )
    if found is None:
        reason = "how long the loop pauses between attempts is not known"
        value = Unresolved(
            reason=reason, needs="give the pause as a number, or as one that grows by a factor"
        )
        return [Setting(name="backoff.first", value=value, spans=(span,))]
    return [
        Setting(name=f"backoff.{name}", value=Known(value=_plain(number)), spans=(span,))
        for name, number in _named(found)
    ]


def _named(found: Growth) -> list[tuple[str, Fraction]]:
    if found == Growth():
        return []
    named = [("first", found.first), ("factor", found.factor)]
    named += [("most", found.most)] if found.most is not None else []
    return named + ([("jitter", found.jitter)] if found.jitter else [])


def _plain(number: Fraction) -> int | float:
    return number.numerator if number.denominator == 1 else float(number)
