"""Google Cloud Run services.

Sources: https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/cloud_run_service,
cloud_run_v2_service, cloud_run_domain_mapping.
"""

from collections.abc import Iterator

from budgetcheck.model.settings import Declaration
from budgetcheck.model.topology import Front, Target
from budgetcheck.readers.terraform.catalogue.settings import known_names, place, setting, text, whole
from budgetcheck.readers.terraform.catalogue.stack import Stack, items_at
from budgetcheck.readers.terraform.instances import Item, Resource

_MAPPING = "google_cloud_run_domain_mapping"

TYPES = ("google_cloud_run_service", "google_cloud_run_v2_service", _MAPPING)


def declare_v1(stack: Stack, service: Resource) -> Iterator[Declaration]:
    """A service of the first API: `template.spec`."""
    return _declare(stack, service, "template.spec.timeout_seconds", "template.spec.containers")


def declare_v2(stack: Stack, service: Resource) -> Iterator[Declaration]:
    """A service of the second API."""
    return _declare(stack, service, "template.timeout", "template.containers")


def _declare(stack: Stack, service: Resource, timeout_path: str, containers: str) -> Iterator[Declaration]:
    timeout = setting(service, timeout_path)
    names = known_names(service, "name")
    serving = _serving(list(items_at(service, containers)))
    targets = [target for container in serving for target in _targets(container, names)]
    yield Declaration(
        component=service.type,
        address=stack.address(service),
        title=service.address,
        span=service.span,
        settings=(timeout,) if timeout else (),
        front=Front(names=names, hosts=tuple(_hosts(stack, service))),
        targets=tuple(dict.fromkeys(targets)),
    )


def _hosts(stack: Stack, service: Resource) -> Iterator[str]:
    """Domain names that are mapped to the service."""
    for mapping in stack.pointing_at(service, _MAPPING, "spec.route_name"):
        name = text(mapping.value("name"))
        if name:
            yield name


def _serving(containers: list[Item]) -> list[Item]:
    """The containers that take requests: the one with a port, where others are its sidecars."""
    return [container for container in containers if container.blocks("ports")] or containers


def _targets(container: Item, names: tuple[str, ...]) -> Iterator[Target]:
    """The server in a container, under every name it may have."""
    ports = list(items_at(container, "ports"))
    port = whole(ports[0].value("container_port")) if ports else 0
    span = place(ports[0], "container_port") if ports else container.block.span
    known = (text(container.value("name")), image_name(text(container.value("image"))), *names)
    for name in [name for name in dict.fromkeys(known) if name] or [""]:
        yield Target(group=name, port=port, span=span)


def image_name(image: str) -> str:
    """The last part of an image reference, without tag and digest (`assistant`)."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]
