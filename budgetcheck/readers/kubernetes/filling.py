"""Values put into the trees that rendered templates make, each with its place."""

import re
from dataclasses import dataclass, replace

from budgetcheck.model.span import Span
from budgetcheck.readers.kubernetes.templates import END_MARK, FIRST_MARK, Rendered
from budgetcheck.readers.kubernetes.trees import Fields, Items, Scalar, Tree

MARK = re.compile(f"{FIRST_MARK}(\\d+){END_MARK}")


@dataclass(frozen=True, slots=True)
class Filler:
    """Puts what was filled in where its marks are, and the template's lines where the rendered ones are."""

    rendered: Rendered
    file: str

    def filled(self, tree: Tree) -> Tree | None:
        """The tree with its marks replaced."""
        match tree:
            case Scalar():
                return self._scalar(tree)
            case Items():
                found: list[Tree] = []
                for item in tree.items:
                    child = self.filled(item)
                    if isinstance(item, Scalar) and isinstance(child, Items):
                        found += child.items
                    elif child is not None:
                        found.append(child)
                return Items(tuple(found), self._span(tree.span))
            case Fields():
                return self._fields(tree)

    def _fields(self, tree: Fields) -> Fields:
        found: dict[str, tuple[Span, Tree]] = {}
        for key, (place, child) in tree.entries.items():
            whole = MARK.fullmatch(key)
            value = self.rendered.marks[int(whole.group(1))] if whole else None
            if isinstance(value, Fields):
                found.update(value.entries)
            else:
                filled = self.filled(child)
                name = self._texts(key)[0]
                found[name] = (self._span(place), filled or Scalar("", None, self._span(place)))
        return Fields(found, self._span(tree.span))

    def _scalar(self, tree: Scalar) -> Tree:
        span = self._span(tree.span)
        whole = MARK.fullmatch(tree.text)
        value = self.rendered.marks[int(whole.group(1))] if whole else None
        if isinstance(value, Fields | Items):
            return value
        if isinstance(value, Scalar):
            steps = (value.span, *value.steps) if value.span.file else value.steps
            return replace(value, span=span, steps=steps)
        shown, steps, unknown = self._texts(tree.text)
        if shown == tree.text:
            return replace(tree, span=span)
        return Scalar(shown, shown, span, steps=steps, unknown=unknown)

    def _texts(self, written: str) -> tuple[str, tuple[Span, ...], str]:
        """A text with its marks replaced, the places they came from, and why it is not known."""
        steps: list[Span] = []
        unknown: list[str] = []

        def put(match: re.Match[str]) -> str:
            value = self.rendered.marks[int(match.group(1))]
            if not isinstance(value, Scalar):
                unknown.append("a list or mapping is put into a text")
                return ""
            steps.extend((value.span, *value.steps) if value.span.file else ())
            if value.unknown:
                unknown.append(value.unknown)
            return value.text

        return MARK.sub(put, written), tuple(steps), unknown[0] if unknown else ""

    def _span(self, span: Span) -> Span:
        lines = self.rendered.lines
        file, line = lines[min(span.line, len(lines)) - 1]
        return replace(span, file=file or self.file, line=line, column=0)
