"""Opens templates: YAML with its short forms (`!Ref`), JSON as the YAML it is, local fragments.

Nothing is opened that lies outside of the run's root, no tag is constructed, and what aliases expand to is
bounded (see `yaml_nodes`).
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.tree import SourceFile, Tree, UnreadableFileError
from budgetcheck.yaml_nodes import MapNode, Node, parse_yaml

MOST_FILES = 2_000
_SURROGATES = re.compile(r"\\u(d[89ab][0-9a-f]{2})(?:\\u(d[c-f][0-9a-f]{2}))?", re.IGNORECASE)
"""JSON writes characters beyond the first plane as two halves, YAML as one."""
_MOST_NODES = 120_000
"""A template of 1 MB, the largest that is accepted, has fewer."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Document:
    """One file: its printed name, where it is, and what stands at its top level."""

    name: str
    path: Path
    root: MapNode

    def span(self, node: Node, text: str = "") -> Span:
        """Where a node stands."""
        return Span(file=self.name, line=node.line, column=node.column, text=text)


@dataclass(slots=True)
class Documents:
    """The files of one run, each parsed once; what is wrong with them is collected."""

    tree: Tree
    problems: list[Problem] = field(default_factory=list)
    _opened: dict[Path, Document | None] = field(default_factory=dict)
    _refused: bool = False

    def open(self, path: Path) -> Document | None:
        """The mapping that a file holds; None where it cannot be read, with the reason in `problems`."""
        path = Path(os.path.normpath(path))
        if path not in self._opened:
            if len(self._opened) >= MOST_FILES:
                self._refuse(path)
                return None
            self._opened[path] = self._parse(path)
        return self._opened[path]

    def _refuse(self, path: Path) -> None:
        if not self._refused:
            self._refused = True
            text = f"more than {MOST_FILES} templates and files they name: the rest is not looked at"
            span = Span(file=self.tree.name(path))
            self.problems.append(Problem(span=span, text=text, fix="give the directories that matter"))

    def claimed(self, file: SourceFile) -> Document | None:
        """A file of the run; None for JSON that was claimed by its name alone and is something else."""
        if file.suffix == ".json" and not file.head:
            try:
                text = self.tree.read_text(file.path)
            except UnreadableFileError:
                return None
            if '"AWS::' not in text or '"Resources"' not in text:
                return None
        return self.open(file.path)

    def beside(self, document: Document, relative: str) -> Document | None:
        """A local file that a document names; None where it is not there, without a word."""
        if not relative or "://" in relative or "\0" in relative:
            return None
        path = document.path.parent / relative
        try:
            self.tree.inside(path)
        except (UnreadableFileError, OSError, ValueError):
            return None
        return self.open(path)

    @property
    def names(self) -> set[str]:
        """Printed names of the files that were understood."""
        return {document.name for document in self._opened.values() if document}

    def _parse(self, path: Path) -> Document | None:
        name = self.tree.name(path)
        try:
            text = self.tree.read_text(path)
        except UnreadableFileError as error:
            self.problems.append(Problem(span=Span(file=name), text=f"{name} {error}"))
            return None
        if text.lstrip()[:1] == "{":
            text = _SURROGATES.sub(_character, text.replace("\t", " "))
        stream = parse_yaml(text, tagged=True, most=_MOST_NODES)
        for fault in stream.faults[:1]:
            span = Span(file=name, line=fault.line, column=fault.column)
            self.problems.append(Problem(span=span, text=f"{name} {fault.text}", fix=fault.fix))
        root = next((one for one in stream.documents if isinstance(one, MapNode)), None)
        return Document(name=name, path=path, root=root) if root else None


def _character(halves: re.Match[str]) -> str:
    """One escape for the two halves of a character; a half by itself stands for nothing."""
    high, low = halves.groups()
    if low is None:
        return "\\ufffd"
    return f"\\U{0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF):08x}"
