"""Annotations that look like limits and that their controller does not read, or not in this place.

Nobody is told: an annotation may have any name, so the API server takes it, and the default stays in force.
- https://github.com/kubernetes/ingress-nginx/blob/main/docs/user-guide/nginx-configuration/annotations.md
- https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
- https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-configuration
"""

from collections.abc import Iterator, Sequence

from budgetcheck.model.settings import Problem, ProblemKind, Setting
from budgetcheck.readers.kubernetes.backend_policies import gke_settings
from budgetcheck.readers.kubernetes.cluster import Cluster
from budgetcheck.readers.kubernetes.controllers import ALB, GKE, INGRESS_NGINX, Controller
from budgetcheck.readers.kubernetes.manifests import Resource
from budgetcheck.readers.kubernetes.settings import shown
from budgetcheck.readers.kubernetes.trees import Scalar, entries

_READ = {
    # Times that are read, or were once, but limit no request.
    INGRESS_NGINX.component: {*INGRESS_NGINX.settings, "auth-keepalive-timeout", "upstream-fail-timeout"},
    ALB.component: {
        "auth-session-timeout",
        "healthcheck-timeout-seconds",
        "frontend-nlb-healthcheck-timeout-seconds",
    },
}
_INSTEAD = {
    INGRESS_NGINX.component: "It reads proxy-connect-timeout, proxy-send-timeout, proxy-read-timeout and "
    "proxy-next-upstream-timeout; other times are keys of its ConfigMap.",
    ALB.component: "Write idle_timeout.timeout_seconds in alb.ingress.kubernetes.io/load-balancer-attributes",
}


def unread_limits(
    cluster: Cluster,
    ingress: Resource,
    controller: Controller,
    services: Sequence[Resource],
    address: str,
) -> Iterator[Problem]:
    """Each limit that an Ingress seems to set; `services` it sends to, `address` of one of its hops."""
    read = _READ.get(controller.component)
    for key, _, value in entries(ingress.tree, "metadata", "annotations"):
        prefix = next((p for p in controller.prefixes if key.startswith(p)), None)
        name = key.removeprefix(prefix) if prefix else ""
        # A dot comes before a name of the user's own, as in `actions.timeout-page`.
        seems = "timeout" in name and "." not in name
        if read is not None and seems and name not in read and isinstance(value, Scalar):
            yield Problem(
                span=shown(value, key),
                text=f"{key} is no annotation that its controller reads: what it sets stays as it was",
                fix=_INSTEAD[controller.component],
                kind=ProblemKind.INEFFECTIVE,
                address=address,
                component=controller.component,
                setting=name,
            )
    if controller is GKE:
        yield from _misplaced_backend_config(cluster, ingress, services, address)


def _misplaced_backend_config(
    cluster: Cluster, ingress: Resource, services: Sequence[Resource], address: str
) -> Iterator[Problem]:
    """A BackendConfig is named on the Service; on the Ingress nothing looks for it."""
    meant = _times(cluster, ingress)
    if meant and not all(_times(cluster, service) for service in services):
        yield Problem(
            span=meant[0].spans[0],
            text="a BackendConfig is read where a Service names it, not an Ingress: timeoutSec has no effect",
            fix="Move the annotation cloud.google.com/backend-config to the Service.",
            kind=ProblemKind.INEFFECTIVE,
            address=address,
            component=GKE.component,
            setting="timeoutSec",
        )


def _times(cluster: Cluster, holder: Resource) -> list[Setting]:
    return [one for one in gke_settings(cluster, holder) if one.name == "timeoutSec"]
