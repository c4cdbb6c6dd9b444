"""When every hop of a route is busy while the last dependency stays silent: what the waterfall picture draws.

Made from the report's model. Only exact numbers can be drawn; a route with others raises ValueError, so no
picture shows a number that nobody knows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from budgetcheck import budget, series
from budgetcheck.costs import around, rounds
from budgetcheck.model.bound import Bound
from budgetcheck.model.limits import Count, Limit, Meaning
from budgetcheck.model.report import HopReport, JointReport, RouteReport, Verdict, WorstCase
from budgetcheck.model.topology import (
    CallWork,
    Choice,
    Hop,
    Layer,
    Loop,
    MethodClass,
    Parallel,
    Work,
    Wrapped,
    method_classes,
)
from budgetcheck.model.topology import Sequence as Sequential
from budgetcheck.render.text_routes import hop_name
from budgetcheck.render.words import number as counted
from budgetcheck.render.words import origin, worst_case

DRAWN = (*budget.WAITING, Meaning.START_GATE)
"""Meanings of limits that get a bar: those that end a wait or stop new attempts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One stretch of being busy, milliseconds. `number` counts attempts, 0 where there is only one.

    `orphan`: nobody waits for it any more. `passive`: the hop only passes on the wait of the one behind it.
    """

    start: int
    stop: int
    number: int = 0
    orphan: bool = False
    passive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitBar:
    """A limit from the moment its hop begins to wait.

    `said` is where it is written or whose default it is. `decides`: it is the one that gives up too early.
    """

    setting: str
    start: int
    length: int
    said: str
    written: bool
    decides: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One hop: its name, what it may take in words, when it is busy, and its limits.

    `tries` says who decided how often it tries; empty where it tries once.
    """

    name: str
    takes: str
    inside: bool
    segments: tuple[Segment, ...]
    limits: tuple[LimitBar, ...]
    tries: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The outermost limit that ends the wait before what is behind it is done."""

    at: int
    component: str
    symptom: str
    orphaned: int
    attempts: int
    """How many start after nobody waits any more."""
    worker: str
    """Who works on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All lanes, outermost first, and the moment the chain breaks, if it does."""

    title: str
    lanes: tuple[Lane, ...]
    cut: Cut | None

    @property
    def longest(self) -> int:
        """The last moment that has to be on the axis: work and limits alike."""
        ends = [segment.stop for lane in self.lanes for segment in lane.segments]
        return max(ends + [bar.start + bar.length for lane in self.lanes for bar in lane.limits])


def timeline(item: RouteReport) -> Timeline:
    """The timeline of one route. Raises ValueError where a number on it is not known."""
    route = item.route
    methods = _slowest(item)
    busy = {hop.address: list(found) for hop, found in _chain(item, methods)}
    handler = route.handler
    if handler is not None and handler.work is not None:
        walk = _Walk(
            hops={hop.address: hop for hop in (*route.hops, *route.wrappers)}, methods=methods, busy=busy
        )
        walk.work(handler.work, 0, _own_end(handler))
    broken = _broken(item)
    lanes = [_lane(part, busy.get(part.hop.address, []), item, broken) for part in item.hops]
    return Timeline(title=route.name, lanes=tuple(lanes), cut=_cut(item, broken, lanes))


def _slowest(item: RouteReport) -> MethodClass:
    outermost = item.hops[0].worst_case
    return max(method_classes(item.route.methods), key=lambda methods: _exact(outermost[methods].hang))


def _chain(item: RouteReport, methods: MethodClass) -> Iterator[tuple[Hop, Iterator[Segment]]]:
    """The hops in front of one another: one stretch each, or one for every attempt of their own."""
    chain = [part for part in item.hops if part.hop.layer is not Layer.CALL]
    for at, part in enumerate(chain):
        behind = chain[at + 1].worst_case[methods] if at + 1 < len(chain) else None
        yield part.hop, _own_attempts(part, behind, methods)


def _own_attempts(part: HopReport, behind: WorstCase | None, methods: MethodClass) -> Iterator[Segment]:
    hop = part.hop
    whole = _exact(part.worst_case[methods].hang)
    made = 1 if hop.layer is Layer.HANDLER else _exact(budget.worst_case(hop, behind, methods).attempts)
    if made == 1:
        waits = any(limit.meaning in budget.WAITING for limit in hop.limits)
        yield Segment(start=0, stop=whole, passive=not waits and hop.layer is not Layer.HANDLER)
        return
    yield from _repeated(hop, made, _exact(budget.one_attempt(hop, behind)), start=0, end=whole)


def _repeated(hop: Hop, made: int, each: int, *, start: int, end: int) -> Iterator[Segment]:
    for number in range(made):
        begins = start + number * each + series.pauses(hop.retry.backoff, number)
        if begins >= end:
            return
        yield Segment(start=begins, stop=min(begins + each, end), number=number + 1 if made > 1 else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """Goes through the work of a handler in time and notes when its calls are busy."""

    hops: Mapping[str, Hop]
    methods: MethodClass
    busy: dict[str, list[Segment]]

    def work(self, work: Work, start: int, end: int | None) -> int:
        """Does a piece of work from `start`, cut at `end`; returns when it is over."""
        if end is not None and start >= end:
            return end
        match work:
            case CallWork(address=address):
                return self._call(self.hops[address], start, end)
            case Sequential(parts=parts):
                for part in parts:
                    start = self.work(part, start, end)
                return start
            case Parallel(parts=parts) | Choice(parts=parts):
                return max((self.work(part, start, end) for part in parts), default=start)
            case Loop(times=times, body=body):
                return self._times(_exact(times), body, start, end)
            case Wrapped(address=address, body=body):
                return self._wrapped(self.hops[address], body, start, end)

    def _times(self, times: int, body: Work, start: int, end: int | None) -> int:
        for _ in range(times):
            start = self.work(body, start, end)
        return start

    def _call(self, hop: Hop, start: int, end: int | None) -> int:
        worst = budget.worst_case(hop, None, self.methods)
        over = start + _exact(worst.hang)
        over = over if end is None else min(over, end)
        each = _exact(budget.one_attempt(hop))
        found = _repeated(hop, _exact(worst.attempts), each, start=start, end=over)
        self.busy.setdefault(hop.address, []).extend(found)
        return over

    def _wrapped(self, wrapper: Hop, body: Work, start: int, end: int | None) -> int:
        if wrapper.trait("kind") == "loop":
            return self._times(_exact(rounds(wrapper)), body, start, end)
        total = None if wrapper.trait("enforced") == "no" else wrapper.limit(Meaning.TOTAL)
        if total is not None:
            own = start + _exact(budget.effective(total))
            end = own if end is None else min(own, end)
        before = self._counts()
        over = self.work(body, start, end)
        once = WorstCase(hang=_of(over - start), strict=_of(over - start), attempts=_of(1))
        made = _exact(around(wrapper, once).attempts)
        self._number(before, 1 if made > 1 else 0)
        for number in range(1, made):
            begins = start + number * _exact(once.hang) + series.pauses(wrapper.retry.backoff, number)
            before = self._counts()
            over = self.work(body, begins, end)
            self._number(before, number + 1)
        return over

    def _counts(self) -> Mapping[str, int]:
        return {address: len(found) for address, found in self.busy.items()}

    def _number(self, before: Mapping[str, int], number: int) -> None:
        """New stretches that count no attempts of their own are an attempt of what stands round them."""
        for address, found in self.busy.items():
            for at in range(before.get(address, 0), len(found)):
                found[at] = replace(found[at], number=found[at].number or number)


def _broken(item: RouteReport) -> JointReport | None:
    """The joint that gives up first although what is behind it is not done."""
    broken = [joint for joint in item.joints if joint.verdict is Verdict.EXCEEDS]
    return min(broken, key=lambda joint: _exact(joint.granted), default=None)


def _lane(
    part: HopReport, segments: Sequence[Segment], item: RouteReport, broken: JointReport | None
) -> Lane:
    hop = part.hop
    start = segments[0].start if segments else 0
    classes = method_classes(item.route.methods)
    takes = worst_case({methods: case for methods, case in part.worst_case.items() if methods in classes})
    bars = [
        _bar(
            limit,
            hop,
            start,
            decides=broken is not None and broken.outer == hop.address and limit == broken.limit,
        )
        for limit in hop.limits
        if limit.meaning in DRAWN and limit.of_answer and limit.bound.value is not None
    ]
    cut = _exact(broken.granted) if broken is not None and _is_behind(hop, item, broken) else None
    return Lane(
        name=hop_name(hop),
        takes=takes.replace("may take", "up to"),
        inside=hop.layer is Layer.CALL,
        segments=tuple(_split(segments, cut)),
        limits=tuple(bars),
        tries=", ".join(_tries(part)) if hop.layer is Layer.CALL else "",
    )


def _tries(part: HopReport) -> Iterator[str]:
    """Who decided how often a call is tried: its client, and what stands round it."""
    for hop in (part.hop, *part.layers):
        count = hop.retry.count
        if count is None or hop.retry.attempts.value in (None, 1):
            continue
        default = origin(count, hop.component).partition(" (")[0]
        who = f"{count.setting} ({_place(count)})" if count.written else default
        yield f"{counted(hop.retry.attempts)} attempts: {'' if hop is part.hop else f'{hop.component} '}{who}"


def _place(said: Limit | Count) -> str:
    """File and line; without folders, for which there is no room."""
    return said.spans[0].place.rpartition("/")[2] if said.spans else "unknown place"


def _bar(limit: Limit, hop: Hop, start: int, *, decides: bool) -> LimitBar:
    return LimitBar(
        setting=limit.setting,
        start=start,
        length=_exact(budget.effective(limit)),
        said=_place(limit) if limit.written else f"{hop.component} default",
        written=limit.written,
        decides=decides,
    )


def _is_behind(hop: Hop, item: RouteReport, broken: JointReport) -> bool:
    """It stands behind the hop that gives up, so nobody waits for it afterwards."""
    addresses = [other.address for other in item.route.chain]
    return hop.layer is Layer.CALL or addresses.index(hop.address) > addresses.index(broken.outer)


def _split(segments: Sequence[Segment], cut: int | None) -> Iterator[Segment]:
    """Each segment in its parts before and after the caller left."""
    for one in segments:
        if cut is None or one.stop <= cut:
            yield one
        elif one.start >= cut:
            yield replace(one, orphan=True)
        else:
            yield replace(one, stop=cut)
            yield replace(one, start=cut, number=0, orphan=True)


def _cut(item: RouteReport, broken: JointReport | None, lanes: Sequence[Lane]) -> Cut | None:
    if broken is None:
        return None
    at = _exact(broken.granted)
    outer = next(hop for hop in item.route.hops if hop.address == broken.outer)
    calls = [segment for lane in lanes if lane.inside for segment in lane.segments]
    return Cut(
        at=at,
        component=outer.component,
        symptom=broken.limit.symptom,
        orphaned=_exact(broken.needed) - at,
        worker="the handler" if item.route.handler is not None else "what stands behind it",
        attempts=sum(segment.start > at or (segment.start == at and segment.number > 0) for segment in calls),
    )


def _own_end(handler: Hop) -> int | None:
    total = budget.overall(handler)
    return None if total.unlimited else _exact(total)


def _of(value: int) -> Bound:
    return Bound(low=value, high=value)


def _exact(bound: Bound) -> int:
    if bound.value is None:
        raise ValueError(f"cannot be drawn: {bound}")
    return bound.value
