"""Remedies as changes of files, ready to be shown or made."""

from dataclasses import dataclass
from enum import Enum

from budgetcheck.model.findings import Edit, Finding, Fix


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One literal of one file replaced; `start` and `end` are columns from 0 in line number `line`.

    Of a setting that is added `start` and `end` are the same, `setting` is its name and `value` what it is
    set to; `new` may then hold line ends.
    """

    file: str
    line: int
    start: int
    end: int
    old: str
    new: str
    setting: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """Where the literal that an edit replaces begins in its line, counted from 1.

    `column` counts characters, `byte_column` the bytes of UTF-8.
    """

    column: int
    byte_column: int


class ByHand(Enum):
    """Why an edit is left to a person; the value ends the sentence that shows it."""

    CODE = "code, which is for a person to write"
    NO_PLACE = "nobody wrote it yet, and where it goes is not certain"
    NOT_THERE = "the value does not stand there as it was read, or more than once"
    NO_FILE = "the file that says it is not among these"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One remedy of a finding.

    Attributes:
        changes: the literals that can be replaced, and settings that can be added; `diff` shows them.
        by_hand: the edits that a person has to make, each with the reason.
    """

    finding: Finding
    fix: Fix
    changes: tuple[Change, ...]
    by_hand: tuple[tuple[Edit, ByHand], ...]
    diff: str

    @property
    def reasons(self) -> tuple[ByHand, ...]:
        """Why it is not written, each reason once; empty where it can be."""
        if not self.changes and not self.by_hand:
            return (ByHand.NO_FILE,)
        return tuple(dict.fromkeys(reason for _, reason in self.by_hand))
