"""Linkerd: times and retries of requests to a Service, in its annotations, its routes or its ServiceProfile.

They work in the proxy of the caller and for requests to the Service's own address: a controller of Ingresses
sends to the pods, so it has none of them.

- https://linkerd.io/2/reference/timeouts/
- https://linkerd.io/2/reference/retries/
- https://linkerd.io/2/reference/service-profiles/
"""

from collections.abc import Iterator
from dataclasses import replace

from budgetcheck.model.settings import Declaration, Problem, Setting
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.kubernetes.cluster import Cluster
from budgetcheck.readers.kubernetes.manifests import Resource
from budgetcheck.readers.kubernetes.paths import path_of_match
from budgetcheck.readers.kubernetes.settings import setting
from budgetcheck.readers.kubernetes.trees import Scalar, Tree, entries, items, scalar, text
from budgetcheck.readers.kubernetes.workloads import Backends, full_names

_TIMEOUTS = ("timeout.linkerd.io/request", "timeout.linkerd.io/response", "timeout.linkerd.io/idle")
_RETRIES = ("retry.linkerd.io/limit", "retry.linkerd.io/timeout")
_RETRIED = ("retry.linkerd.io/http", "retry.linkerd.io/grpc")
_ANY = PathRule(pattern="/", prefix="/")


def declare_linkerd(cluster: Cluster, backends: Backends) -> tuple[list[Declaration], list[Problem]]:
    """The hops of all Services that Linkerd is told something about."""
    found = [
        declaration
        for service in cluster.every("Service")
        for declaration in _of_service(cluster, backends, service)
    ]
    return found, []


def routes_to_service(route: Resource) -> list[Tree]:
    """The Services an HTTPRoute is about: a route inside the mesh, not one of a gateway."""
    return [one for one in items(route.tree, "spec", "parentRefs") if text(one, "kind") == "Service"]


def is_linkerds(route: Resource) -> bool:
    """The route is Linkerd's, by its group or an annotation."""
    annotated = any(".linkerd.io/" in key for key in route.annotations)
    return bool(routes_to_service(route)) and (route.api.startswith("policy.linkerd.io/") or annotated)


def _of_service(cluster: Cluster, backends: Backends, service: Resource) -> Iterator[Declaration]:
    profile = next((one for one in cluster.every("ServiceProfile") if _is_of(one, service)), None)
    if profile is not None:  # annotations are passed over
        for number, rule in enumerate(items(profile.tree, "spec", "routes")):
            yield _of_profile(cluster, backends, service, profile, number, rule)
        return
    own = list(_annotated(service))
    routes = [
        route for route in cluster.every("HTTPRoute") if is_linkerds(route) and _aims_at(route, service)
    ]
    for route in routes:
        for number, rule in enumerate(items(route.tree, "spec", "rules")):
            yield from _of_rule(cluster, backends, service, route, number, rule)
    if own:
        yield _declaration(
            cluster, backends, service, f"{cluster.address(service)}/linkerd", service.span, own, (_ANY,)
        )


def _of_rule(
    cluster: Cluster, backends: Backends, service: Resource, route: Resource, number: int, rule: Tree
) -> Iterator[Declaration]:
    settings = _overriding(route, service)
    for name, key in (
        ("timeout.linkerd.io/request", "request"),
        ("timeout.linkerd.io/response", "backendRequest"),
    ):
        found = scalar(rule, "timeouts", key)
        if found is not None:
            settings = [one for one in settings if one.name != name]
            settings.append(setting(name, found, key, label=f"timeouts.{key}"))
    if settings:
        paths = tuple(dict.fromkeys(path_of_match(match) for match in items(rule, "matches"))) or (_ANY,)
        span = replace(rule.span, text=f"rule {number + 1} of HTTPRoute {route.name}")
        address = f"{cluster.address(route)}/{number}"
        yield _declaration(cluster, backends, service, address, span, settings, paths)


def _overriding(route: Resource, service: Resource) -> list[Setting]:
    """Any timeout of the route replaces all of the Service's, and so do retries."""
    own, outer = list(_annotated(route)), list(_annotated(service))
    kinds = {one.name.partition(".")[0] for one in own}
    return [*own, *(one for one in outer if one.name.partition(".")[0] not in kinds)]


def _of_profile(
    cluster: Cluster, backends: Backends, service: Resource, profile: Resource, number: int, rule: Tree
) -> Declaration:
    timeout = scalar(rule, "timeout")
    settings = [setting("route.timeout", timeout, "timeout", label="timeout")] if timeout else []
    pattern, method = text(rule, "condition", "pathRegex"), text(rule, "condition", "method")
    span = replace(rule.span, text=f"route {text(rule, 'name')} of ServiceProfile")
    path = PathRule(pattern=pattern, prefix="/", opaque=True) if pattern else _ANY
    address = f"{cluster.address(profile)}/{number}"
    found = _declaration(cluster, backends, service, address, span, settings, (path,), profile=True)
    return replace(found, front=replace(found.front, methods=(method,) if method else ()))


def _declaration(
    cluster: Cluster,
    backends: Backends,
    service: Resource,
    address: str,
    span: Span,
    settings: list[Setting],
    paths: tuple[PathRule, ...],
    *,
    profile: bool = False,
) -> Declaration:
    names = {one.name for one in settings}
    repeats = "timeout" if "retry.linkerd.io/timeout" in names else "status"
    retried = names & {*_RETRIES, *_RETRIED}
    kept = [one for one in settings if one.name not in _RETRIED]
    traits = [("profile", "yes" if profile else "no"), *([("repeats", repeats)] if retried else [])]
    return Declaration(
        component="linkerd",
        address=address,
        title=service.name,
        span=span,
        settings=tuple(sorted(kept, key=lambda one: one.name)),
        traits=tuple(sorted(traits)),
        front=Front(names=((service.name,) if backends.names else ()) + full_names(service), paths=paths),
        targets=tuple(_targets(backends, service, span)),
        environment=cluster.bundle.environment,
    )


def _targets(backends: Backends, service: Resource, span: Span) -> Iterator[Target]:
    found = [
        target
        for port in items(service.tree, "spec", "ports")
        for target in backends.targets(
            service, text(port, "port"), replace(span, text=f"service {service.name}")
        )
    ]
    yield from dict.fromkeys(found)


def _annotated(resource: Resource) -> Iterator[Setting]:
    for key, _, value in entries(resource.tree, "metadata", "annotations"):
        if key in (*_TIMEOUTS, *_RETRIES, *_RETRIED) and isinstance(value, Scalar):
            yield setting(key, value, key)


def _is_of(profile: Resource, service: Resource) -> bool:
    name, _, rest = profile.name.partition(".")
    namespace = rest.partition(".")[0]
    return name == service.name and (not service.namespace or namespace in ("", service.namespace))


def _aims_at(route: Resource, service: Resource) -> bool:
    return any(
        text(one, "name") == service.name
        and (text(one, "namespace") or route.namespace or service.namespace)
        == (service.namespace or route.namespace)
        for one in routes_to_service(route)
    )
