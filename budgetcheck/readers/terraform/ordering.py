"""The order and identity of a set's elements.

Terraform walks over a set of texts or numbers in their natural order, over a set of anything else in the
order of a text that stands for each element
(https://github.com/zclconf/go-cty/blob/main/cty/set_internals.go).
"""

import re
from collections.abc import Iterable
from fractions import Fraction

from budgetcheck.readers.terraform.values import (
    Handle,
    ListValue,
    MapValue,
    NotKnownError,
    Scalar,
    Value,
    content,
    fully_known,
    merge_unknown,
)


def set_items(items: Iterable[Value]) -> list[Value]:
    """The elements of a set: each once, in Terraform's order; as written where parts are not known.

    Raises NotKnownError where it is not known which of them are alike.
    """
    distinct = distinct_items(items)
    if not all(fully_known(item) for item in distinct):
        return distinct
    present = [item for item in distinct if not _is_null(item)]
    nulls = [item for item in distinct if _is_null(item)]
    if all(isinstance(item, Scalar) for item in present):
        return sorted(present, key=_natural) + nulls
    return sorted(present, key=lambda item: _stand_in(item).encode()) + nulls


def distinct_items(items: Iterable[Value]) -> list[Value]:
    """Each element once. Raises NotKnownError where it is not known which of them are alike."""
    held = list(items)
    unknown = [item for item in held if not fully_known(item) and not isinstance(item, Handle | MapValue)]
    if unknown and len(held) > 1:
        raise NotKnownError(merge_unknown(unknown, "an element of the list is not known"))
    found: dict[object, Value] = {}
    for item in held:
        found.setdefault(content(item), item)
    return list(found.values())


def _is_null(value: Value) -> bool:
    return isinstance(value, Scalar) and value.value is None


def _natural(value: Value) -> tuple[int, str | int | Fraction | bool]:
    atom = value.value if isinstance(value, Scalar) else None
    return (1, atom) if isinstance(atom, str) else (0, atom or 0)


def _stand_in(value: Value) -> str:
    match value:
        case Scalar(value=None):
            return "~"
        case Scalar(value=bool() as flag):
            return "T" if flag else "F"
        case Scalar(value=str() as text):
            return _quoted(text)
        case Scalar(value=number):
            return f"{float(number or 0):.10g}"
        case ListValue(items=items, kind=kind):
            inside = "".join(f"{_stand_in(item)};" for item in items)
            return f"<{inside}>" if kind == "tuple" else f"[{inside}]"
        case MapValue(entries=entries, kind="object"):
            return f"<{''.join(f'{_stand_in(entry)};' for _, entry in sorted(entries.items()))}>"
        case MapValue(entries=entries):
            pairs = (f"{_quoted(key)}:{_stand_in(entry)};" for key, entry in sorted(entries.items()))
            return f"{{{''.join(pairs)}}}"
        case _:
            return "?"


_ESCAPES = {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"}


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return (
        '"'
        + re.sub(r"[\x00-\x1f\x7f]", lambda m: _ESCAPES.get(m.group(), f"\\x{ord(m.group()):02x}"), escaped)
        + '"'
    )
