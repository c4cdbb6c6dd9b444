"""The deadline of everything, with a clock that is moved by hand."""

import threading
import time

import pytest

from budgetcheck.posting.patience import Patience, PostingError, TryAgainError


class Time:
    """Passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def patience(self) -> Patience:
        return Patience(clock=lambda: self.now, sleep=self.sleep, jitter=lambda _, high: high)


def failing(times: int, after: float | None = None):
    left = [times]

    def attempt(_: float) -> str:
        if left[0]:
            left[0] -= 1
            raise TryAgainError("busy", after)
        return "done"

    return attempt


def test_pauses_double_up_to_a_ceiling() -> None:
    time_ = Time()
    assert time_.patience().run(failing(6)) == "done"
    assert time_.pauses == [0.5, 1, 2, 4, 8, 8]


def test_gives_up_before_the_deadline_instead_of_behind_it() -> None:
    time_ = Time()
    with pytest.raises(PostingError, match=r"busy .*gave up after 7 tries, 30 s"):
        time_.patience().run(failing(1_000))
    assert time_.now <= 30


def test_asked_pause_is_kept() -> None:
    time_ = Time()
    assert time_.patience().run(failing(1, after=12)) == "done"
    assert time_.pauses == [12.5]


def test_asked_pause_behind_the_deadline_ends_it_at_once() -> None:
    time_ = Time()
    with pytest.raises(PostingError, match="asks to wait 60 s"):
        time_.patience().run(failing(1, after=60))
    assert time_.pauses == []


def test_call_is_given_no_more_than_what_is_left() -> None:
    given: list[float] = []
    Patience(seconds=3).run(lambda seconds: given.append(seconds))
    assert 2.5 < given[0] <= 3


def test_attempt_that_never_ends_is_left_alone() -> None:
    forever = threading.Event()
    started = time.monotonic()
    with pytest.raises(PostingError, match="did not answer"):
        Patience(seconds=0.2).run(lambda _: forever.wait(10))
    assert time.monotonic() - started < 2
    forever.set()


def test_other_errors_come_through() -> None:
    with pytest.raises(ZeroDivisionError):
        Patience(seconds=5).run(lambda _: 1 / 0)
