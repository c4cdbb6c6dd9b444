"""Routes as the page's list shows them: worst first, with what is granted and needed where it matters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from budgetcheck.model.bound import Bound
from budgetcheck.model.duration import show_duration
from budgetcheck.model.limits import Limit
from budgetcheck.model.report import HopReport, JointReport, RouteReport, Verdict
from budgetcheck.model.topology import Layer, method_classes
from budgetcheck.render.text_routes import hop_name
from budgetcheck.render.words import MEANINGS, VERDICTS, duration, link, number, origin, worst_case

_WORST_FIRST = (Verdict.EXCEEDS, Verdict.CANNOT_TELL, Verdict.FITS, Verdict.NOT_COMPARED)
_BAR = 100
"""Width of the drawing in a row, in its own units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """The need held against the grant: the length of the one, and where the other ends."""

    needed: int
    granted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """One number of a hop."""

    setting: str
    value: str
    meaning: str
    origin: str
    written: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HopView:
    """A hop with all its numbers. `call` is an outbound call, shown one step further in."""

    name: str
    call: bool
    tail: str
    limits: tuple[LimitRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JointRow:
    """One comparison on a route."""

    outer: str
    setting: str
    verdict: str
    word: str
    granted: str
    needed: str
    slack: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteView:
    """A row of the list, and what unfolds from it. `number` is None where only the row is kept."""

    number: int | None
    name: str
    environment: str
    methods: str
    verdict: str
    word: str
    granted: str
    needed: str
    slack: str
    bar: Bar | None
    components: tuple[str, ...]
    joints: tuple[JointRow, ...]
    hops: tuple[HopView, ...]


def worst_first(routes: Sequence[RouteReport]) -> list[RouteReport]:
    """By verdict, then by slack; a need without end is worse than any number."""
    return sorted(routes, key=_order)


def route_view(item: RouteReport, number: int | None) -> RouteView:
    """A route, with its details where it has a number."""
    route = item.route
    joint = _deciding(item)
    titles = {hop.address: hop_name(hop) for hop in route.hops}
    return RouteView(
        number=number,
        name=route.name,
        environment=route.environment,
        methods="" if route.name.startswith(route.methods) else ", ".join(route.methods),
        verdict=item.verdict.value,
        word=VERDICTS[item.verdict],
        granted=duration(joint.granted) if joint else "–",
        needed=_need(joint.needed) if joint else "–",
        slack=_slack(joint),
        bar=_bar(joint),
        components=tuple(dict.fromkeys(hop.component for hop in route.hops)),
        joints=() if number is None else tuple(_joint_row(one, titles) for one in item.joints),
        hops=() if number is None else tuple(_hop_view(part, item) for part in item.hops),
    )


def _order(item: RouteReport) -> tuple[object, ...]:
    joint = _deciding(item)
    slack = joint.slack_ms if joint else None
    route = item.route
    return (_WORST_FIRST.index(item.verdict), slack is not None, slack or 0, route.name, route.environment)


def _deciding(item: RouteReport) -> JointReport | None:
    """The comparison that makes the verdict: the worst, and of several the one with the least slack."""
    return min(
        item.joints,
        key=lambda joint: (
            _WORST_FIRST.index(joint.verdict),
            joint.slack_ms is not None,
            joint.slack_ms or 0,
        ),
        default=None,
    )


def _joint_row(joint: JointReport, titles: Mapping[str, str]) -> JointRow:
    return JointRow(
        outer=titles[joint.outer],
        setting=joint.limit.setting,
        verdict=joint.verdict.value,
        word=VERDICTS[joint.verdict],
        granted=duration(joint.granted),
        needed=_need(joint.needed),
        slack=_slack(joint),
    )


def _need(bound: Bound) -> str:
    return "no end" if bound.unlimited else duration(bound)


def _slack(joint: JointReport | None) -> str:
    """With a sign, a true minus where it is negative."""
    if joint is None or joint.slack_ms is None:
        return "–"
    sign = "−" if joint.slack_ms < 0 else "+" if joint.slack_ms else "±"
    return f"{sign}{show_duration(abs(joint.slack_ms))}"


def _bar(joint: JointReport | None) -> Bar | None:
    """Only where both numbers are known: a range as long as the drawing would say nothing."""
    if joint is None or not joint.granted.value:
        return None
    granted = joint.granted.value
    if joint.needed.unlimited:
        return Bar(needed=_BAR, granted=_BAR // 2)
    if joint.needed.value is None:
        return None
    longest = max(granted, joint.needed.value)
    return Bar(needed=joint.needed.value * _BAR // longest, granted=min(granted * _BAR // longest, _BAR - 1))


def _hop_view(part: HopReport, item: RouteReport) -> HopView:
    hop = part.hop
    classes = method_classes(item.route.methods)
    call = hop.layer is Layer.CALL and item.route.handler is not None
    worst = worst_case({methods: case for methods, case in part.worst_case.items() if methods in classes})
    linked = "" if hop.layer is Layer.CALL else link(part.evidence)
    rows = [_limit_row(limit, hop.component) for limit in hop.limits]
    count = hop.retry.count
    if count is not None:
        rows.append(
            LimitRow(
                setting=count.setting,
                value=number(hop.retry.attempts),
                meaning="attempts, the first included",
                origin=origin(count, hop.component),
                written=count.written,
            )
        )
    return HopView(
        name=hop_name(hop), call=call, tail="; ".join(filter(None, (worst, linked))), limits=tuple(rows)
    )


def _limit_row(limit: Limit, component: str) -> LimitRow:
    return LimitRow(
        setting=limit.setting,
        value=duration(limit.bound),
        meaning=MEANINGS[limit.meaning],
        origin=origin(limit, component),
        written=limit.written,
    )
