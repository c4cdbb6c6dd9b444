"""AWS API Gateway: REST integrations with their paths, HTTP and WebSocket integrations with their routes.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/api_gateway_integration,
api_gateway_resource, api_gateway_base_path_mapping, apigatewayv2_integration, apigatewayv2_route.
"""

from collections.abc import Iterator

from budgetcheck.model.settings import Declaration
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.terraform.catalogue.lambdas import functions_in
from budgetcheck.readers.terraform.catalogue.paths import gateway_path, is_public, split_url
from budgetcheck.readers.terraform.catalogue.settings import place, setting, text, trait
from budgetcheck.readers.terraform.catalogue.stack import Stack
from budgetcheck.readers.terraform.instances import Resource
from budgetcheck.readers.terraform.values import ListValue, Scalar, Unknown, Value

TYPES = (
    "aws_api_gateway_rest_api",
    "aws_api_gateway_resource",
    "aws_api_gateway_integration",
    "aws_api_gateway_stage",
    "aws_api_gateway_deployment",
    "aws_api_gateway_vpc_link",
    "aws_api_gateway_base_path_mapping",
    "aws_api_gateway_domain_name",
    "aws_apigatewayv2_api",
    "aws_apigatewayv2_integration",
    "aws_apigatewayv2_route",
    "aws_apigatewayv2_stage",
    "aws_apigatewayv2_vpc_link",
    "aws_apigatewayv2_api_mapping",
    "aws_apigatewayv2_domain_name",
)
_DEEPEST_PATH = 30


def declare_rest(stack: Stack, integration: Resource) -> Iterator[Declaration]:
    """An integration of a REST API; none for a mock, which answers at once."""
    if text(integration.value("type")).upper() == "MOCK":
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
        traits=(("endpoint", _endpoint(apis)), ("response_transfer_mode", mode)),
        front=Front(
            hosts=_hosts(stack, apis, "aws_api_gateway_base_path_mapping", "aws_api_gateway_domain_name"),
            paths=(gateway_path(path),) if path else (),
            methods=() if method in ("", "ANY") else (method,),
            streaming=mode == "STREAM",
        ),
        targets=_rest_targets(stack, integration),
    )


def _endpoint(apis: list[Resource]) -> str:
    """The kind of endpoint, which decides whether the limit of 29 s can be raised; EDGE by default."""
    for api in apis:
        found = api.find("endpoint_configuration.types")
        if found is None:
            return "EDGE"
        if isinstance(found.value, ListValue) and len(found.value.items) == 1:
            return text(found.value.items[0]) or "unknown"
        return "unknown"
    return "unknown"


def _resource_path(stack: Stack, value: Value, depth: int = 0) -> str:
    """`/orders/{id}` of a chain of path parts; empty where it is not known."""
    for resource in stack.referred(value, "aws_api_gateway_resource"):
        part = text(resource.value("path_part"))
        if not part or depth > _DEEPEST_PATH:
            return ""
        parent = _resource_path(stack, resource.value("parent_id"), depth + 1)
        return f"{parent.rstrip('/')}/{part}" if parent else ""
    return "/" if stack.referred(value, "aws_api_gateway_rest_api") else ""


def _hosts(stack: Stack, apis: list[Resource], mapping: str, domain: str) -> tuple[str, ...]:
    """Custom domain names that are mapped to the API at their root."""
    attribute = "api_id"
    hosts: list[str] = []
    for api in apis:
        for mapped in stack.pointing_at(api, mapping, attribute):
            if text(mapped.value("base_path")) or text(mapped.value("api_mapping_key")):
                return ()  # the path on that host is another one than the route's
            value = mapped.value("domain_name")
            domains = stack.referred(value, domain)
            names = [text(found.value("domain_name")) for found in domains] or [text(value)]
            hosts.extend(name for name in names if name)
    return tuple(dict.fromkeys(hosts))


def _rest_targets(stack: Stack, integration: Resource) -> tuple[Target, ...]:
    value = integration.value("uri")
    span = place(integration, "uri")
    link = integration.value("connection_id")
    links = [found.value("target_arns") for found in stack.referred(link, "aws_api_gateway_vpc_link")]
    return _targets(stack, value, span, links)


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
        targets=_targets(stack, value, place(integration, "integration_uri"), []),
    )


def _v2_front(stack: Stack, apis: list[Resource], routes: list[Resource], protocol: str) -> Front:
    hosts = _hosts(stack, apis, "aws_apigatewayv2_api_mapping", "aws_apigatewayv2_domain_name")
    keys = [text(route.value("route_key")) for route in routes]
    if protocol == "WEBSOCKET" or not all(keys):
        return Front(hosts=hosts)
    split = [_route_key(key) for key in keys]
    methods = [method for method, _ in split]
    return Front(
        hosts=hosts,
        paths=tuple(dict.fromkeys(path for _, path in split)),
        methods=() if "ANY" in methods else tuple(dict.fromkeys(methods)),
    )


def _route_key(key: str) -> tuple[str, PathRule]:
    """Method and path of `GET /orders/{id}`; `$default` takes whatever no other route takes."""
    method, _, path = key.partition(" ")
    if not path:
        return "ANY", PathRule(pattern=key, prefix="/")
    return method.upper(), gateway_path(path)


def _targets(stack: Stack, value: Value, span: Span, links: list[Value]) -> tuple[Target, ...]:
    """What an integration calls: functions, load balancers, or an address."""
    inner = functions_in(stack, value)
    for one in (value, *links):
        inner.extend(_balancers(stack, one))
    if inner:
        addresses = dict.fromkeys(stack.address(resource) for resource in inner)
        return tuple(Target(address=address, span=span) for address in addresses)
    if isinstance(value, Scalar) and value.value is None:
        return ()
    host, port = split_url(text(value))
    if host:
        return (Target(host=host, port=port, external=is_public(host), span=span),)
    reason = value.reason if isinstance(value, Unknown) else "it is not an address of anything in these files"
    return (Target(span=span, reason=reason),)


def integrations_of(stack: Stack, value: Value) -> list[Resource]:
    """The integrations of the APIs that a value refers to (`api_endpoint`, a stage's `invoke_url`)."""
    found: dict[str, Resource] = {}
    for api, attribute, integration, between in _API_KINDS:
        apis = stack.referred(value, api)
        for one in stack.referred(value, *between):
            apis.extend(stack.referred(one.value(attribute), api))
        for one in apis:
            found |= {hop.address: hop for hop in stack.pointing_at(one, integration, attribute)}
    return list(found.values())


_API_KINDS = (
    (
        "aws_api_gateway_rest_api",
        "rest_api_id",
        "aws_api_gateway_integration",
        ("aws_api_gateway_stage", "aws_api_gateway_deployment"),
    ),
    ("aws_apigatewayv2_api", "api_id", "aws_apigatewayv2_integration", ("aws_apigatewayv2_stage",)),
)
"""The two kinds of API: API, the attribute that names it, integration, and what stands for the API."""


def _balancers(stack: Stack, value: Value) -> Iterator[Resource]:
    yield from stack.referred(value, "aws_lb")
    for listener in stack.referred(value, "aws_lb_listener"):
        yield from stack.referred(listener.value("load_balancer_arn"), "aws_lb")
