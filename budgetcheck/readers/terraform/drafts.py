"""Reads a JSON or YAML document from its pieces; JSON is read as the YAML it is.

Parts that are not known, and parts with a history of their own (`${var.timeout}`), are replaced by marks
before the text is parsed and put back afterwards: a document with an unknown image still has its timeouts.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.numerals import rounded
from budgetcheck.readers.terraform.operators import to_text
from budgetcheck.readers.terraform.values import (
    Encoded,
    EvaluationError,
    NotKnownError,
    Piece,
    Scalar,
    Unknown,
    Value,
    list_value,
    map_value,
    merge_unknown,
    number,
    via,
)
from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode, parse_yaml

_LONGEST = 500_000
_MOST_PIECES = 20_000
_DEEPEST = 40
_LARGEST = 1e300
_MARK = re.compile(r"zqHole(\d+)qz")
_PLAIN = re.compile(r"[A-Za-z][\w./:@-]*|-?\d{1,15}(?:\.\d{1,15})?")
"""Texts that mean the same as a mark wherever they stand: no quotes, blanks or braces."""
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def read_document(pieces: tuple[Piece, ...]) -> Value:
    """The data of a document. Raises NotKnownError where it is not valid, or too large to be followed."""
    draft = _Draft()
    draft.add_all(pieces)
    return draft.read()


@dataclass(slots=True)
class _Draft:
    """A document being put together: its text with marks, what they stand for, and where lines are from."""

    text: list[str] = field(default_factory=list)
    holes: list[Value] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)  # first line of each stretch of text in the draft
    places: list[Span | None] = field(default_factory=list)  # and where that line stands
    line: int = 1
    length: int = 0
    count: int = 0

    def add_all(self, pieces: tuple[Piece, ...], depth: int = 0) -> None:
        """Appends pieces, those made of pieces part by part. Raises NotKnownError where there is no end."""
        for piece in pieces:
            self.count += 1
            if self.count > _MOST_PIECES or depth > _DEEPEST or self.length > _LONGEST:
                raise NotKnownError(Unknown(reason="the document is too large to be followed"))
            inner = getattr(piece.value, "pieces", ())
            if isinstance(piece.value, Scalar) and not inner:
                self._add_known(piece.value, piece.span)
            elif inner and (len(inner), inner[0].value) != (1, piece.value):
                self.add_all(inner, depth + 1)
            else:
                self._mark(piece.value)

    def _add_known(self, value: Scalar, span: Span | None) -> None:
        try:
            text = to_text(value)
        except EvaluationError as error:
            raise NotKnownError(Unknown(reason=str(error))) from None
        is_word = not isinstance(value.value, str) or text.lower() not in _WORDS
        if (value.trail or value.refs) and is_word and _PLAIN.fullmatch(text):
            self._mark(value)
            return
        if _MARK.search(text):
            raise NotKnownError(Unknown(reason="the document holds a reserved word"))
        self._append(text, span)

    def _mark(self, value: Value) -> None:
        self._append(f"zqHole{len(self.holes)}qz", None)
        self.holes.append(value)

    def _append(self, text: str, span: Span | None) -> None:
        if span is not None or "\n" in text:
            self.lines.append(self.line)
            self.places.append(span)
        self.text.append(text)
        self.line += text.count("\n")
        self.length += len(text)

    def read(self) -> Value:
        """The finished document. Raises NotKnownError where it is not valid."""
        text = "".join(self.text)
        whole = _MARK.fullmatch(text.strip())
        if whole:
            hole = self.holes[int(whole.group(1))]
            return hole.inner if isinstance(hole, Encoded) else hole
        if text.lstrip()[:1] in ("{", "["):
            text = text.replace("\t", " ")  # JSON allows them between values, YAML does not
        stream = parse_yaml(text)
        if stream.faults or not stream.documents or stream.documents[0] is None:
            raise NotKnownError(Unknown(reason="the text is not valid JSON or YAML"))
        return self._value(stream.documents[0])

    def _value(self, node: Node) -> Value:
        match node:
            case MapNode(entries=entries):
                return map_value(dict(self._entries(entries.values())))
            case ListNode(items=items):
                return list_value(self._value(item) for item in items)
            case ScalarNode(text=text) if _MARK.search(text):
                return self._filled(text)
            case ScalarNode(value=plain):
                return _exact(plain) if isinstance(plain, float) else Scalar(value=plain)

    def _entries(self, entries: Iterable[tuple[ScalarNode, Node]]) -> Iterator[tuple[str, Value]]:
        for key, node in entries:
            name = self._filled(key.text) if _MARK.search(key.text) else Scalar(value=key.text)
            if isinstance(name, Scalar):
                text = to_text(name)
                yield text, via(self._value(node), self._steps(key, node, text))

    def _filled(self, text: str) -> Value:
        """A text with its marks replaced by what they stand for."""
        whole = _MARK.fullmatch(text)
        if whole:
            hole = self.holes[int(whole.group(1))]
            return hole.inner if isinstance(hole, Encoded) else hole
        holes = [self.holes[int(mark.group(1))] for mark in _MARK.finditer(text)]
        try:
            known = _MARK.sub(lambda mark: to_text(self.holes[int(mark.group(1))]), text)
        except (NotKnownError, EvaluationError):
            return merge_unknown(holes, "a part of the text is not known")
        return Scalar(value=known, refs=tuple(ref for hole in holes for ref in hole.refs))

    def _steps(self, key: ScalarNode, node: Node, name: str) -> tuple[Span, ...]:
        """Where an entry is written. Values other than numbers may be secrets and are not shown."""
        found = bisect_right(self.lines, key.line) - 1
        place = self.places[found] if found >= 0 else None
        if place is None:
            return ()
        shown = ""
        if isinstance(node, ScalarNode) and isinstance(node.value, int | float):
            shown = f": {node.text}"
        line = place.line + key.line - self.lines[found]
        # The column is known only where the whole text is one piece.
        return (Span(file=place.file, line=line, column=0, text=f"{name}{shown}"),)


def _exact(plain: float) -> Value:
    if abs(plain) < _LARGEST:  # neither infinite nor no number at all
        return Scalar(value=number(rounded(Fraction(repr(plain)))))
    return Unknown(reason="a number is beyond all reason")
