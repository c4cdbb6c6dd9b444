"""What AWS API Gateways call, and under which host names they are called.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/api_gateway_integration,
api_gateway_vpc_link, api_gateway_base_path_mapping, apigatewayv2_integration, apigatewayv2_api_mapping.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from budgetcheck.model.span import Span
from budgetcheck.model.topology import Target
from budgetcheck.readers.terraform.catalogue import ecs
from budgetcheck.readers.terraform.catalogue.dns import balancers_named
from budgetcheck.readers.terraform.catalogue.documents import entry, text_of
from budgetcheck.readers.terraform.catalogue.lambdas import functions_in, functions_named
from budgetcheck.readers.terraform.catalogue.paths import is_public, public_domain, split_url
from budgetcheck.readers.terraform.catalogue.settings import text
from budgetcheck.readers.terraform.catalogue.stack import Stack, Together, values_at
from budgetcheck.readers.terraform.instances import Resource
from budgetcheck.readers.terraform.sketches import MARKS, sketch
from budgetcheck.readers.terraform.values import ListValue, Scalar, Unknown, Value

TYPES = (
    "aws_api_gateway_vpc_link",
    "aws_api_gateway_base_path_mapping",
    "aws_api_gateway_domain_name",
    "aws_apigatewayv2_vpc_link",
    "aws_apigatewayv2_api_mapping",
    "aws_apigatewayv2_domain_name",
    "aws_service_discovery_service",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The resource types of one kind of API; `between` stand for the API where somebody refers to it."""

    api: str
    attribute: str
    integration: str
    mapping: str
    domain: str
    between: tuple[str, ...]


REST = Kind(
    api="aws_api_gateway_rest_api",
    attribute="rest_api_id",
    integration="aws_api_gateway_integration",
    mapping="aws_api_gateway_base_path_mapping",
    domain="aws_api_gateway_domain_name",
    between=("aws_api_gateway_stage", "aws_api_gateway_deployment"),
)
HTTP = Kind(
    api="aws_apigatewayv2_api",
    attribute="api_id",
    integration="aws_apigatewayv2_integration",
    mapping="aws_apigatewayv2_api_mapping",
    domain="aws_apigatewayv2_domain_name",
    between=("aws_apigatewayv2_stage",),
)
KINDS = (REST, HTTP)

_INVOCATION = "integration.request.header.X-Amz-Invocation-Type"
_FUNCTION_NAME = re.compile(rf":function:([\w{MARKS}-]+)")


def targets(stack: Stack, value: Value, span: Span, links: list[Value]) -> tuple[Target, ...]:
    """What an integration calls: functions, load balancers, containers, or an address."""
    inner = [*functions_in(stack, value), *_named_function(stack, value)]
    for one in (value, *links):
        inner.extend(_balancers(stack, one))
    if inner:
        addresses = dict.fromkeys(stack.address(resource) for resource in inner)
        return tuple(Target(address=address, span=span) for address in addresses)
    discovered = tuple(_discovered(stack, value, span))
    if discovered or (isinstance(value, Scalar) and value.value is None):
        return discovered
    host, port = split_url(text(value))
    if host:
        named = dict.fromkeys(stack.address(one) for one in balancers_named(stack, host))
        outside = Target(host=host, port=port, external=is_public(host), span=span)
        return tuple(Target(address=address, span=span) for address in named) or (outside,)
    reason = value.reason if isinstance(value, Unknown) else "it is not an address of anything in these files"
    return (Target(host=public_domain(value), span=span, reason=reason),)


def is_asynchronous(parameters: Value | None) -> bool:
    """The request is handed over to a function, and answered before that has begun: nobody waits for it."""
    found = entry(parameters, _INVOCATION)
    return text_of(found).strip("'").lower() == "event"


def _named_function(stack: Stack, value: Value) -> list[Resource]:
    """The function whose name stands in an ARN that is written out."""
    named = _FUNCTION_NAME.search(text(value) or sketch(value))
    return functions_named(stack, named.group(1)) if named else []


def _balancers(stack: Stack, value: Value) -> Iterator[Resource]:
    yield from stack.referred(value, "aws_lb")
    for listener in stack.referred(value, "aws_lb_listener"):
        yield from stack.referred(listener.value("load_balancer_arn"), "aws_lb")


def _discovered(stack: Stack, value: Value, span: Span) -> Iterator[Target]:
    for service in stack.referred(value, "aws_service_discovery_service"):
        yield from ecs.discovered(stack, service, span)


def hosts(stack: Stack, apis: list[Resource], kind: Kind) -> tuple[str, ...]:
    """Custom domain names that are mapped to the API at their root.

    None where a distribution calls it: that asks for another name than its callers do.
    """
    found: list[str] = []
    for api in apis:
        for mapped in stack.pointing_at(api, kind.mapping, "api_id"):
            if text(mapped.value("base_path")) or text(mapped.value("api_mapping_key")):
                return ()  # the path on that host is another one than the route's
            value = mapped.value("domain_name")
            domains = stack.referred(value, kind.domain)
            names = [text(one.value("domain_name")) for one in domains] or [text(value)]
            found.extend(name for name in names if name)
    return () if _is_origin(stack, apis, found, kind) else tuple(dict.fromkeys(found))


def _is_origin(stack: Stack, apis: list[Resource], names: list[str], kind: Kind) -> bool:
    hosts, keys = _origins(stack.together, kind)
    return not hosts.isdisjoint(names) or not keys.isdisjoint(api.key for api in apis)


@lru_cache(maxsize=len(KINDS))
def _origins(together: Together, kind: Kind) -> tuple[frozenset[str], frozenset[str]]:
    """Host names that distributions send requests to, and keys of the APIs; made once for all APIs."""
    values = [
        value
        for distribution in together.of("aws_cloudfront_distribution")
        for value in values_at(distribution, "origin.domain_name")
    ]
    found = (api.key for value in values for api in apis_in(together, value, kind))
    return frozenset(map(text, values)), frozenset(found)


def endpoint(apis: list[Resource]) -> str:
    """The kind of endpoint, which decides whether the limit of 29 s can be raised; EDGE by default."""
    for api in apis:
        found = api.find("endpoint_configuration.types")
        if found is None:
            return "EDGE"
        if isinstance(found.value, ListValue) and len(found.value.items) == 1:
            return text(found.value.items[0]) or "unknown"
        return "unknown"
    return "unknown"


def apis_in(together: Together, value: Value, kind: Kind) -> list[Resource]:
    """The APIs a value leads to: by themselves, a stage, or a domain name that is mapped to them."""
    found = together.referred(value, kind.api)
    for one in together.referred(value, *kind.between):
        found.extend(together.referred(one.value(kind.attribute), kind.api))
    domains = together.referred(value, kind.domain)
    if text(value):
        domains += _domains_by_name(together, kind).get(text(value), [])
    for domain in domains:
        for mapped in together.pointing_at(domain, kind.mapping, "domain_name"):
            found.extend(together.referred(mapped.value("api_id"), kind.api))
    return list({api.key: api for api in found}.values())


@lru_cache(maxsize=len(KINDS))
def _domains_by_name(together: Together, kind: Kind) -> dict[str, list[Resource]]:
    """Custom domains by their names; asked for once per origin, so it is made once for all."""
    found: dict[str, list[Resource]] = {}
    for domain in together.of(kind.domain):
        found.setdefault(text(domain.value("domain_name")), []).append(domain)
    return found
