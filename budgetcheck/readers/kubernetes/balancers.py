"""Services of type LoadBalancer on AWS: the balancer in front of the pods or of the ingress controller's.

Only where something says that it is AWS: an annotation, or the class of the balancer. The cloud provider that
comes with Kubernetes makes a classic load balancer unless the type says otherwise, the AWS Load Balancer
Controller a Network Load Balancer, and it may make one of a Service that names no class. Where no annotation
tells them apart, the idle timeout is that of one or the other.

- https://cloud-provider-aws.sigs.k8s.io/service_controller/
- https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Declaration, OneOf, Problem, ProblemKind, Setting
from budgetcheck.model.topology import Target
from budgetcheck.readers.kubernetes.cluster import Cluster, is_balancer
from budgetcheck.readers.kubernetes.controllers import CLASS_ANNOTATION, INGRESS_NGINX
from budgetcheck.readers.kubernetes.manifests import Resource
from budgetcheck.readers.kubernetes.releases import INGRESS_CLASS
from budgetcheck.readers.kubernetes.settings import setting, shown
from budgetcheck.readers.kubernetes.trees import Scalar, at, items, scalar, text, texts
from budgetcheck.readers.kubernetes.workloads import Backends

PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"

_NETWORK_CLASSES = frozenset({"service.k8s.aws/nlb", "eks.amazonaws.com/nlb"})
_NETWORK_TYPES = frozenset({"nlb", "nlb-ip", "external"})
_CLASSIC = ("connection-idle-timeout", "connection-draining-enabled", "connection-draining-timeout")
"""Only the provider of Kubernetes reads them, and only for classic load balancers."""
_NETWORK = (
    "nlb-target-type",
    "attributes",
    "target-group-attributes",
    "listener-attributes",
    "scheme",
    "name",
    "ip-address-type",
    "eip-allocations",
    "private-ipv4-addresses",
    "alpn-policy",
)
"""Only the AWS Load Balancer Controller, or a Network Load Balancer, has them."""
_HTTP = frozenset({"http", "https"})
_SETTINGS = {
    "connection-idle-timeout": "idle_timeout",
    "connection-draining-timeout": "connection_draining_timeout",
}
_TCP_IDLE = "tcp.idle_timeout.seconds"
_CONTROLLER = "ingress-nginx"


def declare_balancers(
    cluster: Cluster, backends: Backends, ingresses: Sequence[Declaration]
) -> tuple[list[Declaration], list[Problem]]:
    """The balancers of a cluster's Services, and those of the controller that serves its Ingresses."""
    served = [one for one in ingresses if one.component == INGRESS_NGINX.component]
    services = cluster.every("Service")
    asking = [*(one for one in services if is_balancer(one)), *cluster.balancers]
    controllers = [one for one in asking if _is_controllers(one)]
    own = {id(one) for one in services}
    found: list[tuple[Resource, tuple[Target, ...]]] = []
    # What leads to a pod declares it, so Services without such a balancer are not asked.
    for one in asking:
        if _on_aws(one) and _is_controllers(one):
            targets = tuple(_ingresses(cluster, one, controllers, served))
            found += [(one, targets)] if targets or id(one) in own else []
        elif _on_aws(one) and id(one) in own:
            found.append((one, tuple(_pods(backends, one))))
    problems = [problem for one, _ in found for problem in _unread(cluster, one)]
    return [_declare(cluster, one, targets) for one, targets in found], problems


def _unread(cluster: Cluster, service: Resource) -> Iterator[Problem]:
    """Times of classic load balancers, which nobody reads for a Network Load Balancer."""
    for key in _SETTINGS if _kind(service) == "network" else ():
        found = scalar(service.tree, "metadata", "annotations", f"{PREFIX}{key}")
        if found is not None:
            yield Problem(
                span=shown(found, f"{PREFIX}{key}"),
                text=f"{PREFIX}{key} is read for classic load balancers only, and this is a Network Load "
                "Balancer: what it sets stays as it was",
                fix=f"Write tcp.idle_timeout.seconds into {PREFIX}listener-attributes.TCP-PORT for the AWS "
                "Load Balancer Controller, or leave it out.",
                kind=ProblemKind.INEFFECTIVE,
                address=cluster.address(service),
                component="aws_lb",
                setting=key,
            )


def _on_aws(service: Resource) -> bool:
    named = text(service.tree, "spec", "loadBalancerClass") in _NETWORK_CLASSES
    return named or any(key.startswith(PREFIX) for key in service.annotations)


def _declare(cluster: Cluster, service: Resource, targets: tuple[Target, ...]) -> Declaration:
    kind = _kind(service)
    settings = _of_network(service) if kind == "network" else _of_classic(service, kind)
    return Declaration(
        component="aws_lb" if kind == "network" else "aws_elb",
        address=cluster.address(service),
        title=f"balancer of {service.name}",
        span=service.span,
        settings=tuple(settings),
        traits=tuple(_traits(service, kind)),
        targets=targets,
        environment=cluster.bundle.environment,
    )


def _kind(service: Resource) -> str:
    """`classic`, `network`, or `unstated` where either may be made of it."""
    wanted = _annotation(service, "type")
    of_class = text(service.tree, "spec", "loadBalancerClass")
    if of_class in _NETWORK_CLASSES or wanted in _NETWORK_TYPES:
        return "network"
    written = {
        key.removeprefix(PREFIX).partition(".")[0] for key in service.annotations if key.startswith(PREFIX)
    }
    if wanted == "elb" or written.intersection(_CLASSIC) or _annotation(service, "backend-protocol") in _HTTP:
        return "classic"
    return "network" if written.intersection(_NETWORK) else "unstated"


def _annotation(service: Resource, name: str) -> str:
    return service.annotations.get(f"{PREFIX}{name}", "").lower()


def _traits(service: Resource, kind: str) -> Iterator[tuple[str, str]]:
    if kind == "network":
        yield "load_balancer_type", "network"
        return
    yield "connection_draining", _annotation(service, "connection-draining-enabled") or "false"
    if _annotation(service, "backend-protocol") not in _HTTP:
        yield "mode", "tcp"


def _of_classic(service: Resource, kind: str) -> Iterator[Setting]:
    for key, name in _SETTINGS.items():
        found = scalar(service.tree, "metadata", "annotations", f"{PREFIX}{key}")
        if found is not None:
            yield setting(name, found, f"{PREFIX}{key}", label=f"{PREFIX}{key}")
    if kind == "unstated":
        reason = "it is a classic load balancer (60 s) or a Network Load Balancer (350 s)"
        either = OneOf(values=(60, 350), reason=reason)
        # Nobody wrote either number.
        yield Setting(name="idle_timeout", value=either, spans=(service.span,), origin=Origin.DEFAULT)


def _of_network(service: Resource) -> Iterator[Setting]:
    """`listener-attributes.TCP-443: tcp.idle_timeout.seconds=600`; several values where ports differ."""
    written = [
        (key, value)
        for key, value in _annotations(service)
        if key.startswith(f"{PREFIX}listener-attributes.") and _TCP_IDLE in value.text
    ]
    values = {_pairs(value).get(_TCP_IDLE, "") for _, value in written}
    ports = len(items(service.tree, "spec", "ports"))
    for key, value in written[:1]:
        number = _pairs(value).get(_TCP_IDLE, "")
        span = replace(shown(value, key), text=f"{_TCP_IDLE}={number}")
        if len(values) > 1 or len(written) < ports:
            others = tuple(sorted(int(one) for one in values if one.isdigit()))
            reason = "it differs between several listeners"
            either = OneOf(values=others if len(written) == ports else (*others, None), reason=reason)
            yield Setting(name="tcp_idle_timeout_seconds", value=either, spans=(span,), label=_TCP_IDLE)
        else:
            found = replace(value, text=number, value=number)
            yield replace(setting("tcp_idle_timeout_seconds", found, key, label=_TCP_IDLE), spans=(span,))
    attributes = scalar(service.tree, "metadata", "annotations", f"{PREFIX}target-group-attributes")
    drain = _pairs(attributes).get("deregistration_delay.timeout_seconds") if attributes else None
    if attributes is not None and drain is not None:
        label = "deregistration_delay.timeout_seconds"
        span = replace(attributes.span, text=f"{label}={drain}")
        found = replace(attributes, text=drain, value=drain)
        yield replace(setting("deregistration_delay", found, label, label=label), spans=(span,))


def _annotations(service: Resource) -> Iterator[tuple[str, Scalar]]:
    for key in service.annotations:
        found = scalar(service.tree, "metadata", "annotations", key)
        if found is not None:
            yield key, found


def _pairs(value: Scalar) -> dict[str, str]:
    parts = (pair.partition("=") for pair in value.text.split(","))
    return {key.strip(): number.strip() for key, _, number in parts}


def _pods(backends: Backends, service: Resource) -> Iterator[Target]:
    """Every port leads to pods; the port of a status page leads to the same container as the others."""
    seen: set[str] = set()
    for port in items(service.tree, "spec", "ports"):
        place = replace(port.span, text=f"port of service {service.name}")
        for target in backends.targets(service, text(port, "port"), place):
            if target.address not in seen:
                seen.add(target.address)
                yield target


def _is_controllers(service: Resource) -> bool:
    """The Service of ingress-nginx itself: its pods serve the Ingresses."""
    labels = (texts(service.tree, "spec", "selector"), texts(service.tree, "metadata", "labels"))
    return any(one.get("app.kubernetes.io/name", one.get("app", "")) == _CONTROLLER for one in labels)


def _class_of(service: Resource) -> str:
    return texts(service.tree, "metadata", "labels").get(INGRESS_CLASS, "")


def _ingresses(
    cluster: Cluster, service: Resource, controllers: Sequence[Resource], served: Sequence[Declaration]
) -> Iterator[Target]:
    """Every Ingress of the controller's class; without a class those of the only controller there is."""
    wanted = _class_of(service)
    alone = len({_release_of(one) for one in controllers}) == 1
    for ingress in cluster.every("Ingress"):
        name = text(ingress.tree, "spec", "ingressClassName") or ingress.annotations.get(CLASS_ANNOTATION, "")
        if not (alone if not (name and wanted) else name == wanted):
            continue
        place = f"{cluster.address(ingress)}/"
        for one in served:
            if one.address.startswith(place):
                span = replace(service.span, text=f"service {service.name}")
                yield Target(address=one.address, hosts=one.front.hosts, paths=one.front.paths, span=span)


def _release_of(service: Resource) -> tuple[str, str]:
    """What tells controllers apart: one may have a Service for the outside and one for the inside."""
    instance = texts(service.tree, "spec", "selector").get("app.kubernetes.io/instance", "")
    place = at(service.tree, "spec")
    return instance or (place.span.file if place else ""), _class_of(service)
