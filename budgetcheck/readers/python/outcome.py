"""What a piece of code does, told apart by how it ends: early returns, breaks, fallbacks after a failure."""

from dataclasses import dataclass, replace

from budgetcheck.model.bound import Bound
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Work
from budgetcheck.readers.python.work import NOTHING, either, in_order, once_less, repeated


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The work of a piece of code by each way it may end; None where it cannot end so.

    Attributes:
        through: it ends at its last statement.
        left: by `return` or `raise`.
        broke, again: by `break` or `continue` of the loop around it.
    """

    through: Work | None = NOTHING
    left: Work | None = None
    broke: Work | None = None
    again: Work | None = None

    @property
    def whole(self) -> Work:
        """Whatever way is taken."""
        return either(self.through, self.left, self.broke, self.again) or NOTHING

    @property
    def leaves_loop(self) -> bool:
        """It may end the loop around it."""
        return self.left is not None or self.broke is not None


THROUGH = Outcome()


def doing(work: Work) -> Outcome:
    """Work that goes on with the next statement."""
    return Outcome(through=work)


def then(first: Outcome, second: Outcome) -> Outcome:
    """One piece of code and the next one, which only runs where the first ends at its last statement."""
    if first.through is None:
        return first
    before = first.through
    return _trimmed(
        Outcome(
            through=_after(before, second.through),
            left=either(first.left, _after(before, second.left)),
            broke=either(first.broke, _after(before, second.broke)),
            again=either(first.again, _after(before, second.again)),
        )
    )


def one_of(*branches: Outcome) -> Outcome:
    """Branches of a condition."""
    return _trimmed(
        Outcome(
            through=either(*(branch.through for branch in branches)),
            left=either(*(branch.left for branch in branches)),
            broke=either(*(branch.broke for branch in branches)),
            again=either(*(branch.again for branch in branches)),
        )
    )


def guarded(body: Outcome, handlers: tuple[Outcome, ...], rest: Outcome, final: Outcome) -> Outcome:
    """`try`: handlers come after what the body has already spent; `final` comes after everything."""
    ways = [then(body, rest), *(then(doing(body.whole), handler) for handler in handlers)]
    result = one_of(*ways)
    if final == THROUGH:
        return result
    return _trimmed(
        Outcome(
            through=_with(result.through, final),
            left=either(_with(result.left, final), final.left),
            broke=_with(result.broke, final),
            again=_with(result.again, final),
        )
    )


def looped(times: Bound, body: Outcome, rest: Outcome, span: Span, *, endless: bool) -> Outcome:
    """A loop: ways that go on are repeated, ways that leave it are taken once, at the end.

    `endless`: only a `break` or `return` ends it.
    """
    round_trip = either(body.through, body.again)
    rounds = repeated(times, round_trip, span) if round_trip is not None else NOTHING
    earlier = repeated(once_less(times), round_trip, span) if round_trip is not None else NOTHING
    broken = _last_round(rounds, earlier, body.broke, round_trip)
    if endless and broken is None and body.left is None:
        return Outcome(through=None, left=rounds)  # it never ends by itself
    return _trimmed(
        Outcome(
            through=either(None if endless else _after(rounds, rest.through), broken),
            left=either(
                _last_round(rounds, earlier, body.left, round_trip),
                None if endless else _after(rounds, rest.left),
            ),
        )
    )


def _last_round(rounds: Work, earlier: Work, last: Work | None, other: Work | None) -> Work | None:
    """All rounds where the last one ends the loop: it takes the place of one of the others."""
    if last is None:
        return None
    return rounds if last in (other, NOTHING) else in_order(earlier, last)


def _after(before: Work, work: Work | None) -> Work | None:
    return None if work is None else in_order(before, work)


def _with(work: Work | None, final: Outcome) -> Work | None:
    return None if work is None or final.through is None else in_order(work, final.through)


def _trimmed(outcome: Outcome) -> Outcome:
    """Without early returns that another way goes on from."""
    if outcome.through is None or outcome.left is None:
        return outcome
    kept = either(outcome.through, outcome.left)
    return replace(outcome, left=None) if kept == outcome.through else outcome
