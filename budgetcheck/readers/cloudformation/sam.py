"""AWS SAM: functions with their events and APIs, as the resources that its transform makes of them.

Source:
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html.
"""

from collections.abc import Iterator

from budgetcheck.readers.cloudformation import gateways
from budgetcheck.readers.cloudformation.bodies import Body, Made, entry, known_text, place_of
from budgetcheck.readers.cloudformation.gateways import reference
from budgetcheck.readers.cloudformation.lambdas import FUNCTION, SHAPE, with_code, without_handler
from budgetcheck.readers.cloudformation.shapes import Shape, shaped
from budgetcheck.readers.cloudformation.template import Source
from budgetcheck.readers.terraform.values import (
    NULL,
    Choice,
    ListValue,
    MapValue,
    NotKnownError,
    Scalar,
    Unknown,
    Value,
    all_refs,
    list_value,
    map_value,
)

IMPLICIT_REST = "ServerlessRestApi"
IMPLICIT_HTTP = "ServerlessHttpApi"
_LETTERS = Shape(attributes={"target_arn": "TargetArn"})
_DEEPEST = 20


def with_globals(source: Source, section: str) -> Value:
    """The properties of a resource with those that `Globals` gives to all of its kind."""
    _, node = source.template.section("Globals").get(section, (None, None))
    shared = source.template.evaluator.value(node) if node is not None else NULL
    return merged(shared, source.properties)


def merged(shared: Value, own: Value, depth: int = 0) -> Value:
    """Mappings are merged entry by entry; of anything else the own one counts."""
    if not isinstance(shared, MapValue) or not isinstance(own, MapValue) or depth > _DEEPEST:
        return shared if own == NULL else own
    entries = dict(shared.entries)
    for name, value in own.entries.items():
        entries[name] = merged(entries[name], value, depth + 1) if name in entries else value
    try:
        return map_value(entries)
    except NotKnownError as error:
        return error.value


def function(source: Source) -> Iterator[Made]:
    """A function with its URL and its events."""
    properties = with_globals(source, "Function")
    body = shaped(properties, SHAPE, source.span)
    letters = entry(properties, "DeadLetterQueue")
    if letters is not None:
        body = body.with_blocks(dead_letter_config=(shaped(letters, _LETTERS, source.span),))
    body = body.with_attributes(
        image_uri=entry(properties, "ImageUri"), handler=_handler(properties, body.attributes.get("handler"))
    )
    if entry(properties, "InlineCode") is not None:
        body = without_handler(body)
    yield Made(
        type=FUNCTION,
        address=source.address,
        name=source.name,
        body=with_code(body, entry(properties, "CodeUri")),
    )
    yield from _url(source, properties)
    yield from _failed_invocations(source, properties)
    events = entry(properties, "Events")
    for name, event in events.entries.items() if isinstance(events, MapValue) else ():
        yield from _event(source, name, event)


def _handler(properties: Value, written: Value | None) -> Value | None:
    """What is called; of an image that is its command."""
    command = entry(properties, "ImageConfig", "Command")
    words = command.items if isinstance(command, ListValue) else ()
    return words[0] if written is None and words else written


def _url(source: Source, properties: Value) -> Iterator[Made]:
    config = entry(properties, "FunctionUrlConfig")
    if config is not None:
        body = shaped(config, Shape(attributes={"invoke_mode": "InvokeMode"}), place_of(config, source.span))
        body = body.with_attributes(function_name=reference(source.address))
        address = f"{source.address}Url"
        yield Made(type="aws_lambda_function_url", address=address, name=f"{source.name}Url", body=body)


def _failed_invocations(source: Source, properties: Value) -> Iterator[Made]:
    destination = entry(properties, "EventInvokeConfig", "DestinationConfig", "OnFailure", "Destination")
    if destination is not None:
        failed = Body(span=source.span, attributes={"destination": destination})
        config = Body(span=source.span, blocks={"on_failure": (failed,)})
        yield Made(
            type="aws_lambda_function_event_invoke_config",
            address=f"{source.address}.EventInvokeConfig",
            name=source.name,
            body=Body(span=source.span, blocks={"destination_config": (config,)}),
        )


def _event(source: Source, name: str, event: Value) -> Iterator[Made]:
    given = entry(event, "Properties")
    properties = given if given is not None else map_value({})
    address = f"{source.address}.{name}"
    span = place_of(event, source.span)
    match known_text(entry(event, "Type")):
        case "Api":
            yield from _rest_event(source, address, properties, span_body=Body(span=span))
        case "HttpApi":
            yield from _http_event(source, address, properties, span_body=Body(span=span))
        case "SQS":
            yield queue_mapping(
                address,
                Body(span=span),
                function_=reference(source.address),
                queue=entry(properties, "Queue"),
                properties=properties,
            )
        case "SNS":
            yield from _subscribed_queue(source, address, properties, span_body=Body(span=span))
        case _:
            return  # nobody waits for what the event starts, or nothing limits it


def queue_mapping(
    address: str, body: Body, *, function_: Value, queue: Value | None, properties: Value
) -> Made:
    """The mapping of a queue to a function."""
    body = body.with_attributes(
        event_source_arn=queue,
        function_name=function_,
        enabled=entry(properties, "Enabled"),
        maximum_batching_window_in_seconds=entry(properties, "MaximumBatchingWindowInSeconds"),
    )
    return Made(type="aws_lambda_event_source_mapping", address=address, name=address, body=body)


def _subscribed_queue(source: Source, address: str, properties: Value, *, span_body: Body) -> Iterator[Made]:
    """`SqsSubscription`: a queue between a topic and the function, which SAM makes where none is named."""
    wanted = entry(properties, "SqsSubscription")
    named = entry(wanted, "QueueArn") if isinstance(wanted, MapValue) else None
    if wanted is None or (isinstance(wanted, Scalar) and wanted.value is not True):
        return
    queue = named
    if named is None:
        own = f"{address}.Queue"
        queue = reference(own)
        yield Made(type="aws_sqs_queue", address=own, name=own, body=span_body)
    yield queue_mapping(
        address, span_body, function_=reference(source.address), queue=queue, properties=wanted
    )


def _rest_event(source: Source, address: str, properties: Value, *, span_body: Body) -> Iterator[Made]:
    api = _api_of(source, entry(properties, "RestApiId"), IMPLICIT_REST)
    if _has_document(source, api):
        return  # what it calls and for how long stands in the document
    path = known_text(entry(properties, "Path"))
    resource, made = gateways.rest_path(path, api, address, span_body) if path else (NULL, None)
    yield from [made] if made else []
    body = span_body.with_attributes(
        rest_api_id=api,
        resource_id=resource,
        http_method=_method(entry(properties, "Method")),
        uri=reference(source.address),
        timeout_milliseconds=entry(properties, "TimeoutInMillis"),
        response_transfer_mode=entry(properties, "ResponseTransferMode"),
    )
    yield Made(type=gateways.REST_INTEGRATION, address=address, name=address, body=body)


def _http_event(source: Source, address: str, properties: Value, *, span_body: Body) -> Iterator[Made]:
    api = _api_of(source, entry(properties, "ApiId"), IMPLICIT_HTTP)
    path = known_text(entry(properties, "Path"))
    method = known_text(entry(properties, "Method")).upper() or "ANY"
    if any(_is_integrated(document, path or "$default", method) for document in _documents(source, api)):
        return
    body = span_body.with_attributes(
        api_id=api,
        integration_uri=reference(source.address),
        timeout_milliseconds=entry(properties, "TimeoutInMillis"),
    )
    yield Made(type=gateways.HTTP_INTEGRATION, address=address, name=address, body=body)
    if "/*" in path or (path and not path.startswith("/")):
        return
    key = f"{method.replace('X-AMAZON-APIGATEWAY-ANY-METHOD', 'ANY')} {path}" if path else "$default"
    yield http_route(f"{address}.Route", api, address, key, span_body)


def http_route(address: str, api: Value, integration: str, key: str, body: Body) -> Made:
    """The route of an HTTP API to an integration."""
    body = body.with_attributes(api_id=api, route_key=Scalar(value=key), target=reference(integration))
    return Made(type="aws_apigatewayv2_route", address=address, name=address, body=body)


def _method(value: Value | None) -> Value | None:
    text = known_text(value)
    return Scalar(value=text.upper()) if text else value


def _api_of(source: Source, value: Value | None, implicit: str) -> Value:
    """The API that an event names; the implicit one where it names none."""
    if value is None:
        return reference(source.template.home + implicit)
    name = known_text(value)
    return reference(source.template.home + name) if name else value


def _has_document(source: Source, api: Value) -> bool:
    """Somebody wrote the API's document: events add nothing to it."""
    return any(_documents(source, api))


def _documents(source: Source, api: Value) -> Iterator[Value]:
    """The documents of the APIs that a value refers to, or the paths of these."""
    for ref in all_refs(api):
        name = ref.address.removeprefix(source.template.home)
        _, node = source.template.section("Resources").get(name, (None, None))
        known = source.template.evaluator.value(node) if node is not None else NULL
        for key in ("DefinitionBody", "DefinitionUri"):
            found = entry(known, "Properties", key)
            if found is not None:
                yield found


def _is_integrated(document: Value, path: str, method: str) -> bool:
    """A document may say what an operation of an HTTP API calls; where it does not, SAM adds it."""
    if not isinstance(document, MapValue):
        return True
    operations = entry(document, "paths", path)
    wanted = "x-amazon-apigateway-any-method" if method in ("ANY", "*") else method.lower()
    return entry(operations, wanted, "x-amazon-apigateway-integration") is not None


def rest_api(source: Source) -> Iterator[Made]:
    """An API with REST's features."""
    properties = with_globals(source, "Api")
    document = gateways.document_of(source, "DefinitionBody", "DefinitionUri")
    body = Body(span=source.span).with_attributes(name=entry(properties, "Name"), body=document)
    yield Made(
        type=gateways.REST,
        address=source.address,
        name=source.name,
        body=body.with_blocks(**_endpoint(properties, source)),
    )


def http_api(source: Source) -> Iterator[Made]:
    """An HTTP API."""
    document = gateways.document_of(source, "DefinitionBody", "DefinitionUri")
    body = Body(span=source.span).with_attributes(
        name=entry(source.properties, "Name"), body=document, protocol_type=Scalar(value="HTTP")
    )
    yield Made(type=gateways.HTTP, address=source.address, name=source.name, body=body)


def implicit_apis(source: Source) -> list[Made]:
    """The APIs that SAM makes for events that name none. `source` is any function of the template."""
    shared = source.template.section("Globals").get("Api")
    properties = source.template.evaluator.value(shared[1]) if shared else map_value({})
    home = source.template.home
    rest = Body(span=source.span).with_blocks(**_endpoint(properties, source))
    http = Body(span=source.span).with_attributes(protocol_type=Scalar(value="HTTP"))
    return [
        Made(type=gateways.REST, address=home + IMPLICIT_REST, name=IMPLICIT_REST, body=rest),
        Made(type=gateways.HTTP, address=home + IMPLICIT_HTTP, name=IMPLICIT_HTTP, body=http),
    ]


def _endpoint(properties: Value, source: Source) -> dict[str, tuple[Body, ...]]:
    """`EndpointConfiguration`: the type alone, or a mapping with it; edge-optimized by default."""
    config = entry(properties, "EndpointConfiguration")
    if config is None:
        return {}
    kind = config
    if isinstance(config, MapValue):
        found = entry(config, "Type") or entry(config, "Types")
        kind = found if found is not None else NULL
    if kind == NULL:
        return {}
    types: Value = list_value([kind]) if isinstance(kind, Scalar) else kind
    if isinstance(kind, Choice | Unknown):
        types = Unknown(reason=kind.reason)
    return {"endpoint_configuration": (Body(span=source.span, attributes={"types": types}),)}
