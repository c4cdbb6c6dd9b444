"""The words the text report has for numbers, meanings, origins and lists."""

from collections.abc import Sequence

from budgetcheck.model.bound import Bound, Extended
from budgetcheck.model.duration import show_duration
from budgetcheck.model.limits import Count, Limit, Meaning, Origin
from budgetcheck.model.report import Verdict, WorstCase
from budgetcheck.model.span import Span
from budgetcheck.model.topology import MethodClass

MEANINGS = {
    Meaning.TOTAL: "whole request",
    Meaning.PER_ATTEMPT: "one attempt",
    Meaning.CONNECT: "to connect",
    Meaning.SEND: "between two writes",
    Meaning.FIRST_BYTE: "to the header",
    Meaning.IDLE: "between two reads",
    Meaning.HEADER_TOTAL_BODY_IDLE: "to the header, then idle",
    Meaning.START_GATE: "no new attempt after it",
    Meaning.ACQUIRE: "for a free place",
    Meaning.KEEPALIVE: "idle connection kept",
    Meaning.DRAIN: "at shutdown",
    Meaning.HEALTH: "health check",
    Meaning.VISIBILITY: "message stays hidden",
    Meaning.HEARTBEAT: "worker heartbeat",
}

VERDICTS = {
    Verdict.FITS: "fits",
    Verdict.EXCEEDS: "exceeds",
    Verdict.CANNOT_TELL: "cannot tell",
    Verdict.NOT_COMPARED: "not compared",
}

_LINKS = {
    "DECLARED": "link declared",
    "REFERENCE": "linked by reference",
    "ADDRESS": "linked by address",
    "ONLY_CANDIDATE": "linked as the only candidate",
    "ASSUMED": "link assumed",
}
_REFERENCES = ("var.", "local.", "module.", "each.")


def listing(names: Sequence[str], most: int = 3) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b and 3 more`."""
    shown = list(names) if len(names) <= most else [*names[: most - 1], f"{len(names) - most + 1} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(bound: Bound) -> str:
    """`30 s`, `20 s or 60 s`, `20 s to 60 s`, `at least 20 s`, `unknown`, `no limit`."""
    if bound.exact:
        return show_duration(bound.low)
    if bound.choices:
        return " or ".join(show_duration(choice) for choice in bound.choices)
    if bound.high is None:
        return f"at least {show_duration(bound.low)}" if bound.low else "unknown"
    return f"{show_duration(bound.low)} to {show_duration(bound.high)}"


def number(bound: Bound) -> str:
    """The same for a count: `3`, `1 or 3`, `1 to 5`, `at least 1`, `endless`."""
    if bound.exact:
        return _count(bound.low)
    if bound.choices:
        return " or ".join(_count(choice) for choice in bound.choices)
    return f"at least {bound.low}" if bound.high is None else f"{bound.low} to {bound.high}"


def worst_case(cases: dict[MethodClass, WorstCase]) -> str:
    """`may take 61.5 s in 3 attempts`; both method classes where they differ; empty where there is none."""
    texts = {method: _case(cases[method]) for method in MethodClass if method in cases}
    if len(set(texts.values())) <= 1:
        return next(iter(texts.values()), "")
    return f"{texts[MethodClass.IDEMPOTENT]}; POST and PATCH {texts[MethodClass.NON_IDEMPOTENT]}"


def link(evidence: str) -> str:
    """How a hop is joined to the one outside it, by the name of the evidence; empty where it is not."""
    return _LINKS.get(evidence.upper(), evidence)


def provenance(spans: Sequence[Span]) -> str:
    """`alb.tf:23 <- var.idle (variables.tf:4) <- prod.tfvars:9`: the place of use first, each place once."""
    parts: dict[str, str] = {}
    for index, span in enumerate(spans):
        named = index and span.text.startswith(_REFERENCES)
        parts.setdefault(span.place, f"{span.text} ({span.place})" if named else span.place)
    return " <- ".join(parts.values())


def origin(limit: Limit | Count, component: str) -> str:
    """Who said so: a place, whose default or cap it is, or why nobody knows."""
    place = provenance(limit.spans)
    match limit.origin:
        case Origin.WRITTEN:
            return place or "written"
        case Origin.INHERITED:
            return f"inherited from {place}" if place else "inherited"
        case Origin.DEFAULT:
            return limit.source or f"{component} default"
        case Origin.CAP:
            return limit.source or f"{component} cap"
        case Origin.UNRESOLVED:
            return ": ".join(part for part in ("unresolved", place, limit.bound.reason) if part)


def _count(value: Extended) -> str:
    return "endless" if value is None else str(value)


def _case(case: WorstCase) -> str:
    text = f"may take {duration(case.hang)}".replace("no limit", "for ever")
    if case.attempts.value == 1:
        return text
    return f"{text} in {number(case.attempts)} attempts"
