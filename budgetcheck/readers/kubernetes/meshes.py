"""Istio: VirtualServices, one hop for each HTTP rule, and the DestinationRules of what they send to.

- https://istio.io/latest/docs/reference/config/networking/virtual-service/
- https://istio.io/latest/docs/reference/config/networking/destination-rule/
"""

from collections.abc import Iterator
from dataclasses import replace

from budgetcheck.model.settings import Declaration, Problem, ProblemKind, Setting
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.kubernetes.cluster import Cluster
from budgetcheck.readers.kubernetes.manifests import Resource
from budgetcheck.readers.kubernetes.settings import setting, shown
from budgetcheck.readers.kubernetes.trees import Fields, Scalar, Tree, at, items, scalar, text
from budgetcheck.readers.kubernetes.workloads import Backends

_SETTINGS = (
    ("timeout", ("timeout",)),
    ("retries.attempts", ("retries", "attempts")),
    ("retries.perTryTimeout", ("retries", "perTryTimeout")),
)
_POOL = (
    ("connectionPool.tcp.connectTimeout", ("tcp", "connectTimeout")),
    ("connectionPool.http.idleTimeout", ("http", "idleTimeout")),
)
# Conditions under which Envoy also repeats a try that ran into its own time (RetryStateImpl).
_REPEATS_TIMEOUTS = frozenset({"5xx", "gateway-error", "reset", "retriable-status-codes", "504"})


def declare_meshes(cluster: Cluster, backends: Backends) -> tuple[list[Declaration], list[Problem]]:
    """The hops of all VirtualServices of a cluster."""
    found = [
        declaration
        for virtual in cluster.every("VirtualService")
        if "istio.io/" in virtual.api
        for number, rule in enumerate(items(virtual.tree, "spec", "http"))
        for declaration in _declare(cluster, backends, virtual, number, rule)
    ]
    addresses = {(one.span.file, one.span.line): one.address for one in found}
    problems = [
        problem
        for virtual in cluster.every("VirtualService")
        for rule in items(virtual.tree, "spec", "http")
        for problem in _misplaced(rule, addresses.get((rule.span.file, rule.span.line), ""))
    ]
    return found, problems


def _misplaced(rule: Tree, address: str) -> Iterator[Problem]:
    """`timeout` and `retries` beside a destination: they belong to the rule, one level further out."""
    for route in items(rule, "route"):
        for name in ("timeout", "retries"):
            found = at(route, name)
            if found is not None and at(rule, name) is None:
                yield Problem(
                    span=shown(found, name) if isinstance(found, Scalar) else replace(found.span, text=name),
                    text=f"{name} beside a destination is not read: it belongs to the rule, beside `route`",
                    fix=f"Indent {name} like `route`.",
                    kind=ProblemKind.INEFFECTIVE,
                    address=address,
                    component="istio",
                    setting=name,
                )


def _declare(
    cluster: Cluster, backends: Backends, virtual: Resource, number: int, rule: Tree
) -> Iterator[Declaration]:
    destinations = [at(route, "destination") for route in items(rule, "route")]
    hosts = [host.text.lower() for host in items(virtual.tree, "spec", "hosts") if isinstance(host, Scalar)]
    targets = tuple(
        target for place in destinations for target in _targets(cluster, backends, virtual, place)
    )
    if not destinations:
        return  # it redirects
    settings = [*_settings(rule), *_pool(cluster, virtual, destinations)]
    outside = [name.text for name in items(virtual.tree, "spec", "gateways") if isinstance(name, Scalar)]
    paths = [_path(match) for match in items(rule, "match")] or [PathRule(pattern="/", prefix="/")]
    words = set(text(rule, "retries", "retryOn").split(","))
    for path in dict.fromkeys(paths):
        host = hosts[0] if hosts else "*"
        yield Declaration(
            component="istio",
            address=f"{cluster.address(virtual)}/{number}/{host}{path.pattern}",
            title=f"{host}{path.pattern}",
            span=replace(rule.span, text=f"HTTP rule {number + 1} of VirtualService {virtual.name}"),
            settings=tuple(settings),
            traits=(("repeats", "timeout"),) if words & _REPEATS_TIMEOUTS else (),
            front=Front(hosts=tuple(h for h in hosts if h != "*"), paths=(path,), entry=bool(outside)),
            targets=targets,
            environment=cluster.bundle.environment,
        )


def _settings(rule: Tree) -> Iterator[Setting]:
    for name, path in _SETTINGS:
        found = scalar(rule, *path)
        if found is not None:
            yield setting(name, found, name)


def _pool(cluster: Cluster, virtual: Resource, destinations: list[Tree | None]) -> Iterator[Setting]:
    """What the one DestinationRule of the only destination sets on connections."""
    hosts = {_short(text(place, "host"), virtual)[0] for place in destinations}
    rules = [
        rule
        for rule in cluster.every("DestinationRule")
        if {_short(text(rule.tree, "spec", "host"), rule)[0]} == hosts
    ]
    pool = at(rules[0].tree, "spec", "trafficPolicy", "connectionPool") if len(rules) == 1 else None
    for name, path in _POOL:
        found = scalar(pool, *path)
        if found is not None:
            yield setting(name, found, name.rpartition(".")[2], label=f"DestinationRule {name}")


def _targets(cluster: Cluster, backends: Backends, virtual: Resource, place: Tree | None) -> Iterator[Target]:
    host = text(place, "host")
    if not host or place is None:
        return
    name, namespace = _short(host, virtual)
    span = replace(place.span, text=f"destination {name}")
    service = cluster.find("Service", name, replace(virtual, namespace=namespace))
    if service is not None:
        yield from backends.targets(service, text(place, "port", "number"), span)


def _short(host: str, near: Resource) -> tuple[str, str]:
    """Name and namespace of a destination: `api`, `api.shop`, `api.shop.svc.cluster.local`."""
    parts = host.split(".")
    if len(parts) > 1 and (len(parts) == 2 or parts[2] == "svc"):
        return parts[0], parts[1]
    return host, near.namespace


def _path(match: Tree) -> PathRule:
    uri = at(match, "uri")
    if not isinstance(uri, Fields):
        return PathRule(pattern="/", prefix="/")
    for kind in ("exact", "prefix"):
        if value := text(uri, kind):
            return PathRule(pattern=value, prefix=value, exact=kind == "exact")
    return PathRule(pattern=text(uri, "regex") or "/", prefix="/", opaque=True)
