"""Picking from decoded JSON and YAML documents: an entry that is missing is no error there."""

from budgetcheck.readers.terraform.catalogue.settings import text
from budgetcheck.readers.terraform.values import ListValue, MapValue, Unknown, Value


def entry(value: Value | None, *names: str) -> Value | None:
    """What stands at a path of keys; unknown where a part of the way is, None where there is nothing."""
    for name in names:
        if isinstance(value, Unknown):
            return value
        value = value.entries.get(name) if isinstance(value, MapValue) else None
    return value


def elements(value: Value | None) -> tuple[Value, ...]:
    """The elements of a list; none where it is no list, or not known."""
    return value.items if isinstance(value, ListValue) else ()


def text_of(value: Value | None) -> str:
    """A known text; empty where it is missing or not known."""
    return text(value) if value is not None else ""
