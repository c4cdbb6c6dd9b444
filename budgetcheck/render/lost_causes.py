"""Why proofs are lost: the numbers that are no longer certain, each once with all of its routes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from budgetcheck.model.bound import Bound
from budgetcheck.model.difference import Difference, RouteChange
from budgetcheck.model.report import JointReport, OpenEnd, Report, RouteReport, UnresolvedItem, Verdict
from budgetcheck.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class LostCause:
    """A number that is missing now.

    Attributes:
        setting: what it is the number of; empty where a link is missing, not a number.
        span: where it is written, or the hop whose neighbour is missing; None for nowhere.
        reason, needs: why it has no certain value, and what to supply; may be empty.
        changes: the routes, those with the least to spare first.
    """

    setting: str
    span: Span | None
    reason: str
    needs: str
    changes: tuple[RouteChange, ...]

    @property
    def names(self) -> list[str]:
        """Its routes, each once."""
        return list(dict.fromkeys(change.name for change in self.changes))


_Cause = tuple[str, Span | None, str, str]


def lost_causes(found: Difference) -> list[LostCause]:
    """Every cause once, in the order of the routes."""
    routes = {(item.route.name, item.route.environment): item for item in found.report.routes}
    groups: dict[_Cause, list[RouteChange]] = {}
    for change in found.lost:
        item = routes.get((change.name, change.environment))
        groups.setdefault(_cause(item, found.report), []).append(change)
    return [
        LostCause(
            setting=setting, span=span, reason=reason, needs=needs, changes=tuple(sorted(changes, key=_least))
        )
        for (setting, span, reason, needs), changes in groups.items()
    ]


def _least(change: RouteChange) -> tuple[bool, int, str, str]:
    return (change.before_ms is None, change.before_ms or 0, change.name, change.environment)


def _cause(item: RouteReport | None, report: Report) -> _Cause:
    joint = next((one for one in item.joints if one.verdict is Verdict.CANNOT_TELL), None) if item else None
    if item is None or joint is None:
        return _open(item, report.open_ends)
    setting, span, bound = next(_uncertain(item, joint), ("", None, joint.needed))
    missing = _missing(report.unresolved, setting, span, bound)
    return (
        setting,
        span,
        bound.reason or (missing.reason if missing else ""),
        missing.needs if missing else "",
    )


def _open(item: RouteReport | None, ends: Iterable[OpenEnd]) -> _Cause:
    """The hop of a route that nothing is compared on any more, since nobody knows what stands behind it."""
    hops = [part.hop.address for part in item.hops] if item is not None else []
    mine = [end for end in ends if end.hop.address in hops]
    end = min(mine, key=lambda end: (end.side != "inner", hops.index(end.hop.address)), default=None)
    if end is None:
        return ("", None, "", "")
    side = "behind" if end.side == "inner" else "in front of"
    needs = "declare the link in budgetcheck.yaml, or add the files of what stands there"
    return ("", end.hop.span, f"what stands {side} {end.hop.title_short} is not known now", needs)


def _uncertain(item: RouteReport, joint: JointReport) -> Iterator[tuple[str, Span | None, Bound]]:
    """The numbers that leave the joint open: that which grants, else those behind it."""
    if not joint.granted.exact:
        yield joint.limit.setting, next(iter(joint.limit.spans), None), joint.granted
    reasons = set(joint.needed.reason.split("; "))
    hops = [part.hop for part in item.hops]
    behind = next((number for number, hop in enumerate(hops) if hop.address == joint.outer), -1) + 1
    for hop in hops[behind:]:
        counts = (hop.retry.count,) if hop.retry.count is not None else ()
        for number in (*hop.limits, *counts):
            bound = number.bound
            if not bound.exact and (bound.reason in reasons or not bound.reason):
                yield number.setting, next(iter(number.spans), None), bound


def _missing(
    items: Iterable[UnresolvedItem], setting: str, span: Span | None, bound: Bound
) -> UnresolvedItem | None:
    """What the report says is to be supplied for that number."""
    listed = list(items)
    here = [one for one in listed if span is not None and one.span.place == span.place]
    alike = [one for one in listed if one.reason and one.reason == bound.reason]
    named = [one for one in here if one.setting == setting]
    return next(iter([*named, *here, *alike]), None)
