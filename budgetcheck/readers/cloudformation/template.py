"""One template with the values its parameters have: what its names stand for.

The default of a parameter is a value with its place, as that of a Terraform variable is; where there is none,
the values that are allowed are the possible ones. Pseudo parameters are known to a deployment alone.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from budgetcheck.model.span import Span
from budgetcheck.readers.cloudformation.documents import Document, Documents
from budgetcheck.readers.cloudformation.intrinsics import Evaluator, plain
from budgetcheck.readers.terraform.values import (
    NULL,
    Ref,
    Scalar,
    Unknown,
    Value,
    choose,
    list_value,
    map_value,
    via,
)
from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode

NESTED = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}
"""Types that are a template of their own, and the property that says where it is."""
_DEEPEST_STACK = 8
_MOST_STACKS = 1_000
_GENERATED = re.compile(r"(\w+?)(?:Alias|Version)\w*")
_LONGEST_NAME = 255
_NO_VALUE = "AWS::NoValue"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Source:
    """A resource as it is written: its logical name, its address, its type and its properties."""

    name: str
    address: str
    type: str
    properties: Value
    span: Span
    template: "Template"


@dataclass(slots=True, eq=False)
class World:
    """What the templates of one run share: files, what they export, and who imports from whom."""

    documents: Documents
    exports: dict[str, tuple["Template", Node]] = field(default_factory=dict)
    imports: list[tuple[str, str]] = field(default_factory=list)
    children: set[str] = field(default_factory=set)
    stacks: int = 0


class Template:
    """A template whose parameters have values. `home` stands before the addresses of its resources."""

    def __init__(
        self,
        world: World,
        document: Document,
        *,
        home: str = "",
        given: Mapping[str, Value] | None = None,
        root: "Template | None" = None,
        depth: int = 0,
    ) -> None:
        self.world = world
        self.document = document
        self.home = home
        self.root = root or self
        self.given = given or {}
        self.depth = depth
        self.evaluator = Evaluator(self)
        self._parameters: dict[str, Value] = {}
        self._conditions: dict[str, bool | None] = {}
        self._children: dict[str, Template | None] = {}

    # What it is made of.

    def section(self, name: str) -> Mapping[str, tuple[ScalarNode, Node]]:
        """The entries of a section (`Parameters`, `Resources`)."""
        found = self.document.root.get(name)
        return found.entries if isinstance(found, MapNode) else {}

    def resource_nodes(self) -> Iterator[tuple[ScalarNode, str, MapNode]]:
        """The resources that are there: key, type and body."""
        for key, node in self.section("Resources").values():
            kind = node.get("Type") if isinstance(node, MapNode) else None
            if isinstance(node, MapNode) and isinstance(kind, ScalarNode) and self._is_there(node):
                yield key, kind.text, node

    def _is_there(self, node: MapNode) -> bool:
        condition = node.get("Condition")
        return not isinstance(condition, ScalarNode) or self.condition(condition.text) is not False

    def sources(self, wanted: Collection[str]) -> Iterator[Source]:
        """The resources of these types with their properties, also those of nested stacks."""
        for key, kind, node in self.resource_nodes():
            if kind in NESTED:
                child = self.child(key.text)
                yield from child.sources(wanted) if child else ()
            if kind in wanted:
                yield self._source(key, kind, node)

    def _source(self, key: ScalarNode, kind: str, node: MapNode) -> Source:
        return Source(
            name=key.text,
            address=self.home + key.text,
            type=kind,
            properties=self.properties(node),
            span=self.span(key, key.text),
            template=self,
        )

    def properties(self, node: MapNode) -> Value:
        """The properties of a resource, with whatever is put into them from elsewhere."""
        body = node.get("Properties")
        return self.evaluator.value(body) if body is not None else map_value({})

    def child(self, name: str) -> "Template | None":
        """A nested stack whose template is one of these files."""
        if name not in self._children:
            self._children[name] = None
            self._children[name] = self._open_child(name)
        return self._children[name]

    def _open_child(self, name: str) -> "Template | None":
        node = self.section("Resources")[name][1]
        kind = node.get("Type") if isinstance(node, MapNode) else None
        properties = node.get("Properties") if isinstance(node, MapNode) else None
        if not isinstance(kind, ScalarNode) or not isinstance(properties, MapNode):
            return None
        location = properties.get(NESTED.get(kind.text, ""))
        document = self._nested_document(self.evaluator.value(location)) if location else None
        self.world.stacks += 1
        if document is None or self.depth >= _DEEPEST_STACK or self.world.stacks > _MOST_STACKS:
            return None
        given = properties.get("Parameters")
        values = self.evaluator.value(given) if given is not None else NULL
        return Template(
            self.world,
            document,
            home=f"{self.home}{name}/",
            given=getattr(values, "entries", {}),
            root=self.root,
            depth=self.depth + 1,
        )

    def _nested_document(self, location: Value) -> Document | None:
        """A template that a path names, or the end of an address it is uploaded to."""
        text = str(location.value) if isinstance(location, Scalar) else ""
        pieces = location.pieces if isinstance(location, Unknown) else ()
        last = pieces[-1].value if pieces else location
        parts = str(last.value).partition("?")[0].split("/") if isinstance(last, Scalar) else []
        uploaded = range(1, len(parts)) if pieces or "://" in text else ()
        for candidate in (text, *("/".join(parts[start:]) for start in uploaded)):
            document = self.world.documents.beside(self.document, candidate)
            if document is not None and document is not self.document:
                self.world.children.add(document.name)
                return document
        return None

    # What its names stand for.

    def scalar(self, node: ScalarNode) -> Value:
        """A plain value."""
        return plain(node)

    def span(self, node: Node, text: str = "") -> Span:
        """Where a node of the template stands."""
        return self.document.span(node, text)

    def reference(self, name: str) -> Value:
        """`Ref`."""
        if name == _NO_VALUE:
            return NULL
        if name in self.section("Parameters"):
            return self.parameter(name)
        if "::" in name:
            return Unknown(reason=f"{name} is known only at deployment", not_null=True)
        first, _, part = name.partition(".")  # `Function.Alias`, a resource that SAM makes
        return self.attribute(first, part)

    def attribute(self, name: str, attribute: str) -> Value:
        """`Fn::GetAtt`; the output of a nested stack is what the stack says."""
        first, _, output = attribute.partition(".")
        if first == "Outputs" and name in self.section("Resources"):
            child = self.child(name)
            if child is not None:
                return child.output(output)
        reason = f"{name}{f'.{attribute}' if attribute else ''} is known only at deployment"
        refs = (Ref(address=self.home + self._generated_from(name), attribute=attribute),)
        return Unknown(reason=reason, refs=refs, not_null=True)

    def _generated_from(self, name: str) -> str:
        """The function that a generated alias or version is of; the name itself for anything else."""
        resources = self.section("Resources")
        named = name in resources or len(name) > _LONGEST_NAME
        found = None if named else _GENERATED.fullmatch(name)
        return found.group(1) if found and found.group(1) in resources else name

    def parameter(self, name: str) -> Value:
        """The value of a parameter: given from outside, its default, or one of those that are allowed."""
        if name not in self._parameters:
            self._parameters[name] = Unknown(reason=f"{name} refers to itself")
            key, node = self.section("Parameters")[name]
            self._parameters[name] = self._parameter(name, key, node)
        return self._parameters[name]

    def _parameter(self, name: str, key: ScalarNode, node: Node) -> Value:
        entries = node.entries if isinstance(node, MapNode) else {}
        kind = entries["Type"][1] if "Type" in entries else None
        type_ = kind.text if isinstance(kind, ScalarNode) else ""
        listed = type_.startswith(("List<", "CommaDelimitedList"))
        place = (self.span(key, name),)
        if name in self.given:
            return via(_listed(self.given[name]) if listed else self.given[name], place)
        if "Default" in entries and not type_.startswith("AWS::SSM::"):
            at, value = entries["Default"]
            number = isinstance(value, ScalarNode) and value.text.isdigit() and "NoEcho" not in entries
            shown = f"Default: {value.text}" if number and isinstance(value, ScalarNode) else "Default"
            known = plain(value) if isinstance(value, ScalarNode) else self.evaluator.value(value)
            return via(_listed(known) if listed else known, (self.span(at, shown),))
        reason = f"the parameter {name} has no default"
        at, allowed = entries.get("AllowedValues", (key, node))
        if isinstance(allowed, ListNode) and allowed.items:
            options = [plain(one) for one in allowed.items if isinstance(one, ScalarNode)]
            return choose(options, reason, (self.span(at, "AllowedValues"),))
        return Unknown(reason=reason, needs=f"give the parameter {name} a default", trail=place)

    def condition(self, name: str) -> bool | None:
        """A condition; None where nobody can tell."""
        if name not in self._conditions:
            self._conditions[name] = None
            found = self.section("Conditions").get(name)
            self._conditions[name] = self.evaluator.holds(found[1]) if found else None
        return self._conditions[name]

    def mapping(self, name: str) -> Node | None:
        """A map of the section `Mappings`."""
        found = self.section("Mappings").get(name)
        return found[1] if found else None

    def imported(self, name: str) -> Value:
        """What another template of these files exports under a name."""
        exporter, node = self.world.exports.get(name, (None, None))
        if exporter is None or node is None or exporter is self:
            return Unknown(reason=f"{name} is imported from another stack")
        self.world.imports.append((self.root.document.name, exporter.root.document.name))
        return exporter.evaluator.value(node)

    def included(self, location: str) -> Value:
        """A local fragment, with the names of this template."""
        document = self.world.documents.beside(self.document, location)
        if document is None or self.depth >= _DEEPEST_STACK:
            return Unknown(reason="the fragment that is included is not in these files")
        return Fragment(self, document).evaluator.value(document.root)

    def output(self, name: str) -> Value:
        """An output by its name."""
        found = self.section("Outputs").get(name)
        value = found[1].get("Value") if found and isinstance(found[1], MapNode) else None
        if value is None:
            return Unknown(reason=f"there is no output {name}")
        return self.evaluator.value(value)

    def export(self) -> None:
        """Makes known what the template exports under a name that is written out."""
        for _, node in self.section("Outputs").values():
            export = node.get("Export") if isinstance(node, MapNode) else None
            named = export.get("Name") if isinstance(export, MapNode) else None
            value = node.get("Value") if isinstance(node, MapNode) else None
            name = self.evaluator.value(named) if named is not None else NULL
            if isinstance(name, Scalar) and isinstance(name.value, str) and value is not None:
                self.world.exports.setdefault(name.value, (self, value))


class Fragment(Template):
    """A part of a template in a file of its own: its places are there, its names those of the template."""

    def __init__(self, within: Template, document: Document) -> None:
        super().__init__(within.world, document, home=within.home, root=within.root, depth=within.depth + 1)
        self._within = within

    def section(self, name: str) -> Mapping[str, tuple[ScalarNode, Node]]:
        """The sections of the template around it."""
        return self._within.section(name)

    def reference(self, name: str) -> Value:
        """As in the template around it."""
        return self._within.reference(name)

    def attribute(self, name: str, attribute: str) -> Value:
        """As in the template around it."""
        return self._within.attribute(name, attribute)

    def condition(self, name: str) -> bool | None:
        """As in the template around it."""
        return self._within.condition(name)


def _listed(value: Value) -> Value:
    """A text of a list parameter, at its commas."""
    if not isinstance(value, Scalar) or not isinstance(value.value, str):
        return value
    parts = (part.strip() for part in value.value.split(","))
    return list_value(Scalar(value=part, trail=value.trail) for part in parts)
