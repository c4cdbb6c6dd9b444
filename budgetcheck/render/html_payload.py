"""What the page's arithmetic needs of each route: hops, limits, retries and work, as small as it can be.

A number is itself, null is unlimited, and what is not exact is `[low, high]` or `[low, high, choices]`.
Hops are named by their place in one list, so no address of anybody's is an identity in the page.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from budgetcheck.model.bound import Bound
from budgetcheck.model.duration import show_duration
from budgetcheck.model.limits import NO_BACKOFF, Backoff, Gate, Limit, Meaning, Repeats, RetryPolicy
from budgetcheck.model.report import RouteReport
from budgetcheck.model.topology import CallWork, Choice, Hop, Loop, Parallel, Work, Wrapped
from budgetcheck.model.topology import Sequence as Sequential
from budgetcheck.render.escape import visible
from budgetcheck.render.json_text import Json
from budgetcheck.render.text_routes import hop_name
from budgetcheck.render.words import MEANINGS, duration, number, origin, provenance

_TRAITS = (
    "enforced",
    "fallbacks",
    "intercept_errors",
    "kind",
    "load_balancer_type",
    "location",
    "method",
    "steps_beside",
    "steps_per_round",
)
"""Traits that the arithmetic looks at."""


def payload(routes: Sequence[RouteReport]) -> dict[str, Json]:
    """The hops of all these routes, and the routes."""
    numbers: dict[int, int] = {}
    records: list[Json] = []
    for hop in (hop for item in routes for hop in _hops(item)):
        if id(hop) not in numbers:  # routes share their hops; comparing them by value would take long
            numbers[id(hop)] = len(records)
            records.append(_hop(hop))
    return {"hops": records, "routes": [_route(item, numbers) for item in routes]}


def _hops(item: RouteReport) -> Iterator[Hop]:
    yield from item.route.hops
    yield from item.route.wrappers
    yield from item.passes


def _route(item: RouteReport, numbers: Mapping[int, int]) -> Json:
    """A route: its hops by number, and of each what it leads to on this route."""
    route = item.route
    places = {hop.address: numbers[id(hop)] for hop in reversed(list(_hops(item)))}
    record: dict[str, Json] = {
        "chain": [numbers[id(hop)] for hop in route.chain],
        "calls": [numbers[id(hop)] for hop in route.calls],
        "methods": [visible(method) for method in route.methods],
    }
    if route.streaming:
        record["streaming"] = True
    if route.wrappers:
        record["wrappers"] = [numbers[id(hop)] for hop in route.wrappers]
    passes: dict[str, Json] = {
        str(numbers[id(hop)]): found for hop in _hops(item) if (found := _passes(hop, places))
    }
    if passes:
        record["passes"] = passes
    handler = route.handler
    if handler is not None and handler.work is not None:
        works = _Works(places=places)
        works.add(handler.work)
        record["work"] = works.nodes
    return record


def _passes(hop: Hop, places: dict[str, int]) -> list[Json]:
    before, after = (
        [places[address] for address in addresses if address in places]
        for addresses in (hop.passes_before, hop.passes_after)
    )
    return [[*before], [*after]] if before or after else []


def _hop(hop: Hop) -> Json:
    record: dict[str, Json] = {
        "layer": hop.layer.value,
        "title": visible(hop.title),
        "component": visible(hop.component),
        "name": visible(hop_name(hop)),
        "place": visible(hop.span.place),
        "limits": [_limit(limit, hop) for limit in hop.limits],
    }
    retry = _retry(hop.retry, hop.component)
    if retry:
        record["retry"] = retry
    traits: dict[str, Json] = {name: visible(hop.trait(name)) for name in _TRAITS if hop.trait(name)}
    if traits:
        record["traits"] = traits
    if hop.work_goes_on:
        record["goes_on"] = True
    if hop.left_to_server:
        record["left_to_server"] = True
    return record


def _limit(limit: Limit, hop: Hop) -> Json:
    record: dict[str, Json] = {
        "setting": visible(limit.setting),
        "meaning": limit.meaning.value,
        "means": MEANINGS[limit.meaning],
        "bound": encoded(limit.bound),
        "shown": duration(limit.bound),
        "origin": visible(_origin(limit, hop)),
    }
    if limit.cap is not None:
        record["cap"] = limit.cap
        record["cap_shown"] = f"never more than {show_duration(limit.cap)}"
    if not limit.of_answer:
        record["of_answer"] = False
    if limit.meaning is Meaning.START_GATE and limit.gate is not Gate.AFTER_ATTEMPT:
        record["gate"] = limit.gate.value
    if not limit.adjustable:
        record["fixed"] = True
    if limit.symptom:
        record["symptom"] = visible(limit.symptom)
    if limit.spans:
        record["place"] = visible(provenance(limit.spans))
    return record


def _origin(limit: Limit, hop: Hop) -> str:
    """How the number came to be; its place is a field of its own."""
    if limit.written:
        return limit.origin.value
    return origin(limit, hop.component)


def _retry(retry: RetryPolicy, component: str) -> dict[str, Json]:
    """What differs from a single attempt."""
    record: dict[str, Json] = {}
    single = RetryPolicy()
    for name in ("attempts", "attempts_unsafe"):
        bound: Bound = getattr(retry, name)
        if bound != getattr(single, name):
            record[name] = encoded(bound)
    for name in ("answered", "answered_unsafe"):
        asked: Bound | None = getattr(retry, name)
        if asked is not None:
            record[name] = encoded(asked)
    if retry.backoff != NO_BACKOFF:
        record["backoff"] = _backoff(retry.backoff)
    if Repeats.STATUS in retry.repeats:
        record["repeats_status"] = True
    if retry.count is not None:
        record["setting"] = visible(retry.count.setting)
        record["origin"] = visible(origin(retry.count, component))
    if record:
        record["shown"] = number(retry.attempts)
    return record


def _backoff(backoff: Backoff) -> Json:
    record: dict[str, Json] = {"first": backoff.first, "factor": backoff.factor, "most": backoff.most}
    record |= {"jitter": backoff.jitter, "least": backoff.least}
    for name in ("skip_first", "cap_jitter", "random"):
        if getattr(backoff, name):
            record[name] = True
    if backoff.unknown:
        record["unknown"] = visible(backoff.unknown)
    return record


@dataclass(slots=True, kw_only=True)
class _Works:
    """The pieces of a route's work, inner ones first and each once however often it occurs."""

    places: Mapping[str, int]
    nodes: list[Json] = field(default_factory=list)
    known: dict[int, int] = field(default_factory=dict)

    def add(self, work: Work) -> int:
        """The number of a piece. A call or wrapper that is not on the route is number -1."""
        if id(work) not in self.known:
            node = self._node(work)
            self.known[id(work)] = len(self.nodes)
            self.nodes.append(node)
        return self.known[id(work)]

    def _node(self, work: Work) -> Json:
        match work:
            case CallWork(address=address):
                return {"call": self.places.get(address, -1)}
            case Sequential(parts=parts):
                return {"kind": "sequence", "parts": [self.add(part) for part in parts]}
            case Parallel(parts=parts):
                return {"kind": "parallel", "parts": [self.add(part) for part in parts]}
            case Choice(parts=parts):
                return {"kind": "choice", "parts": [self.add(part) for part in parts]}
            case Loop(times=times, body=body):
                return {"kind": "loop", "times": encoded(times), "body": self.add(body)}
            case Wrapped(address=address, body=body):
                return {"wrapper": self.places.get(address, -1), "body": self.add(body)}


def encoded(bound: Bound) -> Json:
    """A bound as the page reads it."""
    if bound.exact:
        return bound.low
    choices: list[Json] = [*bound.choices]
    return [bound.low, bound.high, *([choices] if choices else [])]
