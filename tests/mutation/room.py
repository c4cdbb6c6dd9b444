"""Which limits decide how long a route may take, and how much longer it may take without harm."""

from collections.abc import Iterator
from dataclasses import dataclass

from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.report import HopReport, Report, RouteReport
from budgetcheck.model.topology import Layer

from .chains import Joint, chain, grants, headroom, joints, needed, windows
from .edits import Spot, spot


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """A limit that decides how long its hop may take.

    Attributes:
        outer, granted: the next hop outwards that grants something, and what.
        now: milliseconds at present. `factor`: how much longer a route may last for each one more.
        room: milliseconds that every route can spare. `next_limit`: what would decide instead.
    """

    spot: Spot
    outer: str
    granted: int
    now: int
    factor: int
    room: int
    next_limit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An outbound call whose time is known, and what stands above it; milliseconds."""

    route: RouteReport
    one: HopReport
    outer: str
    granted: int
    needed: int
    limit: Limit
    per_attempt: int
    room: int


def deciding(report: Report) -> Iterator[Deciding]:
    """The limits of innermost hops, and of calls without a deadline round them."""
    for joint in joints(report):
        if not joint.fits or not _is_innermost(joint):
            continue
        last, behind = chain(joint.route)[-1], _calls(joint.route)
        makers = [last] if joint.inner is last and not behind else []
        for one in [*makers, *([] if _has_deadline(joint.route) else behind)]:
            found = _deciding(report, joint, one)
            if found is not None:
                yield found


def _deciding(report: Report, joint: Joint, one: HopReport) -> Deciding | None:
    limits = grants(one)
    found = spot(one, limits[0][1]) if limits else None
    own = needed(joint.route, one)
    if found is None or not own or not limits[0][0] or own < limits[0][0]:
        return None
    most = max(ms for ms in (needed(joint.route, hop) for hop in joint.route.hops) if ms is not None)
    return Deciding(
        spot=found,
        outer=joint.outer.hop.address,
        granted=joint.granted,
        now=limits[0][0],
        factor=-(-most // limits[0][0]),
        room=min(_spare(report, route) for route in report.routes if _uses(route, found)),
        next_limit=limits[1][0] if len(limits) > 1 else None,
    )


def calls(report: Report) -> Iterator[Call]:
    """The outbound calls that a hop outside them grants enough, without a deadline round them."""
    for joint in joints(report):
        if not joint.fits or not _is_innermost(joint) or _has_deadline(joint.route):
            continue
        for one in _calls(joint.route):
            limits, own = grants(one), needed(joint.route, one)
            if limits and limits[0][0] and own and own >= limits[0][0]:
                same = [r for r in report.routes if any(o.hop.address == one.hop.address for o in r.hops)]
                yield Call(
                    route=joint.route,
                    one=one,
                    outer=joint.outer.hop.address,
                    granted=joint.granted,
                    needed=own,
                    limit=limits[0][1],
                    per_attempt=limits[0][0],
                    room=min(_spare(report, route) for route in same),
                )


def hops_with(report: Report, found: Spot) -> list[str]:
    """The addresses of all hops for which this number is written."""
    return sorted({one.hop.address for _, one in _with(report, found)})


def longest_waited_for(report: Report, found: Spot) -> int | None:
    """The longest request through the hops of this number that somebody still waits for.

    None where one of them has no known length.
    """
    longest = []
    for route, one in _with(report, found):
        own, entry = needed(route, one), needed(route, chain(route)[0])
        if own is None:
            return None
        longest.append(min(own, entry if entry is not None else own))
    return max(longest, default=None)


def is_shared(report: Report, found: Spot) -> bool:
    """Several settings come from the number: what an edit does to the others is another matter."""
    settings = {
        (one.hop.component, limit.setting)
        for route in report.routes
        for one in route.hops
        for limit in one.hop.limits
        if any((span.file, span.line) == found.place for span in limit.spans) and _depends(limit, found)
    }
    return len(settings) > 1


def _depends(limit: Limit, found: Spot) -> bool:
    """The limit is computed from the line, or is this very number; not just another word in it."""
    last = limit.spans[-1]
    return (last.file, last.line, last.column, last.text) == (
        found.span.file,
        found.span.line,
        found.span.column,
        found.span.text,
    )


def _with(report: Report, found: Spot) -> Iterator[tuple[RouteReport, HopReport]]:
    for route in report.routes:
        for one in route.hops:
            spots = [spot(one, limit) for limit in one.hop.limits]
            if any(other is not None and other.key == found.key for other in spots):
                yield route, one


def _uses(route: RouteReport, found: Spot) -> bool:
    spots = (spot(one, limit) for one in route.hops for limit in one.hop.limits)
    return any(one is not None and one.key == found.key for one in spots)


def _spare(report: Report, route: RouteReport) -> int:
    """What a route may take longer before anything is said about it."""
    mine = [joint for joint in joints(report) if joint.route is route]
    if not all(joint.fits for joint in mine):
        return 0
    longest = max((needed(route, one) or 0 for one in route.hops), default=0)
    left = [joint.granted - headroom(joint.granted) - (joint.needed or 0) for joint in mine]
    return max(0, min([*left, *(ms - longest for ms in windows(route))], default=0))


def _is_innermost(joint: Joint) -> bool:
    """No hop further in grants anything: what stands behind is judged against this one."""
    hops = chain(joint.route)
    at = next(at for at, one in enumerate(hops) if one is joint.inner)
    return not any(grants(one) for one in hops[at:-1] if one.hop.layer is not Layer.HANDLER)


def _calls(route: RouteReport) -> list[HopReport]:
    return [one for one in route.hops if one.hop.layer is Layer.CALL]


def _has_deadline(route: RouteReport) -> bool:
    handler = route.route.handler
    return handler is not None and any(limit.meaning is Meaning.TOTAL for limit in handler.limits)
