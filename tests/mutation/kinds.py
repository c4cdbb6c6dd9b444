"""The kinds of edits, each once as a fault and once so that nothing is wrong."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from random import Random

from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.report import HopReport, Report
from budgetcheck.model.topology import Evidence, Layer, Link, MethodClass, method_classes

from .chains import Joint, chain, headroom, joints, needed, value, windows
from .edits import OUTLASTS, Edit, Lines, Spot, between, renamed, spot, with_line
from .room import Deciding, calls, deciding, hops_with, is_shared, longest_waited_for

Kind = Callable[[Report, Random, Lines], Iterator[Edit]]
_SURE = {Evidence.ADDRESS.name, Evidence.REFERENCE.name}
_RETRIES_MAY = ("BC3", "BC8")
"""More attempts multiply, repeat unsafe requests and offend policies, also where there is time for them."""
_REPEATS_POST = ("openai", "anthropic")


def limit_raised(report: Report, random: Random, lines: Lines) -> Iterator[Edit]:
    """The limit that decides how long a hop may take: past what its caller grants, or within that."""
    for found in deciding(report):
        if is_shared(report, found.spot):
            continue
        step = found.spot.literal.step
        past = between(random, found.granted + step, _most(found), step)
        if past is not None:
            ends = (found.spot.one.hop.address, found.outer)
            yield from found.spot.edit("limit raised", past, lines, OUTLASTS, ends)
        room = min(_most(found) - found.now, found.room * 4 // 5)
        within = between(random, found.now + step, found.now + room // found.factor, step)
        if within is not None:
            yield from found.spot.edit("limit raised", within, lines)


def _most(found: Deciding) -> int:
    """As much as the platform takes, and no more than decides."""
    others = (found.spot.limit.cap, found.next_limit, 3 * found.granted + 60_000)
    return min(other for other in others if other is not None)


def outer_lowered(report: Report, random: Random, lines: Lines) -> Iterator[Edit]:
    """What a hop grants: below what the next one needs, or still above."""
    spots = [(joint, found) for joint in joints(report) if (found := spot(joint.outer, joint.grant))]
    for joint, found in spots:
        if not joint.fits or joint.needed is None:
            continue
        step = found.literal.step
        below = between(random, step, joint.needed - 1, step)
        if below is not None:
            yield from found.edit("outer lowered", below, lines, OUTLASTS, (joint.outer.hop.address,))
        same = [other for other, another in spots if another.key == found.key]
        if not all(other.fits for other in same) or is_shared(report, found):
            continue
        need = max(other.needed or 0 for other in same)
        above = between(random, need + headroom(joint.granted) + step, joint.granted - step, step)
        if above is not None:
            yield from found.edit("outer lowered", above, lines)


def retries_added(report: Report, random: Random, lines: Lines) -> Iterator[Edit]:
    """More attempts of a call: longer together than what stands above it grants, or still short enough."""
    for call in calls(report):
        count = call.one.hop.retry.count
        if count is None or count.bound.value is None or call.limit.meaning is Meaning.TOTAL:
            continue
        safe = MethodClass.IDEMPOTENT in method_classes(call.route.route.methods)
        if not safe and call.one.hop.component not in _REPEATS_POST:
            continue
        now = count.bound.value - count.retries
        enough = (call.granted - call.needed) // call.per_attempt + 1
        if enough <= 20:
            ends = (call.one.hop.address, call.outer)
            yield from _with_count(call.one, now + enough + random.randint(0, 2), lines, OUTLASTS, ends)
        if call.room >= call.per_attempt + 8_000:
            yield from _with_count(call.one, now + 1, lines)


def keepalive_lowered(report: Report, random: Random, lines: Lines) -> Iterator[Edit]:
    """How long the inner side keeps idle connections: not longer than the outer uses them, or longer."""
    pairs = list(_connections(report))
    for outer, reuse, inner, keep in pairs:
        found, used, kept = spot(inner, keep), value(reuse), value(keep)
        if found is None or used is None or kept is None or kept <= used:
            continue
        step = found.literal.step
        early = between(random, step, used, step)
        if early is not None:
            ends = (outer.hop.address, inner.hop.address)
            yield from found.edit("keep-alive lowered", early, lines, ("BC401",), ends)
        others = [value(r) for _, r, i, k in pairs if (s := spot(i, k)) is not None and s.key == found.key]
        late = between(random, max(other or kept for other in others) + step, kept - step, step)
        if late is not None and not is_shared(report, found):
            yield from found.edit("keep-alive lowered", late, lines)


def grace_cut(report: Report, random: Random, lines: Lines) -> Iterator[Edit]:
    """The time for running requests at shutdown: shorter than the longest one, or still long enough."""
    for found, now in _limits(report, Meaning.DRAIN):
        longest = longest_waited_for(report, found)
        if not longest or now < longest:
            continue
        step = found.literal.step
        short = between(random, step, longest - 1, step)
        if short is not None:
            yield from found.edit("grace cut", short, lines, ("BC402",), hops_with(report, found))
        if is_shared(report, found):
            continue
        others = [ms for route in report.routes for ms in windows(route) if ms < now]
        enough = between(random, max([longest, *others]) + step, now - step, step)
        if enough is not None:
            yield from found.edit("grace cut", enough, lines)


def visibility_cut(report: Report, random: Random, lines: Lines) -> Iterator[Edit]:
    """How long a queue hides a message: shorter than its consumer may work, or six times as long."""
    for route in report.routes:
        for queue, consumer in pairwise(chain(route)):
            need = needed(route, consumer)
            for limit in queue.hop.limits:
                found, now = spot(queue, limit), value(limit)
                if limit.meaning is not Meaning.VISIBILITY or not found or not need or not now or now < need:
                    continue
                if is_shared(report, found):
                    continue
                step = found.literal.step
                short = between(random, step, need - 1, step)
                if short is not None:
                    yield from found.edit("visibility cut", short, lines, ("BC501",), (queue.hop.address,))
                enough = between(random, need * 6, now - step, step)
                if enough is not None:
                    yield from found.edit("visibility cut", enough, lines)


def link_broken(report: Report, _random: Random, lines: Lines) -> Iterator[Edit]:
    """All by which a hop finds the next one, changed at one end: names, port, socket, reference."""
    for joint, link in _links(report):
        asks, answers = (span.file for span in link.spans[:2])
        pair = (link.outer, link.inner)
        targets = [target for target in joint.outer.hop.targets if target.span == link.spans[0]]
        if link.why == "host name" and asks != answers:
            yield from renamed("link broken", answers, joint.inner.hop.front.hosts, lines, pair)
        elif link.why == "reference":
            word = re.search(r"(?:aws|google)_\w+\.(\w+)|^service ([\w-]+)", link.spans[0].text)
            words = [group for group in word.groups() if group] if word else []
            yield from renamed("link broken", asks, words, lines, pair, only=link.spans[0].line)
        elif asks != answers:
            words = [word for target in targets for word in (target.host, target.group, target.socket)]
            ports = [str(target.port) for target in targets]
            yield from renamed("link broken", asks, [w for w in (*words, *ports) if w], lines, pair)


def host_renamed(report: Report, _random: Random, lines: Lines) -> Iterator[Edit]:
    """Only the name by which a hop finds the next one; the port stays as it is."""
    for joint, link in _links(report):
        asks, answers = (span.file for span in link.spans[:2])
        targets = [target for target in joint.outer.hop.targets if target.span == link.spans[0]]
        words = {word for target in targets for word in (target.host, target.group) if word}
        names = {name.lower() for name in joint.inner.hop.front.names}
        if link.why == "name" and asks != answers:
            mine = sorted(word for word in words if word.lower() in names)
            yield from renamed("host renamed", asks, mine, lines, (link.outer, link.inner))


def _links(report: Report) -> Iterator[tuple[Joint, Link]]:
    """The sure links of joints that fit; not those whose two ends are one and the same block."""
    for joint in joints(report):
        pair = (joint.outer.hop.address, joint.inner.hop.address)
        link = next(link for link in joint.route.route.links if (link.outer, link.inner) == pair)
        if joint.fits and joint.inner.evidence in _SURE and link.spans[0] != link.spans[1]:
            yield joint, link


KINDS: tuple[Kind, ...] = (
    limit_raised,
    outer_lowered,
    retries_added,
    keepalive_lowered,
    grace_cut,
    visibility_cut,
    link_broken,
    host_renamed,
)


def _limits(report: Report, meaning: Meaning) -> Iterator[tuple[Spot, int]]:
    for route in report.routes:
        for one in chain(route):
            for limit in one.hop.limits:
                found, now = spot(one, limit), value(limit)
                if limit.meaning is meaning and found is not None and now is not None:
                    yield found, now


def _connections(report: Report) -> Iterator[tuple[HopReport, Limit, HopReport, Limit]]:
    """Neighbours with the limits of idle connections; a container is none, it only passes them on."""
    for route in report.routes:
        hops = [one for one in chain(route) if {limit.meaning for limit in one.hop.limits} != {Meaning.DRAIN}]
        for outer, inner in pairwise(hops):
            for reuse in outer.hop.limits:
                balances = outer.hop.component in ("aws_lb", "aws_elb") and reuse.meaning is Meaning.IDLE
                if (balances or reuse.meaning is Meaning.KEEPALIVE) and reuse.of_answer:
                    for keep in inner.hop.limits:
                        if keep.meaning is Meaning.KEEPALIVE and not keep.of_answer:
                            yield outer, reuse, inner, keep


def _with_count(
    one: HopReport, new: int, lines: Lines, rules: tuple[str, ...] = (), ends: tuple[str, ...] = ()
) -> Iterator[Edit]:
    """The number of retries or attempts replaced, or written where an app document leaves it out."""
    count = one.hop.retry.count
    if count is None or one.hop.layer is not Layer.CALL:
        return
    is_written = bool(count.spans) and count.literal.isdigit()
    span = count.spans[-1] if is_written else one.hop.span
    old = lines(span.file)[span.line - 1]
    if is_written:
        name = re.escape(count.setting.rpartition(".")[2])
        text = re.sub(rf"(\b{name}\W{{1,3}}){count.literal}\b", rf"\g<1>{new}", old)
    elif count.setting == "max_retries" and one.hop.address.startswith("app:"):
        text = re.sub(rf"client: {re.escape(one.hop.component)}\b", rf"\g<0>, max_retries: {new}", old)
    else:
        return
    if text != old:
        yield Edit(
            kind="retries added",
            file=span.file,
            line=span.line,
            old=old.strip(),
            new=text.strip(),
            text=with_line(lines(span.file), span.line, text),
            rules=rules,
            may=_RETRIES_MAY,
            ends=ends,
        )
