"""The longest ways through graphs: as work, and against a walk through every way there is."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetcheck.model.span import Span
from budgetcheck.model.topology import CallWork, Choice, Loop, Parallel, Sequence, Work, Wrapped
from budgetcheck.readers.python.graph_shape import END, START, Branch, Shape, TooManyWaysError, steps_of
from budgetcheck.readers.python.graph_ways import graph_ways

SPAN = Span(file="graph.py", line=1)


def shape(
    names: str,
    edges: str = "",
    branches: dict[str, str] | None = None,
    joins: tuple[tuple[tuple[str, ...], str], ...] = (),
    deferred: str = "",
) -> Shape:
    """`edges` as `^a ab b$`: `^` is the start, `$` the end; `branches` by node, targets as one text."""
    return Shape(
        work={name: CallWork(address=name) for name in names},
        edges=tuple((long(edge[0]), long(edge[1])) for edge in edges.split()),
        branches={
            long(node): (Branch(targets=tuple(long(target) for target in targets)),)
            for node, targets in (branches or {}).items()
        },
        joins=joins,
        deferred=frozenset(deferred),
    )


def long(letter: str) -> str:
    return {"^": START, "$": END}.get(letter, letter)


def go_round(length: int, beside: int, body: Work) -> Work:
    return Wrapped(address=f"{length}/{beside}", body=body)


def ways(graph: Shape) -> Work:
    work, _ = graph_ways(graph, go_round, SPAN)
    return work


def shown(work: Work) -> str:
    """`a (b|c) d`, `[2/1: a b]` for rounds of two steps with one beside them, `a&b` at once."""
    match work:
        case CallWork(address=address):
            return address
        case Sequence(parts=parts):
            return " ".join(shown(part) for part in parts) or "-"
        case Parallel(parts=parts):
            return "&".join(shown(part) for part in parts)
        case Choice(parts=parts):
            return f"({'|'.join(shown(part) for part in parts)})"
        case Wrapped(address=address, body=body):
            return f"[{address}: {shown(body)}]"
        case Loop(body=body):
            return f"[?: {shown(body)}]"


STRAIGHT = [
    pytest.param(shape("ab", "^a ab b$"), "a b", id="one after the other"),
    pytest.param(shape("abc", "^a ab ac b$ c$"), "a b&c", id="two at once"),
    pytest.param(shape("abcd", "^a bd cd d$", {"a": "bc"}), "a (b|c) d", id="a decision that meets again"),
    pytest.param(shape("ab", "^a b$", {"a": "b$"}), "a b", id="an early end is never the longest"),
    pytest.param(
        shape("abcd", "^a ^b ac bd c$ d$"), "a&b c&d", id="steps wait for their slowest node, not for a way"
    ),
    pytest.param(
        shape("abcd", "^a ^b ac bd dc c$"), "a&b c&d c", id="a node that is reached twice runs twice"
    ),
    pytest.param(
        shape("abcd", "^a ^b bd c$", joins=((("a", "d"), "c"),)), "a&b d c", id="a join waits for all"
    ),
    pytest.param(shape("abcd", "^a ^b ac bd dc c$", deferred="c"), "a&b d c", id="a deferred node runs last"),
    pytest.param(
        shape("abcdefg", "^a bd cd eg fg g$", {"a": "bc", "d": "ef"}),
        "a (b|c) d (e|f) g",
        id="decisions one after the other do not multiply",
    ),
    pytest.param(shape("a", "^a a$", {"a": "a$"}) and shape("", "^$"), "-", id="nothing at all"),
]


@pytest.mark.parametrize(("graph", "expected"), STRAIGHT)
def test_a_graph_without_cycles_is_its_longest_way(graph: Shape, expected: str) -> None:
    assert shown(ways(graph)) == expected


ROUND = [
    pytest.param(
        shape("at", "^a ta", {"a": "t$"}),
        "([2/1: a t] a|[2/0: a t])",
        id="ReAct: the last step is the model's, or the limit falls after the tools",
    ),
    pytest.param(shape("a", "^a", {"a": "a$"}), "[1/0: a]", id="a node that repeats itself"),
    pytest.param(
        shape("sxyz", "^s xs ys zs", {"s": "xyz$"}),
        "([2/1: s (x|y|z)] s|[2/0: s (x|y|z)])",
        id="a supervisor and its workers",
    ),
    pytest.param(
        shape("pato", "^p pa ta o$", {"a": "to"}),
        "p ([2/3: a t] a o|[2/1: a t]|[2/2: a t] a)",
        id="the way in and out counts as well",
    ),
    pytest.param(
        shape("at", "^a at ta"),
        "([2/0: a t]|[2/1: a t] a)",
        id="a cycle without an end is ended by the limit",
    ),
]


@pytest.mark.parametrize(("graph", "expected"), ROUND)
def test_a_cycle_goes_round_as_often_as_the_limit_lets_it(graph: Shape, expected: str) -> None:
    assert shown(ways(graph)) == expected


def test_a_decision_that_nobody_knows_is_no_number() -> None:
    graph = Shape(
        work={name: CallWork(address=name) for name in "abc"},
        edges=((START, "a"), ("b", END)),
        branches={"a": (Branch(known=False),)},
    )
    work, notes = graph_ways(graph, go_round, SPAN)
    assert isinstance(work, Sequence)
    first, rest = work.parts
    assert first == CallWork(address="a")
    assert isinstance(rest, Loop)
    assert (rest.times.low, rest.times.high) == (0, None)
    assert notes == ("where a node goes next is not known",)


def test_a_graph_with_too_many_ways_is_no_number() -> None:
    names = "abcdefghijklmnop"
    graph = shape(names, "^a", dict.fromkeys(names, names + "$"))
    work, notes = graph_ways(graph, go_round, SPAN)
    assert isinstance(work, Loop)
    assert work.times.high is None
    assert notes == ("too many ways",)


NAMES = "abcde"


@st.composite
def graphs(draw: st.DrawFn) -> Shape:
    """Small graphs: every node goes on by an edge, two edges, or a decision."""
    edges, branches = [("^", draw(st.sampled_from(NAMES)))], {}
    for name in NAMES:
        targets = draw(st.lists(st.sampled_from(NAMES + "$"), min_size=1, max_size=3, unique=True))
        if draw(st.booleans()):
            branches[name] = "".join(targets)
        else:
            edges += [(name, target) for target in targets[:2]]
    return shape(NAMES, " ".join(start + end for start, end in edges), branches)


WEIGHTS = dict(zip(NAMES, (7, 1, 13, 3, 29), strict=True))


def cost(work: Work, limit: int) -> int:
    """Units of time that a piece of work takes at most."""
    match work:
        case CallWork(address=address):
            return WEIGHTS[address]
        case Sequence(parts=parts):
            return sum(cost(part, limit) for part in parts)
        case Parallel(parts=parts) | Choice(parts=parts):
            return max((cost(part, limit) for part in parts), default=0)
        case Wrapped(address=address, body=body):
            length, beside = map(int, address.split("/"))
            return max(limit - beside, 0) // length * cost(body, limit)
        case Loop():
            raise TooManyWaysError


def longest_walk(graph: Shape, limit: int) -> int:
    """The same by going every way, one step after the other."""
    found = steps_of(graph)
    weight = [cost(work, limit) for work in found.work]
    best: dict[int, int] = {0: 0}
    most = 0
    for _ in range(limit):
        following: dict[int, int] = {}
        for state, spent in best.items():
            for nxt in found.follows[state]:
                following[nxt] = max(following.get(nxt, 0), spent + weight[nxt])
        if not following:
            break
        best = following
        most = max(most, *best.values())
    return most


@settings(max_examples=300, deadline=None)
@given(graphs(), st.integers(12, 60))
def test_no_way_is_longer_than_the_graph_can_take(graph: Shape, limit: int) -> None:
    try:
        predicted = cost(ways(graph), limit)
        walked = longest_walk(graph, limit)
    except TooManyWaysError:
        return
    assert predicted <= walked
    # Rounds of different lengths that are mixed may take a little more than any of them alone.
    longest_round = 6 * max(WEIGHTS.values())
    assert predicted >= walked - 2 * longest_round


@pytest.mark.parametrize("limit", range(4, 30))
@pytest.mark.parametrize(
    "graph",
    [
        pytest.param(shape("ad", "^a da", {"a": "d$"}), id="ReAct"),
        pytest.param(shape("bce", "^b ec", {"b": "c$", "c": "e$"}), id="a way in"),
        pytest.param(shape("abc", "^a ab bc", {"c": "a$"}), id="three in a round"),
        pytest.param(
            shape("sxy".translate(str.maketrans("sxy", "abc")), "^a ba ca", {"a": "bc$"}), id="supervisor"
        ),
    ],
)
def test_one_cycle_is_exact_for_every_limit(graph: Shape, limit: int) -> None:
    assert cost(ways(graph), limit) == longest_walk(graph, limit)


def test_the_steps_of_a_product_of_two_cycles_are_told_apart() -> None:
    found = steps_of(shape("abcde", "^a ^c ab ba cd de ec"))
    assert len(found.work) - 1 == 6
    assert all(len(nexts) == 1 for nexts in itertools.islice(found.follows, 1, None))
