"""Resources that live together, and who refers to whom among them: by name, by labels, by closeness."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from budgetcheck.readers.kubernetes.manifests import WORKLOADS, Resource
from budgetcheck.readers.kubernetes.trees import Tree, at, text, texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Resources that are applied together.

    Attributes:
        environment: the only one they belong to; empty for all.
        folder: where they come from, to tell resources of several bundles apart.
        together: one tool puts them out as a whole. Otherwise they are just files of one repository, and of
            several resources with one name the closest file is meant.
    """

    resources: tuple[Resource, ...]
    environment: str = ""
    folder: str = ""
    together: bool = False


@dataclass(slots=True)
class Cluster:
    """The resources of one bundle, found by kind and name.

    `shared` are identities that several bundles, or files of this one, have: their addresses say where.
    `config_maps` and `balancers` (Services of type LoadBalancer) are those of other bundles of the same
    environment: one controller serves them all.
    """

    bundle: Bundle
    shared: frozenset[tuple[str, str, str]] = frozenset()
    config_maps: Sequence[Resource] = ()
    balancers: Sequence[Resource] = ()
    by_kind: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[tuple[str, str], list[Resource]] = field(default_factory=lambda: defaultdict(list))
    by_label: dict[tuple[str, str], list[Resource]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for resource in self.bundle.resources:
            self.by_kind[resource.kind].append(resource)
            self.by_name[resource.kind, resource.name].append(resource)
            if resource.kind in WORKLOADS:
                for label in pod_labels(resource).items():
                    self.by_label[label].append(resource)

    def every(self, *kinds: str) -> Sequence[Resource]:
        """All resources of these kinds, in the order of the files."""
        return [resource for kind in kinds for resource in self.by_kind.get(kind, ())]

    def find(self, kind: str, name: str, near: Resource) -> Resource | None:
        """The resource of that name in the namespace of another; None where there is none or are several."""
        found = self._closest(self.by_name.get((kind, name), ()), near) if name else []
        return found[0] if len(found) == 1 else None

    def selected(self, service: Resource) -> list[Resource]:
        """The workloads whose pods a Service sends requests to."""
        selector = texts(service.tree, "spec", "selector")
        if not selector:
            return []
        rarest = min((self.by_label.get(label, []) for label in selector.items()), key=len)
        matching = [w for w in rarest if selector.items() <= pod_labels(w).items()]
        return self._closest(matching, service)

    def _closest(self, found: Iterable[Resource], near: Resource) -> list[Resource]:
        """Each resource that is meant; of several with one identity the one that belongs to `near`."""
        fitting = [one for one in found if _same_namespace(one, near)]
        if self.bundle.together or len(fitting) < 2:
            return fitting
        alike: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
        for one in fitting:
            alike[one.identity].append(one)
        chosen = [_belonging(group, near) for group in alike.values()]
        return [one for one in chosen if one is not None]

    def address(self, resource: Resource) -> str:
        """`kubernetes:NAMESPACE/KIND/NAME`, with its file or folder where that alone says too little."""
        name = f"kubernetes:{resource.namespace or 'default'}/{resource.kind}/{resource.name}"
        if resource.identity not in self.shared:
            return name
        return f"{name}@{self.bundle.folder if self.bundle.together else resource.file}"


def pod_labels(workload: Resource) -> Mapping[str, str]:
    """Labels of the pods of a workload; those it selects them by are among them, or it would be rejected."""
    if workload.kind == "Pod":
        return texts(workload.tree, "metadata", "labels")
    own = texts(workload.tree, "spec", "selector", "matchLabels")
    return {**own, **texts(workload.tree, "spec", "template", "metadata", "labels")}


def pod_spec(workload: Resource) -> Tree | None:
    """The specification of a workload's pods."""
    return (
        at(workload.tree, "spec") if workload.kind == "Pod" else at(workload.tree, "spec", "template", "spec")
    )


def clusters(bundles: Sequence[Bundle]) -> list[Cluster]:
    """A cluster for each bundle; addresses stay apart within each environment."""
    places: dict[tuple[str, str, str], set[tuple[str, str]]] = defaultdict(set)
    for number, bundle in enumerate(bundles):
        for resource in bundle.resources:
            file = "" if bundle.together else resource.file
            places[resource.identity].add((bundle.environment, f"{number} {file}"))
    shared = frozenset(identity for identity, found in places.items() if _collide(found))
    config_maps = [(one, _of_kind(one, "ConfigMap")) for one in bundles]
    balancers = [(one, [s for s in _of_kind(one, "Service") if is_balancer(s)]) for one in bundles]
    return [
        Cluster(
            bundle=bundle,
            shared=shared,
            config_maps=tuple(_beside(bundle, config_maps)),
            balancers=tuple(_beside(bundle, balancers)),
        )
        for bundle in bundles
    ]


def is_balancer(service: Resource) -> bool:
    """The Service asks for a load balancer of the cloud."""
    return text(service.tree, "spec", "type") == "LoadBalancer"


def _of_kind(bundle: Bundle, kind: str) -> list[Resource]:
    return [one for one in bundle.resources if one.kind == kind]


def _beside(own: Bundle, found: Iterable[tuple[Bundle, Sequence[Resource]]]) -> Iterator[Resource]:
    """What the other bundles have that are applied where this one is."""
    for bundle, resources in found:
        if bundle is not own and bundle.environment in ("", own.environment):
            yield from resources


def _collide(places: set[tuple[str, str]]) -> bool:
    environments = [environment for environment, _ in places]
    return len(set(environments)) < len(environments) or ("" in environments and len(environments) > 1)


def _same_namespace(one: Resource, other: Resource) -> bool:
    return not one.namespace or not other.namespace or one.namespace == other.namespace


def _belonging(group: Sequence[Resource], near: Resource) -> Resource | None:
    """The one in the same file, else in the same folder, else in a folder above or below; None if unclear."""
    if len(group) == 1:
        return group[0]
    place = PurePosixPath(near.file)
    for fits in (
        lambda path: path == place,
        lambda path: path.parent == place.parent,
        lambda path: path.parent in place.parents or place.parent in path.parents,
    ):
        found = [one for one in group if fits(PurePosixPath(one.file))]
        if found:
            return found[0] if len(found) == 1 else None
    return None
