"""What stands round the nodes of a graph: retry policies, timeouts, and the limit of super-steps."""

import ast
from collections.abc import Collection
from dataclasses import replace

from budgetcheck.model.settings import Known, OneOf, Setting, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.readers.python import calls
from budgetcheck.readers.python.graph_source import Place, Sources
from budgetcheck.readers.python.timeouts import covers_timeouts
from budgetcheck.readers.python.values import (
    Items,
    Made,
    Named,
    Plain,
    PyValue,
    Table,
    Trap,
    Wrapper,
    setting,
)

RETRY = "langgraph-retry"
TIMEOUT = "langgraph-timeout"
_PACKAGE = "langgraph"
_LEFT_ALONE = frozenset(
    {
        "requests",
        "urllib",
        "urllib.request",
        "aiohttp",
        "botocore",
        "asyncpg",
        "asyncio",
        "anyio",
        "async-timeout",
        "concurrent.futures",
    }
)
"""Components whose timeouts are OSErrors, after which a policy does not try again unless told to."""
_PAUSES = ("initial_interval", "backoff_factor", "max_interval")


def retry_policy(sources: Sources, place: Place, components: Collection[str]) -> Wrapper | None:
    """The wrapper of `retry_policy=...`; `components` are those inside the node. None for `None`.

    Of several policies the first one that fits an exception is taken, which cannot be known: the first stands
    for all.
    """
    found = sources.evaluator.plain(place.node, place.scope)
    span = sources.evaluator.span(place.node, place.scope)
    if isinstance(found, Items) and found.items:
        found = found.items[0]
    if isinstance(found, Plain) and isinstance(found.value, Known) and found.known is None:
        return None
    if not isinstance(found, Made) or not found.callee.endswith("RetryPolicy"):
        why = Unresolved(reason="the retry policy is not known", needs="write RetryPolicy(max_attempts=...)")
        settings: tuple[Setting, ...] = (Setting(name="max_attempts", value=why, spans=(span,)),)
        return _retry(span, settings, repeats="yes")
    args = found.args
    written = [setting(name, value) for name in _PAUSES if (value := args.get(name)) is not None]
    if (jitter := args.get("jitter")) is not None and isinstance(jitter, Plain) and jitter.known is False:
        written.append(Setting(name="jitter", value=Known(value=0), spans=jitter.spans))
    if (attempts := args.get("max_attempts", 3)) is not None:
        written.append(setting("max_attempts", attempts))
    repeats = _repeats(args.get("retry_on"), components)
    if repeats is None:
        written = [_may_be_one(one, found.spans[0]) for one in _with_count(written, found.spans[0])]
    return _retry(found.spans[0], tuple(written), repeats="no" if repeats is False else "yes")


def _retry(span: Span, settings: tuple[Setting, ...], *, repeats: str) -> Wrapper:
    return Wrapper(
        component=RETRY,
        kind="retry",
        span=span,
        settings=settings,
        traits=(("repeats_timeouts", repeats),),
        version_of=_PACKAGE,
    )


def _repeats(retry_on: PyValue | None, components: Collection[str]) -> bool | None:
    """Whether a policy tries again after the timeouts of these components; None where that is not known."""
    inside = set(components)
    if TIMEOUT in inside:
        inside.discard(TIMEOUT)
        if retry_on is None:
            return True  # its NodeTimeoutError is no OSError
    if retry_on is None or (isinstance(retry_on, Named) and retry_on.name.endswith("default_retry_on")):
        return bool(inside - _LEFT_ALONE) if inside else None
    kinds = retry_on.items if isinstance(retry_on, Items) else (retry_on,)
    covered = [covers_timeouts(kind.name, inside) if isinstance(kind, Named) else None for kind in kinds]
    return True if True in covered else None if None in covered else False


def _with_count(written: list[Setting], span: Span) -> list[Setting]:
    if any(one.name == "max_attempts" for one in written):
        return written
    return [*written, Setting(name="max_attempts", value=Known(value=3), spans=(span,))]


def _may_be_one(one: Setting, span: Span) -> Setting:
    if one.name != "max_attempts" or not isinstance(one.value, Known):
        return one
    reason = "whether what it tries again after includes timeouts is not known"
    return replace(one, value=OneOf(values=(1, one.value.value), reason=reason), spans=one.spans or (span,))


def node_timeout(sources: Sources, place: Place, *, is_async: bool | None) -> Wrapper | None:
    """The wrapper of `timeout=...`; None for `None`, and where only idle time is bounded."""
    found = _seconds(sources.evaluator.plain(place.node, place.scope))
    if isinstance(found, Made) and found.callee.endswith("TimeoutPolicy"):
        given = found.args.get("run_timeout", 0)
        if given is None:
            return None
        found = _seconds(given)
    if isinstance(found, Plain) and isinstance(found.value, Known) and found.known is None:
        return None
    span = sources.evaluator.span(place.node, place.scope)
    problems: tuple[Trap, ...] = ()
    if is_async is False:
        trap = Trap(
            kind="INVALID",
            text="a timeout of a node that is no coroutine is refused: compiling the graph raises ValueError",
            fix="make the node async, or leave the timeout out",
            span=span,
            setting="timeout",
        )
        problems = (trap,)
    return Wrapper(
        component=TIMEOUT,
        kind="deadline",
        span=span,
        settings=(setting("timeout", found),),
        traits=(("of", "node"),),
        version_of=_PACKAGE,
        problems=problems,
    )


def step_timeout(sources: Sources, place: Place) -> Wrapper | None:
    """The wrapper of `graph.step_timeout = ...`; None for `None`."""
    found = _seconds(sources.evaluator.plain(place.node, place.scope))
    if isinstance(found, Plain) and isinstance(found.value, Known) and found.known is None:
        return None
    return Wrapper(
        component=TIMEOUT,
        kind="deadline",
        span=sources.evaluator.span(place.node, place.scope),
        settings=(setting("step_timeout", found),),
        traits=(("of", "step"),),
        version_of=_PACKAGE,
    )


def _seconds(value: PyValue) -> PyValue:
    return calls.seconds(value) if isinstance(value, Made) and value.callee.endswith("timedelta") else value


def limit_of(sources: Sources, call: ast.Call, place: Place) -> Setting | None:
    """The recursion limit that an invocation, or `with_config`, gives; None where it gives none."""
    evaluator = sources.evaluator
    for keyword in call.keywords:
        if keyword.arg == "recursion_limit":
            return setting("recursion_limit", evaluator.plain(keyword.value, place.scope))
    position = 0 if isinstance(call.func, ast.Attribute) and call.func.attr == "with_config" else 1
    given = next((keyword.value for keyword in call.keywords if keyword.arg == "config"), None)
    if given is None and len(call.args) > position:
        given = call.args[position]
    if given is None:
        return None
    found = evaluator.plain(given, place.scope)
    span = evaluator.span(given, place.scope)
    if isinstance(found, Table):
        value = found.get("recursion_limit")
        return (
            setting("recursion_limit", value) if value is not None else _hidden(span) if found.open else None
        )
    if isinstance(found, Made) and found.callee.endswith("RunnableConfig"):
        value = found.args.get("recursion_limit")
        return None if value is None else setting("recursion_limit", value)
    if isinstance(found, Plain) and isinstance(found.value, Known) and found.known is None:
        return None
    return _hidden(span)


def _hidden(span: Span) -> Setting:
    why = Unresolved(
        reason="the configuration that the graph is run with is not known",
        needs="state recursion_limit where the graph is invoked",
    )
    return Setting(name="recursion_limit", value=why, spans=(span,))
