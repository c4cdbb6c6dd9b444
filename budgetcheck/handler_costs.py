"""What the work of a handler may need: calls one after the other add up, parallel ones and branches take the
longest, a loop multiplies.

Handlers go through the same functions, and those through the same calls: what a call or a piece of work needs
is worked out once for all handlers of an environment. Who makes the need is said for each handler.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from budgetcheck import budget
from budgetcheck.costs import Cost, Maker, around, is_loop, made_by, placed, rounds, total_of
from budgetcheck.model.bound import ONE, ZERO, Bound, maximum
from budgetcheck.model.report import WorstCase
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
)
from budgetcheck.model.topology import Sequence as Sequential

_Makers = tuple[Maker, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """What calls and pieces of work need for one method class.

    `calls` and `wrappers` are the hops that work names, by address. Pieces are told apart by identity: to
    compare them takes as long as to add them up. They are kept, so that no other one takes their place.
    """

    calls: Mapping[str, Hop]
    wrappers: Mapping[str, Hop]
    methods: MethodClass
    _made: dict[tuple[str, ...], Maker] = field(default_factory=dict)
    _worst: dict[int, tuple[Work, WorstCase]] = field(default_factory=dict)

    @classmethod
    def of(cls, hops: Iterable[Hop], methods: MethodClass) -> "Needs":
        """Those of work that names some of these hops."""
        by_address = {hop.address: hop for hop in hops}
        calls = {address: hop for address, hop in by_address.items() if hop.layer is Layer.CALL}
        return cls(calls, by_address, methods)

    def are_of(self, hops: Iterable[Hop]) -> bool:
        """The hops are these very ones, not others of the same address."""
        return all(self.wrappers.get(hop.address) is hop for hop in hops)

    def made(self, address: str, layers: tuple[str, ...] = ()) -> Maker:
        """A call with what stands round it, innermost first."""
        key = (address, *layers)
        if key not in self._made:
            around_it = (self.wrappers[layer] for layer in layers if layer in self.wrappers)
            repeating = tuple(layer for layer in around_it if not is_loop(layer))
            self._made[key] = made_by(self.calls[address], repeating, self.methods)
        return self._made[key]

    def worst(self, work: Work) -> WorstCase:
        """The need of a piece of work."""
        if id(work) not in self._worst:
            self._worst[id(work)] = (work, self._added(work))
        return self._worst[id(work)][1]

    def wrapped(self, wrapper: Hop | None, body: Work) -> WorstCase:
        """The need of a piece of work with something round it."""
        once = self.worst(body)
        if wrapper is None:
            return once
        return _times(rounds(wrapper), once) if is_loop(wrapper) else around(wrapper, once)

    def _added(self, work: Work) -> WorstCase:
        match work:
            case CallWork(address=address):
                known = address in self.calls
                return self.made(address).worst if known else WorstCase(hang=ZERO, strict=ZERO, attempts=ONE)
            case Sequential(parts=parts):
                return self._parts(parts, together=False)
            case Parallel(parts=parts):
                return self._parts(parts, together=True)
            case Choice(parts=parts):
                most = [self.worst(part).attempts for part in parts]
                return replace(self._parts(parts, together=True), attempts=maximum(*most) if most else ONE)
            case Loop(times=times, body=body):
                return _times(times, self.worst(body))
            case Wrapped(address=address, body=body):
                return self.wrapped(self.wrappers.get(address), body)

    def _parts(self, parts: Sequence[Work], *, together: bool) -> WorstCase:
        total = WorstCase(hang=ZERO, strict=ZERO, attempts=ZERO if parts else ONE)
        for worst in map(self.worst, parts):
            total = WorstCase(
                hang=maximum(total.hang, worst.hang) if together else total.hang + worst.hang,
                strict=maximum(total.strict, worst.strict) if together else total.strict + worst.strict,
                attempts=total.attempts + worst.attempts,
            )
        return total


def call_costs(calls: Sequence[Hop], work: Work | None, needs: Needs) -> dict[str, Cost]:
    """The cost of each call by address, with what the work wraps round it where it stands first."""
    around_them: dict[str, tuple[str, ...]] = {}
    for address, layers in placed(work):
        around_them.setdefault(address, layers)
    makers = {call.address: needs.made(call.address, around_them.get(call.address, ())) for call in calls}
    return {address: Cost(worst=maker.worst, makers=(maker,)) for address, maker in makers.items()}


def handler_cost(handler: Hop, costs: Mapping[str, Cost], needs: Needs) -> Cost:
    """The cost of a handler's work, cut by its own deadline. `costs` are those of its calls."""
    if handler.work is None:
        worst = budget.worst_case(handler, None, MethodClass.IDEMPOTENT)
        return Cost(worst=worst, makers=(Maker(hop=handler, worst=worst, attempt=worst.hang),))
    worst = needs.worst(handler.work)
    makers = _Making(handler=handler, costs=costs, needs=needs).makers(handler.work)
    capped = budget.worst_case(handler, worst, MethodClass.IDEMPOTENT)
    if capped.hang != worst.hang or not makers:  # its own deadline ends the calls
        return Cost(worst=capped, makers=(Maker(hop=handler, worst=capped, attempt=capped.hang),))
    single = len(makers) == 1 and makers[0].worst.hang == capped.hang
    # A deadline may leave no time for attempts that would be made without it.
    attempts = makers[0].worst.attempts if single else worst.attempts
    return Cost(worst=replace(capped, attempts=attempts), makers=makers, summed=None if single else handler)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Making:
    """Says which calls make the need of one handler's work."""

    handler: Hop
    costs: Mapping[str, Cost]
    needs: Needs
    _known: dict[int, _Makers] = field(default_factory=dict)

    def makers(self, work: Work) -> _Makers:
        """Those of a piece of work, each once."""
        if id(work) not in self._known:
            self._known[id(work)] = self._of(work)
        return self._known[id(work)]

    def _of(self, work: Work) -> _Makers:
        match work:
            case CallWork(address=address):
                return self.costs[address].makers if address in self.costs else ()
            case Sequential(parts=parts) | Parallel(parts=parts) | Choice(parts=parts):
                return tuple({one.hop.address: one for part in parts for one in self.makers(part)}.values())
            case Loop(body=body):
                return self.makers(body)
            case Wrapped(address=address, body=body):
                return self._wrapped(self.needs.wrappers.get(address), body)

    def _wrapped(self, wrapper: Hop | None, body: Work) -> _Makers:
        makers = self.makers(body)
        total = total_of(wrapper) if wrapper is not None and not is_loop(wrapper) else None
        if total is None or len(makers) < 2:
            return makers
        worst = self.needs.wrapped(wrapper, body)
        if not worst.hang == budget.effective(total) != self.needs.worst(body).hang:
            return makers
        # One deadline ends several calls: it makes the need, none of them does.
        handler = replace(self.handler, limits=(*self.handler.limits, total))
        return (Maker(hop=handler, worst=worst, attempt=worst.hang),)


def _times(times: Bound, once: WorstCase) -> WorstCase:
    return WorstCase(hang=times * once.hang, strict=times * once.strict, attempts=times * once.attempts)
