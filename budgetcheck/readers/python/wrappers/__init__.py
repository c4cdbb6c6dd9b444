"""What decorators, contexts and calls put round work: retries of several libraries, and deadlines.

One module per family; `wrap` knows them by their full names.
"""

from collections.abc import Callable, Mapping

from budgetcheck.readers.python.values import Args, Wrapper
from budgetcheck.readers.python.wrappers import decorators, tenacity
from budgetcheck.readers.python.wrappers.deadlines import DEADLINES, MOMENTS, deadline

__all__ = ["IMPORTS", "wrap"]

IMPORTS = (
    *("tenacity", "backoff", "stamina", "retry", "retry2", "retrying", "google.api_core"),
    *("asyncio", "anyio", "trio", "async_timeout"),
)
"""Packages that a file must name for one of these to occur."""

_RETRYING = frozenset({"retry", "Retrying", "AsyncRetrying"})
_MAKERS: Mapping[str, Callable[[Args], Wrapper]] = {
    "backoff.on_exception": decorators.backoff_on_exception,
    "backoff.on_predicate": decorators.backoff_on_predicate,
    "stamina.retry": decorators.stamina,
    "stamina.retry_context": decorators.stamina,
    "retry.retry": decorators.retry,
    "retry.api.retry": decorators.retry,
    "retry2.retry": decorators.retry,
    "retrying.retry": decorators.retrying,
    **{
        f"google.api_core.{module}": decorators.google
        for module in (
            "retry.Retry",
            "retry.AsyncRetry",
            "retry_async.AsyncRetry",
            "retry.retry_unary.Retry",
            "retry.retry_unary_async.AsyncRetry",
        )
    },
}


def wrap(name: str, args: Args) -> Wrapper | None:
    """The wrapper that calling something of that full name makes; None where it makes none."""
    package, _, last = name.rpartition(".")
    if package.split(".")[0] == "tenacity" and last in _RETRYING:
        return tenacity.retrying(args)
    if name in DEADLINES or name in MOMENTS:
        return deadline(name, args)
    maker = _MAKERS.get(name)
    return maker(args) if maker is not None else None
