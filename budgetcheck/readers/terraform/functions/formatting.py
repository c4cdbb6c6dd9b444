"""`format` and `formatlist`: the verbs of the language, which are a part of Go's.

Source: https://developer.hashicorp.com/terraform/language/functions/format
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from budgetcheck.readers.terraform.functions.encoding import json_text
from budgetcheck.readers.terraform.functions.strings import characters, text_value
from budgetcheck.readers.terraform.numerals import show_short
from budgetcheck.readers.terraform.operators import to_bool, to_number, to_text
from budgetcheck.readers.terraform.types import STRING
from budgetcheck.readers.terraform.values import (
    EvaluationError,
    ListValue,
    NotKnownError,
    Scalar,
    Unknown,
    Value,
    fully_known,
    list_value,
    merge_unknown,
)

_VERB = re.compile(
    r"%(?:(?P<percent>%)|(?P<flags>[0#+ -]*)(?P<width>[1-9][0-9]*)?(?P<point>\.(?P<precision>[0-9]*))?"
    r"(?:\[(?P<position>[1-9][0-9]*)\])?(?P<verb>[a-zA-Z]))"
)
_WIDEST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verb:
    kind: str
    flags: str
    width: int
    precision: int | None

    def padded(self, text: str) -> str:
        """The text in the width of the verb, filled with blanks or zeros."""
        missing = self.width - len(characters(text)) if self.width else 0
        fill = ("0" if "0" in self.flags else " ") * max(missing, 0)
        return text + fill if "-" in self.flags else fill + text


def _format(template: Value, *arguments: Value) -> Value:
    return text_value(_formatted(to_text(template), arguments))


def _formatted(template: str, arguments: tuple[Value, ...]) -> str:
    pieces: list[str] = []
    position, following, used = 0, 1, 0
    for match in _VERB.finditer(template):
        pieces.append(_literal(template[position : match.start()]))
        position = match.end()
        if match["percent"]:
            pieces.append("%")
            continue
        number = int(match["position"] or following)
        if number > len(arguments):
            raise EvaluationError("there are fewer arguments than verbs")
        pieces.append(_piece(_verb(match), arguments[number - 1]))
        following, used = number + 1, max(used, number)
    pieces.append(_literal(template[position:]))
    if used < len(arguments):
        raise EvaluationError("there are more arguments than verbs")
    return "".join(pieces)


def _literal(text: str) -> str:
    if "%" in text:
        raise EvaluationError("a verb of the format is not valid")
    return text


def _verb(match: re.Match[str]) -> _Verb:
    width, precision = int(match["width"] or 0), match["precision"]
    if width > _WIDEST or int(precision or 0) > _WIDEST:
        raise NotKnownError(Unknown(reason="format() to so many places is not followed"))
    return _Verb(
        kind=match["verb"],
        flags=match["flags"],
        width=width,
        precision=int(precision or 0) if match["point"] else None,
    )


def _piece(verb: _Verb, value: Value) -> str:
    if not fully_known(value):
        raise NotKnownError(merge_unknown([value], "a part of the text is not known"))
    if isinstance(value, Scalar) and value.value is None:
        if value.type is None:
            raise NotKnownError(Unknown(reason="format() of null depends on the version of Terraform"))
        if verb.kind != "v":
            raise EvaluationError("null cannot be formatted")
    if verb.kind in "vsqt":
        return _textual(verb, value)
    if verb.kind in "bdoxX":
        return _whole(verb, value)
    if verb.kind == "f":
        return _decimal(verb, value)
    if verb.kind in "eEgG":
        raise NotKnownError(Unknown(reason=f"format() with %{verb.kind} is not evaluated"))
    raise EvaluationError(f"there is no verb %{verb.kind}")


def _textual(verb: _Verb, value: Value) -> str:
    if verb.kind == "t":
        return "true" if to_bool(value) else "false"
    if verb.kind == "v":
        return verb.padded(_as_it_is(verb, value))
    text = to_text(value)
    if verb.precision:
        text = "".join(characters(text)[: verb.precision])
    return verb.padded(json_text(Scalar(value=text)) if verb.kind == "q" else text)


def _as_it_is(verb: _Verb, value: Value) -> str:
    if isinstance(value, Scalar) and "#" not in verb.flags and not isinstance(value.value, bool):
        if isinstance(value.value, str):
            return value.value
        if isinstance(value.value, int | Fraction):
            return show_short(value.value)
    return json_text(value)


_BASES: dict[str, str] = {"b": "b", "d": "d", "o": "o", "x": "x", "X": "X"}


def _whole(verb: _Verb, value: Value) -> str:
    found = to_number(value)
    if not isinstance(found, int):
        raise EvaluationError("a whole number is needed")
    if "#" in verb.flags or verb.precision is not None:
        raise NotKnownError(Unknown(reason="format() of whole numbers with # or a precision"))
    return _signed(verb, format(abs(found), _BASES[verb.kind]), negative=found < 0)


def _decimal(verb: _Verb, value: Value) -> str:
    found = Fraction(to_number(value))
    if "#" in verb.flags:
        raise NotKnownError(Unknown(reason="format() of numbers with #"))
    places = 6 if verb.precision is None else verb.precision
    digits = str(round(abs(found) * 10**places)).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return _signed(verb, text, negative=found < 0)


def _signed(verb: _Verb, digits: str, *, negative: bool) -> str:
    """A number in its width; zeros stand behind the sign."""
    sign = "-" if negative else "+" if "+" in verb.flags else " " if " " in verb.flags else ""
    if "-" in verb.flags:
        return (sign + digits).ljust(verb.width)
    if "0" in verb.flags:
        return sign + digits.rjust(verb.width - len(sign), "0")
    return (sign + digits).rjust(verb.width)


def _format_list(template: Value, *arguments: Value) -> Value:
    text = to_text(template)
    lists = [argument for argument in arguments if isinstance(argument, ListValue)]
    lengths = {len(one.items) for one in lists} or {1}
    if len(lengths) > 1:
        raise EvaluationError("the lists are not of the same length")
    rows = (
        tuple(one.items[row] if isinstance(one, ListValue) else one for one in arguments)
        for row in range(lengths.pop())
    )
    return list_value((text_value(_formatted(text, row)) for row in rows), "list", STRING)


FUNCTIONS: dict[str, Callable[..., Value]] = {"format": _format, "formatlist": _format_list}
