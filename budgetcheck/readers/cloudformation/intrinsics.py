"""What intrinsic functions are worth: `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::If` and the rest.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html.
Nothing is looked up in an account: what only a deployment knows is unknown, with the resources it came from.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Protocol

from budgetcheck.model.span import Span
from budgetcheck.readers.cloudformation.texts import joined, substituted
from budgetcheck.readers.terraform.access import get_index
from budgetcheck.readers.terraform.numerals import rounded
from budgetcheck.readers.terraform.operators import to_text
from budgetcheck.readers.terraform.values import (
    NULL,
    Choice,
    Encoded,
    EvaluationError,
    ListValue,
    MapValue,
    NotKnownError,
    Scalar,
    Unknown,
    Value,
    all_refs,
    choose,
    distribute,
    list_value,
    map_value,
    merge_unknown,
    via,
)
from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode

_LONG = {"!Ref": "Ref", "!Condition": "Condition"}
_SHORT = {"Ref": "!Ref", "Condition": "!Condition"}
_DEEPEST = 60
_LARGEST = 1e300


class Names(Protocol):
    """What names stand for in one template."""

    def scalar(self, node: ScalarNode) -> Value:
        """A plain value, as it is written."""

    def reference(self, name: str) -> Value:
        """`Ref`: a parameter, a pseudo parameter or a resource."""

    def attribute(self, name: str, attribute: str) -> Value:
        """`Fn::GetAtt`."""

    def condition(self, name: str) -> bool | None:
        """A condition by its name; None where nobody can tell."""

    def mapping(self, name: str) -> Node | None:
        """A map of the section `Mappings`."""

    def imported(self, name: str) -> Value:
        """What another template exports."""

    def included(self, location: str) -> Value:
        """A local fragment that `AWS::Include` puts in."""

    def span(self, node: Node, text: str) -> Span:
        """Where a node stands."""


class Evaluator:
    """Works out the values of one template."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._depth = 0

    def value(self, node: Node) -> Value:
        """What a node is worth; entries of mappings know where they are written."""
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                return Unknown(reason="the expressions of the template nest too deeply")
            return self._value(node)
        except NotKnownError as error:
            return error.value
        finally:
            self._depth -= 1

    def _value(self, node: Node) -> Value:
        match node:
            case ScalarNode():
                return self._names.scalar(node)
            case ListNode(items=items):
                found = (self.value(item) for item in items)
                return list_value(one for one in found if not _is_null(one))
            case MapNode():
                called = intrinsic(node)
                if called is None or called[0] == "Condition":
                    return self._entries(node)
                return self._call(*called)

    def _entries(self, node: MapNode) -> Value:
        entries: dict[str, Value] = {}
        for name, (key, child) in node.entries.items():
            if name == "Fn::Transform":
                return self._call(name, child)
            value = self.value(child)
            if not _is_null(value):
                entries[name] = via(value, (self._names.span(key, _shown(name, child)),))
        return map_value(entries)

    def _call(self, name: str, argument: Node) -> Value:
        function = _FUNCTIONS.get(name)
        if function is None:
            known = self.value(argument)
            return Unknown(reason=f"{name} is worked out only at deployment", refs=all_refs(known))
        return function(self, argument)

    # The functions by their long names.

    def ref(self, argument: Node) -> Value:
        """`Ref`."""
        return self._names.reference(argument.text) if isinstance(argument, ScalarNode) else _odd("Ref")

    def get_att(self, argument: Node) -> Value:
        """`Fn::GetAtt`: `Name.Attribute`, or a list of both."""
        if isinstance(argument, ScalarNode):
            name, _, attribute = argument.text.partition(".")
            return self._names.attribute(name, attribute)
        match argument:
            case ListNode(items=(ScalarNode(text=name), rest)):
                picked = self.value(rest)
                attribute = str(picked.value) if isinstance(picked, Scalar) else ""
                return self._names.attribute(name, attribute)
            case _:
                return _odd("Fn::GetAtt")

    def sub(self, argument: Node) -> Value:
        """`Fn::Sub`: a text, or a text with variables of its own."""
        given: Mapping[str, Value] = {}
        if isinstance(argument, ListNode) and len(argument.items) == 2:
            argument, variables = argument.items
            known = self.value(variables)
            given = known.entries if isinstance(known, MapValue) else {}
        if not isinstance(argument, ScalarNode):
            return _odd("Fn::Sub")
        text = self._names.scalar(argument)
        if not isinstance(text, Scalar) or not isinstance(text.value, str):
            return text
        return via(substituted(text.value, lambda name: self._named(name, given)), text.trail, text.refs)

    def _named(self, name: str, given: Mapping[str, Value]) -> Value:
        if name in given:
            return given[name]
        first, dot, attribute = name.partition(".")
        return self._names.attribute(first, attribute) if dot else self._names.reference(name)

    def join(self, argument: Node) -> Value:
        """`Fn::Join`: a delimiter and a list."""
        match argument:
            case ListNode(items=(ScalarNode(text=delimiter), parts)):
                return distribute_list(self.value(parts), lambda items: joined(items, delimiter))
            case _:
                return _odd("Fn::Join")

    def select(self, argument: Node) -> Value:
        """`Fn::Select`: an index and a list."""
        match argument:
            case ListNode(items=(index, parts)):
                return get_index(self.value(parts), self.value(index))
            case _:
                return _odd("Fn::Select")

    def split(self, argument: Node) -> Value:
        """`Fn::Split`: a delimiter and a text."""
        match argument:
            case ListNode(items=(ScalarNode(text=delimiter), text)) if delimiter:
                return distribute(lambda one: _split(one, delimiter), self.value(text))
            case _:
                return _odd("Fn::Split")

    def find_in_map(self, argument: Node) -> Value:
        """`Fn::FindInMap`: one of several values where a key is not known."""
        if not isinstance(argument, ListNode) or len(argument.items) < 3:
            return _odd("Fn::FindInMap")
        name = self.value(argument.items[0])
        node = self._names.mapping(str(name.value)) if isinstance(name, Scalar) else None
        if node is None:
            return merge_unknown([name], "the map is not in this template")
        found = self._under(self.value(node), self.value(argument.items[1]))
        found = self._under(found, self.value(argument.items[2]))
        if isinstance(found, Unknown) and found.failed and len(argument.items) > 3:
            options = self.value(argument.items[3])
            otherwise = options.entries.get("DefaultValue") if isinstance(options, MapValue) else None
            return otherwise or found
        return found

    def _under(self, value: Value, key: Value) -> Value:
        if isinstance(value, Choice):
            return choose((self._under(one, key) for one in value.options), value.reason, value.trail)
        if isinstance(key, Unknown) and isinstance(value, MapValue):
            options = [one for one in value.entries.values() if not isinstance(one, Unknown)]
            reason = f"it depends on a key that is not known: {key.reason}"
            return choose(options, reason, value.trail) if options else Unknown(reason=reason)
        return get_index(value, key)

    def if_(self, argument: Node) -> Value:
        """`Fn::If`: both branches where nobody can tell."""
        match argument:
            case ListNode(items=(ScalarNode(text=name), then, otherwise)):
                holds = self._names.condition(name)
                if holds is not None:
                    return self.value(then if holds else otherwise)
                reason = f"it depends on the condition {name}"
                return choose((self.value(then), self.value(otherwise)), reason)
            case _:
                return _odd("Fn::If")

    def import_value(self, argument: Node) -> Value:
        """`Fn::ImportValue`."""
        name = self.value(argument)
        if isinstance(name, Scalar):
            return self._names.imported(str(name.value))
        return Unknown(reason="it is imported from another stack")

    def transform(self, argument: Node) -> Value:
        """`Fn::Transform`: a local fragment of `AWS::Include`; macros run only at deployment."""
        known = self.value(argument)
        entries = known.entries if isinstance(known, MapValue) else {}
        name, parameters = entries.get("Name"), entries.get("Parameters")
        location = parameters.entries.get("Location") if isinstance(parameters, MapValue) else None
        if isinstance(name, Scalar) and name.value == "AWS::Include" and isinstance(location, Scalar):
            return self._names.included(str(location.value))
        return Unknown(reason="a macro makes it at deployment", refs=known.refs)

    def to_json(self, argument: Node) -> Value:
        """`Fn::ToJsonString`."""
        return Encoded(inner=self.value(argument))

    # Conditions.

    def holds(self, node: Node, depth: int = 0) -> bool | None:
        """Whether a condition holds; None where nobody can tell."""
        called = intrinsic(node) if isinstance(node, MapNode) else None
        if called is None or depth > _DEEPEST:
            return None
        name, argument = called
        parts = argument.items if isinstance(argument, ListNode) else ()
        match name:
            case "Condition" if isinstance(argument, ScalarNode):
                return self._names.condition(argument.text)
            case "Fn::Equals" if len(parts) == 2:
                return _equal(self.value(parts[0]), self.value(parts[1]))
            case "Fn::Not" if len(parts) == 1:
                inner = self.holds(parts[0], depth + 1)
                return None if inner is None else not inner
            case "Fn::And" | "Fn::Or":
                found = [self.holds(part, depth + 1) for part in parts]
                decisive = name == "Fn::Or"
                return decisive if decisive in found else None if None in found else not decisive
            case _:
                return None


_FUNCTIONS: Mapping[str, Callable[[Evaluator, Node], Value]] = {
    "Ref": Evaluator.ref,
    "Fn::GetAtt": Evaluator.get_att,
    "Fn::Sub": Evaluator.sub,
    "Fn::Join": Evaluator.join,
    "Fn::Select": Evaluator.select,
    "Fn::Split": Evaluator.split,
    "Fn::FindInMap": Evaluator.find_in_map,
    "Fn::If": Evaluator.if_,
    "Fn::ImportValue": Evaluator.import_value,
    "Fn::Transform": Evaluator.transform,
    "Fn::ToJsonString": Evaluator.to_json,
}


def intrinsic(node: MapNode) -> tuple[str, Node] | None:
    """The long name of a function and its argument; None where the mapping is no call."""
    if len(node.entries) != 1:
        return None
    name, (_, argument) = next(iter(node.entries.items()))
    if name.startswith("!"):
        return _LONG.get(name, f"Fn::{name[1:]}"), argument
    return (name, argument) if name in ("Ref", "Condition") or name.startswith("Fn::") else None


def distribute_list(value: Value, function: Callable[[tuple[Value, ...]], Value]) -> Value:
    """A function of the elements of a list, where there is one."""
    if isinstance(value, ListValue):
        return via(function(value.items), value.trail, value.refs)
    if isinstance(value, Choice):
        return choose((distribute_list(one, function) for one in value.options), value.reason, value.trail)
    return merge_unknown([value], "the list is not known")


def plain(node: ScalarNode) -> Value:
    """A plain value as it is written."""
    if isinstance(node.value, float):
        inside = abs(node.value) < _LARGEST
        return (
            Scalar(value=rounded(Fraction(repr(node.value))))
            if inside
            else Unknown(reason="a number is too large")
        )
    if isinstance(node.value, str) and "{{resolve:" in node.value:
        return Unknown(
            reason="it is kept in a parameter store or secret",
            needs="write the value itself, or a parameter with a default",
        )
    return Scalar(value=node.value)


def _split(value: Value, delimiter: str) -> Value:
    try:
        parts = to_text(value).split(delimiter)
    except (EvaluationError, NotKnownError) as error:
        return Unknown(reason=str(error))
    return list_value(Scalar(value=part, trail=value.trail) for part in parts)


def _equal(left: Value, right: Value) -> bool | None:
    """As CloudFormation compares: by their texts."""
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return to_text_or_empty(left) == to_text_or_empty(right)
    options = [one.options if isinstance(one, Choice) else (one,) for one in (left, right)]
    texts = [{to_text_or_empty(one) for one in side if isinstance(one, Scalar)} for side in options]
    complete = all(isinstance(one, Scalar) for side in options for one in side)
    return False if complete and not texts[0] & texts[1] else None


def to_text_or_empty(value: Scalar) -> str:
    """The value as text; empty for null."""
    try:
        return to_text(value)
    except (EvaluationError, NotKnownError):
        return ""


def _is_null(value: Value) -> bool:
    return value == NULL or (isinstance(value, Scalar) and value.value is None)


def _odd(name: str) -> Unknown:
    return Unknown(reason=f"{name} is written in a way that is not followed")


def _shown(name: str, node: Node) -> str:
    """How an entry is written, as far as it may stand in a message: numbers and references only."""
    if isinstance(node, ScalarNode):
        return f"{name}: {node.text}" if isinstance(node.value, int | float) else name
    called = intrinsic(node) if isinstance(node, MapNode) else None
    if called and isinstance(called[1], ScalarNode) and called[0] in ("Ref", "Fn::GetAtt"):
        function = _SHORT.get(called[0], f"!{called[0].removeprefix('Fn::')}")
        text = called[1].text
        return f"{name}: {function} {text}" if len(text) < 80 and text.isprintable() else name
    return name
