"""What changed between two states, for people and as a JSON document."""

from collections.abc import Iterable, Iterator, Sequence

from budgetcheck.model.difference import Difference, RouteChange, SettingChange
from budgetcheck.model.duration import show_duration
from budgetcheck.model.findings import Finding
from budgetcheck.model.report import Verdict
from budgetcheck.render import RenderOptions
from budgetcheck.render.escape import harmless_json
from budgetcheck.render.json_text import Json, indented
from budgetcheck.render.json_v1 import finding_object
from budgetcheck.render.layout import EMPTY, Line, Piece, Style, columns, flow
from budgetcheck.render.lost_causes import LostCause, lost_causes
from budgetcheck.render.paint import coloured, plain
from budgetcheck.render.text_finding import show_finding
from budgetcheck.render.words import VERDICTS, counted, listing

SCHEMA = "budgetcheck/diff/v1"

_INDENT = 2


def render_text(found: Difference, options: RenderOptions) -> str:
    """The difference for people: verdicts, what changed, new findings, fixed ones, the rest as a count."""
    lines = list(_lines(found, options.width))
    return coloured(lines) if options.color else plain(lines)


def render_json(found: Difference) -> str:
    """The difference as one JSON document."""
    document: dict[str, Json] = {
        "schema": SCHEMA,
        "before": found.before,
        "after": found.after,
        "summary": {
            "new": len(found.new),
            "fixed": len(found.fixed),
            "unchanged": len(found.unchanged),
            "lost_proof": len(found.lost),
            "routes_unchanged": found.same_routes,
        },
        "new": [finding_object(finding) for finding in found.new],
        "fixed": [finding_object(finding) for finding in found.fixed],
        "unchanged": [finding_object(finding) for finding in found.unchanged],
        "routes": [_route_object(route) for route in found.routes],
        "settings": [_setting_object(setting) for setting in found.settings],
        "lost_proofs": [_lost_object(cause) for cause in lost_causes(found)],
        "nothing_compared": _nothing_object(found),
        **({"left_out": list(found.left_out)} if found.left_out else {}),
    }
    return harmless_json(indented(document)) + "\n"


def _route_object(route: RouteChange) -> Json:
    return {
        "name": route.name,
        "environment": route.environment or None,
        "before": route.before.value if route.before else None,
        "after": route.after.value if route.after else None,
        "slack_before_ms": route.before_ms,
        "slack_after_ms": route.after_ms,
        "lost_proof": route.lost,
    }


def _lost_object(cause: LostCause) -> Json:
    return {
        "setting": cause.setting or None,
        "path": cause.span.file if cause.span else None,
        "line": (cause.span.line or None) if cause.span else None,
        "reason": cause.reason or None,
        "needs": cause.needs or None,
        "routes": [*cause.names],
        "environments": [*sorted({change.environment for change in cause.changes} - {""})],
    }


def _nothing_object(found: Difference) -> Json:
    why = found.nothing_compared
    return {"kind": why.kind, "text": why.text} if why is not None else None


def _setting_object(change: SettingChange) -> Json:
    return {
        "hop": change.address,
        "setting": change.setting,
        "before": change.before,
        "after": change.after,
        "path": change.span.file or None,
        "line": change.span.line or None,
    }


def _lines(found: Difference, width: int) -> Iterator[Line]:
    yield from flow([Piece(f"{found.before} -> {found.after}", Style.STRONG)], width=width)
    for route in found.routes:
        yield from flow([*_route(route)], width=width, indent=_INDENT)
    yield EMPTY
    if found.settings:
        yield from flow([Piece("changed", Style.STRONG)], width=width)
        rows = [
            [
                Piece(f"{change.title} {change.setting}"),
                Piece(f"{change.before} -> {change.after}"),
                Piece(change.span.place, Style.PLACE),
            ]
            for change in found.settings
        ]
        yield from columns(rows, width=width, indent=_INDENT, least=[10])
        yield EMPTY
    yield from _lost(lost_causes(found), width)
    yield from _findings("new findings", found.new, width)
    yield from _fixed(found.fixed, width)
    if found.nothing_compared is not None:
        pieces = [Piece("Nothing was compared: ", Style.WARNING), Piece(f"{found.nothing_compared.text}.")]
        yield from flow(pieces, width=width)
    yield from flow([Piece(_closing(found))], width=width)


def _lost(causes: Sequence[LostCause], width: int) -> Iterator[Line]:
    """What is missing now and what to supply, each once for all its routes."""
    if not causes:
        return
    yield from flow([Piece("lost proofs", Style.STRONG)], width=width)
    for cause in causes:
        what = f"{cause.setting} has no certain value" if cause.setting else "nothing is compared any more"
        yield from flow(
            [
                Piece(f"{what} ", Style.WARNING),
                *([Piece(f"{cause.span.place} ", Style.PLACE)] if cause.span else []),
                Piece("; ".join(part for part in (cause.reason, cause.needs) if part)),
                Piece(f" (on {listing(cause.names)})"),
            ],
            width=width,
            indent=_INDENT,
            hang=2 * _INDENT,
        )
    yield EMPTY


def _findings(title: str, findings: Iterable[Finding], width: int) -> Iterator[Line]:
    listed = list(findings)
    if not listed:
        return
    yield from flow([Piece(title, Style.STRONG)], width=width)
    for finding in listed:
        yield from show_finding(finding, width)
        yield EMPTY


def _fixed(findings: Iterable[Finding], width: int) -> Iterator[Line]:
    listed = list(findings)
    if not listed:
        return
    yield from flow([Piece("fixed", Style.GOOD)], width=width)
    for finding in listed:
        pieces = [Piece(f"{finding.rule} {finding.message} "), Piece(finding.span.place, Style.PLACE)]
        yield from flow(pieces, width=width, indent=_INDENT, hang=2 * _INDENT)
    yield EMPTY


def _route(route: RouteChange) -> Iterator[Piece]:
    where = f" ({route.environment})" if route.environment else ""
    yield Piece(f"{route.name}{where}: ")
    if route.before_ms is not None and route.after_ms is not None:
        style = Style.ERROR if route.after_ms < 0 else Style.NONE
        yield Piece(f"slack {signed(route.before_ms)} -> {signed(route.after_ms)}", style)
        return
    before, after = _verdict(route.before), _verdict(route.after)
    yield Piece(f"{before} -> {after}", Style.WARNING if route.lost else Style.NONE)
    if route.lost:
        yield Piece(" (lost proof)", Style.WARNING)


def signed(milliseconds: int) -> str:
    """A slack, which may be negative."""
    return f"-{show_duration(-milliseconds)}" if milliseconds < 0 else show_duration(milliseconds)


def _verdict(verdict: Verdict | None) -> str:
    return VERDICTS[verdict] if verdict is not None else "not there"


def _closing(found: Difference) -> str:
    parts = [
        counted(len(found.new), "new finding"),
        f"{len(found.fixed)} fixed",
        f"{len(found.unchanged)} unchanged",
        f"{counted(found.same_routes, 'route')} unchanged",
        f"{len(found.lost)} lost proof",
    ]
    return ", ".join(parts)
