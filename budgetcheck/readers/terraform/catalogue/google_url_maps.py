"""URL maps of Google's load balancers: which requests go to which backend service, and with which action.

Host rules, path matchers and their rules are joined by the names of the matchers, inside one resource.
Source: https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/compute_url_map.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from weakref import WeakKeyDictionary

from budgetcheck.model.settings import Known, OneOf, Setting, Unresolved
from budgetcheck.model.topology import PathRule
from budgetcheck.readers.terraform.catalogue.paths import MAYBE, path_pattern
from budgetcheck.readers.terraform.catalogue.settings import setting, text, texts
from budgetcheck.readers.terraform.catalogue.stack import Stack, Together, items_at, values_at
from budgetcheck.readers.terraform.instances import Item, Resource

MAP = "google_compute_url_map"
SERVICE = "google_compute_backend_service"

_NANOSECONDS = Decimal(1_000_000_000)
_VARIABLE_PART = re.compile(r"[*{]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The requests that one entry of a URL map takes, and where it sends them.

    Attributes:
        name: which entry it is (`api.path_rule[0]`), for addresses.
        hosts, paths: the requests; empty for all.
        action: its route action, where it has one that limits or repeats requests.
        label: what the action is called there (`route_action`, `default_route_action`).
        services: keys of the backend services.
    """

    url_map: Resource
    name: str = ""
    hosts: tuple[str, ...] = ()
    paths: tuple[PathRule, ...] = ()
    action: Item | None
    label: str
    services: tuple[str, ...]


class UrlMaps:
    """All ways of the URL maps in sight, by the backend service they lead to."""

    def __init__(self, together: Together) -> None:
        self._by_service: dict[str, list[Way]] = {}
        self._by_map: dict[str, list[Way]] = {}
        for url_map in together.of(MAP):
            found = self._by_map[url_map.key] = list(_ways(together, url_map))
            for way in found:
                for key in way.services:
                    self._by_service.setdefault(key, []).append(way)

    @classmethod
    def of_stack(cls, stack: Stack) -> "UrlMaps":
        """The URL maps that a root module sees, gathered once."""
        if stack.together not in _KNOWN:
            _KNOWN[stack.together] = cls(stack.together)
        return _KNOWN[stack.together]

    def to(self, service: Resource) -> list[Way]:
        """The ways that lead to a backend service."""
        return self._by_service.get(service.key, [])

    def of(self, url_map: Resource) -> list[Way]:
        """The ways of one URL map, in its order."""
        return self._by_map.get(url_map.key, [])


_KNOWN: WeakKeyDictionary[Together, UrlMaps] = WeakKeyDictionary()


def _ways(together: Together, url_map: Resource) -> Iterator[Way]:
    yield replace(_way(together, url_map, url_map, "default_"), name="default")
    for matcher in url_map.blocks("path_matcher"):
        name = text(matcher.value("name"))
        hosts, maybe = _hosts(url_map, name)
        yield replace(_way(together, url_map, matcher, "default_"), name=name, hosts=hosts, paths=maybe)
        for kind, paths_of in (("path_rule", _rule_paths), ("route_rules", _matched_paths)):
            for index, rule in enumerate(matcher.blocks(kind)):
                way = replace(_way(together, url_map, rule, ""), name=f"{name}.{kind}[{index}]", hosts=hosts)
                yield replace(way, paths=paths_of(rule))


def _way(together: Together, url_map: Resource, item: Item, prefix: str) -> Way:
    """What an entry does with the requests it takes; a map and a matcher have `default_` entries."""
    label = f"{prefix}route_action"
    action = next(iter(item.blocks(label)), None)
    values = [item.value(f"{prefix}service")]
    if action is not None:
        values.extend(values_at(action, "weighted_backend_services.backend_service"))
    services = [found.key for value in values for found in together.referred(value, SERVICE)]
    limits = action is not None and bool(action.blocks("timeout") or action.blocks("retry_policy"))
    return Way(
        url_map=url_map,
        action=action if limits else None,
        label=label,
        services=tuple(dict.fromkeys(services)),
    )


def _hosts(url_map: Resource, matcher: str) -> tuple[tuple[str, ...], tuple[PathRule, ...]]:
    """Host names of a matcher, none for any; where they are not known, requests may or may not match."""
    hosts: list[str] = []
    for rule in url_map.blocks("host_rule"):
        if matcher and text(rule.value("path_matcher")) == matcher:
            names = texts(rule.value("hosts"))
            if names is None:
                return (), (MAYBE,)
            hosts.extend(names)
    return (() if "*" in hosts else tuple(dict.fromkeys(hosts))), ()


def _rule_paths(rule: Item) -> tuple[PathRule, ...]:
    patterns = texts(rule.value("paths"))
    return (MAYBE,) if patterns is None else tuple(path_pattern(pattern) for pattern in patterns)


def _matched_paths(rule: Item) -> tuple[PathRule, ...]:
    """Paths of a route rule; one without a condition on the path takes all."""
    found: list[PathRule] = []
    for matched in rule.blocks("match_rules"):
        prefix, whole = text(matched.value("prefix_match")), text(matched.value("full_path_match"))
        pattern = text(matched.value("path_template_match")) or text(matched.value("regex_match"))
        if whole:
            found.append(PathRule(pattern=whole, prefix=whole, exact=True))
        elif pattern:
            start = _VARIABLE_PART.split(pattern)[0] if matched.written("path_template_match") else "/"
            found.append(PathRule(pattern=pattern, prefix=start, opaque=True))
        elif prefix:
            found.append(PathRule(pattern=f"{prefix}*", prefix=prefix))
        elif any(matched.written(name) for name in ("prefix_match", "full_path_match", "regex_match")):
            found.append(MAYBE)
    return tuple(dict.fromkeys(found))


def duration(item: Item, path: str, *, label: str) -> Setting | None:
    """A duration that is a block of `seconds` and `nanos`; None where it is not written."""
    if not list(items_at(item, path)):
        return None
    seconds, nanos = setting(item, f"{path}.seconds"), setting(item, f"{path}.nanos")
    if nanos is None or nanos.value == Known(value=0) or (seconds and not isinstance(seconds.value, Known)):
        return replace(seconds, name=path, label=label) if seconds else None
    whole = seconds.value if seconds else Known(value=0)
    value: Known | OneOf | Unresolved = nanos.value
    if isinstance(whole, Known) and isinstance(nanos.value, Known):
        value = _sum(whole, nanos.value)
    spans = seconds.spans if seconds else nanos.spans
    return Setting(name=path, value=value, spans=spans, label=label)


def _sum(seconds: Known, nanos: Known) -> Known | Unresolved:
    try:
        total = Decimal(str(seconds.value)) + Decimal(str(nanos.value)) / _NANOSECONDS
    except ArithmeticError:
        return Unresolved(reason="seconds or nanos is not a number", needs="write whole numbers")
    return Known(value=f"{total:f}")
