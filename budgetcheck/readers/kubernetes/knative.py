"""Knative Services: a time for each request, and the container behind it.

https://github.com/knative/specs/blob/main/specs/serving/knative-api-specification-1.0.md
"""

from budgetcheck.model.settings import Declaration, Problem
from budgetcheck.model.topology import Front
from budgetcheck.readers.kubernetes.cluster import Cluster
from budgetcheck.readers.kubernetes.settings import setting
from budgetcheck.readers.kubernetes.trees import at, items, scalar
from budgetcheck.readers.kubernetes.workloads import KNATIVE, Backends


def declare_knative(cluster: Cluster, backends: Backends) -> tuple[list[Declaration], list[Problem]]:
    """The hops of all Knative Services of a cluster; a Service of Kubernetes itself has no template."""
    found: list[Declaration] = []
    for service in cluster.every("Service"):
        if not service.api.startswith("serving.knative.dev/"):
            continue
        pod = at(service.tree, "spec", "template", "spec")
        names = ("timeoutSeconds", "responseStartTimeoutSeconds", "idleTimeoutSeconds")
        given = [(name, scalar(pod, name)) for name in names]
        address = cluster.address(service)
        found.append(
            Declaration(
                component=KNATIVE,
                address=address,
                title=service.name,
                span=service.span,
                settings=tuple(setting(name, value, name) for name, value in given if value is not None),
                front=Front(names=(service.name,) if backends.names else ()),
                targets=backends.container_targets(service, items(pod, "containers"), address),
                environment=cluster.bundle.environment,
            )
        )
    return found, []
