"""`serverless.yml`: a service whose names stand for values of its own files.

Its `resources` are a template; whatever `${file(...)}` puts in keeps its own places.
"""

from collections.abc import Iterator, Mapping

from budgetcheck.readers.cloudformation.documents import Document
from budgetcheck.readers.cloudformation.intrinsics import plain
from budgetcheck.readers.cloudformation.service_variables import (
    Asked,
    Variable,
    alternatives,
    at,
    is_null,
    variables_in,
)
from budgetcheck.readers.cloudformation.template import Template, World
from budgetcheck.readers.cloudformation.texts import joined
from budgetcheck.readers.terraform.operators import to_text
from budgetcheck.readers.terraform.values import (
    EvaluationError,
    NotKnownError,
    Scalar,
    Unknown,
    Value,
    merge_unknown,
    via,
)
from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode

_DEEPEST = 24
_MOST_LOOKUPS = 20_000
_STAGE = "dev"
_MOST_PARTS = 300


class Service:
    """A service: its document, the parts its resources come from, and what its variables are worth."""

    def __init__(self, world: World, document: Document, home: str = "") -> None:
        self.world = world
        self.document = document
        self.home = home
        self.aliases: dict[str, str] = {}
        self._depth = 0
        self._lookups = 0
        self._parts: dict[str, Part] = {}
        self._resolved: dict[str, Value] = {}

    def part(self, document: Document) -> "Part":
        """The values of one of its files."""
        if document.name not in self._parts:
            self._parts[document.name] = Part(self, document, document.root)
        return self._parts[document.name]

    def value(self, *path: str) -> Value | None:
        """What stands at a path of the service's own document; None where there is nothing."""
        node = at(self.document.root, ".".join(path))
        return None if node is None else self.part(self.document).evaluator.value(node)

    def overridden(self, name: str, *path: str) -> Value | None:
        """A property that the service's resources give to one that the tool makes; None where they do not."""
        for part in self.resource_parts():
            for section in ("Resources", "extensions"):
                _, node = part.section(section).get(name, (None, None))
                found = at(node, ".".join(("Properties", *path))) if node is not None else None
                if found is not None:
                    return part.evaluator.value(found)
        return None

    def resource_parts(self) -> list["Part"]:
        """The templates that its resources are put together from."""
        node = self.document.root.get("resources")
        return list(self._resource_parts(self.document, node, 0))[:_MOST_PARTS] if node is not None else []

    def _resource_parts(self, document: Document, node: Node, depth: int) -> Iterator["Part"]:
        if depth > _DEEPEST:
            return
        if isinstance(node, ListNode):
            for item in node.items:
                yield from self._resource_parts(document, item, depth + 1)
        elif isinstance(node, ScalarNode):
            found = self.located(node.text)
            if found is not None:
                yield from self._resource_parts(*found, depth + 1)
        elif isinstance(node, MapNode):
            inner = node.get("Resources")
            if isinstance(inner, ScalarNode):
                found = self.located(inner.text)
                if found is not None and isinstance(found[1], MapNode):
                    yield Part(self, found[0], node, resources=found[1])
            else:
                yield Part(self, document, node)

    # Variables.

    def resolved(self, text: str) -> Value:
        """A text with its variables replaced; a text that is one variable is worth what that is."""
        if text not in self._resolved:
            self._resolved[text] = Unknown(reason="a variable refers to itself")
            self._resolved[text] = self._resolve(text)
        return self._resolved[text]

    def _resolve(self, text: str) -> Value:
        found = list(variables_in(text))
        if not found:
            return Scalar(value=text)
        self._lookups += 1
        self._depth += 1
        try:
            if self._depth > _DEEPEST or self._lookups > _MOST_LOOKUPS:
                return Unknown(reason="the variables refer to one another without end")
            if (found[0].start, found[0].end) == (0, len(text)):
                return self._variable(found[0])
            return joined(self._parts_of(text, found))
        finally:
            self._depth -= 1

    def _parts_of(self, text: str, found: list[Variable]) -> Iterator[Value]:
        position = 0
        for variable in found:
            if variable.start > position:
                yield Scalar(value=text[position : variable.start])
            yield self._variable(variable)
            position = variable.end
        if position < len(text):
            yield Scalar(value=text[position:])

    def _variable(self, variable: Variable) -> Value:
        for asked in self._alternatives(variable.inner):
            if isinstance(asked, Unknown):
                continue
            value = self._asked(asked)
            if value is not None:
                return value
        name = variable.inner.partition(",")[0].strip()
        shown = name if name.isprintable() and len(name) < 60 else "a variable"
        return Unknown(
            reason=f"{shown} is known only at deployment", needs="give it a default behind a comma"
        )

    def _alternatives(self, inner: str) -> Iterator[Asked | Unknown]:
        """The alternatives, with the variables inside of them replaced first."""
        for asked in alternatives(inner):
            texts = (self.resolved(asked.argument), self.resolved(asked.address))
            try:
                argument, address = (to_text(one) for one in texts)
            except (NotKnownError, EvaluationError):
                yield merge_unknown(texts, "a part of the variable is not known")
                continue
            yield Asked(asked.source, argument=argument, address=address, literal=asked.literal)

    def _asked(self, asked: Asked) -> Value | None:
        """What one alternative is worth; None where it is not there, or not in these files."""
        match asked.source:
            case "":
                return Scalar(value=asked.literal)
            case "sls" if asked.address == "stage":
                return self._stage()
            case "aws" | "cf" | "ssm" | "s3" | "env" | "opt" | "git" | "output" | "unknown":
                return None
            case "param":
                return self._parameter(asked.address)
            case _:
                found = self._node(asked)
                if found is None:
                    return None
                document, node = found
                value = self.part(document).evaluator.value(node)
                if not isinstance(node, ScalarNode):
                    return value
                key = asked.address.rpartition(".")[2]
                shown = f"{key}: {node.text}" if isinstance(node.value, int) else key
                return via(value, (document.span(node, shown),))

    def _stage(self) -> Value:
        return self.value("provider", "stage") or Scalar(value=_STAGE)

    def _parameter(self, name: str) -> Value | None:
        """A parameter of the stage, or the one for all stages."""
        stage = self._stage()
        own = self.value("params", str(stage.value), name) if isinstance(stage, Scalar) else None
        return own if own is not None else self.value("params", "default", name)

    def located(self, text: str) -> tuple[Document, Node] | None:
        """The node that a text which is one variable stands for."""
        found = list(variables_in(text.strip()))
        if len(found) != 1 or (found[0].start, found[0].end) != (0, len(text.strip())):
            return None
        for asked in self._alternatives(found[0].inner):
            node = None if isinstance(asked, Unknown) else self._node(asked)
            if node is not None:
                return node
        return None

    def _node(self, asked: Asked) -> tuple[Document, Node] | None:
        document: Document | None = self.document
        if asked.source == "file":
            document = self._file(asked.argument)
        elif asked.source != "self":
            return None
        if document is None:
            return None
        node: Node | None = document.root
        parts = asked.address.split(".") if asked.address else []
        for index, part in enumerate(parts):
            node = at(node, part) if node is not None else None
            if isinstance(node, ScalarNode) and index + 1 < len(parts):
                # A part of the way is put in from elsewhere.
                self._lookups += 1
                found = self.located(node.text) if self._lookups < _MOST_LOOKUPS else None
                if found is None:
                    return None
                document, node = found
        return (document, node) if node is not None and not is_null(node) else None

    def _file(self, name: str) -> Document | None:
        if not name.endswith((".yml", ".yaml", ".json")):
            return None
        return self.world.documents.beside(self.document, name)


class Part(Template):
    """One file of a service, or the template in it."""

    def __init__(
        self, service: Service, document: Document, node: MapNode, resources: MapNode | None = None
    ) -> None:
        super().__init__(service.world, document, home=service.home)
        self._service = service
        self._node = node
        self._resources = resources

    def section(self, name: str) -> Mapping[str, tuple[ScalarNode, Node]]:
        """A section of the template that it is a part of."""
        if name == "Resources" and self._resources is not None:
            return self._resources.entries
        found = self._node.get(name)
        return found.entries if isinstance(found, MapNode) else {}

    def scalar(self, node: ScalarNode) -> Value:
        """A plain value, its variables replaced."""
        known = plain(node)
        if isinstance(node.value, str) and "${" in node.value and isinstance(known, Scalar):
            return self._service.resolved(node.value)
        return known

    def attribute(self, name: str, attribute: str) -> Value:
        """A function's generated name stands for the function."""
        return super().attribute(self._service.aliases.get(name, name), attribute)
