"""Answers "may I change this to that": settings replaced in the model, everything checked again, compared."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from budgetcheck.difference import difference
from budgetcheck.model.bound import Bound, exactly
from budgetcheck.model.difference import Difference
from budgetcheck.model.duration import parse_duration, scale_number
from budgetcheck.model.limits import Count, Limit, Origin, RetryPolicy
from budgetcheck.model.topology import Hop
from budgetcheck.run import Prepared, UsageError, checked
from budgetcheck.wildcards import fits

_CHANGE = re.compile(r"(?:(?P<hop>[^=]{1,300})::)?(?P<setting>[A-Za-z_][^=]{0,300})=(?P<value>[^=]{1,60})")
_SOURCE = "as asked"
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
    before = checked(prepared)
    hops = [hop for route in before.routes for hop in (*route.route.hops, *route.route.wrappers)]
    wishes = [_split(wish, hops) for wish in wishes]
    used: set[Wish] = set()

    def changed(hop: Hop) -> Hop:
        for wish in wishes:
            if not wish.hop or _is_meant(hop, wish.hop):
                other = _with(hop, wish)
                if other is not None:
                    used.add(wish)
                    hop = other
        return hop

    after = checked(prepared, changed=changed)
    for wish in wishes:
        if wish not in used:
            raise UsageError(_nowhere(wish, hops))
    asked = ", ".join(f"{wish.setting}={wish.value}" for wish in wishes)
    return difference(before, after, ("now", asked))


def _split(wish: Wish, hops: Iterable[Hop]) -> Wish:
    """`aws_lb.edge.idle_timeout`, as Terraform has it, is a setting of a hop if no setting is called so."""
    hop, dot, setting = wish.setting.rpartition(".")
    if wish.hop or not dot or not any(_is_meant(one, hop) for one in hops):
        return wish
    return replace(wish, hop=hop, setting=setting)


def _is_meant(hop: Hop, name: str) -> bool:
    """Its component, its title or its address as reports write them, or a pattern of the address."""
    plain = hop.address.partition(":")[2]
    return name in (hop.component, hop.title, plain) or fits(hop.address, name)


def _is_named(limit: Limit, setting: str) -> bool:
    """`origin_read_timeout` is enough for `origin.custom_origin_config.origin_read_timeout`."""
    return setting in (limit.setting, limit.setting.rpartition(".")[2])


def _with(hop: Hop, wish: Wish) -> Hop | None:
    """The hop with the setting changed; None where it has no such setting."""
    limits = tuple(_limit(limit, wish) if _is_named(limit, wish.setting) else limit for limit in hop.limits)
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
    return any(_is_named(limit, wish.setting) for limit in hop.limits)


def _limit(limit: Limit, wish: Wish) -> Limit:
    bound = _bound(wish, limit.unit)
    return replace(limit, bound=bound, origin=Origin.WRITTEN, source=_SOURCE, literal=wish.value, doubt="")


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
    changed = replace(count, bound=bound, origin=Origin.WRITTEN, source=_SOURCE, literal=wish.value, doubt="")
    return replace(
        policy, attempts=bound, attempts_unsafe=unsafe, connects=bound, count=changed, answered=None
    )


def _nowhere(wish: Wish, hops: Sequence[Hop]) -> str:
    meant = [hop for hop in hops if not wish.hop or _is_meant(hop, wish.hop)]
    if not meant:
        names = {name for hop in hops for name in (hop.component, hop.title)}
        return f"no hop of these files is called {wish.hop!r}{_near(wish.hop, names)}"
    known = {name for hop in meant for name in _settings(hop)}
    where = f" of {wish.hop}" if wish.hop else ""
    return f"no hop of these files has a setting {wish.setting!r}{where}{_near(wish.setting, known)}"


def _settings(hop: Hop) -> Iterator[str]:
    yield from (limit.setting for limit in hop.limits)
    if hop.retry.count is not None:
        yield hop.retry.count.setting


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(known), n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""
