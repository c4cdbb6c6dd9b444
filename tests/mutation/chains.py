"""What a report says of the hops of its routes: who grants how much to whom, and what is needed."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.report import HopReport, Report, RouteReport
from budgetcheck.model.topology import Layer, method_classes

_GRANTS = frozenset(
    {
        Meaning.TOTAL,
        Meaning.PER_ATTEMPT,
        Meaning.FIRST_BYTE,
        Meaning.IDLE,
        Meaning.HEADER_TOTAL_BODY_IDLE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """A hop that grants the next one some time, and what that one may need; milliseconds.

    `needed` is None where that is not known, or has no end.
    """

    route: RouteReport
    outer: HopReport
    grant: Limit
    granted: int
    inner: HopReport
    needed: int | None

    @property
    def fits(self) -> bool:
        """The need is known and granted."""
        return self.needed is not None and self.needed <= self.granted


def chain(route: RouteReport) -> list[HopReport]:
    """The hops in front of one another, without outbound calls."""
    return [one for one in route.hops if one.hop.layer is not Layer.CALL]


def value(limit: Limit) -> int | None:
    """What the platform honours; None where it is not known or has no end."""
    known = limit.bound.value
    return known if known is None or limit.cap is None else min(known, limit.cap)


def grants(one: HopReport) -> list[tuple[int, Limit]]:
    """The limits on the wait for an answer, shortest first; empty where one of them is not known."""
    limits = [limit for limit in one.hop.limits if limit.meaning in _GRANTS and limit.of_answer]
    if any(not limit.bound.exact for limit in limits):
        return []
    known = [(ms, limit) for limit in limits if (ms := value(limit)) is not None]
    return sorted(known, key=lambda pair: pair[0])


def needed(route: RouteReport, one: HopReport) -> int | None:
    """How long the hop may keep its caller waiting; None where that is not known or has no end."""
    times = [one.worst_case[methods].hang for methods in method_classes(route.route.methods)]
    if not times or any(time.value is None for time in times):
        return None
    return max(time.value or 0 for time in times)


def joints(report: Report) -> Iterator[Joint]:
    """All pairs of neighbours of which the outer one is known to grant something."""
    for route in report.routes:
        hops = chain(route)
        for outer, inner in pairwise(hops):
            found = grants(outer)
            if found and outer.hop.layer is not Layer.HANDLER:
                ms, limit = found[0]
                need = None if route.route.streaming else needed(route, inner)
                yield Joint(route=route, outer=outer, grant=limit, granted=ms, inner=inner, needed=need)


def headroom(granted: int) -> int:
    """What the tool wants to be left: the larger of 5 % and 1 s."""
    return max(granted // 20, 1_000)


def windows(route: RouteReport) -> list[int]:
    """Times at shutdown and of queues, which a longer request may outlast as well."""
    meanings = (Meaning.DRAIN, Meaning.VISIBILITY)
    limits = [limit for one in route.hops for limit in one.hop.limits if limit.meaning in meanings]
    return [ms for limit in limits if (ms := value(limit)) is not None]
