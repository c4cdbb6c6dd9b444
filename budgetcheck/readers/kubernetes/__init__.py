"""Reads Kubernetes manifests, Kustomize overlays and plain Helm charts: from an Ingress to a pod's server."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from budgetcheck.model.settings import Declaration, Problem, Reading
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.kubernetes.balancers import declare_balancers
from budgetcheck.readers.kubernetes.bundles import Collected, collect
from budgetcheck.readers.kubernetes.cluster import Cluster, clusters
from budgetcheck.readers.kubernetes.configured import declare_configured
from budgetcheck.readers.kubernetes.containers import Images, images_of, values_of
from budgetcheck.readers.kubernetes.gateways import declare_gateways
from budgetcheck.readers.kubernetes.ingresses import declare_ingresses
from budgetcheck.readers.kubernetes.knative import declare_knative
from budgetcheck.readers.kubernetes.linkerd import declare_linkerd
from budgetcheck.readers.kubernetes.meshes import declare_meshes
from budgetcheck.readers.kubernetes.openshift import declare_routes
from budgetcheck.readers.kubernetes.runners import runners_of
from budgetcheck.readers.kubernetes.traefik import declare_traefik
from budgetcheck.readers.kubernetes.trees import text
from budgetcheck.readers.kubernetes.workloads import Backends, full_names
from budgetcheck.readers.processes.runners import Runner
from budgetcheck.readers.processes.texts import Text
from budgetcheck.tree import SourceFile

_MOST_DECLARATIONS = 20_000
_DECLARERS = (
    declare_ingresses,
    declare_gateways,
    declare_traefik,
    declare_meshes,
    declare_linkerd,
    declare_knative,
    declare_routes,
)


def read(sources: Sequence[SourceFile], context: ReadContext) -> Reading:
    """The hops of all manifests, once for each environment that overlays or values make."""
    collected = _collected(sources, context)
    images = images_of(context)
    names = _plainly_named(context)
    declarations: list[Declaration] = []
    problems = list(collected.problems)
    for cluster in clusters(collected.bundles):
        found, faults = _declare(cluster, images, context, names=names)
        declarations += found
        problems += faults
        if len(declarations) > _MOST_DECLARATIONS:
            fault = f"more than {_MOST_DECLARATIONS} places on the way of requests; the rest is not looked at"
            problems.append(Problem(span=Span(file=sources[0].name), text=fault))
            break
    return Reading(
        declarations=tuple(_unique(declarations)),
        problems=tuple(sorted(set(problems), key=lambda problem: (problem.span.sort_key, problem.text))),
        environments=tuple(sorted({one.environment for one in collected.bundles} - {""})),
        recognised=collected.recognised,
    )


def containers(sources: Sequence[SourceFile], context: ReadContext) -> Iterator[Runner]:
    """The containers of all workloads."""
    images = images_of(context)
    for cluster in clusters(_collected(sources, context).bundles):
        yield from runners_of(cluster, images, names=_plainly_named(context))


def services(sources: Sequence[SourceFile], context: ReadContext) -> Iterator[tuple[str, bool]]:
    """Every name of a Service, and whether it stands for exactly one address: that of kube-proxy."""
    for cluster in clusters(_collected(sources, context).bundles):
        for service in cluster.every("Service"):
            single = text(service.tree, "spec", "clusterIP") != "None"
            single &= text(service.tree, "spec", "type") != "ExternalName"
            for name in (service.name, *full_names(service)):
                yield name.lower(), single


def settings(
    sources: Sequence[SourceFile], context: ReadContext
) -> Iterator[tuple[str, Path, dict[str, Text]]]:
    """Environment, folder and variables of every ConfigMap."""
    for cluster in clusters(_collected(sources, context).bundles):
        for config in cluster.every("ConfigMap"):
            folder = Path(context.tree.base, config.file).parent
            yield cluster.bundle.environment, folder, dict(values_of(config))


def _plainly_named(context: ReadContext) -> bool:
    """No compose file may use the names of Services for its own."""
    return not any("compose" in file.base.lower() for file in context.siblings)


def _collected(sources: Sequence[SourceFile], context: ReadContext) -> Collected:
    return context.memo.once("kubernetes", lambda: collect(sources, context))


def _declare(
    cluster: Cluster, images: Images, context: ReadContext, *, names: bool
) -> tuple[list[Declaration], list[Problem]]:
    backends = Backends(cluster=cluster, images=images, names=names)
    declarations: list[Declaration] = []
    problems: list[Problem] = []
    for declare in _DECLARERS:
        found, faults = declare(cluster, backends)
        declarations += found
        problems += faults
    found, faults = declare_balancers(cluster, backends, declarations)
    declarations += found
    problems += faults
    backends.declare_servers()
    found, faults = declare_configured(cluster, images, context)
    declarations += found
    problems += faults
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
