"""Public host names: DNS records that lead to a resource, and who sends requests on under another name.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_record.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from budgetcheck.readers.terraform.catalogue.paths import split_url
from budgetcheck.readers.terraform.catalogue.settings import text
from budgetcheck.readers.terraform.catalogue.stack import Stack, Together, values_at
from budgetcheck.readers.terraform.instances import Resource, references
from budgetcheck.readers.terraform.values import Scalar, Value

_RECORD = "aws_route53_record"
_DISTRIBUTION = "aws_cloudfront_distribution"

_INTEGRATIONS = (
    ("aws_api_gateway_integration", "uri"),
    ("aws_apigatewayv2_integration", "integration_uri"),
)

TYPES = (_RECORD, "aws_route53_zone")


def hosts_of(stack: Stack, resource: Resource) -> tuple[str, ...]:
    """The names of all records that lead to a resource; empty where there is none, or one is not known.

    Also empty for what a distribution or gateway asks for: it does so by another name than its callers use.
    """
    records = [*_leading_to(stack, resource)]
    names = [_full_name(stack.together, record) for record in records]
    if not all(names) or is_origin(stack, resource):
        return ()
    return tuple(dict.fromkeys(names))


def is_origin(stack: Stack, resource: Resource) -> bool:
    """A distribution or gateway sends requests there, by its own address or by a record."""
    asked = _asked(stack.together)
    records = [*_leading_to(stack, resource)]
    if any(one.key in asked.keys for one in (resource, *records)):
        return True
    return any(_full_name(stack.together, record) in asked.hosts for record in records)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What distributions and gateways send requests to: known host names, and keys of what they refer to."""

    hosts: frozenset[str]
    keys: frozenset[str]


@lru_cache(maxsize=1)
def _asked(together: Together) -> _Asked:
    """Asked for once per balancer and distribution, so it is made once for all."""
    origins = [
        value
        for distribution in together.of(_DISTRIBUTION)
        for value in values_at(distribution, "origin.domain_name")
    ]
    called = [
        split_url(text(integration.value(attribute)))[0]
        for kind, attribute in _INTEGRATIONS
        for integration in together.of(kind)
    ]
    return _Asked(
        hosts=frozenset(host.lower() for host in (*map(text, origins), *called) if host),
        keys=frozenset(key for value in origins for key in references(value)),
    )


def records_named(stack: Stack, value: Value) -> list[Resource]:
    """The records that a host name refers to, or simply is."""
    found = stack.referred(value, _RECORD)
    if isinstance(value, Scalar):
        found += _by_name(stack.together).get(text(value).lower().rstrip("."), [])
    return list({one.key: one for one in found}.values())


@lru_cache(maxsize=1)
def _by_name(together: Together) -> dict[str, list[Resource]]:
    """All records by their names; asked for once per integration, so it is made once for all."""
    found: dict[str, list[Resource]] = {}
    for record in together.of(_RECORD):
        name = _full_name(together, record)
        if name:
            found.setdefault(name, []).append(record)
    return found


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


def _full_name(together: Together, record: Resource) -> str:
    """The whole name of a record; empty where it is not known, or the zone that completes it is not."""
    written = record.value("name")
    if not isinstance(written, Scalar):
        return ""
    name = text(written).lower().rstrip(".")
    zones = [
        text(one.value("name")) for one in together.referred(record.value("zone_id"), "aws_route53_zone")
    ]
    zone = zones[0].lower().rstrip(".") if zones else ""
    if not zone:
        # `example.com` is a whole name, `api.staging` is not: without the zone nobody can tell.
        return name if name.count(".") > 1 else ""
    return name if name == zone or name.endswith(f".{zone}") else ".".join(filter(None, (name, zone)))
