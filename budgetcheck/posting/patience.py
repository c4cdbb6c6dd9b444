"""One deadline for everything, with fewer and fewer tries in it: what budgetcheck asks of others.

A try is the whole of reading, deciding and writing. So after a failed write the next try reads first, finds
what was written after all, and never posts a comment twice.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

SECONDS = 30.0
"""For all tries and the pauses between them."""
PER_CALL = 8.0
"""Longest silence of the host within one call."""
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 8.0

_Answer = TypeVar("_Answer")


class PostingError(Exception):
    """The comment could not be brought up to date; the message says why and what helps."""


class NotAllowedError(PostingError):
    """The token may not do this: the usual case of a pull request from a fork."""


class TryAgainError(Exception):
    """This try failed, and another may not; `after` are the seconds that the host asks to wait."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds in all, and how time passes."""

    seconds: float = SECONDS
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[float, float], float] = field(default=random.uniform)

    def run(self, attempt: Callable[[float], _Answer]) -> _Answer:
        """The answer of the first try that succeeds.

        `attempt` is given the seconds that one of its calls may be silent. Raises PostingError at the
        deadline, and at once where the host asks for a pause that would end behind it.
        """
        end = self.clock() + self.seconds
        number = 0
        while True:
            left = end - self.clock()
            try:
                return self._within(left, attempt)
            except TryAgainError as error:
                number += 1
                self._pause(error, number, end)

    def _pause(self, error: TryAgainError, number: int, end: float) -> None:
        ceiling = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (number - 1))
        pause = self.jitter(0, ceiling) if error.after is None else error.after + self.jitter(0, 0.5)
        if self.clock() + pause >= end:
            asked = f"; it asks to wait {error.after:.0f} s" if error.after is not None else ""
            tries = "1 try" if number == 1 else f"{number} tries"
            raise PostingError(f"{error}{asked} (gave up after {tries}, {self.seconds:.0f} s are the limit)")
        self.sleep(pause)

    def _within(self, left: float, attempt: Callable[[float], _Answer]) -> _Answer:
        """Runs a try in a thread of its own: a host that drips bytes resets every timeout but this one."""
        answers: list[_Answer] = []
        errors: list[BaseException] = []

        def work() -> None:
            try:
                answers.append(attempt(max(1.0, min(PER_CALL, left))))
            except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
                errors.append(error)

        thread = threading.Thread(target=work, daemon=True, name="budgetcheck-posting")
        thread.start()
        thread.join(max(0.0, left))
        if errors:
            raise errors[0]
        if not answers:
            raise PostingError(f"the host did not answer within {self.seconds:.0f} s")
        return answers[0]
