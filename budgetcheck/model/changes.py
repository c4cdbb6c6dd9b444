"""Remedies as changes of files, ready to be shown or made."""

from dataclasses import dataclass

from budgetcheck.model.findings import Edit, Finding, Fix


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One literal of one file replaced; `start` and `end` are columns from 0 in line number `line`."""

    file: str
    line: int
    start: int
    end: int
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """Where the literal that an edit replaces begins in its line, counted from 1.

    `column` counts characters, `byte_column` the bytes of UTF-8.
    """

    column: int
    byte_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One remedy of a finding.

    Attributes:
        changes: the literals that can be replaced; `diff` shows them.
        by_hand: the edits that a person has to make, because nothing stands there yet.
    """

    finding: Finding
    fix: Fix
    changes: tuple[Change, ...]
    by_hand: tuple[Edit, ...]
    diff: str
