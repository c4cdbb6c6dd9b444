"""Google Cloud: the times of a backend, in resources of their own that a Service or Gateway names.

- https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-configuration
- https://cloud.google.com/kubernetes-engine/docs/how-to/configure-gateway-resources
"""

import json
from collections.abc import Iterator

from budgetcheck.model.settings import Setting
from budgetcheck.readers.kubernetes.cluster import Cluster
from budgetcheck.readers.kubernetes.manifests import Resource
from budgetcheck.readers.kubernetes.settings import setting
from budgetcheck.readers.kubernetes.trees import Tree, scalar, text

_ANNOTATIONS = ("cloud.google.com/backend-config", "beta.cloud.google.com/backend-config")


def gke_settings(cluster: Cluster, service: Resource) -> Iterator[Setting]:
    """What the BackendConfig of a Service sets."""
    for annotation in _ANNOTATIONS:
        for name in _configs(service.annotations.get(annotation, "")):
            config = cluster.find("BackendConfig", name, service)
            if config is not None:
                yield from _of(
                    config.tree,
                    ("spec", "timeoutSec"),
                    ("spec", "connectionDraining", "drainingTimeoutSec"),
                    f"BackendConfig {config.name}",
                )
                return


def policy_settings(cluster: Cluster, service: Resource) -> Iterator[Setting]:
    """What the GCPBackendPolicy that aims at a Service sets."""
    for policy in cluster.every("GCPBackendPolicy"):
        aim = text(policy.tree, "spec", "targetRef", "name")
        if aim == service.name and cluster.find("Service", aim, policy) is service:
            yield from _of(
                policy.tree,
                ("spec", "default", "timeoutSec"),
                ("spec", "default", "connectionDraining", "drainingTimeoutSec"),
                f"GCPBackendPolicy {policy.name}",
            )


def _of(tree: Tree, time: tuple[str, ...], drain: tuple[str, ...], owner: str) -> Iterator[Setting]:
    for name, path in (("timeoutSec", time), ("drainingTimeoutSec", drain)):
        found = scalar(tree, *path)
        if found is not None:
            yield setting(name, found, name, label=f"{owner} {name}")


def _configs(written: str) -> list[str]:
    """`{"default": "name"}`, or by port; several names for several ports are not told apart."""
    try:
        value = json.loads(written) if written else None
    except (ValueError, RecursionError):
        return []
    if not isinstance(value, dict):
        return []
    ports = value.get("ports")
    names = [value.get("default"), *(ports.values() if isinstance(ports, dict) else ())]
    found = list(dict.fromkeys(name for name in names if isinstance(name, str)))
    return found if len(found) == 1 else []
