"""What texts are put together from, and where each part stands.

A JSON or YAML document is written as a heredoc, a template file or a template of encoded values, and rarely
is all of it known (an image, an ARN). Its pieces keep what is; `documents` reads them. So do those of a host
name whose end is known: `api.${var.region}.example.com`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.syntax import Expression, Part, TemplateFor, TemplateIf
from budgetcheck.readers.terraform.values import Piece, Scalar, Value

_MARKS = "{[\n"
_END_OF_HOST = re.compile(r"\.[a-zA-Z0-9-]+\.[a-zA-Z]{2,}(?:/.*)?\Z")


def may_be_document(parts: Sequence[Part]) -> bool:
    """The template may be a JSON or YAML document, and not just a name put together."""
    return any(isinstance(part, str) and any(mark in part for mark in _MARKS) for part in parts)


def may_be_host(parts: Sequence[Part]) -> bool:
    """The template may be a host name or URL in the domain that it ends with."""
    return isinstance(parts[-1], str) and bool(_END_OF_HOST.search(parts[-1])) if parts else False


def literal_pieces(text: str, span: Span) -> tuple[Piece, ...]:
    """The one piece of a heredoc without interpolations, which begins on the line after its marker."""
    if "\n" not in text:
        return ()
    return (Piece(value=Scalar(value=text), span=replace(span, line=span.line + 1, text="")),)


def pieces_of(parts: Sequence[Part], values: Sequence[Value]) -> tuple[Piece, ...]:
    """The parts of a template; where a text stands follows from the expressions around it."""
    return tuple(_pieces(parts, values))


def _pieces(parts: Sequence[Part], values: Sequence[Value]) -> Iterator[Piece]:
    places = [None if isinstance(part, str) else _place(part) for part in parts]
    for index, (part, value) in enumerate(zip(parts, values, strict=True)):
        span = None
        following = places[index + 1] if index + 1 < len(parts) else None
        if isinstance(part, str) and following is not None:
            span = replace(following, line=max(1, following.line - part.count("\n")), text="")
        elif isinstance(part, str) and index:
            span = places[index - 1]
        yield Piece(value=value, span=span)


def _place(part: Expression | TemplateIf | TemplateFor) -> Span:
    if isinstance(part, TemplateIf):
        return part.condition.span
    return part.collection.span if isinstance(part, TemplateFor) else part.span
