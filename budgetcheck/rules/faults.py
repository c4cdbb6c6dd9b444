"""Sorts a joint that exceeds its grant by what is to blame: one attempt, retries, no limit at all, a sum."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from budgetcheck import budget
from budgetcheck.assess import Joint
from budgetcheck.costs import Cost, Maker
from budgetcheck.model.bound import Bound, less_or_equal
from budgetcheck.model.limits import Meaning
from budgetcheck.model.report import Verdict
from budgetcheck.model.topology import Hop, MethodClass


class Blame(Enum):
    """Why a need exceeds a grant."""

    ONE_ATTEMPT = "one attempt"
    RETRIES = "retries"
    UNBOUNDED = "unbounded"
    SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One cause at a joint.

    Attributes:
        blame: which of the four it is.
        hop: the inner end of the pair.
        needed: milliseconds the inner may need, the larger of the classes concerned.
        attempt: one attempt of it.
        attempts: how many.
        makers: for a sequence, everything that adds up; else the one maker.
        classes: method classes that exceed.
        wrappers: what stands round the calls of a sequence.
    """

    blame: Blame
    hop: Hop
    needed: Bound
    attempt: Bound
    attempts: Bound
    makers: tuple[Maker, ...]
    classes: tuple[MethodClass, ...]
    wrappers: tuple[Hop, ...] = ()


def faults(joint: Joint) -> Iterator[Fault]:
    """The causes at one joint; at most one per inner hop. Nothing where it fits or cannot be told."""
    if joint.grant.meaning is Meaning.VISIBILITY:
        return  # nobody waits for the answer: a message handed out again is another fault
    found: dict[str, Fault] = {}
    for methods, cost in joint.costs.items():
        if joint.verdict(methods) is not Verdict.EXCEEDS:
            continue
        for fault in _causes(joint, cost, methods):
            known = found.get(fault.hop.address)
            found[fault.hop.address] = _merged(known, fault) if known else fault
    yield from found.values()


def _causes(joint: Joint, cost: Cost, methods: MethodClass) -> Iterator[Fault]:
    granted = joint.granted
    guilty = [m for m in cost.makers if budget.compare(granted, m.worst.hang) is Verdict.EXCEEDS]
    for maker in guilty:
        yield Fault(
            blame=_blame(granted, maker),
            hop=maker.hop,
            needed=maker.worst.hang,
            attempt=maker.attempt,
            attempts=maker.worst.attempts,
            makers=(maker,),
            classes=(methods,),
        )
    if not guilty and cost.summed is not None:
        yield Fault(
            blame=Blame.SEQUENCE,
            hop=cost.summed,
            needed=cost.worst.hang,
            attempt=cost.worst.hang,
            attempts=cost.worst.attempts,
            makers=cost.makers,
            classes=(methods,),
            wrappers=joint.route.wrappers,
        )


def _blame(granted: Bound, maker: Maker) -> Blame:
    if maker.attempt.unlimited:
        return Blame.UNBOUNDED
    if budget.compare(granted, maker.attempt) is Verdict.EXCEEDS:
        return Blame.ONE_ATTEMPT
    return Blame.RETRIES


def _merged(known: Fault, other: Fault) -> Fault:
    """Both classes exceed: the larger need is shown, one attempt that exceeds is the stronger cause."""
    larger = other if less_or_equal(known.needed.high, other.needed.high) else known
    return Fault(
        blame=known.blame if known.blame is other.blame else Blame.ONE_ATTEMPT,
        hop=known.hop,
        needed=larger.needed,
        attempt=larger.attempt,
        attempts=larger.attempts,
        makers=larger.makers,
        classes=tuple(dict.fromkeys((*known.classes, *other.classes))),
        wrappers=known.wrappers,
    )
