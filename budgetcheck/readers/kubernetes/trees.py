"""Trees of manifests: as YAML, and every node knows its file, so that trees of several can be merged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from budgetcheck.model.settings import Scalar as Raw
from budgetcheck.model.span import Span
from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value.

    Attributes:
        text: as written, without quotes; of a value that is not known the expression it stands for, so that
            two mentions of the same expression are still the same name.
        steps: places towards the literal, where it was filled in from elsewhere.
        unknown: why the value is not known; empty where it is.
    """

    text: str
    value: Raw
    span: Span
    steps: tuple[Span, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple["Tree", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping: the place of each key, and its value."""

    entries: Mapping[str, tuple[Span, "Tree"]]
    span: Span


Tree = Scalar | Items | Fields


def planted(node: Node, file: str, shift: int = 0) -> Tree:
    """The tree of a YAML node; `shift` lines of its file come before the text it was parsed from."""
    span = Span(file=file, line=node.line + shift, column=node.column)
    match node:
        case ScalarNode():
            return Scalar(node.text, node.value, span)
        case ListNode():
            return Items(tuple([planted(child, file, shift) for child in node.items]), span)
        case MapNode():
            entries = {
                key: (
                    Span(file=file, line=at.line + shift, column=at.column),
                    planted(child, file, shift),
                )
                for key, (at, child) in node.entries.items()
            }
            return Fields(entries, span)


def at(tree: Tree | None, *path: str | int) -> Tree | None:
    """What stands at a path of keys and positions, None where there is nothing."""
    for part in path:
        if isinstance(tree, Fields) and isinstance(part, str):
            entry = tree.entries.get(part)
            tree = entry[1] if entry else None
        elif isinstance(tree, Items) and isinstance(part, int) and -len(tree.items) <= part < len(tree.items):
            tree = tree.items[part]
        else:
            return None
    return tree


def scalar(tree: Tree | None, *path: str | int) -> Scalar | None:
    """The single value at a path; None for an explicit null as well."""
    found = at(tree, *path)
    return found if isinstance(found, Scalar) and (found.value is not None or found.unknown) else None


def text(tree: Tree | None, *path: str | int) -> str:
    """The text at a path, empty where there is none."""
    found = scalar(tree, *path)
    return found.text if found else ""


def number(tree: Tree | None, *path: str | int) -> int | None:
    """The whole number at a path, quoted or not."""
    found = text(tree, *path)
    return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else None


def items(tree: Tree | None, *path: str | int) -> tuple[Tree, ...]:
    """The elements of the list at a path."""
    found = at(tree, *path)
    return found.items if isinstance(found, Items) else ()


def entries(tree: Tree | None, *path: str | int) -> Iterator[tuple[str, Span, Tree]]:
    """Key, place of the key and value of every entry of the mapping at a path."""
    found = at(tree, *path)
    if isinstance(found, Fields):
        for key, (span, child) in found.entries.items():
            yield key, span, child


def texts(tree: Tree | None, *path: str | int) -> dict[str, str]:
    """The mapping at a path as far as its values are single ones: labels, selectors."""
    return {key: child.text for key, _, child in entries(tree, *path) if isinstance(child, Scalar)}
