"""AWS API Gateway APIs that are described by an OpenAPI document, or made by a single target.

Every operation with an integration is a hop of its own: its limit stands in the document.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html,
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/apigatewayv2_api.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from budgetcheck.model.settings import Declaration, Setting, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.terraform.catalogue.documents import entry, text_of
from budgetcheck.readers.terraform.catalogue.gateway_links import (
    HTTP,
    REST,
    Kind,
    endpoint,
    hosts,
    is_asynchronous,
    targets,
)
from budgetcheck.readers.terraform.catalogue.paths import gateway_path
from budgetcheck.readers.terraform.catalogue.settings import place, setting_in_document, text, trait
from budgetcheck.readers.terraform.catalogue.stack import Stack
from budgetcheck.readers.terraform.documents import decoded
from budgetcheck.readers.terraform.instances import Resource
from budgetcheck.readers.terraform.values import MapValue, Scalar, Unknown, Value

_INTEGRATION = "x-amazon-apigateway-integration"
DOCUMENT_NEEDS = "write the document with jsonencode, file or templatefile"
"""How to supply a document that is not known."""
_ANY = "x-amazon-apigateway-any-method"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", _ANY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A path and method of a document, with what is said about its integration."""

    path: str
    method: str
    integration: Value

    @property
    def name(self) -> str:
        """`GET /orders/{id}`."""
        return f"{self.method or 'ANY'} {self.path}"


def declare_rest(stack: Stack, api: Resource) -> Iterator[Declaration]:
    """The integrations of a REST API's document."""
    if not _is_null(api.value("body")):
        yield from _declare(stack, api, REST)


def declare_http(stack: Stack, api: Resource) -> Iterator[Declaration]:
    """The integrations of an HTTP API's document, or the one that its `target` makes."""
    if not _is_null(api.value("body")):
        yield from _declare(stack, api, HTTP)
    target = api.value("target")
    if not _is_null(target):
        yield Declaration(
            component=HTTP.integration,
            address=stack.address(api),
            title=api.address,
            span=api.span,
            traits=(("protocol", trait(api, "protocol_type", "HTTP")),),
            front=Front(hosts=hosts(stack, [api], HTTP), paths=_quick_paths(api)),
            targets=targets(stack, target, place(api, "target"), []),
        )


def _quick_paths(api: Resource) -> tuple[PathRule, ...]:
    _, _, path = text(api.value("route_key")).partition(" ")
    return (gateway_path(path),) if path else ()


def addresses(stack: Stack, api: Resource) -> list[str]:
    """The addresses of all hops that the API itself makes, without those of integration resources."""
    made = [*declare_rest(stack, api)] if api.type == REST.api else [*declare_http(stack, api)]
    return [declaration.address for declaration in made]


def _declare(stack: Stack, api: Resource, kind: Kind) -> Iterator[Declaration]:
    document = decoded(api.value("body"))
    if not isinstance(document, MapValue):
        yield _unknown(stack, api, kind, document)
        return
    for operation in _operations(document):
        mock = text_of(entry(operation.integration, "type")).upper() == "MOCK"
        if not mock and not is_asynchronous(entry(operation.integration, "requestParameters")):
            yield _operation(stack, api, kind, operation)


def _operation(stack: Stack, api: Resource, kind: Kind, operation: Operation) -> Declaration:
    span = place(api, "body")
    timeout = setting_in_document(
        entry(operation.integration, "timeoutInMillis"),
        span,
        name="timeout_milliseconds",
        label="timeoutInMillis",
    )
    mode = text_of(entry(operation.integration, "responseTransferMode")).upper() or "BUFFERED"
    return Declaration(
        component=kind.integration,
        address=f"{stack.address(api)}/{operation.name}",
        title=f"{api.address}/{operation.name}",
        span=_span_of(operation.integration, span),
        settings=(timeout,) if timeout else (),
        traits=_traits(api, kind, mode),
        front=Front(
            hosts=hosts(stack, [api], kind),
            paths=(gateway_path(operation.path),),
            methods=(operation.method,) if operation.method else (),
            streaming=mode == "STREAM",
        ),
        targets=_targets(stack, operation, span),
    )


def _targets(stack: Stack, operation: Operation, span: Span) -> tuple[Target, ...]:
    uri = entry(operation.integration, "uri")
    link = entry(operation.integration, "connectionId")
    links = (
        [found.value("target_arns") for found in stack.referred(link, "aws_api_gateway_vpc_link")]
        if link is not None
        else []
    )
    balancer = entry(operation.integration, "integrationTarget")
    links += [balancer] if balancer is not None else []
    return targets(stack, uri if uri is not None else Scalar(value=None), _span_of(uri, span), links)


def _unknown(stack: Stack, api: Resource, kind: Kind, document: Value) -> Declaration:
    """An API whose document is not known: what it may call is, its limits are not."""
    span = place(api, "body")
    reason = document.reason if isinstance(document, Unknown) else "the body is not an OpenAPI document"
    unknown = Setting(
        name="timeout_milliseconds",
        value=Unresolved(reason=reason, needs=DOCUMENT_NEEDS),
        spans=(span,),
    )
    return Declaration(
        component=kind.integration,
        address=stack.address(api),
        title=api.address,
        span=api.span,
        settings=(unknown,),
        traits=_traits(api, kind, "unknown"),
        front=Front(hosts=hosts(stack, [api], kind)),
        targets=targets(stack, api.value("body"), span, []),
    )


def _traits(api: Resource, kind: Kind, mode: str) -> tuple[tuple[str, str], ...]:
    if kind is HTTP:
        return (("protocol", trait(api, "protocol_type", "HTTP")),)
    return (("endpoint", endpoint([api])), ("response_transfer_mode", mode))


def _operations(document: MapValue) -> Iterator[Operation]:
    paths = entry(document, "paths")
    for path, item in paths.entries.items() if isinstance(paths, MapValue) else ():
        for method in _METHODS:
            integration = _resolved(document, entry(item, method, _INTEGRATION))
            if integration is not None and path.startswith("/"):
                yield Operation(
                    path=path, method="" if method == _ANY else method.upper(), integration=integration
                )


def _resolved(document: MapValue, integration: Value | None) -> Value | None:
    """An integration that is written out elsewhere in the document is referred to by `$ref`."""
    reference = text_of(entry(integration, "$ref"))
    if not reference.startswith("#/"):
        return integration
    return entry(document, *reference.removeprefix("#/").split("/"))


def _span_of(value: Value | None, otherwise: Span) -> Span:
    """Where an entry of the document is written."""
    return value.trail[0] if value is not None and value.trail else otherwise


def _is_null(value: Value) -> bool:
    return isinstance(value, Scalar) and value.value is None
