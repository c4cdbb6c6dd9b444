"""Traefik's own resources: IngressRoutes, with the transports and middlewares that they and Ingresses name.

https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/ingressroute/
"""

from collections.abc import Iterator
from dataclasses import replace

from budgetcheck.model.settings import Declaration, Problem, Setting
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.kubernetes.cluster import Cluster
from budgetcheck.readers.kubernetes.manifests import Resource
from budgetcheck.readers.kubernetes.settings import setting
from budgetcheck.readers.kubernetes.trees import Tree, at, items, scalar, text
from budgetcheck.readers.kubernetes.workloads import Backends
from budgetcheck.readers.traefik import COMPONENT, literal_hosts, read_rule

_FORWARDING = ("dialTimeout", "responseHeaderTimeout", "idleConnTimeout")
_PROVIDER = "@kubernetescrd"
_MIDDLEWARES = "traefik.ingress.kubernetes.io/router.middlewares"
_TRANSPORT = "traefik.ingress.kubernetes.io/service.serverstransport"


def declare_traefik(cluster: Cluster, backends: Backends) -> tuple[list[Declaration], list[Problem]]:
    """The hops of all IngressRoutes of a cluster."""
    found = [
        declaration
        for route in cluster.every("IngressRoute")
        for number, rule in enumerate(items(route.tree, "spec", "routes"))
        for declaration in _declare(cluster, backends, route, number, rule)
    ]
    return found, []


def ingress_settings(cluster: Cluster, ingress: Resource, service: Resource | None) -> Iterator[Setting]:
    """What the annotations of an Ingress and its Service refer to."""
    for written in ingress.annotations.get(_MIDDLEWARES, "").split(","):
        yield from _retry(_referred(cluster, "Middleware", written, ingress))
    if service is not None:
        written = service.annotations.get(_TRANSPORT, "")
        yield from _forwarding(_referred(cluster, "ServersTransport", written, service))


def _declare(
    cluster: Cluster, backends: Backends, route: Resource, number: int, rule: Tree
) -> Iterator[Declaration]:
    matched = read_rule(text(rule, "match"))
    hosts = literal_hosts(matched.hosts)
    middlewares = [_named(cluster, "Middleware", one, route) for one in items(rule, "middlewares")]
    if any(one is not None and at(one.tree, "spec", "redirectScheme") is not None for one in middlewares):
        return  # it redirects
    services = [one for one in items(rule, "services") if text(one, "kind") in ("", "Service")]
    if not services:
        return
    settings = {one.name: one for one in _settings(cluster, route, services, middlewares)}
    for path in matched.paths or (PathRule(pattern="/", prefix="/"),):
        host = hosts[0] if hosts else "*"
        yield Declaration(
            component=COMPONENT,
            address=f"{cluster.address(route)}/{number}/{host}{path.pattern}",
            title=f"{host if hosts else route.name}{path.pattern}",
            span=replace(rule.span, text=f"route {number + 1} of IngressRoute {route.name}"),
            settings=tuple(settings[name] for name in sorted(settings)),
            traits=(("retry", "yes"),) if "retry.attempts" in settings else (),
            front=Front(hosts=hosts, paths=(path,), methods=matched.methods, entry=True),
            targets=tuple(t for one in services for t in _targets(cluster, backends, route, one)),
            environment=cluster.bundle.environment,
        )


def _settings(
    cluster: Cluster, route: Resource, services: list[Tree], middlewares: list[Resource | None]
) -> Iterator[Setting]:
    """The transport where all services of a route have the same one, and the first retry."""
    names = {text(one, "serversTransport") for one in services}
    if len(names) == 1:
        (name,) = names
        yield from _forwarding(cluster.find("ServersTransport", name, route) if name else None)
    for middleware in middlewares:
        yield from _retry(middleware)


def _forwarding(transport: Resource | None) -> Iterator[Setting]:
    for name in _FORWARDING:
        found = scalar(transport.tree, "spec", "forwardingTimeouts", name) if transport else None
        if found is not None and transport is not None:
            label = f"ServersTransport {transport.name} {name}"
            yield setting(f"forwardingTimeouts.{name}", found, name, label=label)


def _retry(middleware: Resource | None) -> Iterator[Setting]:
    found = scalar(middleware.tree, "spec", "retry", "attempts") if middleware else None
    if found is not None and middleware is not None:
        yield setting(
            "retry.attempts", found, "attempts", label=f"Middleware {middleware.name} retry.attempts"
        )


def _targets(cluster: Cluster, backends: Backends, route: Resource, service: Tree) -> Iterator[Target]:
    name = text(service, "name")
    near = replace(route, namespace=text(service, "namespace") or route.namespace)
    found = cluster.find("Service", name, near)
    if found is not None:
        yield from backends.targets(
            found, text(service, "port"), replace(service.span, text=f"service {name}")
        )


def _named(cluster: Cluster, kind: str, reference: Tree, near: Resource) -> Resource | None:
    place = replace(near, namespace=text(reference, "namespace") or near.namespace)
    return cluster.find(kind, text(reference, "name"), place)


def _referred(cluster: Cluster, kind: str, written: str, near: Resource) -> Resource | None:
    """The resource that `NAMESPACE-NAME@kubernetescrd` means."""
    name = written.strip()
    if not name.endswith(_PROVIDER):
        return None
    name = name.removesuffix(_PROVIDER)
    for one in cluster.every(kind):
        if name == f"{one.namespace or near.namespace or 'default'}-{one.name}":
            return one
    return None
