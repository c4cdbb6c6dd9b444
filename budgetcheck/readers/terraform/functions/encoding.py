"""JSON, YAML, Base64 and hashes. Encoding keeps what is known of a value that is only partly known."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from budgetcheck.readers.terraform.functions.strings import text_value
from budgetcheck.readers.terraform.numerals import rounded, show_number
from budgetcheck.readers.terraform.operators import to_text
from budgetcheck.readers.terraform.syntax import Atom
from budgetcheck.readers.terraform.values import (
    Encoded,
    EvaluationError,
    ListValue,
    MapValue,
    NotKnownError,
    Piece,
    Scalar,
    Unknown,
    Value,
    fully_known,
    list_value,
    map_value,
    number,
    via,
)

_DEEPEST = 60
_LARGEST = 1e300


def to_plain(value: Value) -> object:
    """A fully known value as lists, dicts and atoms."""
    match value:
        case ListValue(items=items):
            return [to_plain(item) for item in items]
        case MapValue(entries=entries):
            return {key: to_plain(entry) for key, entry in sorted(entries.items())}
        case Scalar(value=Fraction() as fraction):
            return float(fraction)
        case Scalar(value=inner):
            return inner
        case _:
            raise NotKnownError(Unknown(reason="a part of the value is not known"))


def from_plain(plain: object, depth: int = 0) -> Value:
    """A value of decoded data. Raises NotKnownError for what Terraform has no type for."""
    if depth > _DEEPEST:
        raise NotKnownError(Unknown(reason="the data is nested too deeply"))
    if isinstance(plain, list):
        return list_value(from_plain(item, depth + 1) for item in plain)
    if isinstance(plain, dict):
        return map_value({_key(key): from_plain(item, depth + 1) for key, item in plain.items()})
    return Scalar(value=_atom(plain))


def _key(key: object) -> str:
    atom = _atom(key)
    if atom is None:
        raise NotKnownError(Unknown(reason="null is a key"))
    return to_text(Scalar(value=atom))


def _atom(plain: object) -> Atom:
    match plain:
        case None | bool():
            return plain
        case str():
            return text_value(plain).value
        case int() | Fraction():
            return number(rounded(plain))
        case float() if abs(plain) < _LARGEST:
            return number(rounded(Fraction(repr(plain))))
        case _:
            raise NotKnownError(
                Unknown(reason="the data holds something that is not text, number or boolean")
            )


def json_text(value: Value) -> str:
    """A fully known value as JSON, letter by letter as Terraform writes it."""
    match value:
        case Scalar(value=None):
            return "null"
        case Scalar(value=bool() as flag):
            return "true" if flag else "false"
        case Scalar(value=str() as text):
            return _HTML.sub(_escaped, json.dumps(text, ensure_ascii=False))
        case Scalar(value=int() | Fraction() as found):
            return show_number(found)
        case ListValue(items=items):
            return f"[{','.join(json_text(item) for item in items)}]"
        case MapValue(entries=entries):
            pairs = (f"{json_text(Scalar(value=key))}:{json_text(entries[key])}" for key in sorted(entries))
            return f"{{{','.join(pairs)}}}"
        case _:
            raise NotKnownError(Unknown(reason="a part of the value is not known"))


_HTML = re.compile("[<>&\u2028\u2029]")


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def _json_encode(value: Value) -> Value:
    if isinstance(value, Encoded):
        raise NotKnownError(Unknown(reason="an encoded text is encoded again", refs=value.refs))
    if not fully_known(value):
        return Encoded(inner=value)
    pieces = (Piece(value=Encoded(inner=value)),) if isinstance(value, ListValue | MapValue) else ()
    return replace(text_value(json_text(value)), pieces=pieces)


def _json_decode(text: Value) -> Value:
    if isinstance(text, Encoded):
        return _decoded(text, "json")
    try:
        plain = json.loads(
            to_text(text), parse_float=Fraction, parse_constant=_refused, object_pairs_hook=_once_each
        )
        return from_plain(plain)
    except (ValueError, RecursionError):
        raise EvaluationError("the text is not valid JSON") from None


def _refused(constant: str) -> object:
    raise ValueError(constant)  # NaN and Infinity, which Python reads and JSON does not have


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotKnownError(Unknown(reason="an object of a JSON text has two properties of one name"))
    return found


def _decoded(text: Encoded, syntax: str) -> Value:
    """What a text was encoded from, as far as decoding it again brings it back: all lists are tuples then."""
    if text.syntax != syntax:
        raise NotKnownError(Unknown(reason="a text is encoded one way and decoded another", refs=text.refs))
    return _structural(text.inner)


def _structural(value: Value) -> Value:
    match value:
        case ListValue(items=items):
            return via(list_value(_structural(item) for item in items), value.trail, value.refs)
        case MapValue(entries=entries):
            held = {key: _structural(entry) for key, entry in entries.items()}
            return via(map_value(held), value.trail, value.refs)
        case _:
            return value


def _yaml_decode(text: Value) -> Value:
    from budgetcheck.readers.terraform.functions.yaml_text import decode  # and with it the YAML library

    return _decoded(text, "yaml") if isinstance(text, Encoded) else decode(to_text(text))


def _yaml_encode(value: Value) -> Value:
    from budgetcheck.readers.terraform.functions.yaml_text import encode

    if isinstance(value, Encoded):
        raise NotKnownError(Unknown(reason="an encoded text is encoded again", refs=value.refs))
    if not fully_known(value):
        return Encoded(inner=value, syntax="yaml")
    pieces = (Piece(value=Encoded(inner=value, syntax="yaml")),)
    return replace(text_value(encode(value)), pieces=pieces)


def _base64_encode(text: Value) -> Value:
    return Scalar(value=base64.b64encode(to_text(text).encode()).decode())


def _base64_decode(text: Value) -> Value:
    try:
        return Scalar(value=base64.b64decode(to_text(text), validate=True).decode())
    except (binascii.Error, ValueError):
        raise EvaluationError("the text is not Base64") from None


def _hash(algorithm: str) -> Callable[[Value], Value]:
    # Names and keys are made of hashes; nothing here is secured by them.
    return lambda text: Scalar(
        value=hashlib.new(algorithm, to_text(text).encode(), usedforsecurity=False).hexdigest()
    )


def _base64_hash(algorithm: str) -> Callable[[Value], Value]:
    def compute(text: Value) -> Value:
        digest = hashlib.new(algorithm, to_text(text).encode(), usedforsecurity=False).digest()
        return Scalar(value=base64.b64encode(digest).decode())

    return compute


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "jsonencode": _json_encode,
    "jsondecode": _json_decode,
    "yamlencode": _yaml_encode,
    "yamldecode": _yaml_decode,
    "base64encode": _base64_encode,
    "base64decode": _base64_decode,
    "base64sha256": _base64_hash("sha256"),
    "base64sha512": _base64_hash("sha512"),
    "md5": _hash("md5"),
    "sha1": _hash("sha1"),
    "sha256": _hash("sha256"),
    "sha512": _hash("sha512"),
}
