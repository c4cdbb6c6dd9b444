"""Handlers that share what they go through: each has the costs that it has alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck import costs, handler_costs
from budgetcheck.assess import assess, assess_all
from budgetcheck.costs import Maker, calls_of, wrappers_of
from budgetcheck.model.bound import exactly
from budgetcheck.model.limits import Meaning
from budgetcheck.model.topology import (
    CallWork,
    Choice,
    Hop,
    Layer,
    MethodClass,
    Route,
    Sequence,
    Work,
    Wrapped,
)
from tests.build import call, handler, hop, limit, retries, route

CALLS = {f"call-{number}": call(f"call-{number}", number + 1) for number in range(4)}
WRAPPERS = {
    "retrying": replace(hop("retrying", Layer.WRAPPER), retry=retries(3)),
    "deadline": hop("deadline", Layer.WRAPPER, limit(3, Meaning.TOTAL, setting="deadline")),
    "loop": replace(hop("loop", Layer.WRAPPER, traits=(("kind", "loop"),)), retry=retries(2)),
}
HOPS = {**CALLS, **WRAPPERS}
PIECES: list[Work] = [CallWork(address=address) for address in CALLS]
PIECES += [Sequence(parts=tuple(PIECES[:2])), Choice(parts=tuple(PIECES[1:4]))]
PIECES += [Wrapped(address=address, body=piece) for address in WRAPPERS for piece in PIECES]
"""What functions do that several handlers go through: the very same objects."""


def route_of(name: str, work: Work, hops: dict[str, Hop]) -> Route:
    one = replace(handler(name), work=work)
    calls = [hops[address] for address in calls_of(work)]
    way = route(one, *calls, methods=(), name=name)
    return replace(way, wrappers=tuple(hops[address] for address in wrappers_of(work)))


@given(st.lists(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4), min_size=2, max_size=4))
def test_each_handler_costs_what_it_costs_alone(works: list[list[Work]]) -> None:
    """Also who makes the need: a deadline round two calls makes that of its own handler."""
    routes = [
        route_of(f"handler-{number}", Sequence(parts=tuple(work)), HOPS) for number, work in enumerate(works)
    ]
    assert list(assess_all(routes, HOPS)) == [assess(one, HOPS) for one in routes]


def test_a_call_on_another_route_with_other_values_is_another_one() -> None:
    """The values of a container stand in hops of the route's own, under the same addresses."""
    work = Sequence(parts=(PIECES[0],))
    slower = {**HOPS, "call-0": call("call-0", 9)}
    found = list(assess_all([route_of("one", work, HOPS), route_of("other", work, slower)], HOPS))
    assert [one.costs[MethodClass.IDEMPOTENT]["call-0"].worst.hang for one in found] == [
        exactly(1_000),
        exactly(9_000),
    ]


def test_what_many_handlers_go_through_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred handlers of one service with three calls: three calls, for both kinds of methods."""
    made: list[str] = []

    def counted(one: Hop, layers: tuple[Hop, ...], methods: MethodClass) -> Maker:
        made.append(one.address)
        return costs.made_by(one, layers, methods)

    monkeypatch.setattr(handler_costs, "made_by", counted)
    shared = Sequence(parts=tuple(PIECES[:3]))
    list(assess_all([route_of(f"handler-{n}", shared, HOPS) for n in range(100)], HOPS))
    assert len(made) == 6
