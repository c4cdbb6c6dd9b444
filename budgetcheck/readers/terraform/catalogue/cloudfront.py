"""AWS CloudFront: one hop for each origin that is a server, since every limit stands inside an origin.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudfront_distribution,
cloudfront_vpc_origin, route53_record.
"""

import re
from collections.abc import Iterator

from budgetcheck.model.settings import Declaration, Setting
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.terraform.catalogue.api_gateway import hops_of
from budgetcheck.readers.terraform.catalogue.dns import destinations, hosts_of, records_named
from budgetcheck.readers.terraform.catalogue.paths import path_pattern, public_domain
from budgetcheck.readers.terraform.catalogue.settings import place, setting, text, texts
from budgetcheck.readers.terraform.catalogue.stack import Stack, items_at, values_at
from budgetcheck.readers.terraform.instances import Item, Resource
from budgetcheck.readers.terraform.values import Unknown, Value

TYPES = ("aws_cloudfront_distribution", "aws_cloudfront_vpc_origin")

_SETTINGS = (
    "connection_attempts",
    "connection_timeout",
    "response_completion_timeout",
    "custom_origin_config.origin_read_timeout",
    "custom_origin_config.origin_keepalive_timeout",
    "vpc_origin_config.origin_read_timeout",
    "vpc_origin_config.origin_keepalive_timeout",
)


_STAGED = re.compile(r"\baws_api_?gateway(?:v2)?_")


def declare_distribution(stack: Stack, distribution: Resource) -> Iterator[Declaration]:
    """A distribution, once per origin that is a server; buckets have no limits that can be set."""
    origins = [
        origin
        for origin in distribution.blocks("origin")
        if origin.blocks("custom_origin_config") or origin.blocks("vpc_origin_config")
    ]
    hosts = tuple(texts(distribution.value("aliases")) or ()) or hosts_of(stack, distribution)
    # Several origins are several hops of one resource: what tells them apart is their own id.
    ids = [text(origin.value("origin_id")) or str(index) for index, origin in enumerate(origins)]
    names = [f"/{name}" if len(origins) > 1 else "" for name in ids]
    by_id = {own: f"{stack.address(distribution)}{name}" for own, name in zip(ids, names, strict=True)}
    for origin, own, name in zip(origins, ids, names, strict=True):
        yield Declaration(
            component="aws_cloudfront_distribution",
            address=by_id[own],
            title=f"{distribution.address}{name}",
            span=origin.block.span if name else distribution.span,
            settings=tuple(_settings(origin)),
            # An origin group repeats what failed at its second origin, if it is no POST, PUT or the like.
            traits=(("fallbacks", "idempotent"),),
            front=Front(hosts=hosts, paths=_paths(distribution, origin)),
            targets=tuple(_targets(stack, origin)),
            passes_after=tuple(by_id[one] for one in _failover(distribution, own) if one in by_id),
        )


def _failover(distribution: Resource, own: str) -> Iterator[str]:
    """The origins that are asked when this one has run into its timeout: the status for that is 504."""
    for group in distribution.blocks("origin_group"):
        members = [text(value) for value in values_at(group, "member.origin_id")]
        codes = [texts(value) for value in values_at(group, "failover_criteria.status_codes")]
        if members[:1] == [own] and all(known is None or "504" in known for known in codes):
            yield from members[1:]


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
    inner = [address for one in _sources(stack, origin, value) for address in _hops(stack, one)]
    below = text(origin.value("origin_path")).rstrip("/")
    strip, prefix = ("/", f"{below}/") if below else ("", "")
    for address in dict.fromkeys(inner):
        # The first part of an API's path is its stage, which the API takes away again.
        is_stage = _STAGED.search(address) is not None
        yield Target(
            address=address, strip="" if is_stage else strip, replace="" if is_stage else prefix, span=span
        )
    if not inner:
        reason = value.reason if isinstance(value, Unknown) else ""
        host = text(value) or public_domain(value)
        yield Target(host=host, strip=strip, replace=prefix, span=span, reason=reason)


def _sources(stack: Stack, origin: Item, value: Value) -> Iterator[Value]:
    """What the origin's address leads to: the address itself, VPC origins, DNS records of that name."""
    yield value
    for vpc_origin in items_at(origin, "vpc_origin_config"):
        for found in stack.referred(vpc_origin.value("vpc_origin_id"), "aws_cloudfront_vpc_origin"):
            yield from values_at(found, "vpc_origin_endpoint_config.arn")
    for record in records_named(stack, value):
        yield from destinations(record)


def _hops(stack: Stack, value: Value) -> Iterator[str]:
    for resource in stack.referred(value, "aws_lb", "aws_elb", "aws_lambda_function_url"):
        yield stack.address(resource)
    yield from hops_of(stack, value)
