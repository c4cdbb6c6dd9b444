"""The longest ways through the super-steps of a graph, as work: what happens once, and what goes round.

Without a cycle the longest way is a choice of branches. With one, as many super-steps as the recursion limit
allows go round it, less those of the way in and out. Each way that is named here is one that the graph can
take, so no need is ever made up; a limit that is shorter than the way in and out is not looked at.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from budgetcheck.model.bound import unknown
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Loop, Work
from budgetcheck.readers.python.graph_shape import Shape, Steps, TooManyWaysError, everything, steps_of
from budgetcheck.readers.python.work import NOTHING, either, in_order, size, steps

Round = Callable[[int, int, Work], Work]
"""Work that goes round: steps of one round, steps beside the rounds, and what one round does."""

_MOST_CYCLES = 64
_MOST_LENGTHS = 8
_MOST_ALTERNATIVES = 12
_LARGEST = 200
_MOST_VISITS = 5_000
_EXIT = -1

Lengths = dict[int, Work]
"""Work by the number of super-steps that it takes."""


def graph_ways(shape: Shape, go_round: Round, span: Span) -> tuple[Work, tuple[str, ...]]:
    """The work of one run of a graph, and what is not known about it."""
    try:
        found = steps_of(shape)
        work = _Ways(steps=found, shape=shape, span=span).longest(go_round)
    except TooManyWaysError:
        return _too_many(shape, span)
    if size(work, _LARGEST) > _LARGEST:
        return _too_many(shape, span)
    return work, ("where a node goes next is not known",) if found.lost else ()


def _too_many(shape: Shape, span: Span) -> tuple[Work, tuple[str, ...]]:
    return _any_number(shape, span, "the graph has too many ways to follow"), ("too many ways",)


def _any_number(shape: Shape, span: Span, reason: str) -> Work:
    """Some of the nodes, some number of times."""
    body = either(*everything(shape))
    return NOTHING if body is None else Loop(times=unknown(reason), body=body, span=span)


@dataclass(slots=True, kw_only=True)
class _Ways:
    """Finds the longest ways through super-steps."""

    steps: Steps
    shape: Shape
    span: Span
    _ahead: list[tuple[int, ...]] = field(default_factory=list)
    _visits: int = 0

    def longest(self, go_round: Round) -> Work:
        """All ways that may be the longest, as one piece of work."""
        self._ahead = _without_returns(self.steps.follows)
        straight = self._between(0, _EXIT)
        ways: list[Work] = []
        for header, length, body in self._rounds():
            if body == NOTHING:
                continue
            for beside, before, after in self._alternatives(header, length, body):
                ways.append(in_order(before, go_round(length, beside, body), after))
                if len(ways) > _MOST_ALTERNATIVES:
                    raise TooManyWaysError
        return _factored(ways or list(straight.values())) or NOTHING

    def _alternatives(self, header: int, length: int, body: Work) -> Iterator[tuple[int, Work, Work]]:
        """Ways in and out of a cycle: steps beside it, what comes before it, and after it.

        The limit ends some in the middle of a round, so the beginnings of a round are ways out as well.
        """
        tails = dict.fromkeys(self._between(header, _EXIT).items())
        for cycle in self._cycles_at(header, length):
            for done in range(length):
                part = in_order(*(self.steps.work[state] for state in cycle[:done]))
                tails.setdefault((done, part))
        seen: set[tuple[int, Work, Work]] = set()
        for before_steps, before in self._between(0, header).items():
            for after_steps, after in tails:
                if (after_steps, after) == (length, body):
                    continue  # one more round, no other way
                way = (before_steps + after_steps, before, after)
                if way not in seen:
                    seen.add(way)
                    yield way

    def _rounds(self) -> Iterator[tuple[int, int, Work]]:
        """Every first step of a cycle, with the length and work of a round; cycles of one length together."""
        groups: dict[tuple[int, int], list[Work]] = {}
        for cycle in self._cycles():
            work = in_order(*(self.steps.work[state] for state in cycle))
            groups.setdefault((cycle[0], len(cycle)), []).append(work)
        for (header, length), works in groups.items():
            yield header, length, _factored(works) or NOTHING

    def _cycles_at(self, header: int, length: int) -> list[tuple[int, ...]]:
        return [cycle for cycle in self._cycles() if cycle[0] == header and len(cycle) == length]

    def _cycles(self) -> list[tuple[int, ...]]:
        """Simple cycles, each from the step that is reached first."""
        order = {state: number for number, state in enumerate(_reached(self.steps.follows))}
        found: list[tuple[int, ...]] = []
        for first in order:
            stack: list[tuple[int, ...]] = [(first,)]
            while stack:
                way = stack.pop()
                self._count()
                for state in self.steps.follows[way[-1]]:
                    if state == first:
                        found.append(way)
                    elif order[state] > order[first] and state not in way:
                        stack.append((*way, state))
                if len(found) > _MOST_CYCLES:
                    raise TooManyWaysError
        return sorted(found)

    def _between(self, start: int, stop: int) -> Lengths:
        """What happens from a step on, until before another one (or the end), without going round."""
        reaching = _reaching(self._ahead, stop, self._leaving() if stop == _EXIT else ())
        if start == stop or start not in reaching:
            return {0: NOTHING} if start == stop else {}
        meeting = _meeting(self._ahead, reaching, stop, self._leaving())
        return self._way(start, stop, reaching, meeting)

    def _way(self, start: int, stop: int, reaching: frozenset[int], meeting: dict[int, int]) -> Lengths:
        found: Lengths = {0: NOTHING}
        here = start
        while here != stop:
            self._count()
            counted = 0 if here == 0 else 1  # the start is no super-step
            found = _joined(found, {counted: self.steps.work[here]})
            nexts = [state for state in self._ahead[here] if state in reaching and state != stop]
            if stop in self._ahead[here] or (stop == _EXIT and here in self._leaving()):
                nexts.append(stop)
            meet = meeting[here]
            branches: list[Lengths] = [
                {0: NOTHING} if state == meet else self._way(state, meet, reaching, meeting)
                for state in nexts
            ]
            if here in self.steps.lost and stop == _EXIT:
                reason = "where the graph goes from here is not known"
                branches.append({0: _any_number(self.shape, self.span, reason)})
            found = _joined(found, _merged(branches))
            here = meet
        return found

    def _leaving(self) -> frozenset[int]:
        return self.steps.ends | self.steps.lost

    def _count(self) -> None:
        self._visits += 1
        if self._visits > _MOST_VISITS:
            raise TooManyWaysError


def _joined(first: Lengths, second: Lengths) -> Lengths:
    """One after the other."""
    return _merged(
        [
            {one + two: in_order(before, after)}
            for one, before in first.items()
            for two, after in second.items()
        ]
    )


def _merged(branches: Sequence[Lengths]) -> Lengths:
    """One of several; ways of the same length together."""
    found: dict[int, list[Work]] = {}
    for branch in branches:
        for length, work in branch.items():
            found.setdefault(length, []).append(work)
    if len(found) > _MOST_LENGTHS:
        raise TooManyWaysError
    return {length: _factored(works) or NOTHING for length, works in found.items()}


def _factored(ways: Sequence[Work]) -> Work | None:
    """One of several pieces of work; what all begin and end with stands once."""
    distinct = list(dict.fromkeys(ways))
    if len(distinct) < 2:
        return distinct[0] if distinct else None
    parts = [steps(way) for way in distinct]
    shortest = min(len(way) for way in parts)
    first = _common(parts, shortest)
    last = _common([way[::-1] for way in parts], shortest - first)
    middles = [in_order(*way[first : len(way) - last]) for way in parts]
    middle = either(*middles) or NOTHING
    return in_order(*parts[0][:first], middle, *parts[0][len(parts[0]) - last :])


def _common(parts: Sequence[Sequence[Work]], most: int) -> int:
    for number in range(most):
        if any(way[number] != parts[0][number] for way in parts):
            return number
    return most


def _reached(follows: Sequence[tuple[int, ...]]) -> list[int]:
    """All steps in the order in which a walk in breadth comes to them."""
    found = [0]
    for state in found:
        found += [nxt for nxt in dict.fromkeys(follows[state]) if nxt not in found]
    return found


def _without_returns(follows: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """What follows each step, those left out that are gone through already: there are no cycles in it."""
    ahead: list[list[int]] = [[] for _ in follows]
    done: set[int] = set()
    open_: list[int] = [0]
    waiting = [iter(follows[0])]
    while open_:
        state = next(waiting[-1], None)
        if state is None:
            done.add(open_.pop())
            waiting.pop()
        elif state not in open_:
            ahead[open_[-1]].append(state)
            if state not in done:
                open_.append(state)
                waiting.append(iter(follows[state]))
    return [tuple(dict.fromkeys(states)) for states in ahead]


def _reaching(
    ahead: Sequence[tuple[int, ...]], stop: int, leaving: Sequence[int] | frozenset[int]
) -> frozenset[int]:
    """Steps that lead to another one, or to the end."""
    before: dict[int, list[int]] = {}
    for state, nexts in enumerate(ahead):
        for following in nexts:
            before.setdefault(following, []).append(state)
    found = set(leaving) if stop == _EXIT else {stop}
    waiting = list(found)
    while waiting:
        for state in before.get(waiting.pop(), ()):
            if state not in found:
                found.add(state)
                waiting.append(state)
    return frozenset(found)


def _meeting(
    ahead: Sequence[tuple[int, ...]], reaching: frozenset[int], stop: int, leaving: frozenset[int]
) -> dict[int, int]:
    """For each step the nearest one that all ways from it to the stop go through (its post-dominator)."""
    through: dict[int, frozenset[int]] = {stop: frozenset({stop})}
    meeting: dict[int, int] = {}

    for state in _last_first(ahead, reaching):
        if state == stop:
            continue
        nexts = [following for following in ahead[state] if following in reaching]
        ways = [through[following] for following in nexts if following in through]
        if stop == _EXIT and state in leaving:
            ways.append(through[stop])
        common = frozenset.intersection(*ways)
        through[state] = common | {state}
        meeting[state] = max(common, key=lambda one: len(through[one]))
    return meeting


def _last_first(ahead: Sequence[tuple[int, ...]], reaching: frozenset[int]) -> list[int]:
    """The steps so that each comes after all that may follow it."""
    found: list[int] = []
    done: set[int] = set()
    for root in sorted(reaching):
        stack = [(root, False)]
        while stack:
            state, ready = stack.pop()
            if ready:
                found.append(state)
                continue
            if state in done or state not in reaching:
                continue
            done.add(state)
            stack.append((state, True))
            stack += [(following, False) for following in ahead[state]]
    return found
