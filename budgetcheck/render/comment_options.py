"""What a comment says beyond the difference: owners, lines to suggest, and how long it may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from budgetcheck.model.findings import Edit

LIMITS = MappingProxyType({"github": 65_536, "gitlab": 1_000_000})
"""Longest comment of a host, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentOptions:
    """Attributes:
    limit: the comment is shorter than this, in bytes.
    owners: owners of a file, by the name it is printed with.
    suggestions: the whole line that an edit makes, for edits of lines that this change touches.
    """

    limit: int = LIMITS["github"]
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    suggestions: Mapping[Edit, str] = field(default_factory=lambda: MappingProxyType({}))
