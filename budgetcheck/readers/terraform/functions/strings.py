"""Text functions; regular expressions are not evaluated, their dialect differs from Python's."""

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from budgetcheck.readers.terraform.access import items_of
from budgetcheck.readers.terraform.operators import to_bool, to_number, to_text
from budgetcheck.readers.terraform.values import (
    EvaluationError,
    NotKnownError,
    Piece,
    Scalar,
    Unknown,
    Value,
    list_value,
)

_LONGEST = 500_000


def _text(text: str) -> Scalar:
    if len(text) > _LONGEST:
        raise NotKnownError(Unknown(reason=f"a text of more than {_LONGEST} characters is not followed"))
    return Scalar(value=text)


def _join(separator: Value, *lists: Value) -> Value:
    items = [item for values in lists for item in items_of(values)]
    between = to_text(separator)
    pieces = [Piece(value=piece) for item in items for piece in (Scalar(value=between), item)]
    try:
        text = between.join(map(to_text, items))
    except NotKnownError as error:
        return replace(error.value, pieces=tuple(pieces[1:]))
    return replace(_text(text), pieces=tuple(pieces[1:]) if any(mark in text for mark in "{[") else ())


def _split(separator: Value, text: Value) -> Value:
    mark, whole = to_text(separator), to_text(text)
    pieces = whole.split(mark) if mark else list(whole)
    return list_value(Scalar(value=piece) for piece in pieces)


def _replace(text: Value, old: Value, new: Value) -> Value:
    pattern = to_text(old)
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        raise NotKnownError(Unknown(reason="replace() with a regular expression is not evaluated"))
    whole, replacement = to_text(text), to_text(new)
    if len(replacement) * (whole.count(pattern) + 1) > _LONGEST:
        raise NotKnownError(Unknown(reason=f"a text of more than {_LONGEST} characters is not followed"))
    return _text(whole.replace(pattern, replacement))


def _substring(text: Value, offset: Value, length: Value) -> Value:
    whole, start, count = to_text(text), int(to_number(offset)), int(to_number(length))
    if start < 0:
        start = max(len(whole) + start, 0)
    return _text(whole[start:] if count < 0 else whole[start : start + count])


_VERB = re.compile(
    r"%(?:%|(?P<flags>[-+ 0#]*)(?P<width>\d{0,3})(?:\.(?P<precision>\d{0,2}))?(?P<verb>[a-zA-Z]))"
)


def _format(template: Value, *arguments: Value) -> Value:
    remaining = list(arguments)

    def replace(match: re.Match[str]) -> str:
        if match.group() == "%%":
            return "%"
        if not remaining:
            raise EvaluationError("there are fewer arguments than verbs")
        return _formatted(match, remaining.pop(0))

    result = _VERB.sub(replace, to_text(template))
    if remaining:
        raise EvaluationError("there are more arguments than verbs")
    return _text(result)


def _formatted(match: re.Match[str], value: Value) -> str:
    verb, flags, width = match["verb"], match["flags"], match["width"]
    if verb in "sv" and not match["precision"]:
        text = to_text(value)
    elif verb == "d":
        whole = to_number(value)
        if not isinstance(whole, int):
            raise EvaluationError("%d needs a whole number")
        text = f"{'+' if '+' in flags and whole >= 0 else ''}{whole}"
    elif verb == "f":
        text = f"{float(Fraction(to_number(value))):.{int(match['precision'] or 6)}f}"
    elif verb == "t":
        text = "true" if to_bool(value) else "false"
    else:
        raise NotKnownError(Unknown(reason=f"format() with %{verb} is not evaluated"))
    if not width:
        return text
    if "-" in flags:
        return text.ljust(int(width))
    return text.rjust(int(width), "0" if "0" in flags and verb != "s" else " ")


def _trim(text: Value, characters: Value) -> Value:
    return _text(to_text(text).strip(to_text(characters)))


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "chomp": lambda text: _text(to_text(text).rstrip("\r\n")),
    "endswith": lambda text, end: Scalar(value=to_text(text).endswith(to_text(end))),
    "format": _format,
    "join": _join,
    "lower": lambda text: _text(to_text(text).lower()),
    "replace": _replace,
    "split": _split,
    "startswith": lambda text, start: Scalar(value=to_text(text).startswith(to_text(start))),
    "strcontains": lambda text, part: Scalar(value=to_text(part) in to_text(text)),
    "substr": _substring,
    "title": lambda text: _text(re.sub(r"\b[a-z]", lambda m: m.group().upper(), to_text(text))),
    "trim": _trim,
    "trimprefix": lambda text, start: _text(to_text(text).removeprefix(to_text(start))),
    "trimspace": lambda text: _text(to_text(text).strip()),
    "trimsuffix": lambda text, end: _text(to_text(text).removesuffix(to_text(end))),
    "upper": lambda text: _text(to_text(text).upper()),
}
