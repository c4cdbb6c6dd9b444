"""Routes of OpenShift: one hop each, and how long its router waits.

https://docs.openshift.com/container-platform/4.15/networking/routes/route-configuration.html
"""

from collections.abc import Iterator
from dataclasses import replace

from budgetcheck.model.settings import Declaration, Problem, Setting
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.kubernetes.cluster import Cluster
from budgetcheck.readers.kubernetes.manifests import Resource
from budgetcheck.readers.kubernetes.settings import setting
from budgetcheck.readers.kubernetes.trees import Scalar, Tree, at, items, scalar, text
from budgetcheck.readers.kubernetes.workloads import Backends

_API = "route.openshift.io/"
_TIMEOUT = "haproxy.router.openshift.io/timeout"


def declare_routes(cluster: Cluster, backends: Backends) -> tuple[list[Declaration], list[Problem]]:
    """The hops of all Routes of a cluster. Those that pass TLS on unread have the same time."""
    routes = [one for one in cluster.every("Route") if one.api.startswith(_API) or one.api == "v1"]
    return [_declare(cluster, backends, route) for route in routes], []


def _declare(cluster: Cluster, backends: Backends, route: Resource) -> Declaration:
    host = _known(route, "host").lower()
    hosts = (host,) if host else ()
    path = _known(route, "path") or "/"
    return Declaration(
        component="openshift-route",
        address=f"{cluster.address(route)}{path}",
        title=f"{hosts[0] if hosts else route.name}{path}",
        span=route.span,
        settings=tuple(_settings(route)),
        front=Front(hosts=hosts, paths=(PathRule(pattern=path, prefix=path),)),
        targets=tuple(_targets(cluster, backends, route)),
        environment=cluster.bundle.environment,
    )


def _known(route: Resource, key: str) -> str:
    """A name of the Route; empty where a parameter has to be given for it."""
    found = scalar(route.tree, "spec", key)
    return found.text if found is not None and not found.unknown and "$" not in found.text else ""


def _settings(route: Resource) -> Iterator[Setting]:
    found = scalar(route.tree, "metadata", "annotations", _TIMEOUT)
    if found is not None:
        yield setting("timeout", found, _TIMEOUT, label=_TIMEOUT)


def _targets(cluster: Cluster, backends: Backends, route: Resource) -> Iterator[Target]:
    """The Service and those that share its requests; a Route names a port of the pods or of the Service."""
    port = at(route.tree, "spec", "port", "targetPort")
    wanted = port.text if isinstance(port, Scalar) else ""
    first = at(route.tree, "spec", "to")
    for reference in ([first] if first is not None else []) + [
        *items(route.tree, "spec", "alternateBackends")
    ]:
        service = cluster.find("Service", text(reference, "name"), route)
        if service is not None:
            place = replace(reference.span, text=f"service {service.name}")
            yield from backends.targets(service, _port_of(service, wanted), place)


def _port_of(service: Resource, wanted: str) -> str:
    """The port of the Service by its name, its number, or the port of the pods that it leads to."""
    ports = items(service.tree, "spec", "ports")
    for key in ("name", "targetPort", "port"):
        for one in ports:
            if wanted and _text(one, key) == wanted:
                return _text(one, "port")
    return _text(ports[0], "port") if len(ports) == 1 else wanted


def _text(tree: Tree, key: str) -> str:
    found = scalar(tree, key)
    return found.text if found is not None else ""
