"""From single values of manifests to settings in the words of the facts."""

import re
from collections.abc import Callable
from dataclasses import replace

from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Known, Problem, ProblemKind, Setting, Unresolved, Value
from budgetcheck.model.span import Span
from budgetcheck.readers.kubernetes.trees import Scalar

RENDER = "render the chart with helm template and give the output"

_SHOWN = re.compile(r"-?\d[\d.]{0,12}\s?[A-Za-z]{0,5}|true|false|on|off", re.IGNORECASE)
_FILLED_IN = re.compile(r"\$\(|\$\{|\{\{|\$[A-Z_]{2,}|^<[\w-]+>$|^__\w+__$|^%\w+%$")
_INTEGER = re.compile(r"[+-]?\d+")  # what strconv.Atoi takes


def setting(
    name: str, found: Scalar, key: str, *, label: str = "", origin: Origin = Origin.WRITTEN
) -> Setting:
    """A value as a setting; `key` is what it is called where it is written."""
    return Setting(
        name=name,
        value=value_of(found),
        spans=(shown(found, key), *found.steps),
        origin=Origin.UNRESOLVED if isinstance(value_of(found), Unresolved) else origin,
        label=label,
    )


def value_of(found: Scalar) -> Value:
    """The value, or why it is not known."""
    if not found.unknown and _FILLED_IN.search(found.text):
        return Unresolved(
            reason="it is filled in by another tool", needs="give the manifest as it is applied"
        )
    if found.unknown:
        return Unresolved(reason=found.unknown, needs=RENDER)
    return Known(value=found.text if isinstance(found.value, str | float) else found.value)


def shown(found: Scalar, key: str) -> Span:
    """Where a value stands; its text only where it is a number, a time or a switch."""
    text = f"{key}: {found.text}" if not found.unknown and _SHOWN.fullmatch(found.text.strip()) else key
    return replace(found.span, text=text)


Check = Callable[[str], str]
"""What is wrong with a value, which the controller then passes over; empty where it takes it."""


def whole_seconds(value: str) -> str:
    """ingress-nginx reads its times with strconv.Atoi and goes on with its default where that fails."""
    if _INTEGER.fullmatch(value):
        return ""
    return "is not a whole number of seconds, so the controller uses its default instead"


def filled_in_later(found: Scalar) -> bool:
    """The value is a placeholder, or not worked out: it cannot be judged."""
    return isinstance(value_of(found), Unresolved)


def anything(_value: str) -> str:
    """The facts judge the value."""
    return ""


def invalid(found: Scalar, key: str, text: str, *, address: str, component: str, name: str) -> Problem:
    """A value that its component passes over."""
    digits = re.match(r"\s*(\d+)\s*(s|m|min|h)?\s*$", found.text)
    factor = {"m": 60, "min": 60, "h": 3600}.get(digits.group(2) or "", 1) if digits else 0
    meant = f' "{int(digits.group(1)) * factor}"' if digits and len(digits.group(1)) < 9 else ' "60"'
    return Problem(
        span=shown(found, key),
        text=f"{key}: {text}",
        fix=f"Write a bare number of seconds in quotes:{meant}.",
        kind=ProblemKind.INVALID,
        address=address,
        component=component,
        setting=name,
    )
