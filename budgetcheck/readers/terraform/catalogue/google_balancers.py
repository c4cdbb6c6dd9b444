"""Google Cloud load balancers: the backend service holds the limit, the URL map says for which requests.

A route action of a URL map may set another limit, which replaces that of the backend service for its
requests: it is a hop of its own then, in front of the backend service.

Sources: https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/compute_backend_service,
compute_region_backend_service, compute_url_map, compute_target_https_proxy.
"""

from collections.abc import Iterator
from dataclasses import replace

from budgetcheck.model.settings import Declaration, Setting
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.terraform.catalogue import google_backends
from budgetcheck.readers.terraform.catalogue.google_backends import backend_kind, backend_targets
from budgetcheck.readers.terraform.catalogue.google_url_maps import MAP, SERVICE, UrlMaps, Way, duration
from budgetcheck.readers.terraform.catalogue.settings import setting, texts, trait
from budgetcheck.readers.terraform.catalogue.stack import Stack
from budgetcheck.readers.terraform.instances import Item, Resource

_PROXIES = (
    "google_compute_target_https_proxy",
    "google_compute_target_http_proxy",
    "google_compute_region_target_https_proxy",
    "google_compute_region_target_http_proxy",
)
_CLIENT_KEEPALIVE = "http_keep_alive_timeout_sec"
_CONNECT_ONLY = frozenset({"connect-failure", "refused-stream", "retriable-4xx"})

TYPES = (SERVICE, MAP, *_PROXIES, *google_backends.TYPES)


def declare_backend_service(stack: Stack, service: Resource) -> Iterator[Declaration]:
    """A backend service; where route actions set the time for some of its requests, once more for those."""
    ways = UrlMaps.of_stack(stack).to(service)
    direct = [way for way in ways if way.action is None]
    routed = [way for way in ways if way.action is not None]
    if direct or not routed:
        yield _service(stack, service, direct)
    if routed:
        own = _routed_address(stack, service, both=bool(direct))
        declared = _service(stack, service, [])
        yield replace(declared, address=own, traits=(*declared.traits, ("timeout", "route action")))


def _routed_address(stack: Stack, service: Resource, *, both: bool) -> str:
    return f"{stack.address(service)}{'/routed' if both else ''}"


def _service(stack: Stack, service: Resource, ways: list[Way]) -> Declaration:
    own = [setting(service, name) for name in ("timeout_sec", "connection_draining_timeout_sec")]
    own.extend(_client_keepalive(stack, way.url_map) for way in ways)
    hosts, paths = _front(ways)
    targets = list(backend_targets(stack, service))
    return Declaration(
        component=SERVICE,
        address=stack.address(service),
        title=service.address,
        span=service.span,
        settings=tuple(dict.fromkeys(found for found in own if found)),
        traits=(
            ("protocol", trait(service, "protocol", "HTTP")),
            ("scheme", _scheme(service)),
            ("balancer", _balancer(service)),
            ("backend", backend_kind(stack, service)),
        ),
        front=Front(hosts=hosts, paths=paths),
        targets=tuple(dict.fromkeys(_for_ways(targets, ways))),
    )


def _scheme(service: Resource) -> str:
    regional = service.type == "google_compute_region_backend_service"
    return trait(service, "load_balancing_scheme", "INTERNAL" if regional else "EXTERNAL")


def _balancer(service: Resource) -> str:
    """Whether it handles requests (`application`), connections (`proxy`) or packets (`passthrough`)."""
    scheme, protocol = _scheme(service), trait(service, "protocol", "")
    if scheme == "unknown" or protocol == "unknown":
        return "unknown"
    regional = service.type == "google_compute_region_backend_service"
    if (regional and scheme in ("INTERNAL", "EXTERNAL")) or protocol in ("UDP", "UNSPECIFIED"):
        return "passthrough"
    return "proxy" if protocol in ("TCP", "SSL") else "application"


def _front(ways: list[Way]) -> tuple[tuple[str, ...], tuple[PathRule, ...]]:
    """All hosts and paths of the ways; none for any."""
    hosts = [host for way in ways for host in way.hosts]
    paths = [path for way in ways for path in way.paths]
    return (
        tuple(dict.fromkeys(hosts)) if all(way.hosts for way in ways) else (),
        tuple(dict.fromkeys(paths)) if all(way.paths for way in ways) else (),
    )


def _for_ways(targets: list[Target], ways: list[Way]) -> Iterator[Target]:
    """The targets once for each way: a host goes with its own paths."""
    for target in targets:
        for way in ways:
            yield replace(target, hosts=way.hosts, paths=way.paths)
        if not ways:
            yield target


def _client_keepalive(stack: Stack, url_map: Resource) -> Setting | None:
    for kind in _PROXIES:
        for proxy in stack.pointing_at(url_map, kind, "url_map"):
            found = setting(proxy, _CLIENT_KEEPALIVE, label=f"{proxy.address}.{_CLIENT_KEEPALIVE}")
            if found:
                return found
    return None


def declare_url_map(stack: Stack, url_map: Resource) -> Iterator[Declaration]:
    """The entries of a URL map that limit or repeat requests themselves, each a hop."""
    maps = UrlMaps.of_stack(stack)
    limiting = [(way, way.action) for way in maps.of(url_map) if way.action is not None and way.services]
    for way, action in limiting:
        name = f"/{way.name}" if len(limiting) > 1 else ""
        services = [stack.together.by_key[key] for key in way.services]
        yield Declaration(
            component=MAP,
            address=f"{stack.address(url_map)}{name}",
            title=f"{url_map.address}{name}",
            span=action.block.span,
            settings=tuple(_action_settings(stack, way, action, services)),
            traits=(*_retry_traits(action), *_total_traits(stack, action, services)),
            front=Front(hosts=way.hosts, paths=way.paths),
            targets=tuple(_routed_targets(stack, maps, service, action) for service in services),
        )


def _routed_targets(stack: Stack, maps: UrlMaps, service: Resource, action: Item) -> Target:
    both = any(way.action is None for way in maps.to(service))
    return Target(address=_routed_address(stack, service, both=both), span=action.block.span)


def _action_settings(stack: Stack, way: Way, action: Item, services: list[Resource]) -> Iterator[Setting]:
    for path in ("timeout", "retry_policy.per_try_timeout"):
        found = duration(action, path, label=f"{way.label}.{path}")
        if found is None and path == "timeout":
            found = _service_timeout(services)
        if found is not None:
            yield replace(found, name=f"route_action.{path}")
    count = "retry_policy.num_retries"
    retries = setting(action, count, name=f"route_action.{count}", label=f"{way.label}.{count}")
    for one in (retries, _client_keepalive(stack, way.url_map)):
        if one is not None:
            yield one


def _service_timeout(services: list[Resource]) -> Setting | None:
    """An action without a time of its own has that of its backend service, retries included."""
    if len(services) != 1:
        return None
    return setting(services[0], "timeout_sec", label=f"{services[0].address}.timeout_sec")


def _retry_traits(action: Item) -> Iterator[tuple[str, str]]:
    policy = next(iter(action.blocks("retry_policy")), None)
    if policy is None:
        yield "retries", "none"
        return
    conditions = texts(policy.value("retry_conditions"))
    connect = conditions is not None and bool(conditions) and _CONNECT_ONLY.issuperset(conditions)
    yield "retries", "connect" if connect else "all"


def _total_traits(stack: Stack, action: Item, services: list[Resource]) -> Iterator[tuple[str, str]]:
    """Whether the total is the backend service's default where neither of the two sets it."""
    if not action.blocks("timeout"):
        kinds = {backend_kind(stack, service) for service in services}
        written = any(setting(service, "timeout_sec") for service in services)
        yield "total", "backend service" if kinds == {"instances"} and not written else "not known"
