"""The functions of `serverless.yml` with their events, as the resources that are made of them.

Sources: https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml,
https://www.serverless.com/framework/docs/providers/aws/guide/events.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from budgetcheck.readers.cloudformation import gateways
from budgetcheck.readers.cloudformation.bodies import Body, Made, contents, entry, known_text, place_of
from budgetcheck.readers.cloudformation.gateways import reference
from budgetcheck.readers.cloudformation.kinds import KINDS
from budgetcheck.readers.cloudformation.lambdas import FUNCTION, packed
from budgetcheck.readers.cloudformation.sam import http_route, merged, queue_mapping
from budgetcheck.readers.cloudformation.service import Service
from budgetcheck.readers.cloudformation.shapes import Shape, shaped
from budgetcheck.readers.terraform.values import (
    NULL,
    ListValue,
    MapValue,
    Scalar,
    Unknown,
    Value,
    list_value,
    map_value,
)

DEPLOYED_BY = "serverless"
REST_API, HTTP_API, WEBSOCKET_API = "ApiGatewayRestApi", "HttpApi", "WebsocketsApi"
_FUNCTION = Shape(
    attributes={
        "timeout": "timeout",
        "handler": "handler",
        "runtime": "runtime",
        "function_name": "name",
        "image_uri": "image",
    },
)
_SHARED = ("timeout", "runtime", "environment")
_OF_MAPPING = {"Enabled": "enabled", "MaximumBatchingWindowInSeconds": "maximumBatchingWindow"}
_NO_FUNCTION = frozenset({"http", "http-proxy", "http_proxy", "mock"})
_FUNCTION_SUFFIX = "LambdaFunction"
_PARAMETER = re.compile(r"\{(.*)\}")
_METHOD_PATH = re.compile(r"\s*(\S+)\s+(\S+)\s*")


def is_service(service: Service) -> bool:
    """The service runs on AWS."""
    provider = service.value("provider")
    return known_text(provider) == "aws" or known_text(entry(provider, "name")) == "aws"


def function_names(service: Service) -> list[str]:
    """The names of its functions."""
    return [name for name, _ in _functions(service)]


def made_of(service: Service) -> Iterator[Made]:
    """All resources of a service."""
    functions = dict(_functions(service))
    service.aliases = {_logical(name): name for name in functions}
    provider = service.value("provider") or map_value({})
    yield from _apis(service, provider)
    for name, config in functions.items():
        yield from _function(service, provider, name, config)
    for part in service.resource_parts():
        for source in part.sources(KINDS):
            yield from KINDS[source.type](source)


def _functions(service: Service) -> Iterator[tuple[str, Value]]:
    for held, _ in contents(service.value("functions")):
        if isinstance(held, MapValue):
            yield from held.entries.items()


def _logical(name: str) -> str:
    plain = name.replace("-", "Dash").replace("_", "Underscore")
    return f"{plain[:1].upper()}{plain[1:]}{_FUNCTION_SUFFIX}"


def _method_name(path: str, method: str) -> str:
    """The name that the method of a path is given: `ApiGatewayMethodOrdersIdVarGet`."""
    parts = (_PARAMETER.sub(r"\1Var", part.replace("-", "Dash")) for part in path.split("/"))
    plain = (re.sub(r"[^0-9A-Za-z]", "", part) for part in parts)
    return f"ApiGatewayMethod{''.join(one[:1].upper() + one[1:] for one in plain)}{method.capitalize()}"


def _function(service: Service, provider: Value, name: str, config: Value) -> Iterator[Made]:
    address = service.home + name
    span = place_of(config, service.part(service.document).span(service.document.root, name))
    shared = {key: found for key in _SHARED if (found := entry(provider, key)) is not None}
    both = merged(map_value(shared), config)
    body = shaped(both, _FUNCTION, span)
    variables = entry(both, "environment")
    if isinstance(variables, MapValue):
        body = body.with_blocks(environment=(Body(span=span).with_attributes(variables=variables),))
    own = known_text(entry(config, "module"))  # of a plug-in that packs a folder for each function
    folder = packed(own or ".", replace(span, file=service.document.name))
    body = body.with_attributes(source_path=folder)
    yield Made(type=FUNCTION, address=address, name=name, body=body, deployed_by=DEPLOYED_BY)
    yield from _url(address, name, entry(config, "url"), Body(span=span))
    events = entry(config, "events")
    for index, event in enumerate(events.items if isinstance(events, ListValue) else ()):
        entries = event.entries if isinstance(event, MapValue) else {}
        for kind, given in entries.items():
            own = f"{address}.events[{index}]"
            yield from _event(service, provider, own, address, kind, given)


def _url(address: str, name: str, url: Value | None, body: Body) -> Iterator[Made]:
    if not isinstance(url, MapValue) and (not isinstance(url, Scalar) or url.value is not True):
        return
    body = body.with_attributes(function_name=reference(address), invoke_mode=entry(url, "invokeMode"))
    yield Made(type="aws_lambda_function_url", address=f"{address}.url", name=name, body=body)


def _event(
    service: Service, provider: Value, address: str, function: str, kind: str, given: Value
) -> Iterator[Made]:
    body = Body(span=place_of(given, service.part(service.document).span(service.document.root)))
    match kind:
        case "http":
            yield from _rest(service, provider, address, function, given, body)
        case "httpApi":
            yield from _http(service, provider, address, function, given, body)
        case "websocket":
            body = body.with_attributes(
                api_id=reference(service.home + WEBSOCKET_API), integration_uri=reference(function)
            )
            yield Made(type=gateways.HTTP_INTEGRATION, address=address, name=address, body=body)
        case "sqs":
            written = given.entries if isinstance(given, MapValue) else {"arn": given}
            queue = written.get("arn")
            properties = map_value(
                {name: written[key] for name, key in _OF_MAPPING.items() if key in written}
            )
            yield queue_mapping(
                address, body, function_=reference(function), queue=queue, properties=properties
            )
        case "alb":
            yield from _balanced(address, function, given, body)
        case _:
            return  # nobody waits for what the event starts, or nothing limits it


def _rest(
    service: Service, provider: Value, address: str, function: str, given: Value, body: Body
) -> Iterator[Made]:
    integration = known_text(entry(given, "integration")).lower()
    if integration in _NO_FUNCTION or known_text(entry(given, "async")).lower() == "true":
        return
    method, path = _method_and_path(given)
    outside = entry(provider, "apiGateway", "restApiId")
    api = outside if outside is not None else reference(service.home + REST_API)
    resource, made = gateways.rest_path(path, api, address, body)
    yield from [made] if made else []
    timeout = entry(given, "timeoutInMillis")
    if timeout is None:
        timeout = service.overridden(_method_name(path, method), "Integration", "TimeoutInMillis")
    if timeout is None:  # of a plug-in that sets it for all
        timeout = service.value("custom", "apiGatewayIntegrationTimeout")
    body = body.with_attributes(
        rest_api_id=api,
        resource_id=resource,
        http_method=Scalar(value=method),
        uri=reference(function),
        timeout_milliseconds=timeout,
    )
    yield Made(type=gateways.REST_INTEGRATION, address=address, name=address, body=body)


def _http(
    service: Service, provider: Value, address: str, function: str, given: Value, body: Body
) -> Iterator[Made]:
    outside = entry(provider, "httpApi", "id")
    api = outside if outside is not None else reference(service.home + HTTP_API)
    written = entry(given, "timeout")
    written = written if written is not None else entry(provider, "httpApi", "timeout")
    if written is not None:
        reason = "only old versions of the Serverless Framework use this timeout"
        written = Unknown(reason=reason, needs="remove it", trail=written.trail)
    name = function.removeprefix(service.home)
    named = f"HttpApiIntegration{_logical(name).removesuffix(_FUNCTION_SUFFIX)}"
    override = service.overridden(named, "TimeoutInMillis")
    written = written if override is None else override
    integration = body.with_attributes(
        api_id=api, integration_uri=reference(function), timeout_milliseconds=written
    )
    yield Made(type=gateways.HTTP_INTEGRATION, address=address, name=address, body=integration)
    method, path = _method_and_path(given)
    key = "$default" if path in ("*", "/*", "") else f"{method} {path}"
    if key == "$default" or path.startswith("/"):
        yield http_route(f"{address}.Route", api, address, key, body)


def _method_and_path(given: Value) -> tuple[str, str]:
    """`GET /orders` as one text, or as two entries."""
    text = known_text(given)
    found = _METHOD_PATH.fullmatch(text)
    if found:
        method, path = found.groups()
    elif text:
        method, path = "ANY", text
    else:
        method, path = known_text(entry(given, "method")), known_text(entry(given, "path"))
    method = method.upper()
    return ("ANY" if method in ("*", "") else method), path


def _balanced(address: str, function: str, given: Value, body: Body) -> Iterator[Made]:
    """A rule of a listener, and a target group with the function in it."""
    group = f"{address}.TargetGroup"
    kind = body.with_attributes(target_type=Scalar(value="lambda"))
    yield Made(type="aws_lb_target_group", address=group, name=group, body=kind)
    attached = body.with_attributes(target_group_arn=reference(group), target_id=reference(function))
    yield Made(type="aws_lb_target_group_attachment", address=f"{group}.Target", name=group, body=attached)
    conditions = [
        Body(span=body.span, blocks={name: (body.with_attributes(values=values),)})
        for name, key in (("path_pattern", "path"), ("host_header", "host"))
        if (values := _values(entry(given, "conditions", key))) is not None
    ]
    forward = body.with_attributes(type=Scalar(value="forward"), target_group_arn=reference(group))
    rule = body.with_attributes(listener_arn=entry(given, "listenerArn"))
    rule = rule.with_blocks(action=(forward,), condition=tuple(conditions))
    yield Made(type="aws_lb_listener_rule", address=address, name=address, body=rule)


def _values(value: Value | None) -> Value | None:
    return list_value([value]) if isinstance(value, Scalar) else value


def _apis(service: Service, provider: Value) -> Iterator[Made]:
    span = service.part(service.document).span(service.document.root)
    found = entry(provider, "endpointType")
    types: Value = NULL
    if found is not None:
        types = list_value([Scalar(value=known_text(found).upper())]) if known_text(found) else found
    endpoint = (Body(span=span, attributes={"types": types}),) if found is not None else ()
    rest = Body(span=span).with_blocks(endpoint_configuration=endpoint)
    yield Made(type=gateways.REST, address=service.home + REST_API, name=REST_API, body=rest)
    for name, protocol in ((HTTP_API, "HTTP"), (WEBSOCKET_API, "WEBSOCKET")):
        body = Body(span=span).with_attributes(protocol_type=Scalar(value=protocol))
        yield Made(type=gateways.HTTP, address=service.home + name, name=name, body=body)
