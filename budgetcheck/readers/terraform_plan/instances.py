"""Resource instances of a plan or state, in the shape that the catalogue of resource types reads."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.evaluate import Scope
from budgetcheck.readers.terraform.expand import Instance
from budgetcheck.readers.terraform.functions.encoding import from_plain
from budgetcheck.readers.terraform.index import Attribute, Block
from budgetcheck.readers.terraform.instances import Found, Item, Resource
from budgetcheck.readers.terraform.shown import shown
from budgetcheck.readers.terraform.sources import Sources
from budgetcheck.readers.terraform.values import (
    NotKnownError,
    Refs,
    Scalar,
    Unknown,
    Value,
    list_value,
    map_value,
    via,
)
from budgetcheck.readers.terraform.variables import Nothing
from budgetcheck.readers.terraform_plan.document import Document, Entry, Json, mapping, sequence
from budgetcheck.readers.terraform_plan.identities import Identities
from budgetcheck.readers.terraform_plan.references import Place, References

_LATER = "the plan does not know it before it is applied"
_LATER_NEEDS = "give the state after the next apply (`terraform show -json`), or the Terraform files as well"
_SECRET = "it is marked as sensitive"  # noqa: S105 - a reason, not a secret
_SECRET_NEEDS = "give the Terraform files as well, or do not pass the limit through a sensitive variable"


class Book:
    """What all instances of one document share.

    `unwritten` fills up with the places of values that nobody is known to have written: defaults of the
    provider stand in a plan like everything else.
    """

    def __init__(self, document: Document, sources: Sources, file: str) -> None:
        self.sources = sources
        self.file = file
        self.references = References(document)
        self.identities = Identities(document.entries)
        self.unwritten: set[Span] = set()
        self.scope = Scope(names=Nothing())

    def refs(self, plain: object, expression: object, place: Place) -> Refs:
        """The resources a value comes from: those it is equal to, else those its configuration names."""
        equal = self.identities.of(plain)
        named = self.references.of(expression, place) if expression is not None else ()
        return tuple(dict.fromkeys((*equal, *(ref for ref in named if self.identities.may_be(ref, plain)))))


class _Planned(Item):
    """The part of an item that looks values up instead of evaluating expressions."""

    book: Book
    values: Json
    unknown: object
    sensitive: object
    written_as: Json | None
    """Its configuration; None where that is not kept: then anything may have been written."""
    place: Place
    path: str

    def written(self, name: str) -> Found | None:
        """The attribute with its exact value; None where it is null, empty or left to the provider."""
        unsaid = self.written_as is not None and name not in self.written_as
        later = self.unknown is True or mapping(self.unknown).get(name) is True
        plain = self.values.get(name)
        if (later and unsaid) or (not later and (plain is None or plain == "")):
            return None
        expression = (self.written_as or {}).get(name)
        refs = self.book.refs(None if later else plain, expression, self.place)
        value, text = self._known(name, plain, later=later)
        span = Span(file=self.book.file, text=f"{self.owner}: {text}")
        if unsaid or self.written_as is None:
            self.book.unwritten.add(span)
        return Found(value=via(value, (), refs), span=span)

    def _known(self, name: str, plain: object, *, later: bool) -> tuple[Value, str]:
        """The value and what may be shown of it."""
        path = f"{self.path}{name}"
        unknown = True if later else mapping(self.unknown).get(name)
        secret = True if self.sensitive is True else mapping(self.sensitive).get(name)
        value = _value(plain, unknown, secret)
        if isinstance(value, Scalar):
            return value, shown(path, f'"{plain}"' if isinstance(plain, str) else str(plain))
        return value, path

    def _expanded(self, name: str) -> Iterator[Item]:
        """The nested blocks of a name; one with nothing known in it where their number is not known."""
        unknown = True if self.unknown is True else mapping(self.unknown).get(name)
        secret = True if self.sensitive is True else mapping(self.sensitive).get(name)
        written = None if self.written_as is None else self.written_as.get(name, _DYNAMIC)
        if unknown is True:
            yield _item(self, name, {}, True, secret, None, certain=False)
            return
        found = self.values.get(name)
        bodies = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]
        for position, body in enumerate(bodies):
            later = unknown[position] if isinstance(unknown, list) and position < len(unknown) else unknown
            hidden = secret[position] if isinstance(secret, list) and position < len(secret) else secret
            source = None if written is None else _source(written, body, position, len(bodies))
            yield _item(self, name, body, later, hidden, source)


_DYNAMIC: list[object] = []
"""Stands for blocks that the configuration does not list: they come from a dynamic block."""


class PlannedItem(_Planned):
    """A nested block."""


class PlannedResource(_Planned, Resource):
    """A resource instance."""


def resources(document: Document, sources: Sources, file: str) -> tuple[Book, list[Resource]]:
    """All instances of a document."""
    book = Book(document, sources, file)
    return book, [_resource(book, entry) for entry in document.entries]


def _resource(book: Book, entry: Entry) -> Resource:
    configuration = book.references.resource(entry)
    expressions = None if configuration is None else mapping(configuration.get("expressions"))
    span = Span(file=book.file, text=entry.address)
    block = _block("resource", (entry.type, entry.name), span, entry.values, entry.unknown, expressions)
    instance = Instance(suffix=entry.suffix, bindings={}, key=entry.key)
    made = PlannedResource(book.sources, block, book.scope, entry.address, instance)
    place = book.references.place(entry)
    return _filled(made, book, entry.values, entry.unknown, entry.sensitive, expressions, place, "")


def _item(
    outer: _Planned,
    name: str,
    values: Json,
    unknown: object,
    sensitive: object,
    expressions: Json | None,
    *,
    certain: bool = True,
) -> Item:
    span = replace(outer.block.span, text=f"{outer.owner}: {outer.path}{name}")
    block = _block(name, (), span, values, unknown, expressions)
    made = PlannedItem(
        outer.book.sources, block, outer.scope, outer.owner, certain=certain, within=outer
    )
    path = f"{outer.path}{name}."
    return _filled(made, outer.book, values, unknown, sensitive, expressions, outer.place, path)
