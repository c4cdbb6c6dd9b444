"""Reads Kubernetes manifests, Kustomize overlays and plain Helm charts: from an Ingress to a pod's server."""

from collections.abc import Sequence
from dataclasses import replace

from budgetcheck.model.settings import Declaration, Problem, Reading
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.kubernetes.bundles import collect
from budgetcheck.readers.kubernetes.cluster import Cluster, clusters
from budgetcheck.readers.kubernetes.containers import Images
from budgetcheck.readers.kubernetes.gateways import declare_gateways
from budgetcheck.readers.kubernetes.ingresses import declare_ingresses
from budgetcheck.readers.kubernetes.knative import declare_knative
from budgetcheck.readers.kubernetes.meshes import declare_meshes
from budgetcheck.readers.kubernetes.workloads import Backends
from budgetcheck.tree import SourceFile

_MOST_DECLARATIONS = 20_000


def read(sources: Sequence[SourceFile], context: ReadContext) -> Reading:
    """The hops of all manifests, once for each environment that overlays or values make."""
    collected = collect(sources, context)
    dockerfiles = [file for file in context.siblings if "dockerfile" in file.base.lower()]
    images = Images(files=context.tree, dockerfiles=dockerfiles)
    composed = any("compose" in file.base.lower() for file in context.siblings)
    declarations: list[Declaration] = []
    problems = list(collected.problems)
    for cluster in clusters(collected.bundles):
        found, faults = _declare(cluster, images, names=not composed)
        declarations += found
        problems += faults
        if len(declarations) > _MOST_DECLARATIONS:
            text = f"more than {_MOST_DECLARATIONS} places on the way of requests; the rest is not looked at"
            problems.append(Problem(span=Span(file=sources[0].name), text=text))
            break
    return Reading(
        declarations=tuple(_unique(declarations)),
        problems=tuple(sorted(set(problems), key=lambda problem: (problem.span.sort_key, problem.text))),
        environments=tuple(sorted({one.environment for one in collected.bundles} - {""})),
        recognised=collected.recognised,
    )


def _declare(cluster: Cluster, images: Images, *, names: bool) -> tuple[list[Declaration], list[Problem]]:
    backends = Backends(cluster=cluster, images=images, names=names)
    declarations: list[Declaration] = []
    problems: list[Problem] = []
    for declare in (declare_ingresses, declare_gateways, declare_meshes, declare_knative):
        found, faults = declare(cluster, backends)
        declarations += found
        problems += faults
    backends.declare_servers()
    return [*declarations, *backends.declarations.values()], [*problems, *backends.problems]


def _unique(declarations: Sequence[Declaration]) -> list[Declaration]:
    """Every address once in its environment: the same path twice in one Ingress gets a number."""
    seen: dict[tuple[str, str], int] = {}
    found: list[Declaration] = []
    for one in declarations:
        key = (one.address, one.environment)
        count = seen[key] = seen.get(key, 0) + 1
        found.append(one if count == 1 else replace(one, address=f"{one.address}#{count}"))
    return found
