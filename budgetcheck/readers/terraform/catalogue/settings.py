"""From evaluated attributes to settings: what is written, with its whole way from the literal."""

from fractions import Fraction

from budgetcheck.model.settings import Known, OneOf, Scalar, Setting, Unresolved
from budgetcheck.model.settings import Value as SettingValue
from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.access import pairs_of
from budgetcheck.readers.terraform.instances import Found, Item, Resource
from budgetcheck.readers.terraform.operators import to_number, to_text
from budgetcheck.readers.terraform.values import (
    Choice,
    EvaluationError,
    NotKnownError,
    Unknown,
    Value,
    join_trails,
)
from budgetcheck.readers.terraform.values import Scalar as ScalarValue

DEFAULT_NEEDS = "write the value itself, or a reference to a variable or local value"
"""How to supply a value of which nothing better is known."""


def setting(item: Item, path: str, *, name: str = "", label: str = "") -> Setting | None:
    """The setting at an attribute path; None where it is not written or null, which is the same thing."""
    found = item.find(path)
    if found is None:
        return None
    return _setting(found, join_trails((found.span,), found.value.trail), name or path, label)


def setting_in_document(value: Value | None, span: Span, *, name: str, label: str = "") -> Setting | None:
    """The setting that an entry of a JSON or YAML document is; None where it is not there, or null.

    `span` is the place of the document, for entries that do not know their own.
    """
    if value is None:
        return None
    return _setting(Found(value=value, span=span), value.trail or (span,), name, label)


def _setting(found: Found, spans: tuple[Span, ...], name: str, label: str) -> Setting | None:
    value = _setting_value(found)
    if isinstance(value, Known) and value.value is None:
        return None
    return Setting(name=name, value=value, spans=spans, label=label)


def _setting_value(found: Found) -> SettingValue:
    value = found.value
    if isinstance(value, Choice):
        options = [_atom(option) for option in value.options]
        if not any(option is _NO_ATOM for option in options):
            atoms = tuple(option for option in options if not isinstance(option, _NoAtom))
            return OneOf(values=atoms if found.certain else (*atoms, None), reason=value.reason)
        return Unresolved(reason=value.reason, needs=DEFAULT_NEEDS)
    atom = _atom(value)
    if isinstance(atom, _NoAtom):
        reason = value.reason if isinstance(value, Unknown) else "it is not a plain value"
        needs = value.needs if isinstance(value, Unknown) else ""
        return Unresolved(reason=reason, needs=needs or DEFAULT_NEEDS)
    if not found.certain and atom is not None:
        return OneOf(values=(atom, None), reason="it is not known whether the block that sets it is there")
    return Known(value=atom)


class _NoAtom:
    """Stands for a value that is no text, number or boolean."""


_NO_ATOM = _NoAtom()


def _atom(value: Value) -> Scalar | _NoAtom:
    if not isinstance(value, ScalarValue):
        return _NO_ATOM
    if isinstance(value.value, Fraction):
        return float(value.value)
    return value.value


def text(value: Value) -> str:
    """A known text; empty where it is null or not known."""
    try:
        return to_text(value)
    except (NotKnownError, EvaluationError):
        return ""


def whole(value: Value) -> int:
    """A known whole number; 0 where it is null or not known."""
    try:
        number = to_number(value)
    except (NotKnownError, EvaluationError):
        return 0
    return number if isinstance(number, int) else 0


def texts(value: Value) -> list[str] | None:
    """A list of known texts; None where any of it is not known. Null is an empty list."""
    if isinstance(value, ScalarValue) and value.value is None:
        return []
    try:
        found = [text(item) for _, item in pairs_of(value)]
    except (NotKnownError, EvaluationError):
        return None
    return found if all(found) else None


GENERIC_LABELS = frozenset({"this", "main", "default"})
"""Labels that say nothing about what they stand for: no name to find anything by."""


def known_name(resource: Resource) -> str:
    """What a resource is called: its key in `for_each`, else its label, or its name where that is generic."""
    if isinstance(resource.instance.key, str):
        return resource.instance.key
    if resource.label in GENERIC_LABELS:
        return text(resource.value("name")) or resource.label
    return resource.label


def known_names(resource: Resource, attribute: str) -> tuple[str, ...]:
    """All names a resource can be found by: the one it is given, its key in `for_each`, its label."""
    key = resource.instance.key
    label = "" if resource.label in GENERIC_LABELS else resource.label
    names = (text(resource.value(attribute)), key if isinstance(key, str) else "", label)
    return tuple(name for name in dict.fromkeys(names) if name)


def trait(item: Item, path: str, default: str) -> str:
    """A text that chooses among facts: the default where it is not written, `unknown` where not known."""
    found = item.find(path)
    if found is None or (isinstance(found.value, ScalarValue) and found.value.value is None):
        return default
    return text(found.value) or "unknown"


def place(item: Item, *names: str) -> Span:
    """Where the first of these attributes is written, else where the block is."""
    for name in names:
        found = item.written(name)
        if found is not None and name in item.block.attributes:
            return found.span
    return item.block.span
