"""Durations as people write and read them: integer milliseconds inside, `1m30s` and `61.5 s` outside."""

import re
from decimal import Decimal, InvalidOperation

MS_PER = {"ms": 1, "s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|min|s|m|h|d)")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+")


def parse_duration(text: str) -> int:
    """Milliseconds of `20s`, `1m30s`, `500ms`, `2.5s`, `1h`: a unit is required on every part.

    This is the grammar of budgetcheck's own documents. Components have grammars of their own, see
    `resolve`. Raises ValueError with a sentence that says what to write instead.
    """
    compact = text.strip().replace(" ", "")
    if not _WHOLE.fullmatch(compact):
        raise ValueError(f"{text!r} is not a duration; write a number with a unit: 500ms, 20s, 1m30s or 2h")
    total = sum(Decimal(number) * MS_PER[unit] for number, unit, *_ in _PART.findall(compact))
    return whole_milliseconds(total)


def scale_number(number: int | float | str, unit: str) -> int:
    """Milliseconds of a bare number in `unit` (a key of MS_PER). Raises ValueError when it is not one."""
    try:
        return whole_milliseconds(Decimal(str(number)) * MS_PER[unit])
    except InvalidOperation:
        raise ValueError(f"{number!r} is not a number") from None


def whole_milliseconds(value: Decimal | int) -> int:
    """Rounds a fraction of a millisecond up: a bound must never come out too small."""
    whole = int(value)
    return whole if whole == value else whole + (1 if value > 0 else 0)


def show_duration(milliseconds: int | None) -> str:
    """Text for people: `0 s`, `250 ms`, `61.5 s`, `1801.5 s`, `no limit` for None.

    Seconds are kept up to two hours because limits are compared in seconds; beyond that hours read
    better (`12 h`).
    """
    if milliseconds is None:
        return "no limit"
    if 0 < milliseconds < 1_000:
        return f"{milliseconds} ms"
    if milliseconds > 2 * MS_PER["h"] and milliseconds % (MS_PER["h"] // 2) == 0:
        return f"{_trim(Decimal(milliseconds) / MS_PER['h'])} h"
    return f"{_trim(Decimal(milliseconds) / 1_000)} s"


def literal_duration(milliseconds: int) -> str:
    """A literal with unit that nginx, Go, and budgetcheck's own documents all accept: `65s`, `1500ms`."""
    return f"{milliseconds // 1_000}s" if milliseconds % 1_000 == 0 else f"{milliseconds}ms"


def _trim(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
