"""Module, resource and block instances: the things that names refer to, each evaluated at most once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.access import pairs_of
from budgetcheck.readers.terraform.evaluate import evaluate
from budgetcheck.readers.terraform.expand import Instance
from budgetcheck.readers.terraform.index import Attribute, Block
from budgetcheck.readers.terraform.scope import Scope
from budgetcheck.readers.terraform.sources import Sources
from budgetcheck.readers.terraform.syntax import Name
from budgetcheck.readers.terraform.values import (
    Choice,
    EvaluationError,
    Handle,
    NotKnownError,
    Ref,
    Refs,
    Scalar,
    Unknown,
    Value,
    all_refs,
    choose,
    failed,
    list_value,
    map_value,
    via,
)

_MOST_BLOCKS = 500
_ALWAYS_THERE = frozenset(
    {"id", "arn", "invoke_arn", "qualified_arn", "dns_name", "zone_id", "function_url", "api_endpoint", "uri"}
)
"""Computed attributes that every such resource has: compared with null, they are not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A written attribute: its value, where it is used, and whether the blocks around it are there."""

    value: Value
    span: Span
    certain: bool = True


class Item:
    """A block with a scope: the body of a resource instance, or a block nested in it."""

    def __init__(
        self,
        sources: Sources,
        block: Block,
        scope: Scope,
        owner: str,
        *,
        certain: bool = True,
        within: "Item | None" = None,
    ) -> None:
        self.sources = sources
        self.block = block
        self.scope = scope
        self.owner = owner
        self.certain = certain  # it is there if the block around it is
        self.surely: bool = certain and (within is None or within.surely)
        self._values: dict[str, Value] = {}
        self._nested: dict[str, tuple[Item, ...]] = {}

    def written(self, name: str) -> Found | None:
        """The attribute as written; None where it is not."""
        attribute = self.block.attributes.get(name)
        if attribute is None:
            if not self.block.fault:
                return None
            unknown = Unknown(reason=self.block.fault, needs="correct the block")
            return Found(value=unknown, span=replace(self.block.span, text=name))
        return Found(value=self._value(attribute), span=attribute.span)

    def value(self, name: str) -> Value:
        """The value of an attribute, null where it is not written."""
        found = self.written(name)
        return found.value if found else Scalar(value=None)

    def find(self, path: str) -> Found | None:
        """The attribute at a path through nested blocks (`template.spec.timeout_seconds`)."""
        first, _, rest = path.partition(".")
        if not rest:
            return self.written(first)
        for nested in self.blocks(first):
            found = nested.find(rest)
            if found is not None:
                return replace(found, certain=found.certain and nested.certain)
        return None

    def _value(self, attribute: Attribute) -> Value:
        if attribute.name not in self._values:
            self._values[attribute.name] = Unknown(reason=f"{attribute.name} refers to itself")
            self._values[attribute.name] = evaluate(self.sources.expression(attribute), self.scope)
        return self._values[attribute.name]

    def blocks(self, name: str) -> tuple["Item", ...]:
        """The nested blocks of a type, `dynamic` ones expanded, in the order they are written."""
        if name not in self._nested:
            self._nested[name] = ()
            self._nested[name] = tuple(self._expanded(name))[:_MOST_BLOCKS]
        return self._nested[name]

    def _expanded(self, name: str) -> Iterator["Item"]:
        for nested in self.block.blocks:
            if nested.type == name:
                yield self._item(nested, self.scope, certain=True)
            elif nested.type == "dynamic" and nested.labels == (name,):
                yield from self._dynamic(nested, name)

    def _item(self, block: Block, scope: Scope, *, certain: bool) -> "Item":
        return Item(self.sources, block, scope, self.owner, certain=certain, within=self)

    def _dynamic(self, dynamic: Block, name: str) -> Iterator["Item"]:
        content = next((block for block in dynamic.blocks if block.type == "content"), None)
        if content is None or "for_each" not in dynamic.attributes:
            return
        iterator = name
        if "iterator" in dynamic.attributes:
            named = self.sources.expression(dynamic.attributes["iterator"])
            iterator = named.name if isinstance(named, Name) else name
        walked = evaluate(self.sources.expression(dynamic.attributes["for_each"]), self.scope)
        options = walked.options if isinstance(walked, Choice) else (walked,)
        content = replace(content, span=dynamic.span)
        for option in options:
            certain = len(options) == 1
            try:
                for key, item in pairs_of(option):
                    bound = map_value({"key": key, "value": via(item, option.trail, option.refs)})
                    yield self._item(content, self.scope.bind(**{iterator: bound}), certain=certain)
            except (NotKnownError, EvaluationError) as error:
                reason = f"it is not known whether the block {name} is there: {error}"
                unknown = Unknown(reason=reason, refs=option.refs)
                bound = map_value({"key": unknown, "value": unknown})
                yield self._item(content, self.scope.bind(**{iterator: bound}), certain=False)

    # What follows makes an item a Subject: nested blocks are read as lists of objects.

    def attribute(self, name: str) -> Value:
        """`block.name` in an expression."""
        refs = self._refs(name)
        found = self.written(name)
        if found is not None and not (isinstance(found.value, Scalar) and found.value.value is None):
            value = found.value
            if not self.surely:
                value = choose((value, Scalar(value=None)), "it is not known whether it is set")
            return via(value, (found.span,), refs)
        nested = self.blocks(name)
        if nested:
            return via(list_value((Handle(subject=item) for item in nested), "list"), (), refs)
        reason = f"{self.owner}.{name} is not written and known only after apply"
        return Unknown(reason=reason, refs=refs, not_null=name in _ALWAYS_THERE)

    def element(self, key: Value) -> Value:
        """`resource["name"]`; a block is not a list."""
        if isinstance(key, Scalar) and isinstance(key.value, str):
            return self.attribute(key.value)
        return failed("a resource without count or for_each cannot be indexed")

    def everything(self) -> Value:
        """Never known as a whole."""
        return Unknown(
            reason=f"{self.owner} as a whole is known only after apply",
            refs=self._refs(""),
        )

    def _refs(self, name: str) -> Refs:
        return (Ref(address=f"{self.scope.names.origin}{self.owner}", attribute=name),)

    def sample(self) -> Value | None:
        """A block is a single thing."""
        return None


class Resource(Item):
    """One instance of a resource.

    `address` is its full address within its root module. `call` is the user's module call, where the
    resource itself stands in the description of a registry module.
    """

    def __init__(
        self,
        sources: Sources,
        block: Block,
        scope: Scope,
        address: str,
        instance: Instance,
        call: Span | None = None,
    ) -> None:
        super().__init__(sources, block, scope, address, certain=True)
        self.address = address
        self.instance = instance
        self.call = call

    @property
    def key(self) -> str:
        """What references call it: its address, told apart from those of other root modules in sight."""
        return f"{self.scope.names.origin}{self.address}"

    @property
    def type(self) -> str:
        """`aws_lb`."""
        return self.block.labels[0] if self.block.labels else ""

    @property
    def span(self) -> Span:
        """Where the user wrote it."""
        return self.call or self.block.span

    @property
    def label(self) -> str:
        """The name it has in its file; empty where the block is too damaged to have one."""
        return self.block.labels[1] if len(self.block.labels) > 1 else ""

    @property
    def name(self) -> str:
        """Address without the modules around it: `aws_lb.api["x"]`."""
        return f"{self.type}.{self.label}{self.instance.suffix}"


def references(value: Value) -> tuple[str, ...]:
    """Keys of the resource instances that went into a value, in order, each once."""
    return tuple(dict.fromkeys(ref.address for ref in all_refs(value)))
