"""Limits and numbers of attempts that are different between two states, hop by hop.

A hop is found again by its address, and where it was renamed by what stays: its place on a route that answers
the same requests, or its file. Only where one of a kind went and one came is it told as one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from budgetcheck.model.bound import Bound
from budgetcheck.model.difference import SettingChange
from budgetcheck.model.duration import show_duration
from budgetcheck.model.limits import Count, Limit
from budgetcheck.model.report import Report, RouteReport
from budgetcheck.model.topology import Hop

_Hops = dict[str, Hop]
_Pair = tuple[RouteReport | None, RouteReport | None]


def setting_changes(
    before: Report, after: Report, routes: Iterable[_Pair], moved: Mapping[str, str]
) -> Iterator[SettingChange]:
    """What is different of hops that both reports have.

    `routes` are those of both that answer the same requests; `moved` the later names of moved files.
    """
    earlier, later = _hops(before), _hops(after)
    names = _renamed(earlier, later, routes, moved)
    for address in sorted(later):
        was = earlier.get(names.get(address, address))
        if was is not None:
            yield from _of_hop(was, later[address])


def _hops(report: Report) -> _Hops:
    return {part.hop.address: part.hop for route in report.routes for part in route.hops}


def _renamed(
    earlier: _Hops, later: _Hops, routes: Iterable[_Pair], moved: Mapping[str, str]
) -> dict[str, str]:
    """The earlier address of renamed hops, by the later one."""
    gone = {address: hop for address, hop in earlier.items() if address not in later}
    come = {address: hop for address, hop in later.items() if address not in earlier}
    if not gone or not come:
        return {}
    found: dict[str, set[str]] = {}
    for old, new in routes:
        if old is not None and new is not None:
            ends = ([part.hop for part in old.hops], [part.hop for part in new.hops])
            _pair(ends[0], ends[1], gone, come, found, moved)
    certain = _certain(found)
    rest = [hop for address, hop in gone.items() if address not in certain.values()]
    _pair(rest, [hop for address, hop in come.items() if address not in found], gone, come, found, moved)
    return _certain(found)


def _certain(found: Mapping[str, set[str]]) -> dict[str, str]:
    """Those with one candidate that is nobody else's."""
    single = {new: next(iter(olds)) for new, olds in found.items() if len(olds) == 1}
    claimed = [old for olds in found.values() for old in olds]
    return {new: old for new, old in single.items() if claimed.count(old) == 1}


def _pair(
    old: Sequence[Hop],
    new: Sequence[Hop],
    gone: _Hops,
    come: _Hops,
    found: dict[str, set[str]],
    moved: Mapping[str, str],
) -> None:
    """Notes who may be whom: of one component and file one went and one came."""
    went = _by_kind((hop for hop in old if hop.address in gone), moved)
    came = _by_kind((hop for hop in new if hop.address in come), {})
    for kind in went.keys() & came.keys():
        if len(went[kind]) == len(came[kind]) == 1:
            found.setdefault(came[kind][0].address, set()).add(went[kind][0].address)


def _by_kind(hops: Iterable[Hop], moved: Mapping[str, str]) -> dict[tuple[str, str], list[Hop]]:
    kinds: dict[tuple[str, str], list[Hop]] = {}
    for hop in {hop.address: hop for hop in hops}.values():
        file = hop.span.file
        kinds.setdefault((hop.component, moved.get(file, file)), []).append(hop)
    return kinds


def _of_hop(was: Hop, hop: Hop) -> Iterator[SettingChange]:
    old, new = _numbers(was), _numbers(hop)
    names = _renamed_settings(old, new)
    old = {names.get(setting, setting): number for setting, number in old.items()}
    for setting in sorted({*old, *new}):
        before, after = old.get(setting), new.get(setting)
        texts = (_shown(before), _shown(after))
        if texts[0] == texts[1] or (before and after and before.bound == after.bound):
            continue  # that a default is written now changes nothing
        chosen = after or before
        assert chosen is not None
        yield SettingChange(
            address=hop.address,
            title=hop.title_short,
            setting=setting,
            before=texts[0],
            after=texts[1],
            span=chosen.spans[0] if chosen.spans else hop.span,
        )


def _renamed_settings(old: Iterable[str], new: Iterable[str]) -> dict[str, str]:
    """Later names of settings whose resource was renamed (those of a target group), by the earlier ones."""
    went, came = _by_tail(set(old) - set(new)), _by_tail(set(new) - set(old))
    return {
        went[tail][0]: came[tail][0]
        for tail in went.keys() & came.keys()
        if len(went[tail]) == len(came[tail]) == 1
    }


def _by_tail(settings: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for setting in settings:
        resource, _, tail = setting.rpartition(".")
        if "." in resource:  # `aws_lb_target_group.api.deregistration_delay`, not `timeout.read`
            found.setdefault(tail, []).append(setting)
    return found


def _numbers(hop: Hop) -> Mapping[str, Limit | Count]:
    found: dict[str, Limit | Count] = {limit.setting: limit for limit in hop.limits}
    if hop.retry.count is not None:
        found[hop.retry.count.setting or "attempts"] = hop.retry.count
    return found


def _shown(number: Limit | Count | None) -> str:
    """A number for people; that it is a default is said, for a change from or to one."""
    if number is None:
        return "-"
    if isinstance(number, Count):
        known = number.bound.value
        counted = "unknown" if known is None else str(known - number.retries)
        text = "endless" if number.bound.unlimited else counted
        return text if number.written else f"{text} (default)"
    bound = number.bound
    text = show_duration(bound.value) if bound.exact else _one_of(bound)
    return text if number.written or not bound.exact else f"{text} (default)"


def _one_of(bound: Bound) -> str:
    """The values that it may have, where they are known."""
    return " or ".join(show_duration(choice) for choice in bound.choices) or "unknown"
