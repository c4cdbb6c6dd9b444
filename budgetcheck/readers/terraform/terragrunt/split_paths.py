"""Paths of which only a part is known, so that what fits the rest of them can be found.

`read_tfvars_file("${get_env("STAGE")}.tfvars")` is worth nothing as a text, but it does end in `.tfvars`.
"""

from dataclasses import fields, is_dataclass, replace
from typing import TypeVar, cast

from budgetcheck.readers.terraform.syntax import (
    Call,
    Expression,
    Literal,
    Template,
    TemplateFor,
    TemplateIf,
    Tuple,
)

SPLIT = frozenset({"read_tfvars_file"})
"""Functions that take the parts of a path as a list."""
_Node = TypeVar("_Node")


def with_split_paths(expression: Expression) -> Expression:
    """The expression with templates that are arguments of these functions taken apart into tuples."""
    return _walked(expression)


def _walked(node: _Node) -> _Node:
    if isinstance(node, tuple):
        return cast("_Node", tuple(_walked(one) for one in node))
    if not is_dataclass(node) or isinstance(node, type):
        return node
    changed = {
        field.name: walked
        for field in fields(node)
        if (walked := _walked(value := getattr(node, field.name))) != value
    }
    walked_node = replace(node, **changed) if changed else node
    return cast("_Node", _split(walked_node) if isinstance(walked_node, Call) else walked_node)


def _split(call: Call) -> Call:
    path = call.arguments[0] if len(call.arguments) == 1 else None
    if call.function not in SPLIT or not isinstance(path, Template):
        return call
    items: list[Expression] = []
    for part in path.parts:
        if isinstance(part, TemplateIf | TemplateFor):
            return call
        items.append(Literal(span=path.span, value=part) if isinstance(part, str) else part)
    return replace(call, arguments=(Tuple(span=path.span, items=tuple(items)),))
