"""Containers of pods in the common form of everything that runs."""

import re
from collections.abc import Iterator
from pathlib import Path

from budgetcheck.readers.kubernetes.cluster import Cluster
from budgetcheck.readers.kubernetes.containers import Container, Images, containers_of, environment_of
from budgetcheck.readers.kubernetes.trees import text
from budgetcheck.readers.kubernetes.workloads import Backends
from budgetcheck.readers.processes.images import existing
from budgetcheck.readers.processes.runners import Runner

_OFFICIAL = re.compile(r"(?:docker\.io/)?(?:library/)?nginx(?:[:@].*)?")


def runners_of(cluster: Cluster, images: Images, *, names: bool) -> Iterator[Runner]:
    """The containers of all workloads of a cluster. `names`: Services may be named without namespace."""
    backends = Backends(cluster=cluster, images=images, names=names)
    for container in containers_of(cluster, images):
        yield _runner(container, backends.names_of(container.workload))


def _runner(container: Container, names: tuple[str, ...]) -> Runner:
    name = text(container.tree, "image")
    built = None if _OFFICIAL.fullmatch(name) else container.images.of(container)
    image, file = built or (None, None)
    return Runner(
        address=f"{container.cluster.address(container.workload)}/{container.name}",
        group=container.cluster.address(container.workload),
        span=container.workload.span,
        folder=Path(container.images.files.base, container.workload.file).parent,
        environment=container.cluster.bundle.environment,
        image=image.base if image else name,
        dockerfile=file.name if file else "",
        names=names,
        ports=container.ports,
        mounts=existing(image.mounts, container.images.files) if image else (),
        variables={**(image.environment if image else {}), **environment_of(container)},
    )
