"""The page's arithmetic gives what Python's gives, on every sample and for many positions of every slider."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import node
import pytest
from expectations import SAMPLES
from pages import missing
from random_routes import drawn

from budgetcheck.assess import Assessment, assess
from budgetcheck.check import route_report
from budgetcheck.model.bound import ONE, Bound, exactly, minimum, one_of, unknown
from budgetcheck.model.topology import Hop, MethodClass, method_classes
from budgetcheck.render.html_payload import encoded, payload
from budgetcheck.render.json_text import Json
from budgetcheck.run import RunSettings, prepare

POSITIONS = (0, 1, 999, 1_000, 5_000, 9_000, 9_500, 10_000, 20_000, 30_001, 60_000, 3_600_000)
COUNTS = (1, 2, 3, 7, 10)
DRAWN = 500

Changes = dict[str, int]


@pytest.fixture(scope="module", autouse=True)
def _node() -> None:
    if not node.installed():
        missing("node is not installed")


def assessments(folder: Path) -> list[tuple[Assessment, dict[str, Hop]]]:
    """Every route of a directory with the hops that its extra passes may go through."""
    from budgetcheck.link import link

    prepared = prepare([folder], cwd=folder, settings=RunSettings(), tell=lambda _: None)
    found = []
    for name in prepared.names:
        hops = prepared.resolved(name).hops
        by_address = {hop.address: hop for hop in hops}
        _, routes = link(hops, prepared.options, name)
        found += [(assess(route, by_address), by_address) for route in routes]
    return found


def changed(
    assessment: Assessment, hops: dict[str, Hop], key: str, value: int, numbers: list[Hop]
) -> Assessment:
    """What Python makes of a route with one number replaced."""
    index, place = key.split("/")
    old = numbers[int(index)]
    new = with_attempts(old, value) if place == "attempts" else with_limit(old, int(place), value)
    route = assessment.route
    swap = {old.address: new}
    return assess(
        replace(
            route,
            hops=tuple(swap.get(hop.address, hop) for hop in route.hops),
            wrappers=tuple(swap.get(hop.address, hop) for hop in route.wrappers),
        ),
        hops | swap,
    )


def with_limit(hop: Hop, place: int, value: int) -> Hop:
    limits = list(hop.limits)
    limits[place] = replace(limits[place], bound=exactly(value))
    return replace(hop, limits=tuple(limits))


def with_attempts(hop: Hop, count: int) -> Hop:
    retry, made = hop.retry, exactly(count)
    once = retry.attempts_unsafe == ONE and retry.attempts != ONE
    answered, unsafe = (minimum(a, made) if a else None for a in (retry.answered, retry.answered_unsafe))
    return replace(
        hop,
        retry=replace(
            retry,
            attempts=made,
            attempts_unsafe=ONE if once else made,
            answered=answered,
            answered_unsafe=unsafe,
        ),
    )


def expected(assessment: Assessment) -> dict[str, object]:
    """The outcome in the words of `node.assess`."""
    route = assessment.route
    return {
        "verdict": assessment.verdict.value,
        "slack": assessment.slack_ms,
        "joints": [
            {
                "granted": full(joint.granted),
                "needed": full(joint.costs[joint.worst_class].worst.hang),
                "verdict": joint.overall.value,
                "slack": joint.slack_ms,
            }
            for joint in assessment.joints
        ],
        "hops": {
            methods.value: [
                [full(costs[hop.address].worst.hang), full(costs[hop.address].worst.attempts)]
                for hop in (*route.chain, *route.calls)
            ]
            for methods, costs in assessment.costs.items()
            if methods in method_classes(route.methods)
        },
    }


def told(outcome: dict) -> dict:
    """Attempts only beside needs that are numbers: elsewhere Python tells equal bounds apart by their reasons."""
    hops = {
        methods: [[hang, attempts if isinstance(hang, int) else None] for hang, attempts in found]
        for methods, found in outcome["hops"].items()
    }
    return outcome | {"hops": hops}


def full(bound: Bound) -> Json:
    return bound.low if bound.exact else [bound.low, bound.high, [*bound.choices]]


def numbered(assessment: Assessment) -> list[Hop]:
    """The hops of one route as its payload numbers them."""
    hops = (*assessment.route.hops, *assessment.route.wrappers, *assessment.passes)
    return list({id(hop): hop for hop in hops}.values())


def sliders(numbers: list[Hop]) -> Iterator[tuple[str, int]]:
    for index, hop in enumerate(numbers):
        for place, _ in enumerate(hop.limits):
            yield from ((f"{index}/{place}", value) for value in POSITIONS)
        yield from ((f"{index}/attempts", count) for count in COUNTS)


@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.iterdir() if path.is_dir()))
def test_sample_with_every_slider(sample: str) -> None:
    for assessment, hops in assessments(SAMPLES / sample):
        numbers = numbered(assessment)
        moves = list(sliders(numbers))
        cases: list[tuple[int, Changes]] = [(0, {}), *((0, {key: value}) for key, value in moves)]
        answers = node.assess(payload([route_report(assessment)]), cases)
        assert answers[0] == expected(assessment)
        for (key, value), answer in zip(moves, answers[1:], strict=True):
            assert answer == expected(changed(assessment, hops, key, value, numbers)), (key, value)


def test_routes_drawn_at_random() -> None:
    found = [assess(*drawn(seed)) for seed in range(DRAWN)]
    data = payload([route_report(assessment) for assessment in found])
    answers = node.assess(data, [(number, {}) for number in range(DRAWN)])
    for seed, (assessment, answer) in enumerate(zip(found, answers, strict=True)):
        assert told(answer) == told(expected(assessment)), seed
    assert {answer["verdict"] for answer in answers} == {"exceeds", "cannot-tell", "fits", "not-compared"}


def test_encoding_keeps_the_five_kinds_of_numbers_apart() -> None:
    assert encoded(exactly(5)) == 5
    assert encoded(exactly(None)) is None
    assert encoded(unknown("?", low=1)) == [1, None]
    assert encoded(unknown("?", low=1, high=2)) == [1, 2]
    assert encoded(one_of((5, None))) == [5, None, [5, None]]


def test_method_classes_agree() -> None:
    assert [member.value for member in MethodClass] == ["idempotent", "non_idempotent"]
