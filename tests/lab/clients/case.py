"""One case of the client lab."""

from dataclasses import dataclass

from .target import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A few lines of ordinary code with a function `call`, and what the server does to it.

    The code is run as it is, with the server's address in the variable TARGET, and read as it is by
    budgetcheck: one text, two answers.

    Attributes:
        name: library and what is special.
        why: why the case exists.
        needs: modules that must be installed.
        code: the text of the case.
        mode: what the server does.
        spread: seconds by which the library's jitter may shorten the pauses; the prediction is the longest.
        counts: the requests can be counted (a database's protocol cannot be).
        strict: the strict bound is compared: it counts connecting to a server that does not speak.
        unlimited: nothing ends the call: it is stopped after a few seconds, and must still have been waiting.
    """

    name: str
    why: str
    needs: tuple[str, ...]
    code: str
    mode: Mode = Mode.HANG
    spread: float = 0.0
    counts: bool = True
    strict: bool = False
    unlimited: bool = False
