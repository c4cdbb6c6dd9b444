"""Text functions."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import quote_plus

from budgetcheck.readers.terraform.access import items_of
from budgetcheck.readers.terraform.functions.numbers import whole
from budgetcheck.readers.terraform.functions.regular import Pattern, PatternError, UnsupportedPatternError
from budgetcheck.readers.terraform.operators import to_text
from budgetcheck.readers.terraform.template import SPACES
from budgetcheck.readers.terraform.types import STRING, TupleType, Type, object_type
from budgetcheck.readers.terraform.values import (
    EvaluationError,
    NotKnownError,
    Piece,
    Scalar,
    Unknown,
    Value,
    list_value,
    map_value,
)

_LONGEST = 500_000
_FIRST_COMBINING = "\u0300"
"""From here on a character may be a part of the one before it."""


def text_value(text: str) -> Scalar:
    """A text as Terraform holds it. Raises NotKnownError where it is too long."""
    if len(text) > _LONGEST:
        raise NotKnownError(Unknown(reason=f"a text of more than {_LONGEST} characters is not followed"))
    return Scalar(value=text if text.isascii() else unicodedata.normalize("NFC", text))


def characters(text: str) -> list[str]:
    """What a person calls characters. Raises NotKnownError where that takes more than looking at codes."""
    if any(character >= _FIRST_COMBINING for character in text) or "\r\n" in text:
        raise NotKnownError(Unknown(reason="characters beyond Latin ones are not counted"))
    return list(text)


def _join(separator: Value, *lists: Value) -> Value:
    if not lists:
        raise EvaluationError("at least one list is needed")
    items = [item for values in lists for item in items_of(values)]
    between = to_text(separator)
    pieces = [Piece(value=piece) for item in items for piece in (Scalar(value=between), item)]
    try:
        text = between.join(map(to_text, items))
    except NotKnownError as error:
        return replace(error.value, pieces=tuple(pieces[1:]))
    return replace(text_value(text), pieces=tuple(pieces[1:]) if any(mark in text for mark in "{[") else ())


def _split(separator: Value, text: Value) -> Value:
    mark, found = to_text(separator), to_text(text)
    pieces = found.split(mark) if mark else list(found)
    return list_value((Scalar(value=piece) for piece in pieces), "list", STRING)


def _pattern(text: str) -> Pattern:
    """Raises EvaluationError for what is no pattern, NotKnownError for one that is not supported."""
    try:
        return Pattern(text)
    except PatternError as error:
        raise EvaluationError(f"the pattern is not valid: {error}") from None
    except UnsupportedPatternError as error:
        raise NotKnownError(Unknown(reason=f"a regular expression is not evaluated: {error}")) from None


def _replace(text: Value, old: Value, new: Value) -> Value:
    found, pattern, replacement = to_text(text), to_text(old), to_text(new)
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        return _guarded(lambda: text_value(_pattern(pattern[1:-1]).replace(found, replacement)))
    if len(replacement) * (found.count(pattern) + 1) > _LONGEST:
        raise NotKnownError(Unknown(reason=f"a text of more than {_LONGEST} characters is not followed"))
    return text_value(found.replace(pattern, replacement))


def _guarded(compute: Callable[[], Value]) -> Value:
    try:
        return compute()
    except UnsupportedPatternError as error:
        raise NotKnownError(Unknown(reason=f"a regular expression is not evaluated: {error}")) from None


def _regex(pattern: Value, text: Value) -> Value:
    compiled, found = _pattern(to_text(pattern)), to_text(text)

    def first() -> Value:
        match = next(compiled.matches(found), None)
        if match is None:
            raise EvaluationError("the pattern matches nothing in the text")
        return _captured(compiled, match, found)

    return _guarded(first)


def _regex_all(pattern: Value, text: Value) -> Value:
    compiled, found = _pattern(to_text(pattern)), to_text(text)
    names = compiled.names
    element: Type = STRING
    if names:
        strings = (STRING,) * len(names)
        element = object_type(dict.fromkeys(names, STRING)) if all(names) else TupleType(strings)
    return _guarded(
        lambda: list_value(
            (_captured(compiled, match, found) for match in compiled.matches(found)), "list", element
        )
    )


def _captured(pattern: Pattern, match: tuple[int, ...], text: str) -> Value:
    """The whole match, the tuple of its groups, or the object of its named groups."""
    spans = list(zip(match[::2], match[1::2], strict=True))
    values = [
        Scalar(value=text[start:end]) if start >= 0 else Scalar(value=None, type=STRING)
        for start, end in spans
    ]
    names = pattern.names
    if not names:
        return values[0]
    if any(names) and not all(names):
        raise EvaluationError("named and unnamed groups are mixed")
    if all(names):
        return map_value(dict(zip(names, values[1:], strict=True)))
    return list_value(values[1:])


def _substring(text: Value, offset: Value, length: Value) -> Value:
    found, start, count = characters(to_text(text)), whole(offset), whole(length)
    if start < 0:
        start += len(found)
    elif count == 0:
        return Scalar(value="")
    rest = found[max(start, 0) :]
    if start > 0 and start >= len(found):
        return Scalar(value="")
    return text_value("".join(rest if count < 0 else rest[:count] if count else rest))


def _cased(text: Value, change: Callable[[str], str]) -> Value:
    """Character by character, as Go does; where that makes several of one, the languages differ."""
    changed = [change(character) for character in to_text(text)]
    if any(len(character) != 1 for character in changed):
        raise NotKnownError(Unknown(reason="the case of special letters is not changed"))
    return text_value("".join(changed))


def _title(text: Value) -> Value:
    before = " "
    changed: list[str] = []
    for character in to_text(text):
        changed.append(character.upper() if _separates(before) else character)
        before = character
    if any(len(character) != 1 for character in changed):
        raise NotKnownError(Unknown(reason="the case of special letters is not changed"))
    return text_value("".join(changed))


def _separates(character: str) -> bool:
    if character.isascii():
        return not (character.isalnum() or character == "_")
    return not character.isalnum() and character in SPACES


def _indent(spaces: Value, text: Value) -> Value:
    count, found = whole(spaces), to_text(text)
    if count < 0:
        raise EvaluationError("a number of spaces cannot be negative")
    if count * (found.count("\n") + 1) > _LONGEST:
        raise NotKnownError(Unknown(reason="indent() with so many spaces is not followed"))
    return text_value(found.replace("\n", "\n" + " " * count))


def _base_name(path: Value) -> Value:
    found = to_text(path)
    return Scalar(value=PurePosixPath(found).name or ("/" if found.startswith("/") else "."))


def _directory(path: Value) -> Value:
    found = to_text(path)
    if ".." in found or "//" in found or "/./" in found:
        raise NotKnownError(Unknown(reason="dirname() of a path that is not plain is not evaluated"))
    head = found.rpartition("/")[0].removeprefix("./")
    return Scalar(value=head or ("/" if found.startswith("/") else "."))


def _expanded(path: Value) -> Value:
    found = to_text(path)
    if found.startswith("~"):
        raise NotKnownError(Unknown(reason="the home directory of whoever runs Terraform is not known"))
    return Scalar(value=found)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "basename": _base_name,
    "chomp": lambda text: text_value(to_text(text).rstrip("\r\n")),
    "dirname": _directory,
    "endswith": lambda text, end: Scalar(value=to_text(text).endswith(to_text(end))),
    "indent": _indent,
    "join": _join,
    "lower": lambda text: _cased(text, str.lower),
    "pathexpand": _expanded,
    "regex": _regex,
    "regexall": _regex_all,
    "replace": _replace,
    "split": _split,
    "startswith": lambda text, start: Scalar(value=to_text(text).startswith(to_text(start))),
    "strcontains": lambda text, part: Scalar(value=to_text(part) in to_text(text)),
    "strrev": lambda text: text_value("".join(reversed(characters(to_text(text))))),
    "substr": _substring,
    "title": _title,
    "trim": lambda text, cut: text_value(to_text(text).strip(to_text(cut))),
    "trimprefix": lambda text, start: text_value(to_text(text).removeprefix(to_text(start))),
    "trimspace": lambda text: text_value(to_text(text).strip(SPACES)),
    "trimsuffix": lambda text, end: text_value(to_text(text).removesuffix(to_text(end))),
    "upper": lambda text: _cased(text, str.upper),
    "urlencode": lambda text: Scalar(value=quote_plus(to_text(text), safe="~")),
}
