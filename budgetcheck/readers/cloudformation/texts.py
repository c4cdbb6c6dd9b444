"""Texts that are put together: `Fn::Join`, `Fn::Sub` and `${...}`, also where a part is not known.

A text with an unknown part keeps its pieces and what it refers to: an ARN with the region left out still says
which function it is of.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from budgetcheck.readers.terraform.operators import to_text
from budgetcheck.readers.terraform.values import (
    Choice,
    EvaluationError,
    NotKnownError,
    Piece,
    Scalar,
    Unknown,
    Value,
    distribute,
    join_refs,
    join_trails,
    merge_unknown,
)

_SUBSTITUTED = re.compile(r"\$\{(!?)([^${}]{1,300})\}")
_MOST_PARTS = 200
_LONGEST = 100_000
"""Aliases can make a text of a few lines endless."""


def joined(parts: Iterable[Value], delimiter: str = "") -> Value:
    """The parts one behind the other."""
    known = list(parts)[:_MOST_PARTS]
    if len(known) == 1:
        return known[0]
    if (
        sum(len(one.value) for one in known if isinstance(one, Scalar) and isinstance(one.value, str))
        > _LONGEST
    ):
        return Unknown(reason="the text is too long to be followed")
    if any(isinstance(part, Unknown) for part in known):
        unknown = merge_unknown(known)
        pieces = tuple(islice(_pieces(known, delimiter), _MOST_PARTS + 1))
        return Unknown(
            reason=unknown.reason,
            needs=unknown.needs,
            not_null=True,
            trail=unknown.trail,
            refs=unknown.refs,
            pieces=pieces if len(pieces) <= _MOST_PARTS else (),
        )
    return distribute(lambda *values: _text(values, delimiter), *known)


def substituted(text: str, lookup: Callable[[str], Value]) -> Value:
    """The text of `Fn::Sub`: `${Name}` replaced by what the name stands for, `${!Name}` left as it is."""
    parts: list[Value] = []
    position = 0
    for match in _SUBSTITUTED.finditer(text):
        literal, name = match.groups()
        before = text[position : match.start()] + (f"${{{name}}}" if literal else "")
        parts += [Scalar(value=before)] if before else []
        parts += [] if literal else [_as_text(lookup(name.strip()))]
        position = match.end()
    rest = text[position:]
    parts += [Scalar(value=rest)] if rest or not parts else []
    return joined(parts)


def _as_text(value: Value) -> Value:
    """Null stands for nothing in a text."""
    return Scalar(value="") if isinstance(value, Scalar) and value.value is None else value


def _pieces(parts: list[Value], delimiter: str) -> Iterator[Piece]:
    for index, part in enumerate(parts):
        if index and delimiter:
            yield Piece(value=Scalar(value=delimiter))
        if isinstance(part, Unknown) and part.pieces:
            yield from part.pieces
        elif isinstance(part, Choice):
            yield Piece(value=Unknown(reason=part.reason))
        else:
            yield Piece(value=part)


def _text(values: tuple[Value, ...], delimiter: str) -> Value:
    try:
        text = delimiter.join(to_text(value) for value in values)
    except (EvaluationError, NotKnownError) as error:
        return Unknown(reason=str(error), refs=join_refs(*(value.refs for value in values)))
    return Scalar(
        value=text,
        trail=join_trails(*(value.trail for value in values)),
        refs=join_refs(*(value.refs for value in values)),
    )
