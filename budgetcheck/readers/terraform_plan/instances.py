"""Resource instances of a plan or state, in the shape that the catalogue of resource types reads."""

from collections.abc import Iterator
from dataclasses import dataclass

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
from budgetcheck.readers.terraform_plan.blocks import written_as
from budgetcheck.readers.terraform_plan.document import Document, Entry, Json, mapping
from budgetcheck.readers.terraform_plan.identities import Identities
from budgetcheck.readers.terraform_plan.references import Place, References

_LATER = Unknown(
    reason="the plan does not know it before it is applied",
    needs="give the Terraform files as well, or the state after the next apply (`terraform show -json`)",
)
_HIDDEN = Unknown(
    reason="the plan marks it as sensitive",
    needs="do not pass the limit through a sensitive variable",
)


class Book:
    """What all instances of one document share.

    `unwritten` fills up with the places of values that nobody is known to have written: defaults of the
    provider stand in a plan like everything else, also where an expression gave null.
    """

    def __init__(self, document: Document, sources: Sources, file: str) -> None:
        self.sources = sources
        self.file = file
        self.scope = Scope(names=Nothing())
        self.unwritten: set[Span] = set()
        self.references = References(document)
        self._identities = Identities(document.entries)

    def refs(self, plain: object, expression: object, place: Place) -> Refs:
        """The resources a value comes from: those it names, and those its configuration refers to."""
        equal = self._identities.of(plain)
        named = self.references.of(expression, place) if expression is not None else ()
        return tuple(dict.fromkeys((*equal, *(ref for ref in named if self._identities.may_be(ref, plain)))))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Body:
    """The content of a resource or nested block, as the document has it.

    Attributes:
        values, unknown, sensitive: as in an entry.
        configuration: its expressions; None where those are not kept, so that anything may be written.
        path: what stands before the names of its attributes (`default_action.`).
    """

    values: Json
    unknown: object
    sensitive: object
    configuration: Json | None
    path: str = ""

    def later(self, name: str) -> object:
        """What of an attribute or block is known only after apply."""
        return True if self.unknown is True else mapping(self.unknown).get(name)

    def hidden(self, name: str) -> object:
        """What of an attribute or block is sensitive."""
        return True if self.sensitive is True else mapping(self.sensitive).get(name)

    def block(self, kind: str, labels: tuple[str, ...], span: Span) -> Block:
        """The same as a block of a Terraform file, as far as that is looked at without evaluating it."""
        names = [name for name, value in self.values.items() if value is not None and value != ""]
        later = [name for name, value in mapping(self.unknown).items() if value is True]
        written = [name for name in later if self.configuration is None or name in self.configuration]
        attributes = {
            name: Attribute(name=name, text="", span=span, line=0, column=0, owner=span.text)
            for name in (*names, *written)
        }
        return Block(type=kind, labels=labels, span=span, attributes=attributes, blocks=())


class _Planned(Item):
    """An item that looks values up instead of evaluating expressions."""

    book: Book
    body: Body
    place: Place

    def written(self, name: str) -> Found | None:
        """The attribute with its exact value; None where it is null, empty or left to the provider."""
        body = self.body
        plain, later = body.values.get(name), body.later(name)
        unsaid = body.configuration is not None and name not in body.configuration
        if unsaid if later is True else plain is None or plain == "":
            return None
        value = _value(plain, later, body.hidden(name))
        span = Span(file=self.book.file, text=f"{self.owner}: {_shown(body.path + name, value)}")
        expression = (body.configuration or {}).get(name)
        if not _is_constant(expression):
            self.book.unwritten.add(span)
        refs = self.book.refs(None if later is True else plain, expression, self.place)
        return Found(value=via(value, (), refs), span=span)

    def _expanded(self, name: str) -> Iterator[Item]:
        """The nested blocks of a name; one with nothing known in it where their number is not known."""
        body = self.body
        later, hidden = body.later(name), body.hidden(name)
        if later is True:
            unknown = Body(
                values={}, unknown=True, sensitive={}, configuration=None, path=f"{body.path}{name}."
            )
            yield PlannedItem(self, name, unknown, certain=False)
            return
        found = body.values.get(name)
        contents = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]
        for position, content in enumerate(contents):
            number = f"[{position}]" if len(contents) > 1 else ""
            nested = Body(
                values=content,
                unknown=_at(later, position),
                sensitive=_at(hidden, position),
                configuration=written_as(body.configuration, name, contents, position),
                path=f"{body.path}{name}{number}.",
            )
            yield PlannedItem(self, name, nested)


class PlannedItem(_Planned):
    """A nested block."""

    def __init__(self, outer: _Planned, name: str, body: Body, *, certain: bool = True) -> None:
        self.book, self.body, self.place = outer.book, body, outer.place
        span = Span(file=outer.book.file, text=f"{outer.owner}: {body.path.rstrip('.')}")
        block = body.block(name, (), span)
        super().__init__(
            outer.book.sources, block, outer.book.scope, outer.owner, certain=certain, within=outer
        )


class PlannedResource(_Planned, Resource):
    """A resource instance."""

    def __init__(self, book: Book, entry: Entry) -> None:
        resource = book.references.resource(entry)
        self.book, self.place = book, book.references.place(entry)
        self.body = Body(
            values=entry.values,
            unknown=entry.unknown,
            sensitive=entry.sensitive,
            configuration=None if resource is None else mapping(resource.get("expressions")),
        )
        span = Span(file=book.file, text=entry.address)
        block = self.body.block("resource", (entry.type, entry.name), span)
        instance = Instance(suffix=entry.suffix, bindings={}, key=entry.key)
        super().__init__(book.sources, block, book.scope, entry.address, instance)


def _value(plain: object, later: object, hidden: object) -> Value:
    """A value of the document, with what is not known or must not be shown as unknown."""
    if hidden is True:
        return _HIDDEN
    if later is True:
        return _LATER
    try:
        if isinstance(plain, list):
            items = enumerate(plain)
            return list_value(_value(one, _at(later, place), _at(hidden, place)) for place, one in items)
        if isinstance(plain, dict):
            marks = mapping(later), mapping(hidden)
            parts = ((str(key), one, marks[0].get(key), marks[1].get(key)) for key, one in plain.items())
            return map_value({key: _value(one, unknown, secret) for key, one, unknown, secret in parts})
        return from_plain(plain)
    except NotKnownError as error:
        return error.value


def _is_constant(expression: object) -> bool:
    """The configuration writes the value itself."""
    return mapping(expression).get("constant_value") is not None


def _at(marks: object, position: int) -> object:
    """The mark of one element of a list."""
    if isinstance(marks, list):
        return marks[position] if position < len(marks) else None
    return marks


def _shown(path: str, value: Value) -> str:
    """What of an attribute may stand in a message: its value only where it is a number or duration."""
    if not isinstance(value, Scalar):
        return path
    atom = value.value
    return shown(path, f'"{atom}"' if isinstance(atom, str) else str(atom))
