"""AWS CloudFront: one hop for each origin that is a server, since every limit stands inside an origin.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudfront_distribution,
cloudfront_vpc_origin, route53_record.
"""

from collections.abc import Iterator

from budgetcheck.model.settings import Declaration, Setting
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.terraform.catalogue.api_gateway import integrations_of
from budgetcheck.readers.terraform.catalogue.paths import path_pattern
from budgetcheck.readers.terraform.catalogue.settings import place, setting, text, texts
from budgetcheck.readers.terraform.catalogue.stack import Stack, items_at, values_at
from budgetcheck.readers.terraform.instances import Item, Resource
from budgetcheck.readers.terraform.values import Scalar, Unknown, Value

TYPES = ("aws_cloudfront_distribution", "aws_cloudfront_vpc_origin", "aws_route53_record")

_SETTINGS = (
    "connection_attempts",
    "connection_timeout",
    "response_completion_timeout",
    "custom_origin_config.origin_read_timeout",
    "custom_origin_config.origin_keepalive_timeout",
    "vpc_origin_config.origin_read_timeout",
    "vpc_origin_config.origin_keepalive_timeout",
)


def declare_distribution(stack: Stack, distribution: Resource) -> Iterator[Declaration]:
    """A distribution, once per origin that is a server; buckets have no limits that can be set."""
    origins = [
        origin
        for origin in distribution.blocks("origin")
        if origin.blocks("custom_origin_config") or origin.blocks("vpc_origin_config")
    ]
    hosts = tuple(texts(distribution.value("aliases")) or ())
    for origin in origins:
        # Several origins are several hops of one resource: what tells them apart is their own id.
        name = f"/{_origin_name(origin, origins)}" if len(origins) > 1 else ""
        yield Declaration(
            component="aws_cloudfront_distribution",
            address=f"{stack.address(distribution)}{name}",
            title=f"{distribution.address}{name}",
            span=origin.block.span if name else distribution.span,
            settings=tuple(_settings(origin)),
            front=Front(hosts=hosts, paths=_paths(distribution, origin)),
            targets=tuple(_targets(stack, origin)),
        )


def _origin_name(origin: Item, origins: list[Item]) -> str:
    return text(origin.value("origin_id")) or str(origins.index(origin))


def _settings(origin: Item) -> Iterator[Setting]:
    for path in _SETTINGS:
        found = setting(origin, path, name=f"origin.{path}")
        if found:
            yield found


def _paths(distribution: Resource, origin: Item) -> tuple[PathRule, ...]:
    """Paths whose cache behaviour sends to the origin; none where the default behaviour does."""
    own = text(origin.value("origin_id"))
    groups = [
        text(group.value("origin_id"))
        for group in distribution.blocks("origin_group")
        if own and own in [text(value) for value in values_at(group, "member.origin_id")]
    ]
    ids = {own, *groups} - {""}
    default = [text(one.value("target_origin_id")) for one in distribution.blocks("default_cache_behavior")]
    if not ids or ids & set(default):
        return ()
    ordered = distribution.blocks("ordered_cache_behavior")
    patterns = [
        text(one.value("path_pattern")) for one in ordered if text(one.value("target_origin_id")) in ids
    ]
    return tuple(path_pattern(pattern) for pattern in dict.fromkeys(patterns) if pattern)


def _targets(stack: Stack, origin: Item) -> Iterator[Target]:
    value = origin.value("domain_name")
    span = place(origin, "domain_name")
    inner = [resource for one in _sources(stack, origin, value) for resource in _hops(stack, one)]
    for resource in {resource.address: resource for resource in inner}.values():
        yield Target(address=stack.address(resource), span=span)
    if not inner:
        reason = value.reason if isinstance(value, Unknown) else ""
        yield Target(host=text(value), span=span, reason=reason)


def _sources(stack: Stack, origin: Item, value: Value) -> Iterator[Value]:
    """What the origin's address leads to: the address itself, VPC origins, DNS records of that name."""
    yield value
    for vpc_origin in items_at(origin, "vpc_origin_config"):
        for found in stack.referred(vpc_origin.value("vpc_origin_id"), "aws_cloudfront_vpc_origin"):
            yield from values_at(found, "vpc_origin_endpoint_config.arn")
    name = text(value)
    records = stack.referred(value, "aws_route53_record")
    if name and isinstance(value, Scalar):
        records += [
            one for one in stack.of("aws_route53_record") if text(one.value("name")).rstrip(".") == name
        ]
    for record in records:
        yield from values_at(record, "alias.name")
        yield record.value("records")


def _hops(stack: Stack, value: Value) -> Iterator[Resource]:
    yield from stack.referred(value, "aws_lb", "aws_elb", "aws_lambda_function_url")
    yield from integrations_of(stack, value)
