"""From a Service to the pods behind it: the time a pod has to stop, and the server in its container.

A pod is a hop of its own, between what sends requests to the Service and the server: the time to stop belongs
to the pod, whatever runs in it, and has one set of facts. It limits no request, so the server's own limit
decides what the hop in front sees.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from budgetcheck import facts
from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Declaration, Known, Problem, Setting
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, Target
from budgetcheck.readers.kubernetes.cluster import Cluster, pod_spec
from budgetcheck.readers.kubernetes.containers import Container, Images, Running, running
from budgetcheck.readers.kubernetes.manifests import WORKLOADS, Resource
from budgetcheck.readers.kubernetes.settings import setting, shown
from budgetcheck.readers.kubernetes.trees import Scalar, Tree, at, items, number, scalar, text
from budgetcheck.readers.processes.declare import Owner, declare, presumed

POD = "kubernetes-pod"
KNATIVE = "knative"
GRACE = "terminationGracePeriodSeconds"

_SLEEP = re.compile(r"(?:^|[\s;&|/])sleep\s+(\d{1,5})s?(?=$|[\s;&|\"'])")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A container that a Service sends requests to."""

    workload: Resource
    container: Container


@dataclass(slots=True)
class Backends:
    """What stands behind the Services of one cluster; a pod is declared once something leads to it.

    `names`: Services may be named without their namespace, as no compose file uses the same names.
    """

    cluster: Cluster
    images: Images
    names: bool = True
    declarations: dict[str, Declaration] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    run: dict[str, Running] = field(default_factory=dict)
    services: dict[int, list[Resource]] | None = None
    """The Services that select a workload; workloads are told apart by identity."""

    def targets(self, service: Resource, port: str, place: Span) -> Iterator[Target]:
        """Where requests for a port of a Service go; nothing where that is not in these files."""
        if text(service.tree, "spec", "type") == "ExternalName":
            host = text(service.tree, "spec", "externalName")
            yield Target(host=host, group=service.name, span=place)
            return
        for one in self._places(service, port):
            yield Target(address=self._declare(one), group=service.name, span=place)

    def declare_servers(self) -> None:
        """Declares the pods whose server is known, also where nothing in these files leads to them.

        And those whose hook leaves them no time to stop: that is a fault whatever the server is.
        """
        for service in self.cluster.every("Service"):
            for port in items(service.tree, "spec", "ports"):
                for place in self._places(service, text(port, "port")):
                    if self._running(place).servers:
                        self._declare(place)
        for workload in self.cluster.every(*sorted(WORKLOADS)):
            for container in self._containers(workload):
                place = _Place(workload=workload, container=container)
                if self._address(place) in self.declarations:
                    continue
                if self._running(place).servers or _leaves_nothing(container):
                    self._declare(place)

    def container_targets(
        self, owner: Resource, containers: Sequence[Tree], address: str
    ) -> tuple[Target, ...]:
        """The server of the container that takes requests, for an owner that runs its pods itself."""
        pod = at(owner.tree, "spec", "template", "spec")
        found = [
            Container(tree=tree, pod=pod, workload=owner, cluster=self.cluster, images=self.images)
            for tree in containers
        ]
        serving = [container for container in found if container.ports] or found
        if len(serving) != 1:
            return (Target(span=owner.span, reason="several containers may take the requests"),)
        return self._server(_Place(workload=owner, container=serving[0]), address)

    def _places(self, service: Resource, port: str) -> Iterator[_Place]:
        for workload in self.cluster.selected(service):
            containers = self._containers(workload)
            chosen = _listening(containers, _target_port(service, port))
            if chosen is None:
                chosen = self._likeliest(workload, containers)
            if chosen is not None:
                yield _Place(workload=workload, container=chosen)

    def _likeliest(self, workload: Resource, containers: list[Container]) -> Container | None:
        """The container that takes requests where no port says so: the only one, or the only known server."""
        if len(containers) < 2:
            return containers[0] if containers else None
        serving = [c for c in containers if self._running(_Place(workload=workload, container=c)).servers]
        return serving[0] if len(serving) == 1 else None

    def _containers(self, workload: Resource) -> list[Container]:
        pod = pod_spec(workload)
        return [
            Container(tree=tree, pod=pod, workload=workload, cluster=self.cluster, images=self.images)
            for tree in items(pod, "containers")
        ]

    def _running(self, place: _Place) -> Running:
        address = self._address(place)
        if address not in self.run:
            self.run[address] = running(place.container)
        return self.run[address]

    def _address(self, place: _Place) -> str:
        return f"{self.cluster.address(place.workload)}/{place.container.name}"

    def _declare(self, place: _Place) -> str:
        """The address of the pod; its declaration and that of its server are kept."""
        address = self._address(place)
        if address in self.declarations:
            return address
        servers = self._server(place, address)
        self.declarations[address] = Declaration(
            component=POD,
            address=address,
            title=_title(place),
            span=place.workload.span,
            settings=tuple(_grace(place)),
            front=Front(names=self.names_of(place.workload)),
            targets=servers,
            environment=self.cluster.bundle.environment,
        )
        return address

    def _server(self, place: _Place, address: str) -> tuple[Target, ...]:
        """Targets that lead to the server of a container; what it is may be unknown."""
        found = self._running(place)
        span = replace(place.container.tree.span, text=f"container {place.container.name}")
        alone = len(items(place.container.pod, "containers")) == 1
        server = f"{address}/server"
        owner = Owner(
            address=server,
            title=_title(place),
            span=span,
            # Within a pod containers reach one another by port; from outside only the Service leads here.
            ports=() if alone else place.container.ports,
            # A server that was found through the name of its image is linked by that name.
            names=(server,) if found.image_file else (),
            node=found.node,
            environment=self.cluster.bundle.environment,
        )
        if not found.servers and self.images.may_be_the_only_one(place.container):
            return (Target(span=span),)
        if not found.servers:
            declared = [presumed(owner)]
        else:
            declared, problems = declare(found.servers, owner)
            self.problems += problems
        for declaration in declared:
            self.declarations[declaration.address] = _unreachable(declaration) if alone else declaration
        if found.image_file:
            return tuple(Target(group=server, span=span) for _ in declared[:1])
        return tuple(Target(address=declaration.address, span=span) for declaration in declared)

    def names_of(self, workload: Resource) -> tuple[str, ...]:
        """Names of the Services that select the workload, as others in the cluster use them."""
        if self.services is None:
            self.services = {}
            for service in self.cluster.every("Service"):
                for selected in self.cluster.selected(service):
                    self.services.setdefault(id(selected), []).append(service)
        found: list[str] = []
        for service in self.services.get(id(workload), ()):
            if self.names:
                found.append(service.name)
            found += full_names(service)
        return tuple(dict.fromkeys(found))


def full_names(service: Resource) -> tuple[str, ...]:
    """The names of a Service that hold its namespace."""
    place = f"{service.name}.{service.namespace or 'default'}"
    return (place, f"{place}.svc", f"{place}.svc.cluster.local")


def _unreachable(declaration: Declaration) -> Declaration:
    """The only container of its pod: no neighbour can reach it by port."""
    traits = dict(declaration.traits) | {"listens": "unknown"}
    front = replace(declaration.front, ports=(), sockets=())
    return replace(declaration, front=front, traits=tuple(sorted(traits.items())))


def _title(place: _Place) -> str:
    several = len(items(place.container.pod, "containers")) > 1
    return f"{place.workload.name}/{place.container.name}" if several else place.workload.name


def _target_port(service: Resource, port: str) -> str:
    """Number or name of the container's port behind a port of the Service, by number or name."""
    for one in items(service.tree, "spec", "ports"):
        if port in (text(one, "port"), text(one, "name")):
            return text(one, "targetPort") or text(one, "port")
    ports = items(service.tree, "spec", "ports")
    if len(ports) == 1:
        return text(ports[0], "targetPort") or text(ports[0], "port")
    return port


def _listening(containers: list[Container], port: str) -> Container | None:
    """The container that says it listens on a port."""
    for container in containers:
        if port.isdigit() and int(port) in container.ports:
            return container
        if not port.isdigit() and container.port_named(port):
            return container
    return None


def _grace(place: _Place) -> Iterator[Setting]:
    """The time a pod has to stop, less what its preStop hook sleeps: both run on the same clock.

    A hook that leaves nothing of it is a setting of its own, so that both numbers stay known.
    """
    grace = scalar(place.container.pod, GRACE)
    sleep = _pre_stop(place.container.tree)
    if sleep is None or sleep[0] == 0 or (grace is not None and grace.unknown):
        if grace is not None:
            yield setting(GRACE, grace, GRACE)
        return
    whole = _whole_grace(place.container.pod)
    if whole is None:
        return
    if sleep[0] >= whole:
        if grace is not None:
            yield setting(GRACE, grace, GRACE)
        yield Setting(name="preStop", value=Known(value=sleep[0]), spans=(sleep[1],), origin=Origin.WRITTEN)
        return
    yield Setting(
        name=GRACE,
        value=Known(value=whole - sleep[0]),
        spans=(sleep[1],) if grace is None else (shown(grace, GRACE), sleep[1]),
        origin=Origin.WRITTEN,
        label=f"{GRACE} - preStop sleep",
    )


def _whole_grace(pod: Tree | None) -> int | None:
    """Seconds a pod has to stop, hook and all; None where a number is written that is not known."""
    return _default_grace() if scalar(pod, GRACE) is None else number(pod, GRACE)


def _default_grace() -> int | None:
    """Seconds, as the facts have them."""
    component = facts.find(POD)
    limits = component.limits if component is not None else ()
    default = next((one.default for one in limits if one.setting == GRACE), None)
    return default.value // 1_000 if default is not None and default.value is not None else None


def _leaves_nothing(container: Container) -> bool:
    """The preStop hook sleeps at least as long as the pod has to stop, whatever runs in it."""
    sleep, whole = _pre_stop(container.tree), _whole_grace(container.pod)
    return sleep is not None and whole is not None and sleep[0] >= whole > 0


def _pre_stop(container: Tree) -> tuple[int, Span] | None:
    """How long the preStop hook sleeps; None where there is none or it does something else."""
    hook = at(container, "lifecycle", "preStop")
    seconds = scalar(hook, "sleep", "seconds")
    if seconds is not None and not seconds.unknown:
        return number(hook, "sleep", "seconds") or 0, shown(seconds, "preStop sleep")
    words = [item for item in items(hook, "exec", "command") if isinstance(item, Scalar)]
    match = _SLEEP.search(" ".join(word.text for word in words))
    if match is None:
        return None
    return int(match.group(1)), replace(words[0].span, text=f"preStop: sleep {match.group(1)}")
