"""What is registered in an AWS target group: functions, load balancers, containers, or just its port."""

from collections.abc import Iterator

from budgetcheck.model.topology import Target
from budgetcheck.readers.terraform.catalogue import ecs
from budgetcheck.readers.terraform.catalogue.lambdas import functions_in
from budgetcheck.readers.terraform.catalogue.settings import known_name, place, whole
from budgetcheck.readers.terraform.catalogue.stack import Stack
from budgetcheck.readers.terraform.instances import Resource

TYPES = ("aws_lb_target_group", "aws_lb_target_group_attachment", *ecs.TYPES)


def registered(stack: Stack, group: Resource) -> Iterator[Target]:
    """Where a target group sends requests.

    Instances, also those of an auto scaling group, are known by the group's port and name alone.
    """
    port = whole(group.value("port"))
    targets = [*_attached(stack, group), *ecs.registered(stack, group, port)]
    yield from targets or [Target(port=port, group=known_name(group), span=place(group, "port", "name"))]


def _attached(stack: Stack, group: Resource) -> Iterator[Target]:
    for attachment in stack.pointing_at(group, "aws_lb_target_group_attachment", "target_group_arn"):
        value = attachment.value("target_id")
        span = place(attachment, "target_id")
        for resource in (*functions_in(stack, value), *stack.referred(value, "aws_lb")):
            yield Target(address=stack.address(resource), group=known_name(group), span=span)
