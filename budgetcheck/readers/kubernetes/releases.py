"""Releases of Helm charts by Flux and Argo CD: whose values they give, and the controller's among them.

- https://fluxcd.io/flux/components/helm/helmreleases/
- https://argo-cd.readthedocs.io/en/stable/user-guide/helm/
- https://github.com/kubernetes/ingress-nginx/blob/main/charts/ingress-nginx/README.md
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from budgetcheck.model.span import Span
from budgetcheck.readers.kubernetes.manifests import Resource
from budgetcheck.readers.kubernetes.merging import merged
from budgetcheck.readers.kubernetes.trees import Fields, Scalar, Tree, at, items, planted, text
from budgetcheck.yaml_nodes import parse_yaml

CONTROLLER_CHART = "ingress-nginx"
INGRESS_CLASS = "ingress-class"
"""Label of our own: the class whose Ingresses the controller behind a Service serves."""
RELEASES = frozenset({"HelmRelease", "Application", "ApplicationSet"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One chart with values.

    Attributes:
        chart: name in a repository of charts, or path of a chart in a repository.
        file: that declares it.
        values: in place, None where there are none. `value_files`: paths below the chart.
        folder: where the chart lies if it is one of this repository; None where only its path tells.
        environment: the one it is for, empty for all; None where only the folders of `file` tell.
    """

    chart: str
    file: str
    values: Tree | None = None
    value_files: tuple[str, ...] = ()
    folder: Path | None = None
    environment: str | None = None

    @property
    def is_path(self) -> bool:
        """The chart may lie in this repository."""
        return "/" in self.chart or self.chart.startswith(".")


def releases_of(resources: Iterable[Resource]) -> Iterator[Release]:
    """All releases that the resources declare."""
    for one in resources:
        if one.kind == "HelmRelease":
            chart = text(one.tree, "spec", "chart", "spec", "chart") or text(
                one.tree, "spec", "chartRef", "name"
            )
            yield Release(chart=chart, file=one.file, values=at(one.tree, "spec", "values"))
        elif one.kind in ("Application", "ApplicationSet"):
            spec = (
                at(one.tree, "spec")
                if one.kind == "Application"
                else at(one.tree, "spec", "template", "spec")
            )
            single = at(spec, "source")
            for source in (*items(spec, "sources"), *([single] if single else [])):
                yield _of_source(source, one.file)


def is_controller(release: Release) -> bool:
    """It is one of the chart of ingress-nginx."""
    return PurePosixPath(release.chart).name == CONTROLLER_CHART


def controller_resources(resources: Iterable[Resource]) -> Iterator[Resource]:
    """What the chart of ingress-nginx makes of the values of each of its releases."""
    for release in releases_of(resources):
        if is_controller(release):
            yield from made_by_controller(release.values)


def made_by_controller(values: Tree | None) -> tuple[Resource, ...]:
    """What the chart makes of its values, also below the name of the chart in another one's."""
    inner = at(values, CONTROLLER_CHART)
    controller = at(inner if isinstance(inner, Fields) else values, "controller")
    config = at(controller, "config")
    found = [_service(controller, "external"), _service(controller, "internal")]
    if isinstance(config, Fields):
        tree = Fields({"data": (config.span, config)}, config.span)
        found.append(_resource("ConfigMap", "ingress-nginx-controller", tree))
    return tuple(one for one in found if one is not None)


def _service(controller: Tree | None, side: str) -> Resource | None:
    """The Service for the outside, which is there unless switched off, or for the inside: the other way."""
    service = at(controller, "service")
    part = at(service, "internal") if side == "internal" else service
    switch = text(service, side, "enabled").lower() or ("true" if side == "external" else "false")
    annotations = at(part, "annotations")
    if switch != "true" or text(service, "enabled").lower() == "false":
        return None
    if not isinstance(annotations, Fields) or text(service, "type") not in ("", "LoadBalancer"):
        return None
    span = annotations.span
    name = text(controller, "ingressClassResource", "name") or text(controller, "ingressClass") or "nginx"
    labels = _fields(span, {"app.kubernetes.io/name": CONTROLLER_CHART, INGRESS_CLASS: name})
    metadata = Fields({"annotations": (span, annotations), "labels": (span, labels)}, span)
    spec = _fields(span, {"type": "LoadBalancer", "loadBalancerClass": text(part, "loadBalancerClass")})
    tree = Fields({"metadata": (span, metadata), "spec": (span, spec)}, span)
    return _resource("Service", f"{CONTROLLER_CHART}-controller{'-internal' * (side == 'internal')}", tree)


def _fields(span: Span, values: Mapping[str, str]) -> Fields:
    return Fields({key: (span, Scalar(value, value, span)) for key, value in values.items()}, span)


def _resource(kind: str, name: str, tree: Fields) -> Resource:
    return Resource(kind=kind, api="v1", name=name, namespace="", tree=tree)


def _of_source(source: Tree, file: str) -> Release:
    values: Tree | None = None
    written = at(source, "helm", "values")
    if isinstance(written, Scalar) and not written.unknown:
        values = _embedded(written)
    given = at(source, "helm", "valuesObject")
    if given is not None:
        values = merged(values, given, strategic=False) if values else given
    for setting in items(source, "helm", "parameters"):
        one = parameter(setting)
        if one is not None:
            values = merged(values, one, strategic=False) if values else one
    files = (item.text for item in items(source, "helm", "valueFiles") if isinstance(item, Scalar))
    chart = text(source, "chart") or text(source, "path")
    path = chart if text(source, "chart") else f"./{chart}"
    return Release(chart=path, file=file, values=values, value_files=tuple(files))


def _embedded(written: Scalar) -> Tree | None:
    """YAML in a block of text: it begins in the line below its mark."""
    documents = [node for node in parse_yaml(written.text).documents if node is not None]
    shift = max(written.span.line, 1) - 1 + ("\n" in written.text)
    return planted(documents[0], written.span.file, shift) if documents else None


def parameter(setting: Tree) -> Tree | None:
    """`{name: controller.config.proxy-read-timeout, value: "90"}` as a tree."""
    value = at(setting, "value")
    name = text(setting, "name")
    if not name or not isinstance(value, Scalar) or len(name) > 200:
        return None
    found: Tree = replace(value)
    for part in reversed(name.replace("\\.", "\0").split(".")):
        found = Fields({part.replace("\0", "."): (setting.span, found)}, setting.span)
    return found
