"""Whether a prediction and a measurement agree: requests equal, seconds within max(0.3 s, 10 %)."""

from collections.abc import Iterator

from .case import Case
from .measure import Measured
from .predict import Prediction
from .target import Mode

_SECONDS, _SHARE = 0.3, 0.10
_ANSWERING = (Mode.OVERLOADED, Mode.LIMITED)
"""A server that answers makes a call shorter than the worst case; how often it is asked is compared."""


def disagreements(case: Case, predicted: Prediction, measured: Measured) -> list[str]:
    """What does not agree, in words; empty where all does."""
    return list(_disagreements(case, predicted, measured))


def _late(case: Case, predicted: Prediction, measured: Measured) -> Iterator[str]:
    bound = predicted.strict if case.strict else predicted.hang
    if bound.value is None:
        yield "no number is predicted"
        return
    seconds = bound.value / 1_000
    allowed = max(_SECONDS, _SHARE * measured.seconds)
    # The prediction is the longest: the library's own jitter may shorten its pauses by `spread`.
    if not -allowed <= seconds - measured.seconds <= max(allowed, case.spread + _SECONDS):
        yield f"{seconds:.2f} s predicted, {measured.seconds:.2f} s measured"


def _disagreements(case: Case, predicted: Prediction, measured: Measured) -> Iterator[str]:
    if case.unlimited:
        if not predicted.hang.unlimited:
            yield "an end is predicted"
        if measured.outcome != "still waiting":
            yield f"it ended after {measured.seconds:.2f} s ({measured.outcome})"
        return
    if case.mode not in _ANSWERING:
        yield from _late(case, predicted, measured)
    if case.counts and predicted.attempts.value != measured.requests:
        yield f"{predicted.attempts.value} requests predicted, {measured.requests} measured"
