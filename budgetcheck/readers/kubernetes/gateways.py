"""Gateway API: HTTPRoutes, one hop for each rule and path.

https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule
"""

from collections.abc import Iterator
from dataclasses import replace

from budgetcheck.model.settings import Declaration, Problem, Setting
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.kubernetes.backend_policies import policy_settings
from budgetcheck.readers.kubernetes.cluster import Cluster
from budgetcheck.readers.kubernetes.linkerd import is_linkerds
from budgetcheck.readers.kubernetes.manifests import Resource
from budgetcheck.readers.kubernetes.paths import path_of_match
from budgetcheck.readers.kubernetes.settings import setting
from budgetcheck.readers.kubernetes.trees import Scalar, Tree, items, scalar, text
from budgetcheck.readers.kubernetes.workloads import Backends

_SETTINGS = (
    ("timeouts.request", ("timeouts", "request")),
    ("timeouts.backendRequest", ("timeouts", "backendRequest")),
    ("retry.attempts", ("retry", "attempts")),
)


def declare_gateways(cluster: Cluster, backends: Backends) -> tuple[list[Declaration], list[Problem]]:
    """The hops of all HTTPRoutes of a cluster."""
    found = [
        declaration
        for route in cluster.every("HTTPRoute")
        if not is_linkerds(route)
        for number, rule in enumerate(items(route.tree, "spec", "rules"))
        for declaration in _declare(cluster, backends, route, number, rule)
    ]
    return found, []


def _declare(
    cluster: Cluster, backends: Backends, route: Resource, number: int, rule: Tree
) -> Iterator[Declaration]:
    hosts = tuple(
        host.text.lower() for host in items(route.tree, "spec", "hostnames") if isinstance(host, Scalar)
    )
    targets = tuple(_targets(cluster, backends, route, rule))
    if not items(rule, "backendRefs"):
        return  # it redirects
    component = _component(cluster, route)
    settings = tuple(_settings(cluster, route, rule, component))
    paths = [path_of_match(match) for match in items(rule, "matches")] or [PathRule(pattern="/", prefix="/")]
    for path in dict.fromkeys(paths):
        host = hosts[0] if hosts else "*"
        yield Declaration(
            component=component,
            address=f"{cluster.address(route)}/{number}/{host}{path.pattern}",
            title=f"{host if hosts else route.name}{path.pattern}",
            span=replace(rule.span, text=f"rule {number + 1} of HTTPRoute {route.name}"),
            settings=settings,
            front=Front(hosts=hosts, paths=(path,)),
            targets=targets,
            environment=cluster.bundle.environment,
        )


def _component(cluster: Cluster, route: Resource) -> str:
    """GKE's gateways have a time of their own; what others do without one is up to their makers."""
    for parent in items(route.tree, "spec", "parentRefs"):
        gateway = cluster.find("Gateway", text(parent, "name"), route)
        if gateway is not None and text(gateway.tree, "spec", "gatewayClassName").startswith("gke-l7"):
            return "gke-ingress"
    return "gateway-api"


def _settings(cluster: Cluster, route: Resource, rule: Tree, component: str) -> Iterator[Setting]:
    for name, path in _SETTINGS:
        found = scalar(rule, *path)
        if found is not None:
            yield setting(name, found, name)
    if component == "gke-ingress":
        for reference in items(rule, "backendRefs"):
            service = cluster.find("Service", text(reference, "name"), route)
            if service is not None:
                yield from policy_settings(cluster, service)
                return


def _targets(cluster: Cluster, backends: Backends, route: Resource, rule: Tree) -> Iterator[Target]:
    for reference in items(rule, "backendRefs"):
        name, port = text(reference, "name"), text(reference, "port")
        place = replace(reference.span, text=f"service {name}")
        near = replace(route, namespace=text(reference, "namespace") or route.namespace)
        service = cluster.find("Service", name, near)
        if service is not None:
            yield from backends.targets(service, port, place)
