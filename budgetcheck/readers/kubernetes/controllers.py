"""Ingress controllers: which one serves an Ingress, and what its annotations set.

- https://github.com/kubernetes/ingress-nginx/blob/main/docs/user-guide/nginx-configuration/annotations.md
- https://docs.nginx.com/nginx-ingress-controller/configuration/ingress-resources/advanced-configuration-with-annotations/
- https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
- https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-configuration
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from budgetcheck.readers.kubernetes.cluster import Cluster
from budgetcheck.readers.kubernetes.manifests import Resource
from budgetcheck.readers.kubernetes.settings import Check, anything, whole_seconds
from budgetcheck.readers.kubernetes.trees import text

CLASS_ANNOTATION = "kubernetes.io/ingress.class"


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """One kind of controller.

    Attributes:
        component: the facts about it.
        prefixes: annotations that are its own begin with one of these.
        settings: annotation without prefix, to the name of the setting.
        check: what makes it pass over a value.
        attributes: annotation that holds `key=value` pairs, and the pairs that are settings.
        ports_only: its annotation for the time is on another resource (BackendConfig).
    """

    component: str
    prefixes: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    check: Check = anything
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


INGRESS_NGINX = Controller(
    component="ingress-nginx",
    prefixes=("nginx.ingress.kubernetes.io/",),
    settings={
        name: name
        for name in (
            "proxy-connect-timeout",
            "proxy-send-timeout",
            "proxy-read-timeout",
            "proxy-next-upstream-timeout",
            "proxy-next-upstream-tries",
        )
    },
    check=whole_seconds,
)
NGINX_INC = Controller(
    component="nginx-ingress",
    prefixes=("nginx.org/", "nginx.com/"),
    settings={name: name for name in ("proxy-connect-timeout", "proxy-send-timeout", "proxy-read-timeout")},
)
ALB = Controller(
    component="aws_lb",
    prefixes=("alb.ingress.kubernetes.io/",),
    attributes={
        "load-balancer-attributes": {
            "idle_timeout.timeout_seconds": "idle_timeout",
            "client_keep_alive.seconds": "client_keep_alive",
        },
        "target-group-attributes": {"deregistration_delay.timeout_seconds": "deregistration_delay"},
    },
)
GKE = Controller(component="gke-ingress", prefixes=("networking.gke.io/", "ingress.gcp.kubernetes.io/"))
TRAEFIK = Controller(component="traefik", prefixes=("traefik.ingress.kubernetes.io/",))
UNSTATED = Controller(component="kubernetes-ingress")

_BY_CONTROLLER = {
    "k8s.io/ingress-nginx": INGRESS_NGINX,
    "nginx.org/ingress-controller": NGINX_INC,
    "ingress.k8s.aws/alb": ALB,
    "traefik.io/ingress-controller": TRAEFIK,
    "k8s.io/ingress-gce": GKE,
    "networking.gke.io/ingress-controller": GKE,
}
_BY_CLASS = {"alb": ALB, "gce": GKE, "gce-internal": GKE, "traefik": TRAEFIK, "ingress-nginx": INGRESS_NGINX}
_STATIC_ADDRESSES = (
    "kubernetes.io/ingress.global-static-ip-name",
    "kubernetes.io/ingress.regional-static-ip-name",
)


def controller_of(ingress: Resource, cluster: Cluster) -> Controller:
    """The controller that serves an Ingress; `UNSTATED` where nothing proves which one."""
    name = text(ingress.tree, "spec", "ingressClassName") or ingress.annotations.get(CLASS_ANNOTATION, "")
    declared = cluster.find("IngressClass", name, ingress) if name else None
    if declared is not None:
        return _BY_CONTROLLER.get(text(declared.tree, "spec", "controller"), UNSTATED)
    if name in _BY_CLASS:
        return _BY_CLASS[name]
    by_prefix = [c for c in (INGRESS_NGINX, NGINX_INC, ALB, GKE, TRAEFIK) if annotated(ingress, c)]
    if not name:
        if not by_prefix and any(key in ingress.annotations for key in _STATIC_ADDRESSES):
            return GKE
        return by_prefix[0] if len(by_prefix) == 1 else UNSTATED
    if "nginx" in name:  # the usual name of both kinds; the one made by NGINX Inc. has annotations of its own
        return NGINX_INC if NGINX_INC in by_prefix and INGRESS_NGINX not in by_prefix else INGRESS_NGINX
    # A class nobody describes here: only annotations of a single kind say what stands behind it.
    return by_prefix[0] if len(by_prefix) == 1 and "{" in name else UNSTATED


def annotated(resource: Resource, controller: Controller) -> bool:
    """The resource has annotations that only this controller reads."""
    return any(key.startswith(controller.prefixes) for key in resource.annotations if controller.prefixes)
