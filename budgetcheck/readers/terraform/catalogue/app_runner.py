"""AWS App Runner: containers behind a fixed limit.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/apprunner_service.
"""

from collections.abc import Iterator

from budgetcheck.model.settings import Declaration
from budgetcheck.model.topology import Front, Target
from budgetcheck.readers.terraform.catalogue.settings import known_names, text
from budgetcheck.readers.terraform.catalogue.stack import Stack, values_at
from budgetcheck.readers.terraform.instances import Resource

TYPES = ("aws_apprunner_service",)

_PORTS = (
    "source_configuration.image_repository.image_configuration.port",
    "source_configuration.code_repository.code_configuration.code_configuration_values.port",
)


def declare_service(stack: Stack, service: Resource) -> Iterator[Declaration]:
    """A service; nothing of its limit can be written."""
    names = known_names(service, "service_name")
    ports = [text(value) for path in _PORTS for value in values_at(service, path)]
    port = next((int(one) for one in ports if one.isdecimal() and len(one) < 6), 0)
    yield Declaration(
        component="aws_apprunner_service",
        address=stack.address(service),
        title=service.address,
        span=service.span,
        front=Front(names=names),
        targets=tuple(Target(group=name, port=port, span=service.span) for name in names[:1]),
    )
