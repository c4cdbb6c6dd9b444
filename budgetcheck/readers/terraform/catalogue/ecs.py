"""Amazon ECS: containers of task definitions, the services that run them, and Service Connect.

A container is a hop where it says how long it may take to stop; otherwise it is looked for by its name. The
server that its command starts is one of its own.
Service Connect is a proxy in front of a service, with limits that hardly anybody writes.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_service,
ecs_task_definition; https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetcheck.model.settings import Declaration, Setting
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, Target
from budgetcheck.readers.image_names import plain_name
from budgetcheck.readers.terraform.catalogue.documents import elements, entry, text_of
from budgetcheck.readers.terraform.catalogue.settings import (
    place,
    setting,
    setting_in_document,
    text,
    texts,
    trait,
    whole,
)
from budgetcheck.readers.terraform.catalogue.stack import Stack, items_at, values_at
from budgetcheck.readers.terraform.documents import decoded
from budgetcheck.readers.terraform.instances import Item, Resource
from budgetcheck.readers.terraform.values import Value

if TYPE_CHECKING:
    from budgetcheck.readers.processes.servers.base import Server

_SERVICE = "aws_ecs_service"
_TASK = "aws_ecs_task_definition"
_CONNECT = "service_connect_configuration"

TYPES = (_SERVICE, _TASK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port mapping of a container: its name for Service Connect, its number, the protocol it speaks."""

    name: str
    number: int
    protocol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container of a task definition; `single` where it is the only one.

    `servers` are what its command starts; none where that is left to its image.
    """

    task: Resource
    name: str
    image: str
    ports: tuple[Port, ...]
    stop: Setting | None
    servers: tuple["Server", ...]
    single: bool

    @property
    def title(self) -> str:
        """The task definition, and which of its containers where there are several."""
        return self.task.address if self.single else f"{self.task.address}/{self.name}"

    def target(self, stack: Stack, port: int, span: Span) -> Target:
        """The container as what something sends requests to."""
        if self.stop is None:
            return self.inside(stack, port, span)
        address = _address(stack, self)
        return Target(
            address=address, port=port, group=self.name, span=span, container=True, image=self.image
        )

    def inside(self, stack: Stack, port: int, span: Span) -> Target:
        """The server in the container: by a name of its own where the command is known."""
        group = _server(stack, self) if self.servers else self.name
        return Target(port=port, group=group, span=span, container=True, image=self.image)


def declare_container(stack: Stack, task: Resource) -> Iterator[Declaration]:
    """The containers that something in these files sends requests to, as far as they say anything.

    That is when they are killed, and what they start. One whose image is started as it is may be a proxy that
    sends to the others.
    """
    services = stack.pointing_at(task, _SERVICE, "task_definition")
    containers = _containers(task)
    reached = [one for one in containers if any(_is_reached(service, one) for service in services)]
    beside = [] if any(one.servers for one in reached) else [one for one in containers if one not in reached]
    for container in (*reached, *(beside if reached else ())):
        yield from _declare_servers(stack, container)
        if container.stop is None or container in beside:
            continue
        ports = [port.number for port in container.ports] or [0]
        span = container.stop.spans[0]
        yield Declaration(
            component=_TASK,
            address=_address(stack, container),
            title=container.title,
            span=task.span,
            settings=(container.stop,),
            traits=(("launch", _launch(task, services)),),
            targets=tuple(container.inside(stack, port, span) for port in dict.fromkeys(ports)),
        )


def _declare_servers(stack: Stack, container: Container) -> list[Declaration]:
    if not container.servers:
        return []
    from budgetcheck.readers.terraform.catalogue.ecs_commands import declare_servers

    return declare_servers(
        container.servers,
        address=_server(stack, container),
        name=container.name,
        title=container.title,
        ports=tuple(dict.fromkeys(port.number for port in container.ports if port.number)),
        span=place(container.task, "container_definitions"),
    )


def _servers(definition: Value, span: Span) -> tuple["Server", ...]:
    if entry(definition, "command") is None and entry(definition, "entryPoint") is None:
        return ()
    # Loaded only for a container that says what it runs: most leave it to their image.
    from budgetcheck.readers.terraform.catalogue.ecs_commands import servers_in

    return servers_in(definition, span)


def _server(stack: Stack, container: Container) -> str:
    return f"{_address(stack, container)}/server"


def _address(stack: Stack, container: Container) -> str:
    return f"{stack.address(container.task)}{'' if container.single else f'/{container.name}'}"


def _containers(task: Resource) -> tuple[Container, ...]:
    """The containers of a task definition as far as they are known."""
    items = elements(decoded(task.value("container_definitions")))
    span = place(task, "container_definitions")
    return tuple(
        Container(
            task=task,
            name=name,
            image=plain_name(text_of(entry(item, "image"))),
            ports=tuple(_port(mapping) for mapping in elements(entry(item, "portMappings"))),
            stop=setting_in_document(entry(item, "stopTimeout"), span, name="stopTimeout"),
            servers=_servers(item, span),
            single=len(items) == 1,
        )
        for item in items
        if (name := text_of(entry(item, "name")))
    )


def _port(mapping: Value) -> Port:
    number = entry(mapping, "containerPort")
    return Port(
        name=text_of(entry(mapping, "name")),
        number=whole(number) if number is not None else 0,
        protocol=text_of(entry(mapping, "appProtocol")).lower(),
    )


def _is_reached(service: Resource, container: Container) -> bool:
    names = [text(block.value("container_name")) for block in service.blocks("load_balancer")]
    ports = {text(value) for value in values_at(service, f"{_CONNECT}.service.port_name")}
    named = any(name == container.name or (container.single and not name) for name in names)
    return named or bool(ports & {port.name for port in container.ports if port.name})


def _launch(task: Resource, services: list[Resource]) -> str:
    """FARGATE where all is said to run there: its limits are tighter."""
    kinds = texts(task.value("requires_compatibilities")) or []
    kinds += [trait(service, "launch_type", "") for service in services]
    providers = [
        text(v) for one in services for v in values_at(one, "capacity_provider_strategy.capacity_provider")
    ]
    kinds += [provider.split("_")[0] for provider in providers]
    known = {kind for kind in kinds if kind}
    return "FARGATE" if known == {"FARGATE"} else "EC2" if known else ""


def registered(stack: Stack, group: Resource, port: int) -> Iterator[Target]:
    """The containers of ECS services that register in a target group or classic load balancer."""
    attribute = "elb_name" if group.type == "aws_elb" else "target_group_arn"
    for service in stack.pointing_at(group, _SERVICE, f"load_balancer.{attribute}"):
        for block in service.blocks("load_balancer"):
            if group in stack.referred(block.value(attribute), "aws_lb_target_group", "aws_elb"):
                yield _registered(stack, service, block, port)


def _registered(stack: Stack, service: Resource, block: Item, port: int) -> Target:
    name = text(block.value("container_name"))
    span = place(block, "container_port", "container_name")
    number = whole(block.value("container_port")) or port
    for container in _containers_of(stack, service):
        if container.name == name or (container.single and not name):
            return container.target(stack, number, span)
    # The definition is not here or not known: the name that the service gives is all there is.
    group = name or text(service.value("name")) or service.label
    return Target(port=number, group=group, span=span, container=True)


def discovered(stack: Stack, registry: Resource, span: Span) -> Iterator[Target]:
    """The containers that are found through a service of AWS Cloud Map."""
    for service in stack.pointing_at(registry, _SERVICE, "service_registries.registry_arn"):
        for block in service.blocks("service_registries"):
            name = text(block.value("container_name"))
            number = whole(block.value("container_port")) or whole(block.value("port"))
            found = [one for one in _containers_of(stack, service) if one.name == name or one.single]
            for container in found:
                yield container.target(stack, number, span)
            if not found:
                group = name or text(service.value("name")) or service.label
                yield Target(port=number, group=group, span=span, container=True)


def _containers_of(stack: Stack, service: Resource) -> Iterator[Container]:
    for task in stack.referred(service.value("task_definition"), _TASK):
        yield from _containers(task)


def declare_connect(stack: Stack, service: Resource) -> Iterator[Declaration]:
    """Each port that a service offers through Service Connect: a proxy with limits of its own."""
    offers = [
        offer
        for connect in service.blocks(_CONNECT)
        if trait(connect, "enabled", "true") != "false"
        for offer in connect.blocks("service")
    ]
    for offer in offers:
        name = f"/{text(offer.value('port_name'))}" if len(offers) > 1 else ""
        port, target = _offered(stack, service, offer)
        yield Declaration(
            component=_SERVICE,
            address=f"{stack.address(service)}{name}",
            title=f"{service.address}{name}",
            span=offer.block.span if name else service.span,
            settings=tuple(_connect_settings(offer)),
            traits=(("protocol", port.protocol if port else "unknown"),),
            front=_connect_front(offer),
            targets=(target,),
        )


def _connect_settings(offer: Item) -> Iterator[Setting]:
    for name in ("per_request_timeout_seconds", "idle_timeout_seconds"):
        found = setting(offer, f"timeout.{name}", name=name)
        if found:
            yield found


def _connect_front(offer: Item) -> Front:
    """The names and ports that clients in the same namespace use."""
    aliases = list(items_at(offer, "client_alias"))
    own = text(offer.value("discovery_name")) or text(offer.value("port_name"))
    names = [text(alias.value("dns_name")) for alias in aliases]
    ports = [whole(alias.value("port")) for alias in aliases]
    return Front(
        names=tuple(name for name in dict.fromkeys((*names, own)) if name),
        ports=tuple(port for port in dict.fromkeys(ports) if port),
    )


def _offered(stack: Stack, service: Resource, offer: Item) -> tuple[Port | None, Target]:
    """The port mapping that an offer names, and the container it belongs to."""
    name = text(offer.value("port_name"))
    span = place(offer, "port_name")
    for container in _containers_of(stack, service):
        for port in container.ports:
            if name and port.name == name:
                return port, container.target(stack, port.number, span)
    return None, Target(group=text(service.value("name")) or service.label, span=span)
