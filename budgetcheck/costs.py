"""What the outbound calls of a handler may need, with everything that stands round them in code.

A call's own cost includes the retries and deadlines that are wrapped round it, innermost first; a loop is
no part of it, since its rounds are other calls. The handler's cost is that of its whole work: calls one after
the other add up, parallel ones and branches take the longest, a loop multiplies.

A wrapper tries again after its body has failed, and a silent dependency makes every attempt fail: so nested
retries multiply (tenacity 3 x openai 3 = 9 requests, measured). A deadline ends the body where it can cancel
it (`asyncio.timeout` cannot end a blocking call: trait `enforced` `no`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from budgetcheck import budget
from budgetcheck.model.bound import ONE, ZERO, Bound, exactly, lift, maximum, minimum
from budgetcheck.model.limits import Limit, Meaning
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
    method_classes,
    pieces,
)
from budgetcheck.model.topology import Sequence as Sequential
from budgetcheck.series import pauses

Starts = tuple[int, ...] | None
"""Milliseconds after which each attempt starts; None where they are not known, or too many to list."""

_MOST_STARTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """A hop whose own settings make (part of) a need.

    Attributes:
        hop: the hop itself, of a call without what stands round it.
        worst: the whole need. `attempt`: one attempt of the hop.
        layers: the wrappers round a call, innermost first.
        starts: when each attempt of a call starts.
    """

    hop: Hop
    worst: WorstCase
    attempt: Bound
    layers: tuple[Hop, ...] = ()
    starts: Starts = None

    @property
    def deadline(self) -> Limit | None:
        """The deadline round a call that decides its need; None where its own limits do."""
        for layer in reversed(self.layers):
            limit = _total(layer)
            if limit is not None and budget.effective(limit) == self.worst.hang:
                return limit
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a hop may need, and who makes it.

    `summed` is the handler where several calls, or a loop, add up to the need; None otherwise.
    """

    worst: WorstCase
    makers: tuple[Maker, ...]
    summed: Hop | None = None


def calls_of(work: Work | None) -> Iterator[str]:
    """Addresses of all calls in a piece of work, in order, each once."""
    yield from dict.fromkeys(address for address, _ in _placed(work))


def wrappers_of(work: Work | None) -> Iterator[str]:
    """Addresses of all wrappers in a piece of work, in order, each once."""
    found = pieces(work) if work is not None else ()
    yield from dict.fromkeys(piece.address for piece in found if isinstance(piece, Wrapped))


def call_costs(
    calls: Sequence[Hop], work: Work | None, wrappers: Mapping[str, Hop], methods: MethodClass
) -> dict[str, Cost]:
    """The cost of each call by address, with what the work wraps round it."""
    placed: dict[str, tuple[str, ...]] = {}
    for address, addresses in _placed(work):
        placed.setdefault(address, addresses)
    costs = {}
    for call in calls:
        layers = (wrappers[address] for address in placed.get(call.address, ()) if address in wrappers)
        maker = _call(call, tuple(layer for layer in layers if not _is_loop(layer)), methods)
        costs[call.address] = Cost(worst=maker.worst, makers=(maker,))
    return costs


def handler_cost(
    handler: Hop, costs: Mapping[str, Cost], wrappers: Mapping[str, Hop], methods: MethodClass
) -> Cost:
    """The cost of a handler's work, cut by its own deadline. `costs` are those of its calls."""
    if handler.work is None:
        worst = budget.worst_case(handler, None, MethodClass.IDEMPOTENT)
        return Cost(worst=worst, makers=(Maker(hop=handler, worst=worst, attempt=worst.hang),))
    adding = _Adding(handler=handler, costs=costs, wrappers=wrappers, methods=methods)
    worst, makers = adding.cost(handler.work)
    capped = budget.worst_case(handler, worst, MethodClass.IDEMPOTENT)
    if capped.hang != worst.hang or not makers:  # its own deadline ends the calls
        return Cost(worst=capped, makers=(Maker(hop=handler, worst=capped, attempt=capped.hang),))
    single = len(makers) == 1 and makers[0].worst.hang == capped.hang
    # A deadline may leave no time for attempts that would be made without it.
    attempts = makers[0].worst.attempts if single else worst.attempts
    return Cost(worst=replace(capped, attempts=attempts), makers=makers, summed=None if single else handler)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Adding:
    """Adds up the work of one handler."""

    handler: Hop
    costs: Mapping[str, Cost]
    wrappers: Mapping[str, Hop]
    methods: MethodClass
    known: dict[int, tuple[WorstCase, tuple[Maker, ...]]] = field(default_factory=dict)

    def cost(self, work: Work) -> tuple[WorstCase, tuple[Maker, ...]]:
        """The need of a piece of work, and the calls that make it. What occurs twice is added up once."""
        if id(work) not in self.known:
            self.known[id(work)] = self._cost(work)
        return self.known[id(work)]

    def _cost(self, work: Work) -> tuple[WorstCase, tuple[Maker, ...]]:
        match work:
            case CallWork(address=address):
                if address not in self.costs:
                    return WorstCase(hang=ZERO, strict=ZERO, attempts=ONE), ()
                maker = self.costs[address].makers[0]
                alone = maker if not maker.layers else _call(maker.hop, (), self.methods)
                return alone.worst, (maker,)
            case Sequential(parts=parts):
                return self._parts(parts, together=False)
            case Parallel(parts=parts):
                return self._parts(parts, together=True)
            case Choice(parts=parts):
                worst, makers = self._parts(parts, together=True)
                most = [self.cost(part)[0].attempts for part in parts]
                return replace(worst, attempts=maximum(*most) if most else ONE), makers
            case Loop(times=times, body=body):
                return self._times(times, body)
            case Wrapped(address=address, body=body):
                return self._wrapped(self.wrappers.get(address), body)

    def _parts(self, parts: Sequence[Work], *, together: bool) -> tuple[WorstCase, tuple[Maker, ...]]:
        total = WorstCase(hang=ZERO, strict=ZERO, attempts=ZERO)
        makers: dict[str, Maker] = {}
        for worst, found in map(self.cost, parts):
            total = WorstCase(
                hang=maximum(total.hang, worst.hang) if together else total.hang + worst.hang,
                strict=maximum(total.strict, worst.strict) if together else total.strict + worst.strict,
                attempts=total.attempts + worst.attempts,
            )
            makers |= {maker.hop.address: maker for maker in found}
        return (total if parts else replace(total, attempts=ONE)), tuple(makers.values())

    def _times(self, times: Bound, body: Work) -> tuple[WorstCase, tuple[Maker, ...]]:
        once, makers = self.cost(body)
        return WorstCase(
            hang=times * once.hang, strict=times * once.strict, attempts=times * once.attempts
        ), makers

    def _wrapped(self, wrapper: Hop | None, body: Work) -> tuple[WorstCase, tuple[Maker, ...]]:
        if wrapper is not None and _is_loop(wrapper):
            return self._times(rounds(wrapper), body)
        once, makers = self.cost(body)
        if wrapper is None:
            return once, makers
        worst = around(wrapper, once)
        total = _total(wrapper)
        if len(makers) > 1 and total is not None and worst.hang == budget.effective(total) != once.hang:
            # One deadline ends several calls: it makes the need, none of them does.
            handler = replace(self.handler, limits=(*self.handler.limits, total))
            makers = (Maker(hop=handler, worst=worst, attempt=worst.hang),)
        return worst, makers


def with_changes(maker: Maker, hops: Mapping[str, Hop], methods: MethodClass) -> Maker:
    """The maker with some of its hops replaced."""
    layers = tuple(hops.get(layer.address, layer) for layer in maker.layers)
    hop = hops.get(maker.hop.address, maker.hop)
    if hop.layer is Layer.CALL:
        return _call(hop, layers, methods)
    # What stands behind it has not changed: its attempts last as long as before, or shorter.
    attempt = minimum(maker.attempt, budget.patience(hop))
    behind = WorstCase(hang=maker.attempt, strict=maker.attempt, attempts=ONE)
    worst = budget.worst_case(hop, behind, methods)
    unsafe = methods is MethodClass.NON_IDEMPOTENT
    made = hop.retry.attempts_unsafe if unsafe else hop.retry.attempts
    between = lift(lambda n: None if n is None else pauses(hop.retry.backoff, n - 1), made)
    return Maker(hop=hop, worst=replace(worst, hang=made * attempt + between, attempts=made), attempt=attempt)


def around(wrapper: Hop, inner: WorstCase) -> WorstCase:
    """What a wrapper makes of the need of its body. Attempts are requests: those of the body multiply."""
    hop = _that_can_end(wrapper)
    # Whatever ends an attempt of the body, its own limit included, is a failure to the wrapper.
    retry = replace(hop.retry, answered=hop.retry.attempts, answered_unsafe=hop.retry.attempts_unsafe)
    hop = replace(hop, retry=retry)
    own = budget.worst_case(hop, inner, MethodClass.IDEMPOTENT)
    return replace(own, attempts=own.attempts * inner.attempts)


def rounds(wrapper: Hop) -> Bound:
    """How often a loop's body runs: the wrapper's count, or that over the steps which one round takes.

    Steps that are counted but lie beside the rounds (the way in and out) are taken off first.
    """
    steps, beside = int(wrapper.trait("steps_per_round") or 1), int(wrapper.trait("steps_beside") or 0)
    return lift(
        lambda count: None if count is None else max(count - beside, 0) // steps, wrapper.retry.attempts
    )


def _call(call: Hop, layers: tuple[Hop, ...], methods: MethodClass) -> Maker:
    """A call with what stands round it. Its own method decides how its client repeats, where it is known."""
    own = method_classes((call.trait("method"),))[0] if call.trait("method") else methods
    worst = budget.worst_case(call, None, own)
    attempt = budget.one_attempt(call)
    starts = _own_starts(call, worst, attempt)
    for layer in layers:
        wider = around(layer, worst)
        starts = _later_starts(layer, worst, wider, starts)
        total = _total(layer)
        if total is not None:
            attempt = minimum(attempt, budget.effective(total))
        worst = wider if starts is None else replace(wider, attempts=exactly(len(starts)))
    return Maker(hop=call, worst=worst, attempt=attempt, layers=layers, starts=starts)


def _own_starts(call: Hop, worst: WorstCase, attempt: Bound) -> Starts:
    made, each = worst.attempts.value, attempt.value
    vague = call.retry.backoff.unknown or (each is None and (made or 0) > 1)
    if made is None or made > _MOST_STARTS or vague:
        return None
    return tuple(number * (each or 0) + pauses(call.retry.backoff, number) for number in range(made))


def _later_starts(layer: Hop, inner: WorstCase, whole: WorstCase, starts: Starts) -> Starts:
    """When the attempts start that a wrapper repeats, up to its deadline."""
    alone = replace(inner, attempts=ONE)
    made = around(layer, alone).attempts.value
    each = inner.hang.value
    vague = layer.retry.backoff.unknown or (each is None and (made or 0) > 1)
    if starts is None or made is None or made * len(starts) > _MOST_STARTS or (vague and made > 1):
        return None
    found = [
        number * (each or 0) + pauses(layer.retry.backoff, number) + start
        for number in range(made)
        for start in starts
    ]
    end = whole.hang.value if _total(layer) is not None else None
    return tuple(start for start in found if end is None or start < end)


def _placed(work: Work | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every call with the wrappers round it, innermost first. What occurs twice in the same is told once."""
    stack: list[tuple[Work, tuple[str, ...]]] = [(work, ())] if work is not None else []
    seen: set[tuple[int, tuple[str, ...]]] = set()
    while stack:
        piece, layers = stack.pop()
        if (id(piece), layers) in seen:
            continue
        seen.add((id(piece), layers))
        match piece:
            case CallWork(address=address):
                yield address, layers
            case Sequential(parts=parts) | Parallel(parts=parts) | Choice(parts=parts):
                stack += [(part, layers) for part in reversed(parts)]
            case Loop(body=body):
                stack.append((body, layers))
            case Wrapped(address=address, body=body):
                stack.append((body, (address, *layers)))


def _is_loop(wrapper: Hop) -> bool:
    return wrapper.trait("kind") == "loop"


def _total(wrapper: Hop) -> Limit | None:
    return None if wrapper.trait("enforced") == "no" else wrapper.limit(Meaning.TOTAL)


def _that_can_end(wrapper: Hop) -> Hop:
    """The wrapper without a deadline that cannot cancel what it stands round."""
    if wrapper.trait("enforced") != "no":
        return wrapper
    return replace(wrapper, limits=tuple(x for x in wrapper.limits if x.meaning is not Meaning.TOTAL))
