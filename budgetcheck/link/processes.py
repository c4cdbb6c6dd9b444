"""Values that depend on the container: on a route those count that its own container is given.

The same code may run in several containers, each with another value of a variable. Which one runs it is what
the chain of the route says.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from budgetcheck.environments import same_environment
from budgetcheck.model.bound import Bound
from budgetcheck.model.limits import Count, Limit, RetryPolicy
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Hop


def in_its_container(hops: Sequence[Hop], chain: Sequence[Hop], environment: str) -> tuple[Hop, ...]:
    """The hops of a process with the values that its container is given.

    `chain` leads to the process, outermost first: its innermost hop that is one of the containers, or holds
    some of them, decides. Where none is, the environment alone may.
    """
    known = sorted({place for hop in hops for bound in _bounds(hop) for place in bound.places})
    if not known:
        return tuple(hops)
    places = _chosen(known, chain, environment)
    return tuple(_within(hop, places) for hop in hops)


def of_any_container(hop: Hop) -> Hop:
    """A caller of which nothing says where it runs: its values go with no container of the hops behind it."""
    limits = tuple(replace(one, bound=replace(one.bound, cases=())) for one in hop.limits)
    return replace(hop, limits=limits) if any(bound.cases for bound in _bounds(hop)) else hop


def _chosen(known: Sequence[str], chain: Sequence[Hop], environment: str) -> frozenset[str]:
    there = [place for place in known if _is_of(place, environment)] or list(known)
    for hop in reversed(chain):
        own = [place for place in there if _is_part(_address(place), hop.address)]
        if own:
            return frozenset(own)
    return frozenset(there)


def _address(place: str) -> str:
    return place.partition(" in ")[0]


def _is_of(place: str, environment: str) -> bool:
    own = place.partition(" in ")[2]
    return not own or not environment or same_environment(own, environment)


def _is_part(container: str, address: str) -> bool:
    """The hop is the container, runs in it, or is the pod that holds it."""
    return container == address or address.startswith(f"{container}/") or container.startswith(f"{address}/")


def _bounds(hop: Hop) -> Iterator[Bound]:
    yield from (limit.bound for limit in hop.limits)
    retry = hop.retry
    yield from (retry.attempts, retry.attempts_unsafe, retry.connects, retry.retry_after)
    yield from (bound for bound in (retry.answered, retry.answered_unsafe) if bound is not None)


def _within(hop: Hop, places: Collection[str]) -> Hop:
    if not any(bound.cases for bound in _bounds(hop)):
        return hop
    limits = tuple(_limit(limit, places) for limit in hop.limits)
    return replace(hop, limits=limits, retry=_retry(hop.retry, places))


def _limit(limit: Limit, places: Collection[str]) -> Limit:
    if not limit.bound.cases:
        return limit
    spans = _way(limit.spans, limit.places, places)
    return replace(limit, bound=limit.bound.within(places), spans=spans)


def _count(count: Count, places: Collection[str]) -> Count:
    return replace(count, bound=count.bound.within(places), spans=_way(count.spans, count.places, places))


def _way(
    spans: tuple[Span, ...], given: Sequence[tuple[str, Span]], places: Collection[str]
) -> tuple[Span, ...]:
    """The way to a value without the steps that only other containers take."""
    kept = {span for place, span in given if place in places}
    others = {span for _, span in given} - kept
    return tuple(span for span in spans if span not in others) or spans


def _retry(retry: RetryPolicy, places: Collection[str]) -> RetryPolicy:
    answered, unsafe = retry.answered, retry.answered_unsafe
    return replace(
        retry,
        attempts=retry.attempts.within(places),
        attempts_unsafe=retry.attempts_unsafe.within(places),
        answered=None if answered is None else answered.within(places),
        answered_unsafe=None if unsafe is None else unsafe.within(places),
        connects=retry.connects.within(places),
        retry_after=retry.retry_after.within(places),
        count=None if retry.count is None else _count(retry.count, places),
    )
