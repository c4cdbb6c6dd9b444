"""Proofs that a change took away: it fitted, now nobody can tell. Said in plain words, never as errors."""

from collections.abc import Iterator

from budgetcheck.model.difference import Difference, RouteChange
from budgetcheck.model.duration import show_duration
from budgetcheck.model.report import JointReport, Verdict
from budgetcheck.render.comment_routes import short
from budgetcheck.render.markdown_text import code, prose
from budgetcheck.render.words import VERDICTS, listing


def lost_lines(found: Difference) -> Iterator[str]:
    """A line per route, its environments together."""
    by_name: dict[str, list[RouteChange]] = {}
    for change in found.lost:
        by_name.setdefault(change.name, []).append(change)
    for name, changes in by_name.items():
        environments = sorted({change.environment for change in changes} - {""})
        where = f" ({prose(listing(environments))})" if environments else ""
        fitted = changes[0].before_ms
        before = f"fitted with {show_duration(fitted)} to spare" if fitted is not None else "fitted"
        reason = _reason(found, changes[0])
        yield f"- lost proof: {code(short(name))}{where} {before}, and now nobody can tell{reason}"


def lost_words(change: RouteChange) -> str:
    """`` `api.example.com/chat`: slack 20 s -> cannot tell ``, for a headline."""
    before = f"slack {show_duration(change.before_ms)}" if change.before_ms is not None else "fits"
    after = VERDICTS[change.after] if change.after else "not there"
    return f"{code(short(change.name))}: {before} -> {after}"


def _reason(found: Difference, change: RouteChange) -> str:
    """Which number is missing now, and where it is written."""
    if change.after is Verdict.NOT_COMPARED:
        return ": nothing on this route can be compared any more"
    for item in found.report.routes:
        if item.route.name == change.name and item.route.environment == change.environment:
            joint = next((one for one in item.joints if one.verdict is Verdict.CANNOT_TELL), None)
            return _joint(joint) if joint is not None else ""
    return ""


def _joint(joint: JointReport) -> str:
    limit = joint.limit
    if limit.bound.exact:
        return f": {code(short(limit.setting))} is known, but not what is needed behind it"
    place = f" {code(short(limit.spans[0].place))}" if limit.spans else ""
    why = f" ({prose(short(limit.bound.reason, 300))})" if limit.bound.reason else ""
    return f": {code(short(limit.setting))}{place} has no certain value{why}"
