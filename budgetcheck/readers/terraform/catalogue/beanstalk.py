"""Environments of Elastic Beanstalk: their options are those of `.ebextensions`, one block each.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/elastic_beanstalk_environment.
"""

from collections.abc import Iterator
from dataclasses import replace

from budgetcheck.model.settings import Declaration
from budgetcheck.model.topology import Target
from budgetcheck.readers.beanstalk.balancers import declare_balancer, declare_worker
from budgetcheck.readers.beanstalk.options import Environment, Option
from budgetcheck.readers.terraform.catalogue.settings import setting, text, trait
from budgetcheck.readers.terraform.catalogue.stack import Stack
from budgetcheck.readers.terraform.instances import Resource

TYPES = ("aws_elastic_beanstalk_environment",)


def declare_environment(stack: Stack, environment: Resource) -> Iterator[Declaration]:
    """The balancer of a web environment, or the queue and the daemon of a worker."""
    described = Environment(place=environment.span, options=_options(environment))
    tier = trait(environment, "tier", "WebServer")
    if tier == "WebServer":
        targets = (Target(span=environment.span),)
        made = [*declare_balancer(described, targets, place=environment.span)]
    else:
        made = [*declare_worker(described, (), place=environment.span)] if tier == "Worker" else []
    address = stack.address(environment)
    named = {one.address: f"{address}/{one.address.rpartition('/')[2]}" for one in made}
    for one in made:
        within = (replace(target, address=named.get(target.address, "")) for target in one.targets)
        yield replace(
            one,
            address=named[one.address],
            title=environment.address,
            span=environment.span,
            targets=tuple(within),
        )


def _options(environment: Resource) -> dict[tuple[str, str], Option]:
    """All options whose names are known; the last word counts."""
    options: dict[tuple[str, str], Option] = {}
    for block in environment.blocks("setting"):
        namespace, name = text(block.value("namespace")), text(block.value("name"))
        found = setting(block, "value")
        if namespace and name and found is not None:
            known = text(block.value("value")) if block.surely else ""
            options[namespace, name] = Option(value=found.value, text=known, spans=found.spans)
    return options
