"""The report as one JSON document, `budgetcheck/report/v1`.

The names are a published contract, see `contract` and `schemas/report.schema.json`. A null number is unknown
unless its `unlimited` sibling is true.
"""

from collections.abc import Iterable, Iterator

from budgetcheck import __version__
from budgetcheck.model.bound import Bound
from budgetcheck.model.findings import Edit, End, Finding, Fix, Severity, Step
from budgetcheck.model.limits import Limit
from budgetcheck.model.report import (
    Capacity,
    HopReport,
    OpenEnd,
    Report,
    RouteReport,
    SinceBase,
    UnresolvedItem,
    WorstCase,
)
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Hop
from budgetcheck.render import RenderOptions
from budgetcheck.render.escape import harmless_json
from budgetcheck.render.json_text import Json, Shared, indented

SCHEMA = "budgetcheck/report/v1"


def render(report: Report, options: RenderOptions) -> str:  # noqa: ARG001 - the same for everybody
    """The document, indented, with a newline at its end."""
    return harmless_json(indented(document(report))) + "\n"


def document(report: Report) -> dict[str, Json]:
    """The document as plain values."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "budgetcheck", "version": __version__},
        "summary": _summary(report),
        **({"base": _base(report.base)} if report.base else {}),
        "findings": _list(finding_object(finding) for finding in report.findings),
        "routes": _list(_routes(report.routes)),
        "open_ends": _list(_open_end(end) for end in report.open_ends),
        "unresolved": _list(_unresolved(item) for item in report.unresolved),
        "suppressed": _list(
            finding_object(finding) | {"suppressed_by": finding.suppressed_by}
            for finding in report.suppressed
        ),
    }


def _summary(report: Report) -> Json:
    joints = report.joints
    return {
        "errors": report.count(Severity.ERROR),
        "warnings": report.count(Severity.WARNING),
        "notes": report.count(Severity.NOTE),
        "suppressed": len(report.suppressed),
        "routes": len(report.routes),
        "unresolved": len(report.unresolved),
        "joints": {
            "proven": joints.proven,
            "broken": joints.broken,
            "cannot_tell": joints.cannot_tell,
            "open": joints.open,
        },
    }


def _base(base: SinceBase) -> Json:
    return {
        "name": base.name,
        "new": base.new,
        "unchanged": base.unchanged,
        "fixed": base.fixed,
        "lost_proof": base.lost,
        "left_out": _list(base.left_out),
    }


def finding_object(finding: Finding) -> dict[str, Json]:
    """One finding."""
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity.label,
        "confidence": finding.confidence.label,
        "environments": _list(sorted(finding.environments)),
        "routes": _list(finding.routes),
        "message": finding.message,
        "outer": _end(finding.outer),
        "inner": _end(finding.inner),
        "budget_ms": finding.budget_ms,
        "needed_ms": finding.needed_ms,
        **_place(finding.span),
        "column": finding.span.column or None,
        "arithmetic": finding.arithmetic or None,
        "steps": _list(_step(step) for step in finding.steps),
        "consequence": finding.consequence or None,
        "notes": _list(finding.notes),
        "fixes": _list(_fix(fix) for fix in finding.fixes),
        "fingerprint": finding.fingerprint,
        **({"since_base": finding.since_base} if finding.since_base else {}),
    }


def _end(end: End | None) -> Json:
    if end is None:
        return None
    return {
        "id": end.address,
        "component": end.component,
        "setting": end.setting,
        "value_ms": end.value_ms,
        **_place(end.span),
    }


def _step(step: Step) -> Json:
    return {"text": " ".join(step.text.split("\t")), **_place(step.span)}


def _fix(fix: Fix) -> Json:
    return {
        "kind": fix.kind.value,
        "text": fix.text,
        "edits": _list(_edit(edit) for edit in fix.edits),
        "cost": fix.cost,
        "breaks": fix.breaks or None,
    }


def _edit(edit: Edit) -> Json:
    return {**_place(edit.span), "from": edit.old, "to": edit.new}


def route_object(item: RouteReport) -> Json:
    """One route as it stands in the document."""
    return _route(item, [_hop(hop) for hop in item.hops])


def _routes(items: Iterable[RouteReport]) -> Iterator[Json]:
    """The routes; a hop that stands in many of them, with the same costs, is one object."""
    known: dict[tuple[object, ...], Json] = {}
    for item in items:
        hops: list[Json] = []
        for hop in item.hops:
            key = (id(hop.hop), hop.evidence, *map(id, (*hop.worst_case.values(), *hop.layers)))
            if key not in known:
                known[key] = Shared(_hop(hop))
            hops.append(known[key])
        yield _route(item, hops)


def _route(item: RouteReport, hops: list[Json]) -> Json:
    route = item.route
    return {
        "name": route.name,
        "environment": route.environment or None,
        "host": route.host or None,
        "path": route.path or None,
        "methods": _list(route.methods),
        "handler": route.handler.address if route.handler else None,
        "verdict": item.verdict.value,
        "hops": hops,
        **({"capacity": _capacity(item.capacity)} if item.capacity else {}),
    }


def _capacity(capacity: Capacity) -> Json:
    slots = capacity.slots
    return {
        "server": capacity.server,
        "slots": slots.count,
        "text": capacity.text,
        "held_ms": capacity.held_ms,
        "held_unlimited": capacity.held_ms is None,
        "places": _list(_place(span) for span in {span.place: span for span in slots.spans}.values()),
    }


def _hop(item: HopReport) -> dict[str, Json]:
    hop = item.hop
    nginx = hop.component == "nginx"
    return {
        "id": hop.address,
        "component": hop.component,
        "title": hop.title,
        "server_names": _list(hop.front.hosts) if nginx else None,
        "location": _location(hop) if nginx else None,
        "evidence": item.evidence.upper() or None,
        "limits": _list(_limit(limit) for limit in hop.limits),
        "worst_case": {method.value: _worst_case(case) for method, case in item.worst_case.items()},
        **({"layers": _list(_layer(layer) for layer in item.layers)} if item.layers else {}),
    }


def _layer(layer: Hop) -> Json:
    """What stands round a call in code: its limits, and how often it tries."""
    attempts = layer.retry.attempts
    return {
        "id": layer.address,
        "component": layer.component,
        **_place(layer.span),
        "limits": _list(_limit(limit) for limit in layer.limits),
        "attempts": attempts.value,
        "attempts_unlimited": attempts.unlimited,
    }


def _location(hop: Hop) -> str | None:
    """As written in the file; a named location answers no path of its own."""
    written = hop.trait("location")
    return written or (hop.front.paths[0].pattern if hop.front.paths else None)


def _limit(limit: Limit) -> Json:
    return {
        "meaning": limit.meaning.value,
        "setting": limit.setting,
        "value_ms": limit.bound.value,
        "unlimited": limit.bound.unlimited,
        "low_ms": limit.bound.low,
        "high_ms": limit.bound.high,
        "origin": limit.origin.value,
        **_place(limit.spans[0] if limit.spans else None),
    }


def _worst_case(case: WorstCase) -> Json:
    return {
        "hang_ms": case.hang.value,
        "hang_unlimited": case.hang.unlimited,
        "strict_ms": case.strict.value,
        "strict_unlimited": case.strict.unlimited,
        "attempts": case.attempts.value,
        "attempts_unlimited": case.attempts.unlimited,
    }


def _open_end(end: OpenEnd) -> Json:
    return {
        "hop": end.hop.address,
        "side": end.side,
        "grants_ms": _value(end.grants),
        "needs_ms": _value(end.needs),
        "candidates": _list(end.candidates),
        "agreed": end.agreed.value if end.agreed else None,
    }


def _unresolved(item: UnresolvedItem) -> Json:
    return {"setting": item.setting, **_place(item.span), "reason": item.reason, "needs": item.needs}


def _place(span: Span | None) -> dict[str, Json]:
    """Path and line; null where there is none, also for a span without a file."""
    return {"path": span.file or None, "line": span.line or None} if span else {"path": None, "line": None}


def _value(bound: Bound | None) -> int | None:
    return bound.value if bound else None


def _list(items: Iterable[Json]) -> list[Json]:
    return list(items)
