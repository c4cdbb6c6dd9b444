"""`yamldecode` and `yamlencode`, which read plain words by rules of their own.

Plain `on` is true, `010` is ten, `2024-01-01` is a text with a time, `12:30` is a text
(https://github.com/zclconf/go-cty-yaml/blob/master/resolve.go).
"""

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import yaml

from budgetcheck.readers.terraform.numerals import show_number
from budgetcheck.readers.terraform.operators import to_number, to_text
from budgetcheck.readers.terraform.values import (
    EvaluationError,
    ListValue,
    MapValue,
    NotKnownError,
    Scalar,
    Unknown,
    Value,
    list_value,
    map_value,
)

_MOST_NODES = 20_000
_DEEPEST = 60
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_RADIX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)")
_TAG = "tag:yaml.org,2002:"


def decode(text: str) -> Value:
    """The data of a YAML text. Raises EvaluationError where it is none, NotKnownError where it is unusual."""
    try:
        return _Reader(text or "\n").document()
    except (yaml.YAMLError, ValueError, RecursionError):
        raise EvaluationError("the text is not valid YAML") from None


class _Reader:
    def __init__(self, text: str) -> None:
        self.events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=yaml.SafeLoader))
        self.anchors: dict[str, Value] = {}
        self.count = 0

    def document(self) -> Value:
        next(self.events)  # the beginning of the stream
        if not isinstance(next(self.events), yaml.DocumentStartEvent):
            raise EvaluationError("the text holds no YAML document")
        found = self.value(next(self.events), 0)
        next(self.events)
        if not isinstance(next(self.events), yaml.StreamEndEvent):
            raise EvaluationError("the text holds several YAML documents")
        return found

    def value(self, event: yaml.Event, depth: int) -> Value:
        self.count += 1
        if self.count > _MOST_NODES or depth > _DEEPEST:
            raise NotKnownError(Unknown(reason="the YAML text is too large to be followed"))
        match event:
            case yaml.AliasEvent():
                if event.anchor not in self.anchors:
                    raise EvaluationError("an alias in the YAML text has no anchor")
                return self.anchors[event.anchor]
            case yaml.ScalarEvent():
                found: Value = _scalar(event)
            case yaml.SequenceStartEvent():
                _only(event.tag, "seq")
                found = list_value(self.items(depth))
            case yaml.MappingStartEvent():
                _only(event.tag, "map")
                found = map_value(self.entries(depth))
            case _:
                raise EvaluationError("the text is not valid YAML")
        if event.anchor:
            self.anchors[event.anchor] = found
        return found

    def items(self, depth: int) -> Iterator[Value]:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self.value(event, depth + 1)

    def entries(self, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise EvaluationError("a key of the YAML text is no text")
            if event.value == "<<" and event.tag is None and event.implicit[0]:
                found |= _merged(self.value(next(self.events), depth + 1))
                continue
            key = to_text(_scalar(event))
            found[key] = self.value(next(self.events), depth + 1)
        return found


def _only(tag: str | None, kind: str) -> None:
    if tag not in (None, "!", _TAG + kind):
        raise EvaluationError("a tag of the YAML text is not supported")


def _merged(value: Value) -> dict[str, Value]:
    maps = value.items if isinstance(value, ListValue) else (value,)
    found: dict[str, Value] = {}
    for one in maps:
        if not isinstance(one, MapValue):
            raise EvaluationError("something else than a mapping is merged into one")
        found |= one.entries
    return found


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    if event.tag not in (None, "!"):
        if event.tag != _TAG + "str":
            raise NotKnownError(Unknown(reason="a tag of a YAML text is not followed"))
        return Scalar(value=event.value)
    if event.style is not None or event.tag == "!":
        return Scalar(value=event.value)
    return _plain(event.value)


def _plain(text: str) -> Scalar:
    if text in _WORDS:
        return Scalar(value=_WORDS[text])
    if _SPECIAL.fullmatch(text):
        raise NotKnownError(Unknown(reason="a number of the YAML text is infinite or none at all"))
    if re.match(r"\d{4}-", text):
        return _time(text)
    if _WHOLE.fullmatch(text) or _DECIMAL.fullmatch(text):
        return Scalar(value=to_number(Scalar(value=text)))
    if _RADIX.fullmatch(text):
        return Scalar(value=int(text, 0))
    return Scalar(value=text)


def _time(text: str) -> Scalar:
    """A date is a text with the time added; with a time of its own it is not followed."""
    found = _DATE.fullmatch(text)
    if found is None:
        if _DATE.match(text):
            raise NotKnownError(Unknown(reason="a time in the YAML text is not followed"))
        return Scalar(value=text)
    try:
        day = date(*(int(part) for part in found.groups()))
    except ValueError:
        return Scalar(value=text)
    return Scalar(value=f"{day.isoformat()}T00:00:00Z")


def encode(value: Value) -> str:
    """A fully known value as YAML, letter by letter as Terraform writes it."""
    start = [yaml.StreamStartEvent(), yaml.DocumentStartEvent(explicit=False)]
    end = [yaml.DocumentEndEvent(explicit=False), yaml.StreamEndEvent()]
    return str(yaml.emit([*start, *_events(value), *end], allow_unicode=True))


def _events(value: Value) -> Iterator[yaml.Event]:
    match value:
        case ListValue(items=items):
            yield yaml.SequenceStartEvent(None, None, implicit=True, flow_style=False)
            for item in items:
                yield from _events(item)
            yield yaml.SequenceEndEvent()
        case MapValue(entries=entries):
            yield yaml.MappingStartEvent(None, None, implicit=True, flow_style=False)
            if "" in entries:
                raise NotKnownError(Unknown(reason="yamlencode() with an empty key is not evaluated"))
            for key in sorted(entries):
                yield from _events(Scalar(value=key))
                yield from _events(entries[key])
            yield yaml.MappingEndEvent()
        case Scalar(value=str() as text):
            yield _text_event(text, "|" if "\n" in text else '"')
        case Scalar(value=None):
            yield _text_event("null", "")
        case Scalar(value=bool() as flag):
            yield _text_event("true" if flag else "false", "")
        case Scalar(value=int() | Fraction() as found):
            yield _text_event(show_number(found), "")
        case _:
            raise NotKnownError(Unknown(reason="a part of the value is not known"))


def _text_event(text: str, style: str) -> yaml.Event:
    return yaml.ScalarEvent(None, None, (True, True), text, style=style or None)
