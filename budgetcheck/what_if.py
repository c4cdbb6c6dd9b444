"""Answers "may I change this to that": settings replaced in the model, everything checked again, compared."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase

from budgetcheck.difference import difference
from budgetcheck.model.bound import Bound, exactly
from budgetcheck.model.difference import Difference
from budgetcheck.model.duration import parse_duration, scale_number
from budgetcheck.model.limits import Count, Limit, Origin, RetryPolicy
from budgetcheck.model.topology import Hop
from budgetcheck.run import Prepared, UsageError, checked

_CHANGE = re.compile(r"(?:(?P<hop>[^=]{1,300})::)?(?P<setting>[A-Za-z_][\w. -]{0,200})=(?P<value>[^=]{1,60})")
_NO_LIMIT = frozenset({"unlimited", "none", "off", "no limit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One setting and the value it shall have; `hop` is a pattern of an address, a component, or empty."""

    hop: str
    setting: str
    value: str


def parse(texts: Iterable[str]) -> tuple[Wish, ...]:
    """`proxy_read_timeout=65s`, `openai::max_retries=0`, `nginx:api.example.com/*::proxy_read_timeout=65s`.

    Raises UsageError.
    """
    found = []
    for text in texts:
        match = _CHANGE.fullmatch(text.strip())
        if match is None:
            raise UsageError(f"{text!r} is no change; write SETTING=VALUE or HOP::SETTING=VALUE")
        found.append(Wish(hop=match["hop"] or "", setting=match["setting"], value=match["value"].strip()))
    return tuple(found)


def what_if(prepared: Prepared, wishes: Sequence[Wish]) -> Difference:
    """The difference that the changes make. Raises UsageError for a setting or value that is none."""
    used: set[Wish] = set()

    def changed(hop: Hop) -> Hop:
        for wish in wishes:
            if not wish.hop or fnmatchcase(hop.address, wish.hop) or hop.component == wish.hop:
                other = _with(hop, wish)
                if other is not None:
                    used.add(wish)
                    hop = other
        return hop

    before, after = checked(prepared), checked(prepared, changed=changed)
    hops = [hop for route in before.routes for hop in (*route.route.hops, *route.route.wrappers)]
    for wish in wishes:
        if wish not in used:
            raise UsageError(_nowhere(wish, hops))
    asked = ", ".join(f"{wish.setting}={wish.value}" for wish in wishes)
    return difference(before, after, ("now", asked))


def _with(hop: Hop, wish: Wish) -> Hop | None:
    """The hop with the setting changed; None where it has no such setting."""
    same = wish.setting
    limits = tuple(_limit(limit, wish) if limit.setting == same else limit for limit in hop.limits)
    count = hop.retry.count
    if count is not None and wish.setting in (count.setting, "attempts"):
        return replace(hop, retry=_retries(hop.retry, count, wish), limits=limits)
    # `timeout` of a client stands for each of its parts.
    if limits == hop.limits:
        parts = f"{wish.setting}."
        limits = tuple(
            _limit(limit, wish) if limit.setting.startswith(parts) else limit for limit in hop.limits
        )
    return replace(hop, limits=limits) if limits != hop.limits or _has(hop, wish) else None


def _has(hop: Hop, wish: Wish) -> bool:
    return any(limit.setting == wish.setting for limit in hop.limits)


def _limit(limit: Limit, wish: Wish) -> Limit:
    return replace(limit, bound=_bound(wish, limit.unit), origin=Origin.WRITTEN, literal=wish.value)


def _bound(wish: Wish, unit: str) -> Bound:
    if wish.value.lower() in _NO_LIMIT:
        return exactly(None)
    try:
        bare = wish.value.replace(".", "", 1).isdigit()
        return exactly(scale_number(wish.value, unit) if bare else parse_duration(wish.value))
    except ValueError as error:
        raise UsageError(f"{wish.setting}: {error}") from None


def _retries(policy: RetryPolicy, count: Count, wish: Wish) -> RetryPolicy:
    if wish.value.lower() in _NO_LIMIT:
        bound = exactly(None)
    elif wish.value.isdigit():
        own = count.retries and wish.setting == count.setting
        bound = exactly(max(int(wish.value) + own, 1))
    else:
        raise UsageError(f"{wish.setting}: {wish.value!r} is no number of attempts")
    unsafe = bound if policy.attempts_unsafe == policy.attempts else policy.attempts_unsafe
    changed = replace(count, bound=bound, origin=Origin.WRITTEN, literal=wish.value)
    return replace(
        policy, attempts=bound, attempts_unsafe=unsafe, connects=bound, count=changed, answered=None
    )


def _nowhere(wish: Wish, hops: Iterable[Hop]) -> str:
    known = sorted({limit.setting for hop in hops for limit in hop.limits})
    near = get_close_matches(wish.setting, known, n=2, cutoff=0.6)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    where = f" of {wish.hop}" if wish.hop else ""
    return f"no hop of these files has a setting {wish.setting!r}{where}{hint}"
