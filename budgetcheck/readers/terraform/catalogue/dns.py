"""Public host names: DNS records that lead to a resource, and who sends requests on under another name.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_record.
"""

from collections.abc import Iterator

from budgetcheck.readers.terraform.catalogue.settings import text
from budgetcheck.readers.terraform.catalogue.stack import Stack, canonical, values_at
from budgetcheck.readers.terraform.instances import Resource
from budgetcheck.readers.terraform.values import Scalar, Value

_RECORD = "aws_route53_record"
_DISTRIBUTION = "aws_cloudfront_distribution"

TYPES = (_RECORD, "aws_route53_zone")


def hosts_of(stack: Stack, resource: Resource) -> tuple[str, ...]:
    """The names of all records that lead to a resource; empty where there is none, or one is not known.

    Also empty for the origin of a distribution, which asks for it by another name than its callers use.
    """
    records = [*_leading_to(stack, resource)]
    names = [_full_name(stack, record) for record in records]
    if not all(names) or is_origin(stack, resource):
        return ()
    return tuple(dict.fromkeys(names))


def is_origin(stack: Stack, resource: Resource) -> bool:
    """A distribution sends requests there, by its own address or by a record."""
    leading = [resource, *_leading_to(stack, resource)]
    for distribution in stack.of(_DISTRIBUTION):
        for value in values_at(distribution, "origin.domain_name"):
            found = [*stack.referred(value, canonical(resource.type)), *records_named(stack, value)]
            if any(one in leading for one in found):
                return True
    return False


def records_named(stack: Stack, value: Value) -> list[Resource]:
    """The records that a host name refers to, or simply is."""
    found = stack.referred(value, _RECORD)
    name = text(value).lower().rstrip(".")
    if name and isinstance(value, Scalar):
        found += [one for one in stack.of(_RECORD) if _full_name(stack, one) == name]
    return list({one.address: one for one in found}.values())


def balancers_named(stack: Stack, host: str) -> list[Resource]:
    """The load balancers that records of that name lead to."""
    values = (value for record in records_named(stack, Scalar(value=host)) for value in destinations(record))
    return [one for value in values for one in stack.referred(value, "aws_lb", "aws_elb")]


def destinations(record: Resource) -> Iterator[Value]:
    """What a record leads to."""
    yield from values_at(record, "alias.name")
    yield from values_at(record, "records")


def _leading_to(stack: Stack, resource: Resource) -> Iterator[Resource]:
    for attribute in ("alias.name", "records"):
        yield from stack.pointing_at(resource, _RECORD, attribute)


def _full_name(stack: Stack, record: Resource) -> str:
    """The whole name of a record; empty where it is not known, or the zone that completes it is not."""
    name = text(record.value("name")).lower().rstrip(".")
    zones = [text(zone.value("name")) for zone in stack.referred(record.value("zone_id"), "aws_route53_zone")]
    zone = zones[0].lower().rstrip(".") if zones else ""
    if not zone:
        # `example.com` is a whole name, `api.staging` is not: without the zone nobody can tell.
        return name if name.count(".") > 1 else ""
    return name if name == zone or name.endswith(f".{zone}") else ".".join(filter(None, (name, zone)))
