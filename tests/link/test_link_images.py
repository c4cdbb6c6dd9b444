"""A container of another image is not joined to a server of these files because both have a port."""

from dataclasses import replace

import pytest

from budgetcheck.link import match
from budgetcheck.link.images import is_other_image
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, Hop, Layer, Target
from tests.build import hop


def server(file: str, *names: str, component: str = "gunicorn") -> Hop:
    made = hop("server", Layer.SERVER, component=component, front=Front(names=names, ports=(8080,)))
    return replace(made, span=Span(file=file, line=1))


IMAGES = {
    "somebody else's": ("acme/orders", "services/checkout/Dockerfile", (), True),
    "of the same folder": ("acme/checkout", "services/checkout/Dockerfile", (), False),
    "of the same name": ("acme/orders-api", "Dockerfile", ("orders",), False),
    "a folder that says nothing": ("acme/orders", "docker/app/Dockerfile", (), False),
    "no folder at all": ("acme/orders", "Dockerfile", (), False),
    "a Dockerfile that says its name": ("acme/orders", "Dockerfile.worker", (), True),
    "one of Docker's own": ("redis", "Dockerfile", (), True),
    "the same with its owner": ("library/redis", "Dockerfile", (), True),
    "a name without an owner": ("api", "services/checkout/Dockerfile", (), False),
    "not known": ("", "services/checkout/Dockerfile", (), False),
}


@pytest.mark.parametrize(
    ("image", "file", "names", "other"), [pytest.param(*case, id=name) for name, case in IMAGES.items()]
)
def test_whether_an_image_is_certainly_another(
    image: str, file: str, names: tuple[str, ...], other: bool
) -> None:
    assert is_other_image(image, server(file, *names)) is other


def test_dockers_own_nginx_may_have_the_configuration_of_these_files() -> None:
    assert not is_other_image("nginx", server("Dockerfile", component="nginx"))


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param(
            "acme/checkout", ["ADDRESS"], id="the image has the folder's name: the port is an address"
        ),
        pytest.param("", ["ONLY_CANDIDATE"], id="an image that is not known: a guess"),
        pytest.param("web", ["ONLY_CANDIDATE"], id="nothing in common: a guess"),
        pytest.param("acme/orders", [], id="another image: nothing"),
        pytest.param("redis", [], id="one of Docker's own: nothing"),
    ],
)
def test_a_container_is_joined_by_its_port(image: str, expected: list[str]) -> None:
    target = Target(port=8080, group="main", span=Span(file="ecs.tf"), container=True, image=image)
    balancer = hop("lb", Layer.BALANCER, component="aws_lb", front=Front(entry=True), targets=(target,))
    matching = match([balancer, server("services/checkout/Dockerfile")], ())
    assert [edge.link.evidence.name for edges in matching.edges.values() for edge in edges] == expected


def test_the_port_of_a_container_is_its_own() -> None:
    """Behind a load balancer a port may be mapped; a container listens on the one that is registered."""
    target = Target(port=9000, span=Span(file="ecs.tf"), container=True)
    balancer = hop("lb", Layer.BALANCER, component="aws_lb", front=Front(entry=True), targets=(target,))
    assert not match([balancer, server("Dockerfile")], ()).edges["lb"]
    mapped = replace(balancer, targets=(replace(target, container=False),))
    assert match([mapped, server("Dockerfile")], ()).edges["lb"]
