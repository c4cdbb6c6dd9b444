"""Raw values to milliseconds and counts, by the grammar of the component that reads them."""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from budgetcheck.facts.fact import AttemptsFact, Grammar
from budgetcheck.model.bound import UNLIMITED, Bound, exactly, of_cases, unknown
from budgetcheck.model.duration import MS_PER, parse_duration, scale_number, show_duration, whole_milliseconds
from budgetcheck.model.settings import Known, OneOf, Unresolved, Value

# nginx's ngx_parse_time for millisecond directives: descending units, each once, bare last part in seconds.
_NGINX_UNITS = ("w", "d", "h", "m", "s", "ms")
_NGINX_MS = {"w": 7 * 86_400_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_NGINX_PART = re.compile(r"(\d+)(ms|[wdhms])?( *)")


@lru_cache(maxsize=4_096, typed=True)
def milliseconds(value: str | float, grammar: Grammar, unit: str) -> int:
    """Milliseconds of a raw value. Raises ValueError with what is wrong and what to write instead."""
    if isinstance(value, bool):
        raise ValueError("is true or false; write a number")  # noqa: TRY004 - one kind of error for callers
    if grammar is Grammar.NGINX:
        return nginx_time(str(value))
    if grammar is Grammar.SECONDS_SUFFIX:
        return _seconds_suffix(str(value))
    if isinstance(value, int | float) or _is_number(value):
        number = scale_number(value, unit)
        if number < 0:
            raise ValueError("is negative")
        return number
    if grammar is Grammar.NUMBER:
        raise ValueError(f"is not a number of {_unit_name(unit)}")
    return parse_duration(value)


def nginx_time(text: str) -> int:
    """Milliseconds of an nginx time value (ngx_parse_time, src/core/ngx_parse.c).

    `90`, `90s`, `1m30s`, `1m 30s`, `1h 30`, `500ms`. Case matters; months and years are not accepted by
    millisecond directives; no fractions, no signs, no blanks between number and unit.
    """
    total, position, last = 0, 0, -1
    while position < len(text):
        match = _NGINX_PART.match(text, position)
        if not match:
            raise ValueError(f"nginx does not accept this as a time; write {_suggestion(text)}")
        number, unit, _ = match.groups()
        position = match.end()
        if unit is None and position < len(text):
            raise ValueError(f"nginx does not accept this as a time; write {_suggestion(text)}")
        order = _NGINX_UNITS.index(unit or "s")
        if order <= last:
            raise ValueError("nginx accepts each unit once, larger units first; write 1m30s or 1s500ms")
        last = order
        total += int(number) * _NGINX_MS[unit or "s"]
    if last < 0:
        raise ValueError("is empty; write 30s")
    return total


def attempts(value: Value, fact: AttemptsFact) -> Bound:
    """Attempts, the first included, of a written count. An invalid count is unknown, with the reason."""
    match value:
        case Known(value=raw):
            return _attempts_of(raw, fact)
        case OneOf(values=possible, reason=reason):
            found = [_attempts_of(raw, fact) for raw in possible]
            if not all(bound.exact for bound in found):
                return unknown(reason, low=1)
            places = value.cases or [None] * len(found)
            return of_cases(((one.low, where) for one, where in zip(found, places, strict=True)), reason)
        case Unresolved(reason=reason):
            return unknown(reason, low=1)


def show(bound: Bound) -> str:
    """A bound in words: `30 s`, `no limit`, `20 s or 30 s`, `1 s to 4000 s`, `unknown`."""
    if bound.exact:
        return show_duration(bound.low)
    if bound.choices:
        return " or ".join(show_duration(choice) for choice in bound.choices)
    if bound.high is None:
        return f"at least {show_duration(bound.low)}" if bound.low else "unknown"
    return f"{show_duration(bound.low)} to {show_duration(bound.high)}"


def _attempts_of(raw: object, fact: AttemptsFact) -> Bound:
    if raw is None and (fact.null_unlimited or fact.default is None):
        return UNLIMITED
    try:
        number = int(str(raw))
    except ValueError:
        return unknown(f"{fact.setting} is not a whole number", low=1)
    if number < 0:
        return unknown(f"{fact.setting} is negative", low=1)
    made = number + fact.retries
    return exactly(max(1, made if fact.most is None else min(made, fact.most)))


def _seconds_suffix(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d{1,9})?)s", text)
    if not match:
        raise ValueError("is not a duration in seconds with the unit s; write 300s")
    return whole_milliseconds(Decimal(match.group(1)) * MS_PER["s"])


def _is_number(text: str) -> bool:
    try:
        Decimal(text.strip())
    except InvalidOperation:
        return False
    return bool(re.fullmatch(r"[+-]?\d+(\.\d+)?", text.strip()))


def _unit_name(unit: str) -> str:
    return {"ms": "milliseconds", "s": "seconds", "m": "minutes"}[unit]


def _suggestion(text: str) -> str:
    """A spelling that nginx accepts for what was probably meant, or an example."""
    meant = re.fullmatch(
        r"(\d+(?:\.\d+)?)\s*(ms|s|sec|secs|seconds?|m|min|mins|minutes?)?", text.strip().lower()
    )
    if not meant:
        return "30s, 1m30s or 500ms"
    unit = (meant.group(2) or "s")[:2]
    scale = {"ms": 1, "s": 1_000, "se": 1_000, "m": 60_000, "mi": 60_000}[unit]
    total = whole_milliseconds(Decimal(meant.group(1)) * scale)
    return f"{total // 1_000}s" if total % 1_000 == 0 else f"{total}ms"
