"""A need as arithmetic: `3 attempts x 20 s + 1.5 s backoff`, or how several calls add up."""

from collections import Counter
from collections.abc import Mapping, Sequence

from budgetcheck.costs import Maker, rounds
from budgetcheck.model.bound import ONE, Bound
from budgetcheck.model.duration import show_duration
from budgetcheck.model.topology import CallWork, Choice, Hop, Loop, Parallel, Work, Wrapped
from budgetcheck.model.topology import Sequence as Sequential
from budgetcheck.rules.faults import Blame, Fault
from budgetcheck.series import pauses

_MOST_PARTS = 6
MOST_MAKERS = 12
"""So many calls of a sequence are listed; more are counted."""


def need_expression(fault: Fault) -> str:
    """The need of a fault as arithmetic."""
    if fault.blame is Blame.SEQUENCE and len(fault.makers) > MOST_MAKERS:
        return _counted(fault.makers)
    if fault.blame is Blame.SEQUENCE and fault.hop.work is not None:
        makers = {maker.hop.address: maker for maker in fault.makers}
        return _Expression(makers, {layer.address: layer for layer in fault.wrappers}).of(fault.hop.work)
    return maker_expression(fault.makers[0])


def _counted(makers: Sequence[Maker]) -> str:
    """Many calls by kind: `14 calls of 2 s (redis), 11 of unknown time (sqlalchemy)`."""
    kinds = Counter((show_bound(maker.worst.hang), maker.hop.component) for maker in makers)
    shown = [
        f"{count} {'calls of' if len(kinds) == 1 else 'of'} "
        f"{'unknown time' if needed == 'unknown' else needed} ({component})"
        for (needed, component), count in kinds.most_common(_MOST_PARTS)
    ]
    if len(kinds) == 1:
        return shown[0]
    more = f" and {len(kinds) - len(shown)} other kinds" if len(kinds) > len(shown) else ""
    return f"{len(makers)} calls: {', '.join(shown)}{more}"


def maker_expression(maker: Maker) -> str:
    """One hop's need as arithmetic, with the layers of retries that multiply and the deadline that cuts."""
    deadline = maker.deadline
    cut = f", cut at {show_bound(maker.worst.hang)}" if deadline is not None else ""
    attempts = maker.worst.attempts
    if attempts == ONE or (deadline is not None and attempts.low == 1):
        return show_bound(maker.worst.hang) if not maker.worst.hang.unlimited else "no limit"
    return f"{_attempts(maker)} x {show_bound(maker.attempt)}{_backoff(maker)}{cut}"


def show_bound(bound: Bound) -> str:
    """A bound in words."""
    if bound.exact:
        return show_duration(bound.low)
    if bound.choices:
        return " or ".join(show_duration(choice) for choice in bound.choices)
    if bound.high is None:
        return f"at least {show_duration(bound.low)}" if bound.low else "unknown"
    return f"{show_duration(bound.low)} to {show_duration(bound.high)}"


def show_count(bound: Bound) -> str:
    """A number of attempts or rounds in words."""
    if bound.exact:
        return "endless" if bound.unlimited else str(bound.low)
    if bound.choices:
        return " or ".join("endless" if c is None else str(c) for c in bound.choices)
    return f"{bound.low} or more" if bound.high is None else f"{bound.low} to {bound.high}"


def retry_layers(maker: Maker) -> tuple[Hop, ...]:
    """The wrappers round a call that repeat it, outermost first."""
    return tuple(layer for layer in reversed(maker.layers) if layer.retry.attempts != ONE)


def _attempts(maker: Maker) -> str:
    """`9 attempts (tenacity 3 x openai 3)`."""
    layers = retry_layers(maker)
    plain = f"{show_count(maker.worst.attempts)} attempts"
    if not layers:
        return plain
    counts = [f"{layer.component} {show_count(layer.retry.attempts)}" for layer in layers]
    if maker.hop.retry.attempts != ONE:
        counts.append(f"{maker.hop.component} {show_count(maker.hop.retry.attempts)}")
    return f"{plain} ({' x '.join(counts)})"


def _backoff(maker: Maker) -> str:
    """What is left of the need when all attempts are taken away: the pauses between them."""
    if maker.deadline is not None:
        return ""
    whole, each, made = maker.worst.hang.value, maker.attempt.value, maker.worst.attempts.value
    if maker.layers and whole is not None and each is not None and made is not None:
        between = whole - each * made
    else:
        between = pauses(maker.hop.retry.backoff, (made or 1) - 1)
    return f" + {show_duration(between)} backoff" if between > 0 else ""


class _Expression:
    """Writes the work of a handler as a sum, with a few parts spelled out."""

    def __init__(self, makers: Mapping[str, Maker], wrappers: Mapping[str, Hop]) -> None:
        self._makers = makers
        self._wrappers = wrappers

    def of(self, work: Work) -> str:
        """A piece of work; empty where nothing in it takes time."""
        match work:
            case CallWork(address=address):
                maker = self._makers.get(address)
                return f"{show_bound(maker.worst.hang)} ({maker.hop.component})" if maker else ""
            case Sequential(parts=parts):
                return self._joined(parts, " + ")
            case Parallel(parts=parts) | Choice(parts=parts):
                found = self._joined(parts, ", ")
                return f"the longest of {found}" if ", " in found else found
            case Loop(times=times, body=body):
                return self._repeated(show_count(times), body)
            case Wrapped(address=address, body=body):
                wrapper = self._wrappers.get(address)
                if wrapper is not None and wrapper.trait("kind") == "loop":
                    return self._repeated(show_count(rounds(wrapper)), body)
                return self.of(body)

    def _repeated(self, times: str, body: Work) -> str:
        inner = self.of(body)
        return f"{times} x ({inner})" if inner else ""

    def _joined(self, parts: Sequence[Work], sign: str) -> str:
        found = [text for text in map(self.of, parts) if text]
        if len(found) > _MOST_PARTS:
            found = [*found[: _MOST_PARTS - 1], f"{len(found) - _MOST_PARTS + 1} more"]
        return sign.join(found)
