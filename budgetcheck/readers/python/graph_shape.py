"""The shape of a LangGraph graph, and the sets of nodes that may run together: its super-steps, told apart.

LangGraph runs in super-steps: all nodes that were reached run at the same time, and the next step begins when
the slowest of them has ended. A node that is reached twice runs twice (two branches of different length that
meet), unless it waits for all of several nodes (`add_edge([a, b], c)`) or is deferred.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product

from budgetcheck.model.topology import Work
from budgetcheck.readers.python.work import NOTHING, at_once

START = "__start__"
END = "__end__"

_MOST_STATES = 300
_MOST_WAYS = 64
"""Combinations of branches that one super-step may be followed by."""


class TooManyWaysError(Exception):
    """The graph may run in more ways than are worth telling apart."""


def _as_it_is(work: Work) -> Work:
    return work


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Where a node may go by a decision: one of `targets`, or, with `together`, all of them at the same time.

    `known` is false where only the program knows.
    """

    targets: tuple[str, ...] = ()
    together: bool = False
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A graph.

    Attributes:
        work: what one run of each node does, retries and deadlines included, in the order of their making.
        edges: from a node to one that always follows. `branches`: where decisions lead, by node.
        joins: nodes that wait for all of several others. `deferred`: nodes that wait for everything else.
        first: what is decided before the first step. `around`: what stands round each step.
    """

    work: Mapping[str, Work]
    edges: tuple[tuple[str, str], ...] = ()
    branches: Mapping[str, tuple[Branch, ...]] = field(default_factory=dict)
    joins: tuple[tuple[tuple[str, ...], str], ...] = ()
    deferred: frozenset[str] = frozenset()
    first: Work = NOTHING
    around: Callable[[Work], Work] = _as_it_is

    def targets(self, node: str) -> frozenset[str]:
        """What always follows a node, the end aside."""
        return frozenset(end for start, end in self.edges if start == node and end in self.work)

    def step(self, active: Iterable[str]) -> Work:
        """What nodes that run in the same super-step do."""
        chosen = set(active)
        if START in chosen:
            return self.first
        found = at_once(work for name, work in self.work.items() if name in chosen)
        return NOTHING if found == NOTHING else self.around(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Nodes that run together; `seen` are parts of joins that have run, `held` deferred nodes that wait."""

    active: frozenset[str]
    seen: frozenset[tuple[int, str]] = frozenset()
    held: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """All super-steps a graph may take, by number; 0 is the start, which does not count.

    Attributes:
        work: what each does. `follows`: which may come next.
        ends: after which the graph may end. `lost`: after which only the program knows what comes.
    """

    work: tuple[Work, ...]
    follows: tuple[tuple[int, ...], ...]
    ends: frozenset[int]
    lost: frozenset[int]


def steps_of(shape: Shape) -> Steps:
    """The super-steps of a graph. Raises TooManyWaysError."""
    first = State(active=frozenset({START}))
    numbers = {first: 0}
    states = [first]
    follows: list[tuple[int, ...]] = []
    ends = set()
    for number, state in enumerate(states):  # grows while it is gone through
        found = []
        for following in _following(shape, state):
            if not following.active:
                ends.add(number)
                continue
            if following not in numbers:
                if len(states) >= _MOST_STATES:
                    raise TooManyWaysError
                numbers[following] = len(states)
                states.append(following)
            found.append(numbers[following])
        follows.append(tuple(found))
    return Steps(
        work=tuple(shape.step(state.active) for state in states),
        follows=tuple(follows),
        ends=frozenset(ends),
        lost=frozenset(number for number, state in enumerate(states) if _is_lost(shape, state)),
    )


def _following(shape: Shape, state: State) -> list[State]:
    """The states that may come next; one without active nodes stands for the end."""
    fixed = frozenset(target for node in state.active for target in shape.targets(node))
    choices = [
        _options(shape, branch) for node in sorted(state.active) for branch in shape.branches.get(node, ())
    ]
    total = 1
    for options in choices:
        total *= len(options)
    if total > _MOST_WAYS:
        raise TooManyWaysError
    ways = (fixed.union(*chosen) for chosen in product(*choices))
    return list(dict.fromkeys(_settled(shape, state, reached) for reached in ways))


def _options(shape: Shape, branch: Branch) -> list[frozenset[str]]:
    targets = [target for target in branch.targets if target in shape.work]
    if not branch.known:
        return [frozenset()]
    if branch.together:
        return [frozenset(targets)]
    leaves = [frozenset[str]()] if len(targets) < len(branch.targets) or not targets else []
    return [*(frozenset({target}) for target in targets), *leaves]


def _settled(shape: Shape, state: State, reached: frozenset[str]) -> State:
    """The next state once joins and deferred nodes have been looked at."""
    seen = set(state.seen)
    ready = set()
    for number, (sources, target) in enumerate(shape.joins):
        seen |= {(number, source) for source in sources if source in state.active}
        if all((number, source) in seen for source in sources):
            seen -= {(number, source) for source in sources}
            ready |= {target} & shape.work.keys()
    reached |= ready
    held = state.held | (reached & shape.deferred)
    active = reached - shape.deferred
    if not active:
        active, held = held, frozenset()
    if not active:
        return State(active=frozenset())
    return State(active=active, seen=frozenset(seen), held=held)


def _is_lost(shape: Shape, state: State) -> bool:
    return any(not branch.known for node in state.active for branch in shape.branches.get(node, ()))


def everything(shape: Shape) -> tuple[Work, ...]:
    """What each node does, those aside that call nothing."""
    return tuple(work for work in shape.work.values() if work != NOTHING)
