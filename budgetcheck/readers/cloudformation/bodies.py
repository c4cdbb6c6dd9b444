"""Resources of templates in the shape that the catalogue of resource types reads.

A CloudFormation property and a Terraform attribute are two names of one thing in the same API: a resource is
translated once, and all that is known of it (limits, links, callers) is known of both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.constants import Nothing
from budgetcheck.readers.terraform.expand import Instance
from budgetcheck.readers.terraform.index import Attribute, Block
from budgetcheck.readers.terraform.instances import Found, Item, Resource
from budgetcheck.readers.terraform.scope import Scope
from budgetcheck.readers.terraform.sources import Sources
from budgetcheck.readers.terraform.values import (
    Choice,
    ListValue,
    MapValue,
    Scalar,
    Unknown,
    Value,
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Body:
    """Attributes and nested blocks under the names of the catalogue.

    `open` is why any attribute may be set or not; None where all are known. `certain`: the block is there.
    """

    span: Span
    attributes: Mapping[str, Value] = field(default_factory=dict)
    blocks: Mapping[str, tuple["Body", ...]] = field(default_factory=dict)
    open: Unknown | None = None
    certain: bool = True

    def with_attributes(self, **attributes: Value | None) -> "Body":
        """The body with further attributes; those that are None are left out."""
        known = {name: value for name, value in attributes.items() if value is not None}
        return replace(self, attributes={**self.attributes, **known})

    def with_blocks(self, **blocks: tuple["Body", ...]) -> "Body":
        """The body with further blocks."""
        return replace(self, blocks={**self.blocks, **blocks})


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Made:
    """One resource in the catalogue's terms: its type, its address, its own name, and what it holds.

    `deployed_by` is a tool that has defaults of its own; empty for none.
    """

    type: str
    address: str
    name: str
    body: Body
    deployed_by: str = ""


class _Translated(Item):
    """An item that looks values up instead of evaluating expressions."""

    body: Body

    def written(self, name: str) -> Found | None:
        """The attribute; None where it is not written."""
        value = self.body.attributes.get(name)
        if value is not None:
            return Found(value=value, span=place_of(value, self.body.span))
        if self.body.open is not None:
            return Found(value=self.body.open, span=self.body.span)
        return None

    def _expanded(self, name: str) -> Iterator[Item]:
        for nested in self.body.blocks.get(name, ()):
            yield TranslatedItem(self, name, nested)


class TranslatedItem(_Translated):
    """A nested block."""

    def __init__(self, outer: _Translated, name: str, body: Body) -> None:
        self.body = body
        block = _block(name, (), body)
        super().__init__(outer.sources, block, outer.scope, outer.owner, certain=body.certain, within=outer)


class TranslatedResource(_Translated, Resource):
    """A resource."""

    def __init__(self, sources: Sources, made: Made) -> None:
        self.body = made.body
        block = _block("resource", (made.type, made.name), made.body)
        super().__init__(
            sources, block, Scope(names=Nothing()), made.address, Instance(suffix="", bindings={})
        )


def _block(kind: str, labels: tuple[str, ...], body: Body) -> Block:
    attributes = {
        name: Attribute(
            name=name, text="", span=place_of(value, body.span), line=0, column=0, owner=body.span.text
        )
        for name, value in body.attributes.items()
    }
    return Block(type=kind, labels=labels, span=body.span, attributes=attributes, blocks=())


def place_of(value: Value, otherwise: Span) -> Span:
    """Where a value is written: the first place it came through."""
    return value.trail[0] if value.trail else otherwise


def entry(value: Value | None, *names: str) -> Value | None:
    """What stands at a path; unknown where a part of the way is, None where there is nothing."""
    for name in names:
        if isinstance(value, Unknown):
            return value
        value = value.entries.get(name) if isinstance(value, MapValue) else None
    return value


def known_text(value: Value | None) -> str:
    """A known text; empty where it is missing or not known."""
    return str(value.value) if isinstance(value, Scalar) and isinstance(value.value, str | int) else ""


def contents(value: Value | None) -> list[tuple[Value, bool]]:
    """Mappings (or what is not known) that stand as one block or a list, each with whether it is sure.

    A branch of `Fn::If` may leave a block out, or make another one of it.
    """
    match value:
        case ListValue(items=items):
            return [found for item in items for found in contents(item)]
        case MapValue() | Unknown():
            return [(value, True)]
        case Choice(options=options):
            return [(one, False) for option in options for one, _ in contents(option)]
        case _:
            return []
