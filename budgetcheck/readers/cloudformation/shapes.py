"""Which property of CloudFormation is which attribute of the catalogue, where one is the other by name alone.

Source:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from budgetcheck.model.span import Span
from budgetcheck.readers.cloudformation.bodies import Body, contents, entry, place_of
from budgetcheck.readers.terraform.values import NULL, Choice, ListValue, Unknown, Value, choose


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Paths of properties by the attributes they are, and nested shapes by their blocks."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    blocks: Mapping[str, tuple[str, "Shape"]] = field(default_factory=dict)


def shaped(value: Value, shape: Shape, span: Span, *, certain: bool = True) -> Body:
    """The properties as a body; all of them may be anything where they are not known."""
    if isinstance(value, Unknown):
        return Body(span=span, open=value, certain=certain)
    attributes = {}
    for name, path in shape.attributes.items():
        found = _at(value, path)
        if found is not None:
            attributes[name] = found
    blocks = {
        name: tuple(
            shaped(one, inner, place_of(one, span), certain=sure) for one, sure in contents(_at(value, path))
        )
        for name, (path, inner) in shape.blocks.items()
    }
    return Body(
        span=span,
        attributes=attributes,
        blocks={name: found for name, found in blocks.items() if found},
        certain=certain,
    )


def _at(value: Value, path: str) -> Value | None:
    """The value at a path; one of several where a branch on the way decides."""
    first, _, rest = path.partition(".")
    if isinstance(value, Choice):
        found = [_at(option, path) for option in value.options]
        if all(one is None for one in found):
            return None
        return choose((NULL if one is None else one for one in found), value.reason, value.trail)
    if isinstance(value, ListValue):
        return value if not path else None
    inner = entry(value, first)
    return _at(inner, rest) if rest and inner is not None else inner
