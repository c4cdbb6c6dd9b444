"""Google Cloud load balancers: the backend service holds the limit, the URL map says for which requests.

Sources: https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/compute_backend_service,
compute_url_map, compute_region_network_endpoint_group.
"""

from collections.abc import Iterator

from budgetcheck.model.settings import Declaration
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.terraform.catalogue.paths import path_pattern
from budgetcheck.readers.terraform.catalogue.settings import known_name, place, setting, text, texts, trait
from budgetcheck.readers.terraform.catalogue.stack import Stack, items_at, values_at
from budgetcheck.readers.terraform.instances import Item, Resource
from budgetcheck.readers.terraform.values import Unknown, Value

_SERVICE = "google_compute_backend_service"
_ENDPOINTS = "google_compute_region_network_endpoint_group"
_RUN = ("google_cloud_run_service", "google_cloud_run_v2_service")

TYPES = (_SERVICE, _ENDPOINTS, "google_compute_url_map")


def declare_backend_service(stack: Stack, service: Resource) -> Iterator[Declaration]:
    """A backend service; in front of a serverless backend it has no limit, and must not set one."""
    endpoints = [
        found
        for backend in service.blocks("backend")
        for found in stack.referred(backend.value("group"), _ENDPOINTS)
    ]
    serverless = any(
        trait(found, "network_endpoint_type", "SERVERLESS") == "SERVERLESS" for found in endpoints
    )
    own = [setting(service, name) for name in ("timeout_sec", "connection_draining_timeout_sec")]
    hosts, paths = _front(stack, service)
    yield Declaration(
        component=_SERVICE,
        address=stack.address(service),
        title=service.address,
        span=service.span,
        settings=tuple(found for found in own if found),
        traits=(
            ("protocol", trait(service, "protocol", "HTTP")),
            ("backend", "serverless" if serverless else "instances"),
        ),
        front=Front(hosts=hosts, paths=paths),
        targets=tuple(_targets(stack, service, endpoints)),
    )


def _targets(stack: Stack, service: Resource, endpoints: list[Resource]) -> Iterator[Target]:
    for group in endpoints:
        for run in items_at(group, "cloud_run"):
            yield from _run_targets(stack, run.value("service"), run)
    if not endpoints:
        for backend in service.blocks("backend"):
            value = backend.value("group")
            reason = value.reason if isinstance(value, Unknown) else ""
            yield Target(group=known_name(service), span=place(backend, "group"), reason=reason)


def _run_targets(stack: Stack, value: Value, run: Item) -> Iterator[Target]:
    """The Cloud Run services an endpoint group names, by reference or by their plain name."""
    span = place(run, "service")
    found = stack.referred(value, *_RUN)
    if not found and text(value):
        named = (one for kind in _RUN for one in stack.of(kind))
        found = [one for one in named if text(one.value("name")) == text(value)]
    for one in found:
        yield Target(address=stack.address(one), span=span)
    if not found:
        reason = value.reason if isinstance(value, Unknown) else ""
        yield Target(group=text(value), span=span, reason=reason)


def _front(stack: Stack, service: Resource) -> tuple[tuple[str, ...], tuple[PathRule, ...]]:
    """Hosts and paths that URL maps send to the service; empty for any."""
    hosts: list[str] = []
    paths: list[PathRule] = []
    for url_map in stack.of("google_compute_url_map"):
        if service in stack.referred(url_map.value("default_service"), _SERVICE):
            return (), ()
        for matcher in url_map.blocks("path_matcher"):
            found = _matched_paths(stack, matcher, service)
            if found is None:
                continue
            hosts.extend(_hosts_of(url_map, text(matcher.value("name"))))
            if not found:
                return tuple(dict.fromkeys(hosts)), ()
            paths.extend(found)
    return tuple(dict.fromkeys(hosts)), tuple(dict.fromkeys(paths))


def _matched_paths(stack: Stack, matcher: Item, service: Resource) -> list[PathRule] | None:
    """Paths of a matcher that lead to the service: none for all of them, None where none does."""
    if service in stack.referred(matcher.value("default_service"), _SERVICE):
        return []
    patterns: list[str] = []
    reached = False
    for rule in matcher.blocks("path_rule"):
        if service in stack.referred(rule.value("service"), _SERVICE):
            reached = True
            patterns.extend(texts(rule.value("paths")) or ())
    for rule in matcher.blocks("route_rules"):
        if service in stack.referred(rule.value("service"), _SERVICE):
            reached = True
            prefixes = [text(value) for value in values_at(rule, "match_rules.prefix_match")]
            patterns.extend(f"{prefix}*" for prefix in prefixes if prefix)
    return [path_pattern(pattern) for pattern in patterns] if reached else None


def _hosts_of(url_map: Resource, matcher: str) -> Iterator[str]:
    for rule in url_map.blocks("host_rule"):
        if matcher and text(rule.value("path_matcher")) == matcher:
            yield from (host for host in texts(rule.value("hosts")) or () if host != "*")
