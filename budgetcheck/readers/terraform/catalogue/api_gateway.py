"""AWS API Gateway: REST integrations with their paths, HTTP and WebSocket integrations with their routes.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/api_gateway_integration,
api_gateway_resource, api_gateway_base_path_mapping, apigatewayv2_integration, apigatewayv2_route.
"""

from collections.abc import Iterator

from budgetcheck.model.settings import Declaration
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.terraform.catalogue import gateway_links, openapi
from budgetcheck.readers.terraform.catalogue.gateway_links import (
    HTTP,
    KINDS,
    REST,
    apis_in,
    endpoint,
    hosts,
    is_asynchronous,
    targets,
)
from budgetcheck.readers.terraform.catalogue.paths import gateway_path
from budgetcheck.readers.terraform.catalogue.settings import place, setting, text, trait
from budgetcheck.readers.terraform.catalogue.stack import Stack
from budgetcheck.readers.terraform.instances import Resource
from budgetcheck.readers.terraform.values import Value

TYPES = (
    *(kind.api for kind in KINDS),
    *(kind.integration for kind in KINDS),
    "aws_api_gateway_resource",
    "aws_api_gateway_stage",
    "aws_api_gateway_deployment",
    "aws_apigatewayv2_route",
    "aws_apigatewayv2_stage",
    *gateway_links.TYPES,
)
_DEEPEST_PATH = 30


def declare_rest(stack: Stack, integration: Resource) -> Iterator[Declaration]:
    """An integration of a REST API; none for what answers at once: a mock, or the start of a function."""
    mock = text(integration.value("type")).upper() == "MOCK"
    if mock or is_asynchronous(integration.value("request_parameters")):
        return
    apis = stack.referred(integration.value("rest_api_id"), "aws_api_gateway_rest_api")
    path = _resource_path(stack, integration.value("resource_id"))
    method = text(integration.value("http_method")).upper()
    timeout = setting(integration, "timeout_milliseconds")
    mode = trait(integration, "response_transfer_mode", "BUFFERED")
    yield Declaration(
        component="aws_api_gateway_integration",
        address=stack.address(integration),
        title=integration.address,
        span=integration.span,
        settings=(timeout,) if timeout else (),
        traits=(("endpoint", endpoint(apis)), ("response_transfer_mode", mode)),
        front=Front(
            hosts=hosts(stack, apis, REST),
            paths=(gateway_path(path),) if path else (),
            methods=() if method in ("", "ANY") else (method,),
            streaming=mode == "STREAM",
        ),
        targets=_rest_targets(stack, integration),
    )


def _resource_path(stack: Stack, value: Value, depth: int = 0) -> str:
    """`/orders/{id}` of a chain of path parts; empty where it is not known."""
    for resource in stack.referred(value, "aws_api_gateway_resource"):
        part = text(resource.value("path_part"))
        if not part or depth > _DEEPEST_PATH:
            return ""
        parent = _resource_path(stack, resource.value("parent_id"), depth + 1)
        return f"{parent.rstrip('/')}/{part}" if parent else ""
    return "/" if stack.referred(value, "aws_api_gateway_rest_api") else ""


def _rest_targets(stack: Stack, integration: Resource) -> tuple[Target, ...]:
    value = integration.value("uri")
    span = place(integration, "uri")
    link = integration.value("connection_id")
    links = [found.value("target_arns") for found in stack.referred(link, "aws_api_gateway_vpc_link")]
    return targets(stack, value, span, [*links, integration.value("integration_target")])


def declare_v2(stack: Stack, integration: Resource) -> Iterator[Declaration]:
    """An integration of an HTTP or WebSocket API; none for a mock, which answers at once."""
    if text(integration.value("integration_type")).upper() == "MOCK":
        return
    apis = stack.referred(integration.value("api_id"), "aws_apigatewayv2_api")
    protocols = [trait(api, "protocol_type", "HTTP") for api in apis] or ["HTTP"]
    routes = stack.pointing_at(integration, "aws_apigatewayv2_route", "target")
    timeout = setting(integration, "timeout_milliseconds")
    value = integration.value("integration_uri")
    yield Declaration(
        component="aws_apigatewayv2_integration",
        address=stack.address(integration),
        title=integration.address,
        span=integration.span,
        settings=(timeout,) if timeout else (),
        traits=(("protocol", protocols[0]),),
        front=_v2_front(stack, apis, routes, protocols[0]),
        targets=targets(stack, value, place(integration, "integration_uri"), []),
    )


def _v2_front(stack: Stack, apis: list[Resource], routes: list[Resource], protocol: str) -> Front:
    names = hosts(stack, apis, HTTP)
    keys = [text(route.value("route_key")) for route in routes]
    if protocol == "WEBSOCKET" or not all(keys):
        return Front(hosts=names)
    split = [_route_key(key) for key in keys]
    methods = [method for method, _ in split]
    return Front(
        hosts=names,
        paths=tuple(dict.fromkeys(path for _, path in split)),
        methods=() if "ANY" in methods else tuple(dict.fromkeys(methods)),
    )


def _route_key(key: str) -> tuple[str, PathRule]:
    """Method and path of `GET /orders/{id}`; `$default` takes whatever no other route takes."""
    method, _, path = key.partition(" ")
    if not path:
        return "ANY", PathRule(pattern=key, prefix="/")
    return method.upper(), gateway_path(path)


def hops_of(stack: Stack, value: Value) -> list[str]:
    """Addresses of the hops of all APIs a value leads to (`api_endpoint`, a stage, a domain name)."""
    found: list[str] = []
    for kind in KINDS:
        for api in apis_in(stack.together, value, kind):
            found += openapi.addresses(stack, api)
            pointing = stack.pointing_at(api, kind.integration, kind.attribute)
            found += [stack.address(integration) for integration in pointing]
    return list(dict.fromkeys(found))
