"""nginx in a pod whose configuration a ConfigMap holds."""

from collections.abc import Iterator
from dataclasses import replace
from posixpath import basename, join, normpath

from budgetcheck.model.settings import Declaration, Problem
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.kubernetes.cluster import Cluster
from budgetcheck.readers.kubernetes.containers import Container, Images, containers_of, environment_of
from budgetcheck.readers.kubernetes.trees import Scalar, entries, items, text
from budgetcheck.readers.processes.runners import NGINX_FOLDERS, is_nginx_image

_ENDINGS = (".conf", ".template", ".inc", ".server", ".location")


def declare_configured(
    cluster: Cluster, images: Images, context: ReadContext
) -> tuple[list[Declaration], list[Problem]]:
    """The locations of every nginx that a ConfigMap configures."""
    declarations: list[Declaration] = []
    problems: list[Problem] = []
    for container in containers_of(cluster, images):
        mounted = dict(_mounted(container))
        if mounted:
            found, faults = _declare(container, mounted, context)
            declarations += found
            problems += faults
    return declarations, problems


def _declare(
    container: Container, mounted: dict[str, Scalar], context: ReadContext
) -> tuple[list[Declaration], list[Problem]]:
    from budgetcheck.readers.nginx import read_held
    from budgetcheck.readers.nginx.held import Held, HeldFile

    files = {
        path: HeldFile(
            text=data.text,
            file=data.span.file,
            # The text of a block begins in the line below its mark.
            lines_before=max(data.span.line, 1) - 1 + ("\n" in data.text),
        )
        for path, data in mounted.items()
    }
    variables = environment_of(container)
    found, problems = read_held(Held(files, variables.get), context)
    cluster = container.cluster
    place = cluster.address(container.workload)
    named = {one.address: f"{one.address} [{place.partition(':')[2]}]" for one in found}
    return [
        replace(
            one,
            address=named[one.address],
            traits=(*one.traits, ("container", f"{place}/{container.name}")),
            passes_before=tuple(named[other] for other in one.passes_before),
            passes_after=tuple(named[other] for other in one.passes_after),
            environment=cluster.bundle.environment,
        )
        for one in found
    ], problems


def _mounted(container: Container) -> Iterator[tuple[str, Scalar]]:
    """Texts of ConfigMaps that nginx reads, by their path in the container."""
    volumes = {text(volume, "name"): volume for volume in items(container.pod, "volumes")}
    for mount in items(container.tree, "volumeMounts"):
        volume = volumes.get(text(mount, "name"))
        name = text(volume, "configMap", "name")
        config = container.cluster.find("ConfigMap", name, container.workload) if name else None
        target = normpath(text(mount, "mountPath") or "/")
        paths = {text(item, "key"): text(item, "path") for item in items(volume, "configMap", "items")}
        for key, _, data in entries(config.tree if config else None, "data"):
            if not isinstance(data, Scalar) or data.unknown or (paths and key not in paths):
                continue
            inside = paths.get(key) or key
            sub = text(mount, "subPath")
            if sub and sub != inside:
                continue
            path = target if sub else join(target, inside)
            if _is_nginx(path, container):
                yield path, data


def _is_nginx(path: str, container: Container) -> bool:
    """nginx of its own folder, or of an image of nginx that puts it there when it starts."""
    if not basename(path).endswith(_ENDINGS):
        return False
    return path.startswith(NGINX_FOLDERS) or is_nginx_image(text(container.tree, "image"))
