"""What an outbound call may need, with everything that stands round it in code.

A call's own cost includes the retries and deadlines that are wrapped round it, innermost first; a loop is
no part of it, since its rounds are other calls.

A wrapper tries again after its body has failed, and a silent dependency makes every attempt fail: so nested
retries multiply (tenacity 3 x openai 3 = 9 requests, measured). A deadline ends the body where it can cancel
it (`asyncio.timeout` cannot end a blocking call: trait `enforced` `no`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from budgetcheck import budget
from budgetcheck.model.bound import ONE, Bound, exactly, lift, minimum
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
            limit = total_of(layer)
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
    yield from dict.fromkeys(address for address, _ in placed(work))


def wrappers_of(work: Work | None) -> Iterator[str]:
    """Addresses of all wrappers in a piece of work, in order, each once."""
    found = pieces(work) if work is not None else ()
    yield from dict.fromkeys(piece.address for piece in found if isinstance(piece, Wrapped))


def with_changes(maker: Maker, hops: Mapping[str, Hop], methods: MethodClass) -> Maker:
    """The maker with some of its hops replaced."""
    layers = tuple(hops.get(layer.address, layer) for layer in maker.layers)
    hop = hops.get(maker.hop.address, maker.hop)
    if hop.layer is Layer.CALL:
        return made_by(hop, layers, methods)
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


def made_by(call: Hop, layers: tuple[Hop, ...], methods: MethodClass) -> Maker:
    """A call with what stands round it. Its own method decides how its client repeats, where it is known."""
    own = method_classes((call.trait("method"),))[0] if call.trait("method") else methods
    worst = budget.worst_case(call, None, own)
    attempt = budget.one_attempt(call)
    starts = _own_starts(call, worst, attempt)
    for layer in layers:
        wider = around(layer, worst)
        starts = _later_starts(layer, worst, wider, starts)
        total = total_of(layer)
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
    end = whole.hang.value if total_of(layer) is not None else None
    return tuple(start for start in found if end is None or start < end)


def placed(work: Work | None) -> Iterator[tuple[str, tuple[str, ...]]]:
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


def is_loop(wrapper: Hop) -> bool:
    """It repeats its body whatever comes of it, rather than after a failure."""
    return wrapper.trait("kind") == "loop"


def total_of(wrapper: Hop) -> Limit | None:
    """The deadline of a wrapper that ends what it stands round; None where it has none, or cannot end it."""
    return None if wrapper.trait("enforced") == "no" else wrapper.limit(Meaning.TOTAL)


def _that_can_end(wrapper: Hop) -> Hop:
    """The wrapper without a deadline that cannot cancel what it stands round."""
    if wrapper.trait("enforced") != "no":
        return wrapper
    return replace(wrapper, limits=tuple(x for x in wrapper.limits if x.meaning is not Meaning.TOTAL))
