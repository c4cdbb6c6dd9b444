"""The commonest expressions, read without a parser: numbers, plain texts, constants and references."""

import re

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform import syntax
from budgetcheck.readers.terraform.syntax import Expression, Literal, Name, Traversal

_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)
_PLAIN_TEXT = re.compile(r'"[^"\\$%\n]*"')
_REFERENCE = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*){1,40}", re.ASCII)
CONSTANTS = {"true": True, "false": False, "null": None}


def simple(text: str, span: Span) -> Expression | None:
    """The tree of an expression that takes no parser; None for all others."""
    if _NUMBER.fullmatch(text):
        return Literal(span=span, value=int(text))
    if _PLAIN_TEXT.fullmatch(text):
        return Literal(span=span, value=text[1:-1])
    if text in CONSTANTS:
        return Literal(span=span, value=CONSTANTS[text])
    if _REFERENCE.fullmatch(text):
        return _reference(text, span)
    return None


def _reference(text: str, span: Span) -> Expression:
    first, *rest = text.split(".")
    result: Expression = Name(span=named(span, first), name=first)
    for name in rest:
        result = traversal(result, name)
    return result


def named(span: Span, text: str) -> Span:
    """The place with the text that stands there."""
    return Span(file=span.file, line=span.line, column=span.column, text=text)


def traversal(target: Expression, name: str) -> Expression:
    """`target.name`, shown as it is written."""
    base = target.span.text or syntax.written(target)
    return Traversal(span=named(target.span, f"{base}.{name}" if base else ""), target=target, name=name)
