"""Facts as plain text, for `budgetcheck components` and `budgetcheck components NAME`."""

from collections.abc import Iterable, Sequence

from budgetcheck.facts.fact import (
    AttemptsFact,
    Component,
    Evidence,
    LimitFact,
    Symptom,
    UnsupportedFact,
    Zero,
)
from budgetcheck.facts.loader import component_names, load
from budgetcheck.facts.select import When
from budgetcheck.model.duration import show_duration
from budgetcheck.model.limits import NO_BACKOFF, Backoff, Meaning
from budgetcheck.model.topology import Layer

ROLES = {
    Layer.BALANCER: "load balancer or gateway",
    Layer.PROXY: "reverse proxy",
    Layer.PLATFORM: "platform that runs the application",
    Layer.SERVER: "application server",
    Layer.HANDLER: "the application's own code",
    Layer.QUEUE: "queue, subscription or scheduler",
    Layer.CALL: "client of an outbound call",
    Layer.CLIENT: "outbound call that a route begins with",
    Layer.WRAPPER: "wrapped round calls in code",
}

MEASURES = {
    Meaning.TOTAL: "the whole request",
    Meaning.PER_ATTEMPT: "one attempt",
    Meaning.CONNECT: "until connected",
    Meaning.SEND: "between two writes",
    Meaning.FIRST_BYTE: "until the response header",
    Meaning.IDLE: "between two reads",
    Meaning.HEADER_TOTAL_BODY_IDLE: "until the response header, then between two reads",
    Meaning.START_GATE: "until the last start of an attempt",
    Meaning.ACQUIRE: "waiting for a place",
    Meaning.KEEPALIVE: "an idle connection is kept",
    Meaning.DRAIN: "running requests at shutdown",
    Meaning.HEALTH: "a health check",
    Meaning.VISIBILITY: "a message is hidden from others",
    Meaning.HEARTBEAT: "between two signs of life, not a request",
}

_ZEROS = {
    Zero.VALUE: "",
    Zero.UNLIMITED: "no limit",
    Zero.IMMEDIATE: "fails at once",
    Zero.OFF: "off",
    Zero.INVALID: "rejected",
}

_GAP = "  "
_INDENT = "    "


def listing() -> str:
    """All shipped components, one line each: name, role, title."""
    components = [load(name) for name in component_names()]
    return _aligned(
        [("COMPONENT", "ROLE", "TITLE")],
        [(component.name, ROLES[component.layer], component.title) for component in components],
    )


def describe(component: Component) -> str:
    """Everything known of one component, with the source of each fact."""
    parts = [
        _head(component),
        _limits(component.limits),
        _attempts(component.attempts),
        _unsupported(component.unsupported),
        "\n".join(f"- {note}" for note in component.notes),
    ]
    if component.passes_through:
        parts.append(f"Known settings that are no limits: {', '.join(component.passes_through)}")
    return "\n\n".join(part for part in parts if part)


def _head(component: Component) -> str:
    lines = [f"{component.name}: {component.title}", f"role: {ROLES[component.layer]}"]
    if component.versions:
        lines.append(f"facts checked on: {component.versions}")
    if component.default_port:
        lines.append(f"listens on port {component.default_port} unless told otherwise")
    if component.work_goes_on:
        lines.append("works on after its caller has left")
    return "\n".join(lines)


def _limits(facts: Iterable[LimitFact]) -> str:
    head = ("SETTING", "MEASURES", "DEFAULT", "ACCEPTS", "0 MEANS", "THE CALLER SEES")
    rows = []
    details = []
    for fact in facts:
        seen = _seen(fact.symptom)
        rows.append(
            (fact.setting, MEASURES[fact.meaning], _default(fact), _accepts(fact), _ZEROS[fact.zero], seen)
        )
        details.append(_details(fact.evidence, fact.when, fact.aliases, _remarks(fact)))
    return _aligned([head], rows, details) if rows else ""


def _attempts(facts: Iterable[AttemptsFact]) -> str:
    head = ("ATTEMPTS", "DEFAULT", "REPEATED AFTER", "METHODS", "PAUSES", "RETRY-AFTER")
    rows = []
    details = []
    for fact in facts:
        rows.append(
            (
                fact.setting or "cannot be set",
                _count(fact),
                ", ".join(sorted(failure.value for failure in fact.repeats)) or "nothing",
                "all" if fact.unsafe else "idempotent only",
                _pauses(fact.backoff),
                "ignored" if fact.retry_after == 0 else f"up to {show_duration(fact.retry_after)}",
            )
        )
        details.append(_details(fact.evidence, fact.when, fact.aliases, [fact.note]))
    return _aligned([head], rows, details) if rows else ""


def _unsupported(facts: Iterable[UnsupportedFact]) -> str:
    rows = []
    details = []
    for fact in facts:
        rows.append((fact.setting, "rejected" if fact.rejected else "ignored", fact.text))
        passes = f"{show_duration(fact.accepted)} passes, without effect" if fact.accepted is not None else ""
        details.append(_details(fact.evidence, fact.when, (), [passes]))
    return _aligned([("UNSUPPORTED", "IT IS", "WHY")], rows, details) if rows else ""


def _default(fact: LimitFact) -> str:
    if fact.default is None:
        return "none"
    text = show_duration(fact.default.value)
    return f"{text}, fixed" if fact.fixed else text


def _accepts(fact: LimitFact) -> str:
    texts = []
    if fact.lowest is not None:
        high = "" if fact.highest is None else f" to {show_duration(fact.highest)}"
        texts.append(f"{show_duration(fact.lowest)}{high}" if high else f"from {show_duration(fact.lowest)}")
    if fact.floor:
        texts.append(f"at least {show_duration(fact.floor)}")
    if fact.cap is not None and (fact.cap_soft or fact.cap != fact.highest):
        texts.append(f"{'quota' if fact.cap_soft else 'cap'} {show_duration(fact.cap)}")
    return ", ".join(texts)


def _seen(symptom: Symptom | None) -> str:
    if symptom is None:
        return ""
    return f"{symptom.text}; log: {symptom.log}" if symptom.log else symptom.text


def _remarks(fact: LimitFact) -> list[str]:
    remarks = [fact.note]
    if fact.cap_note:
        remarks.append(f"Cap: {fact.cap_note}.")
    if fact.per_address:
        remarks.append("Counted once for each address of the name.")
    if fact.twice_with_tls:
        remarks.append("Counted again for the TLS handshake.")
    if fact.null_unlimited:
        remarks.append("An explicit null means no limit.")
    if fact.soft_of:
        remarks.append(f"Only asks the work to end; {fact.soft_of} ends it.")
    return remarks


def _details(evidence: Evidence, when: When, aliases: tuple[str, ...], remarks: Iterable[str]) -> list[str]:
    """The lines below a row: conditions, other names, remarks, and where the fact comes from."""
    lines = []
    if when:
        lines.append(f"where {'; '.join(_condition(trait, values) for trait, values in when)}")
    if aliases:
        lines.append(f"also set by {', '.join(aliases)}")
    lines.extend(remark for remark in remarks if remark)
    versions = f", versions {evidence.versions}" if evidence.versions else ""
    lines.append(
        f"{evidence.source} (checked {evidence.checked.isoformat()}, {evidence.proof.value}{versions})"
    )
    return lines


def _condition(trait: str, values: tuple[str, ...]) -> str:
    """`worker_class is not stated or sync`, `endpoint is not EDGE`, `x is stated, but not y`."""
    chosen = [value or "not stated" for value in values if not value.startswith("!")]
    excluded = {value.removeprefix("!") for value in values if value.startswith("!")}
    if not excluded:
        return f"{trait} is {' or '.join(chosen)}"
    others = " or ".join(sorted(excluded - {""}))
    return f"{trait} is stated, but not {others}" if "" in excluded else f"{trait} is not {others}"


def _count(fact: AttemptsFact) -> str:
    what = "retries" if fact.retries else "attempts"
    most = f", at most {fact.most}" if fact.most is not None else ""
    return f"{'endless' if fact.default is None else fact.default} {what}{most}"


def _pauses(backoff: Backoff) -> str:
    if backoff == NO_BACKOFF:
        return "none"
    first = [show_duration(backoff.pause(retry)) for retry in (1, 2, 3)]
    jitter = " with jitter" if backoff.jitter or backoff.random else ""
    jitter_beyond = 0 if backoff.cap_jitter else backoff.jitter
    most = "" if backoff.most is None else f", at most {show_duration(backoff.most + jitter_beyond)}"
    return f"{', '.join(first)} ...{jitter}{most}"


def _aligned(
    head: Sequence[tuple[str, ...]],
    rows: Sequence[tuple[str, ...]],
    details: Sequence[Sequence[str]] | None = None,
) -> str:
    """Rows in columns, the last one ragged; the detail lines of a row follow it, indented."""
    widths = [max(len(row[column]) for row in (*head, *rows)) for column in range(len(head[0]) - 1)]
    lines = [_row(row, widths) for row in head]
    for number, row in enumerate(rows):
        lines.append(_row(row, widths))
        lines.extend(f"{_INDENT}{line}" for line in (details[number] if details else ()))
    return "\n".join(lines)


def _row(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
    return _GAP.join((*padded, cells[-1])).rstrip()
