"""Proofs that a change took away: it fitted, now nobody can tell. Said in plain words, never as errors."""

from collections.abc import Iterator

from budgetcheck.model.difference import Difference, RouteChange
from budgetcheck.model.duration import show_duration
from budgetcheck.render.comment_routes import short
from budgetcheck.render.lost_causes import LostCause, lost_causes
from budgetcheck.render.markdown_text import code, prose
from budgetcheck.render.words import VERDICTS, counted, listing


def lost_lines(found: Difference) -> Iterator[str]:
    """A line per cause, its routes and environments together."""
    for cause in lost_causes(found):
        yield f"- lost proof: {_fitted(cause)}, and now nobody can tell: {_why(cause)}"


def lost_words(change: RouteChange) -> str:
    """`` `api.example.com/chat`: slack 20 s -> cannot tell ``, for a headline."""
    before = f"slack {show_duration(change.before_ms)}" if change.before_ms is not None else "fits"
    after = VERDICTS[change.after] if change.after else "not there"
    return f"{code(short(change.name))}: {before} -> {after}"


def _fitted(cause: LostCause) -> str:
    """The route with the least to spare, and how many others."""
    first = cause.changes[0]
    environments = sorted({change.environment for change in cause.changes} - {""})
    where = f" ({prose(listing(environments))})" if environments else ""
    spare = f" with {show_duration(first.before_ms)} to spare" if first.before_ms is not None else ""
    more = len(cause.names) - 1
    others = f", as {counted(more, 'more route')} did" if more else ""
    return f"{code(short(first.name))}{where} fitted{spare}{others}"


def _why(cause: LostCause) -> str:
    """Which number is missing now, where it is written, and what to supply."""
    place = f" {code(short(cause.span.place))}" if cause.span is not None and cause.span.file else ""
    supply = f"; what helps: {prose(short(cause.needs, 600))}" if cause.needs else ""
    if not cause.setting:
        reason = prose(short(cause.reason, 300)) or "nothing here can be compared any more"
        return f"{reason}{place}{supply}"
    why = f" ({prose(short(cause.reason, 300))})" if cause.reason else ""
    return f"{code(short(cause.setting))}{place} has no certain value{why}{supply}"
