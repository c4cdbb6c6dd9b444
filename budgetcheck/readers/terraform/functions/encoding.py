"""JSON, YAML, Base64 and hashes. Encoding keeps what is known of a value that is only partly known."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from fractions import Fraction

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
)

_DEEPEST = 60


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
    if plain is None or isinstance(plain, str | bool | int):
        return plain
    if isinstance(plain, float) and abs(plain) < 1e300:
        return number(Fraction(repr(plain)))
    raise NotKnownError(Unknown(reason="the data holds something that is not text, number or boolean"))


def _json_encode(value: Value) -> Value:
    if isinstance(value, Encoded):
        raise NotKnownError(Unknown(reason="an encoded text is encoded again", refs=value.refs))
    if not fully_known(value):
        return Encoded(inner=value)
    text = json.dumps(to_plain(value), separators=(",", ":"), ensure_ascii=False)
    return Scalar(value=text, pieces=(Piece(value=Encoded(inner=value)),))


def _json_decode(text: Value) -> Value:
    if isinstance(text, Encoded):
        return text.inner
    try:
        return from_plain(json.loads(to_text(text)))
    except (ValueError, RecursionError):
        raise EvaluationError("the text is not valid JSON") from None


def _yaml_decode(text: Value) -> Value:
    import yaml  # only where a configuration really decodes YAML

    if isinstance(text, Encoded):
        return text.inner
    try:
        return from_plain(yaml.safe_load(to_text(text)))
    except (yaml.YAMLError, ValueError, RecursionError):
        raise EvaluationError("the text is not valid YAML") from None


def _yaml_encode(value: Value) -> Value:
    # JSON is YAML: nobody compares the text itself, it is only ever decoded again.
    return _json_encode(value)


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


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "jsonencode": _json_encode,
    "jsondecode": _json_decode,
    "yamlencode": _yaml_encode,
    "yamldecode": _yaml_decode,
    "base64encode": _base64_encode,
    "base64decode": _base64_decode,
    "md5": _hash("md5"),
    "sha1": _hash("sha1"),
    "sha256": _hash("sha256"),
    "sha512": _hash("sha512"),
}
