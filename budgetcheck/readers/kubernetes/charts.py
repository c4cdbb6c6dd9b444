"""Helm charts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from budgetcheck.model.settings import Problem
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.kubernetes.cluster import Bundle
from budgetcheck.readers.tree import SourceFile


@dataclass(slots=True)
class Charts:
    context: ReadContext
    sources: Sequence[SourceFile]
    problems: list[Problem] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    folders: list[Path] = field(default_factory=list)

    def bundles(self) -> list[Bundle]:
        return []

    def holds(self, file: SourceFile) -> bool:
        return False
