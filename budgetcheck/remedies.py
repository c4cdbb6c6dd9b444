"""Remedies for a broken joint, each checked by running the rules again on the changed model.

A remedy is offered only if its finding is gone and no other appears. Where raising a limit breaks the next
one outside, that one is raised as well and the text says so. None is called safe: each states its cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from budgetcheck import budget, facts
from budgetcheck.assess import Joint
from budgetcheck.costs import Maker, with_changes
from budgetcheck.edits import deadline_edit, limit_edit, retries_edit
from budgetcheck.model.bound import exactly, minimum
from budgetcheck.model.duration import show_duration
from budgetcheck.model.findings import End, Finding, Fix, FixKind
from budgetcheck.model.limits import Limit, Meaning, Origin
from budgetcheck.model.options import Headroom, Options
from budgetcheck.model.topology import Hop, Layer
from budgetcheck.rules.arithmetic import retry_layers
from budgetcheck.rules.drain_cuts_requests import CODE as DRAIN_RULE
from budgetcheck.rules.faults import Fault
from budgetcheck.rules.ineffective_limit import CODE as HEARTBEAT_RULE
from budgetcheck.rules.keepalive_inversion import CODE as KEEPALIVE_RULE
from budgetcheck.rules.proof import deciding_limit
from budgetcheck.series import pauses
from budgetcheck.trials import Changes, Outcome, Trials

_MOST_RAISES = 8  # more limits in a row than any real chain has
_MORE_KEEPALIVE_MS = 5_000
_ANY = 1 << 62
_COARSE_MS = 10_000  # from here on people write multiples of five seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One finding and everything needed to try changes on it."""

    finding: Finding
    joint: Joint
    fault: Fault
    granted: int
    room: int
    options: Options
    trials: Trials
    members: tuple[tuple[Joint, Fault], ...]
    others: tuple[Trials, ...]

    def outcome(self, changes: Changes) -> Outcome | None:
        """What changes make of the routes concerned; None where those are too many."""
        return self.trials.outcome(changes, [inner for _, inner in self.pairs])

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Both ends of every joint that the finding stands for."""
        found = [(joint.outer.address, fault.hop.address) for joint, fault in self.members]
        return list(dict.fromkeys(found))

    def is_left(self, found: Finding) -> bool:
        """It is the finding still, at one of the places that it stands for."""
        if found.rule != self.finding.rule or found.outer is None or found.inner is None:
            return False
        return (found.outer.address, found.inner.address) in self.pairs

    def unbroken_elsewhere(self, changes: Changes) -> bool:
        """In no other environment do the changes bring a finding."""
        for trials in self.others:
            theirs = trials.here(changes, self.trials)
            found = trials.outcome(theirs, ()) if theirs else Outcome(before={}, after={})
            if found is None or not found.after.keys() <= found.before.keys():
                return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Raise:
    """One limit with its new value. `cuts`: it would end the request, so that it has to be raised."""

    hop: Hop
    limit: Limit
    value: int
    cuts: bool


def remedies(finding: Finding, trials: Trials, others: Sequence[Trials] = ()) -> tuple[Fix, ...]:
    """The remedies for a pair finding, the least costly first; none where a number is not known.

    `others` are those of the other environments, in which a remedy must break nothing either.
    """
    case = _case(finding, trials, others)
    if case is None:
        return ()
    candidates = (_deadline(case), _fewer_attempts(case), _shorter_limit(case), _raise_outer(case))
    return tuple(fix for fix in candidates if fix is not None)


def _case(finding: Finding, trials: Trials, others: Sequence[Trials]) -> _Case | None:
    located = trials.locate(finding)
    if located is None or located[0].granted.value is None:
        return None
    joint, fault = located
    granted = located[0].granted.value
    return _Case(
        finding=finding,
        joint=joint,
        fault=fault,
        granted=granted,
        room=granted - trials.options.headroom.of(granted),
        options=trials.options,
        trials=trials,
        members=tuple(trials.alike(joint, fault)),
        others=tuple(others),
    )


def _along(case: _Case, changes: Changes) -> list[_Raise] | None:
    """What has to be longer as well so that the finding is gone everywhere and nothing new appears.

    The finding may hide that a shutdown window or a heartbeat is short. None where changes do not help.
    """
    along: list[_Raise] = []
    made = dict(changes)
    for _ in range(_MOST_RAISES):
        found = case.outcome(made)
        if found is None or any(map(case.is_left, found.after.values())):
            return None
        new = [one for key, one in found.after.items() if key not in found.before]
        if not new:
            return along if case.unbroken_elsewhere(made) else None
        step = None if any(map(_cuts, new)) else _raised(case, new[0], 0)
        if step is None:
            return None
        along.append(step)
        address = step.hop.address
        made[address] = _with_limit(made.get(address, step.hop), step.limit, step.value)
    return None


def _deadline(case: _Case) -> Fix | None:
    """An enforced total around the calls: keeps slow answers alive as long as possible."""
    handler = case.joint.route.handler
    inside = case.fault.hop.layer in (Layer.CALL, Layer.HANDLER)
    deadline = _whole_seconds(case.room)
    uncancellable = any(maker.hop.trait("blocking") == "yes" for maker in case.fault.makers)
    if handler is None or not inside or deadline <= 0 or uncancellable:
        return None
    limit = Limit(
        meaning=Meaning.TOTAL,
        bound=exactly(deadline),
        setting="deadline",
        origin=Origin.WRITTEN,
        spans=(handler.span,),
    )
    others = tuple(known for known in handler.limits if known.meaning is not Meaning.TOTAL)
    along = _along(case, {handler.address: replace(handler, limits=(*others, limit))})
    if along is None:
        return None
    many = "s" if len(case.fault.makers) > 1 else ""
    attempt = case.fault.attempt.value
    keeps = attempt is not None and attempt <= deadline and len(case.fault.makers) == 1
    cost = (
        f"keeps {show_duration(attempt)} answers"
        if keeps
        else f"cuts answers slower than {show_duration(deadline)}"
    )
    fix = Fix(
        kind=FixKind.ADD_DEADLINE,
        text=f"a {show_duration(deadline)} deadline around the call{many}",
        cost=f"{cost}, ends the orphan",
        edits=deadline_edit(handler, deadline),
    )
    return _with(fix, along)


def _fewer_attempts(case: _Case) -> Fix | None:
    """The largest number of attempts that fits, by lowering one count: the client's own or a layer's."""
    maker = case.fault.makers[0]
    made = case.fault.attempts.value
    if len(case.fault.makers) != 1 or made is None or made == 1:
        return None
    found = [fewer for hop in (*retry_layers(maker), maker.hop) if (fewer := _lowered(case, maker, hop))]
    if not found:
        return None
    hop, attempts, after, along = max(found, key=lambda one: one[2].worst.attempts.value or 0)
    edit = retries_edit(hop, attempts)
    fix = Fix(
        kind=FixKind.FEWER_ATTEMPTS,
        text=f"{edit.text} -> {show_duration(after.worst.hang.value)}",
        cost=_lost(made - 1, made - (after.worst.attempts.value or 1)),
        edits=edit.edits,
    )
    return _with(fix, along)


def _lowered(case: _Case, maker: Maker, hop: Hop) -> tuple[Hop, int, Maker, list[_Raise]] | None:
    """One hop with the largest lower count with which the whole fits, and what goes along."""
    made = hop.retry.attempts.value
    if made is None or made == 1:
        return None
    for attempts in range(min(made - 1, 100), 0, -1):
        fewer = _with_attempts(hop, attempts)
        after = with_changes(maker, {hop.address: fewer}, case.fault.classes[0])
        needed = after.worst.hang.value
        if needed is not None and needed <= case.room:
            along = _along(case, {hop.address: fewer})
            if along is not None:
                return hop, attempts, after, along
    return None


def _with_attempts(hop: Hop, attempts: int) -> Hop:
    retry, bound = hop.retry, exactly(attempts)
    fewer = replace(
        retry,
        attempts=bound,
        attempts_unsafe=bound,
        answered=minimum(retry.answered, bound) if retry.answered else None,
        answered_unsafe=minimum(retry.answered_unsafe, bound) if retry.answered_unsafe else None,
        connects=bound,
    )
    return replace(hop, retry=fewer)


def _lost(retries: int, lost: int) -> str:
    if lost == retries:
        return {1: "loses the retry", 2: "loses both retries"}.get(lost, f"loses all {lost} retries")
    return f"loses the last {'retry' if lost == 1 else f'{lost} retries'}"


def _shorter_limit(case: _Case) -> Fix | None:
    """T <= (B - backoff) / A for the limit that ends one attempt, or a shorter deadline round the call."""
    maker = case.fault.makers[0]
    if len(case.fault.makers) != 1:
        return None
    found = _deadline_layer(maker)
    hop, limit = found or (maker.hop, deciding_limit(maker.hop))
    shorter = _whole_seconds(case.room) if found else _share(case, maker)
    if limit is None or not limit.adjustable or shorter is None or shorter <= 0:
        return None
    changed = {hop.address: _with_limit(hop, limit, shorter)}
    after = with_changes(maker, changed, case.fault.classes[0]).worst.hang.value
    along = _along(case, changed)
    if along is None:
        return None
    edit = limit_edit(hop, limit, shorter)
    fix = Fix(
        kind=FixKind.SHORTER_LIMIT,
        text=edit.text if after == shorter else f"{edit.text} -> {show_duration(after)}",
        cost=f"cuts answers slower than {show_duration(shorter)}",
        edits=edit.edits,
    )
    return _with(fix, along)


def _share(case: _Case, maker: Maker) -> int | None:
    """What each attempt may take so that all of them and the pauses fit."""
    made, each, whole = case.fault.attempts.value, maker.attempt.value, maker.worst.hang.value
    if made is None:
        return None
    between = pauses(maker.hop.retry.backoff, made - 1)
    if maker.layers and each is not None and whole is not None:
        between = max(whole - made * each, 0)
    shorter = (case.room - between) // made
    return _whole_seconds(shorter) if shorter >= 1_000 else shorter


def _deadline_layer(maker: Maker) -> tuple[Hop, Limit] | None:
    """The wrapper whose deadline decides the need."""
    deadline = maker.deadline
    if deadline is None:
        return None
    return next((layer, deadline) for layer in maker.layers if deadline in layer.limits)


def _raise_outer(case: _Case) -> Fix | None:
    """Raises the outer limit, and every limit that would break then, up to its cap."""
    needed = case.fault.needed.value
    if needed is None:
        return None
    raised: list[_Raise] = []
    changes: dict[str, Hop] = {}
    broken: Finding = case.finding
    for _ in range(_MOST_RAISES):
        step = _raised(case, broken, needed)
        if step is None:
            return None
        raised.append(step)
        address = step.hop.address
        changes[address] = _with_limit(changes.get(address, step.hop), step.limit, step.value)
        tried = case.outcome(changes)
        if tried is None:
            return None
        new = [
            found for pair, found in tried.after.items() if pair not in tried.before or case.is_left(found)
        ]
        if not new:
            return _raise_fix(raised, needed) if case.unbroken_elsewhere(changes) else None
        broken = max(new, key=_cuts)
    return None


def _cuts(finding: Finding) -> bool:
    """It is about a limit that ends requests, not about what follows from a longer one."""
    return finding.rule not in (KEEPALIVE_RULE, HEARTBEAT_RULE, DRAIN_RULE)


def _raised(case: _Case, broken: Finding, needed: int) -> _Raise | None:
    """The limit that ends a finding by being larger, and its smallest round value that leaves headroom."""
    if broken.outer is None or broken.inner is None or broken.needed_ms is None or broken.budget_ms is None:
        return None
    if broken.rule == KEEPALIVE_RULE:  # the inner side has to keep connections longer than the raised limit
        found = _find_limit(case, broken.inner)
        value = broken.budget_ms + _MORE_KEEPALIVE_MS
    else:
        found = _find_limit(case, broken.outer)
        value = _with_headroom(max(needed, broken.needed_ms), case.options.headroom)
    if found is None or not found[1].adjustable or value > _most(*found):
        return None
    return _Raise(hop=found[0], limit=found[1], value=value, cuts=_cuts(broken))


def _most(hop: Hop, limit: Limit) -> int:
    """The largest value that the component accepts without anybody asking for a quota."""
    component = facts.find(hop.component)
    of_setting = (fact for fact in (component.limits if component else ()) if fact.setting == limit.setting)
    highest = [fact.highest for fact in of_setting]
    return min((most for most in (limit.cap, limit.soft_cap, *highest) if most is not None), default=_ANY)


def _find_limit(case: _Case, end: End) -> tuple[Hop, Limit] | None:
    hop = next((one for one in case.joint.route.chain if one.address == end.address), None)
    if hop is None and any(outer == end.address for outer, _ in case.pairs):
        hop = case.trials.hop(end.address)  # the same number, written for another route
    return next(((hop, limit) for limit in hop.limits if limit.setting == end.setting), None) if hop else None


def _with(fix: Fix, along: Sequence[_Raise]) -> Fix:
    """The remedy and what has to be longer with it."""
    if not along:
        return fix
    changes = [limit_edit(one.hop, one.limit, one.value) for one in along]
    edits = (*(edit for change in reversed(changes) for edit in change.edits), *fix.edits)
    return replace(fix, edits=edits, breaks=f"then also {', '.join(change.text for change in changes)}")


def _raise_fix(raised: Sequence[_Raise], needed: int) -> Fix:
    edits = [limit_edit(one.hop, one.limit, one.value) for one in raised]
    again = [one for one in raised if _alike(one, raised[0])]
    further = [(one, edit) for one, edit in zip(raised, edits, strict=True) if one not in again]
    cut = [one for one, _ in further if one.cuts]
    too = ", ".join(edit.text for one, edit in further if one.cuts)
    along = ", ".join(edit.text for one, edit in further if not one.cuts)
    breaks = ""
    if cut:
        named = " and ".join(_breaks(one.hop, one.limit) for one in cut)
        one_only = len(cut) == 1
        breaks = f"then {named} break{'s' * one_only}; raise {'it' if one_only else 'them'} too ({too})"
    if along:
        breaks = f"{breaks}, then also {along}" if breaks else f"then also {along}"
    return Fix(
        kind=FixKind.RAISE_LIMIT,
        text=edits[0].text + (f" in {len(again)} places" if len(again) > 1 else ""),
        cost=f"callers wait up to {show_duration(needed)}",
        edits=tuple(edit for change in reversed(edits) for edit in reversed(change.edits)),
        breaks=breaks,
    )


def _alike(one: _Raise, first: _Raise) -> bool:
    """The same number of the same setting, written once more."""
    same = one.hop.component == first.hop.component and one.limit.setting == first.limit.setting
    return same and one.limit.bound == first.limit.bound and one.value == first.value


def _breaks(hop: Hop, limit: Limit) -> str:
    unwritten = "" if limit.written else "unwritten "
    return f"{hop.title_short}'s {unwritten}{show_duration(budget.effective(limit).value)}"


def _with_limit(hop: Hop, limit: Limit, milliseconds: int) -> Hop:
    """The hop with that limit, and every looser one that ends the same wait, kept consistent."""
    changed = replace(limit, bound=exactly(milliseconds), origin=Origin.WRITTEN)
    return replace(
        hop, limits=tuple(changed if known.setting == limit.setting else known for known in hop.limits)
    )


def _with_headroom(needed: int, headroom: Headroom) -> int:
    """The smallest round number of milliseconds that grants `needed` and keeps the headroom."""
    step = 5_000 if needed >= _COARSE_MS else 1_000
    value = -(-needed // step) * step
    while value - needed < headroom.of(value):
        value += step
    return value


def _whole_seconds(milliseconds: int) -> int:
    return milliseconds // 1_000 * 1_000
