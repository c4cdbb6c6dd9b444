"""AWS::ECS: services and task definitions.

The catalogue reads containers from the JSON document of Terraform, whose keys are those of the API: the same
words with a small first letter.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ECS.html.
"""

from collections.abc import Iterator

from budgetcheck.readers.cloudformation.bodies import Made, entry
from budgetcheck.readers.cloudformation.shapes import Shape, shaped
from budgetcheck.readers.cloudformation.template import Source
from budgetcheck.readers.image_names import plain_name
from budgetcheck.readers.terraform.values import (
    Choice,
    Encoded,
    ListValue,
    MapValue,
    NotKnownError,
    Scalar,
    Unknown,
    Value,
    list_value,
    map_value,
    via,
)

_SERVICE = Shape(
    attributes={
        "name": "ServiceName",
        "task_definition": "TaskDefinition",
        "launch_type": "LaunchType",
    },
    blocks={
        "load_balancer": (
            "LoadBalancers",
            Shape(
                attributes={
                    "target_group_arn": "TargetGroupArn",
                    "elb_name": "LoadBalancerName",
                    "container_name": "ContainerName",
                    "container_port": "ContainerPort",
                }
            ),
        ),
        "capacity_provider_strategy": (
            "CapacityProviderStrategy",
            Shape(attributes={"capacity_provider": "CapacityProvider"}),
        ),
        "service_registries": (
            "ServiceRegistries",
            Shape(
                attributes={
                    "registry_arn": "RegistryArn",
                    "container_name": "ContainerName",
                    "container_port": "ContainerPort",
                    "port": "Port",
                }
            ),
        ),
        "service_connect_configuration": (
            "ServiceConnectConfiguration",
            Shape(
                attributes={"enabled": "Enabled"},
                blocks={
                    "service": (
                        "Services",
                        Shape(
                            attributes={"port_name": "PortName", "discovery_name": "DiscoveryName"},
                            blocks={
                                "timeout": (
                                    "Timeout",
                                    Shape(
                                        attributes={
                                            "per_request_timeout_seconds": "PerRequestTimeoutSeconds",
                                            "idle_timeout_seconds": "IdleTimeoutSeconds",
                                        }
                                    ),
                                ),
                                "client_alias": (
                                    "ClientAliases",
                                    Shape(attributes={"dns_name": "DnsName", "port": "Port"}),
                                ),
                            },
                        ),
                    )
                },
            ),
        ),
    },
)
_DEEPEST = 12
_HOLE = "$"


def service(source: Source) -> Iterator[Made]:
    """A service."""
    body = shaped(source.properties, _SERVICE, source.span)
    yield Made(type="aws_ecs_service", address=source.address, name=source.name, body=body)


def task_definition(source: Source) -> Iterator[Made]:
    """A task definition with its containers."""
    shape = Shape(attributes={"requires_compatibilities": "RequiresCompatibilities", "family": "Family"})
    body = shaped(source.properties, shape, source.span)
    written = entry(source.properties, "ContainerDefinitions")
    if written is not None:
        document = written
        if isinstance(written, ListValue):
            document = Encoded(inner=_as_api(written), trail=written.trail, refs=written.refs)
        body = body.with_attributes(container_definitions=document)
    yield Made(type="aws_ecs_task_definition", address=source.address, name=source.name, body=body)


def _as_api(value: Value, depth: int = 0) -> Value:
    """The document with keys as the API has them. Of a part that a condition decides nothing is known."""
    if depth > _DEEPEST:
        return value
    try:
        match value:
            case ListValue(items=items):
                parts = (_as_api(item, depth + 1) for item in items if not isinstance(item, Choice))
                return via(list_value(parts), value.trail, value.refs)
            case MapValue(entries=entries):
                named = {_small(key): _as_api(entry, depth + 1) for key, entry in entries.items()}
                image = named.get("image")
                if isinstance(image, Unknown) and (name := _image_name(image)):
                    named["image"] = Scalar(value=name, trail=image.trail, refs=image.refs)
                return via(map_value(named), value.trail, value.refs)
            case _:
                return value
    except NotKnownError as error:
        return error.value


def _image_name(image: Unknown) -> str:
    """The repository of an image whose registry or tag is not known; empty where nothing of it is known."""
    parts = (piece.value for piece in image.pieces)
    return plain_name("".join(str(part.value) if isinstance(part, Scalar) else _HOLE for part in parts))


def _small(key: str) -> str:
    return key[:1].lower() + key[1:]
