"""Manifests: the resources of a text, those of kinds that no request passes left out before any parsing.

https://kubernetes.io/docs/concepts/overview/working-with-objects/
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.kubernetes.openshift_templates import with_parameters
from budgetcheck.readers.kubernetes.trees import Fields, Tree, items, planted, scalar, text, texts
from budgetcheck.yaml_nodes import faults_in, parse_yaml

WORKLOADS = frozenset(
    {"Deployment", "DeploymentConfig", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout", "Pod"}
)
"""Kinds that run containers which a Service can select; two are the Deployments of Argo and of OpenShift."""
KINDS = WORKLOADS | {
    "Application",
    "ApplicationSet",
    "BackendConfig",
    "ConfigMap",
    "DestinationRule",
    "GCPBackendPolicy",
    "Gateway",
    "HTTPRoute",
    "HelmRelease",
    "HorizontalPodAutoscaler",
    "Ingress",
    "IngressClass",
    "IngressRoute",
    "List",
    "Middleware",
    "Route",
    "Secret",
    "ServersTransport",
    "Service",
    "ServiceProfile",
    "Template",
    "VirtualService",
}
"""Kinds that are read; all others are on no request's way."""

_SEVERAL = frozenset({"List", "Template"})
_RELEASES = frozenset({"Application", "ApplicationSet"})
_MOST_DOCUMENTS = 5_000
_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_KIND = re.compile(r"^kind[ \t]*:[ \t]*[\"']?([A-Za-z]+)", re.MULTILINE)
_API = re.compile(r"^apiVersion[ \t]*:", re.MULTILINE)
_STATEMENT = re.compile(r"\{\{|\{%")
_VALUES_OF_A_CHART = re.compile(r"^[ \t]*helm[ \t]*:", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource. `namespace` is empty where the manifest does not say one."""

    kind: str
    api: str
    name: str
    namespace: str
    tree: Fields

    @property
    def file(self) -> str:
        """The file it stands in."""
        return self.tree.span.file

    @property
    def identity(self) -> tuple[str, str, str]:
        """What tells it from other resources of a cluster."""
        return (self.kind, self.namespace, self.name)

    @property
    def annotations(self) -> dict[str, str]:
        """Its annotations as far as they are single values."""
        return texts(self.tree, "metadata", "annotations")

    @property
    def span(self) -> Span:
        """Where it begins."""
        place = self.tree.span
        return Span(file=place.file, line=place.line, column=place.column, text=f"{self.kind} {self.name}")


@dataclass(slots=True)
class Manifests:
    """The resources of a text, and what is wrong with it. `kinds`: all it names, also passed-over ones."""

    resources: list[Resource] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)


def read_manifests(content: str, file: str) -> Manifests:
    """The resources of a text with one or several documents. A faulty document does not hide the others."""
    found = Manifests()
    if len(content) > 0 and _API.search(content) is None:
        return found
    for count, (segment, line) in enumerate(_documents(content)):
        if count >= _MOST_DOCUMENTS:
            problem = f"holds more than {_MOST_DOCUMENTS} documents; the rest is not looked at"
            found.problems.append(Problem(span=Span(file=file, line=line + 1), text=problem))
            break
        kind = _KIND.search(segment)
        if kind is None:
            continue
        found.kinds.add(kind.group(1))
        if kind.group(1) in KINDS:
            _read_document(segment, line, file, kind.group(1), found)
    return found


def resource_of(tree: Tree | None) -> Resource | None:
    """The resource that a tree describes; None where it names no kind."""
    if not isinstance(tree, Fields) or not text(tree, "kind"):
        return None
    return Resource(
        kind=text(tree, "kind"),
        api=text(tree, "apiVersion"),
        name=text(tree, "metadata", "name"),
        namespace=text(tree, "metadata", "namespace"),
        tree=tree,
    )


def flattened(tree: Tree) -> Iterator[Resource]:
    """The resource of a document, or those of a `List` or of a template of OpenShift."""
    resource = resource_of(tree)
    if resource is not None and resource.kind in _SEVERAL:
        for item in items_of(resource):
            inner = resource_of(item)
            if inner is not None and inner.kind in KINDS - _SEVERAL:
                yield inner
    elif resource is not None:
        yield resource


def items_of(resource: Resource) -> Iterator[Tree]:
    """What a resource holds that stands for several."""
    if resource.kind == "List":
        yield from items(resource.tree, "items")
        return
    parameters = {text(one, "name"): scalar(one, "value") for one in items(resource.tree, "parameters")}
    for item in items(resource.tree, "objects"):
        yield with_parameters(item, parameters)


def _documents(content: str) -> Iterator[tuple[str, int]]:
    """Each document, and how many lines come before it."""
    start = lines = 0
    for match in _SEPARATOR.finditer(content):
        yield content[start : match.start()], lines
        lines += content.count("\n", start, match.start())
        start = match.start()
    yield content[start:], lines


def _read_document(segment: str, line: int, file: str, kind: str, found: Manifests) -> None:
    stream = parse_yaml(segment)
    kept = [node for node in stream.documents if node is not None]
    faults = [*stream.faults, *(fault for node in kept for _, fault in faults_in(node))]
    # `name: {{ x }}` is a mapping as a key to YAML, and no manifest before it is rendered.
    template = bool(faults) and _STATEMENT.search(segment) is not None
    if template and kind in _RELEASES and not _VALUES_OF_A_CHART.search(segment):
        return  # it says where manifests are, and sets nothing
    if template:
        span = Span(file=file, line=faults[0].line + line, column=faults[0].column)
        problem = "holds template statements, so it is no manifest yet"
        found.problems.append(Problem(span=span, text=problem, fix="Render it and give the output."))
        return
    for fault in faults:
        span = Span(file=file, line=fault.line + line, column=fault.column)
        found.problems.append(Problem(span=span, text=fault.text, fix=fault.fix))
    for node in kept:
        found.resources.extend(flattened(planted(node, file, line)))
