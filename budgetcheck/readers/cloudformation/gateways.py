"""AWS::ApiGateway and AWS::ApiGatewayV2: APIs, their resources, methods, integrations and routes.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGateway.html.
"""

from collections.abc import Iterator, Mapping

from budgetcheck.readers.cloudformation.bodies import Body, Made, entry, known_text
from budgetcheck.readers.cloudformation.shapes import Shape, shaped
from budgetcheck.readers.cloudformation.template import Source
from budgetcheck.readers.terraform.values import Encoded, MapValue, Scalar, Unknown, Value

REST = "aws_api_gateway_rest_api"
HTTP = "aws_apigatewayv2_api"
REST_INTEGRATION = "aws_api_gateway_integration"
HTTP_INTEGRATION = "aws_apigatewayv2_integration"

_ENDPOINT = {"endpoint_configuration": ("EndpointConfiguration", Shape(attributes={"types": "Types"}))}
SHAPES: Mapping[str, tuple[str, Shape]] = {
    "AWS::ApiGateway::Resource": (
        "aws_api_gateway_resource",
        Shape(attributes={"path_part": "PathPart", "parent_id": "ParentId", "rest_api_id": "RestApiId"}),
    ),
    "AWS::ApiGateway::Stage": (
        "aws_api_gateway_stage",
        Shape(attributes={"rest_api_id": "RestApiId", "stage_name": "StageName"}),
    ),
    "AWS::ApiGateway::Deployment": (
        "aws_api_gateway_deployment",
        Shape(attributes={"rest_api_id": "RestApiId"}),
    ),
    "AWS::ApiGateway::VpcLink": ("aws_api_gateway_vpc_link", Shape(attributes={"target_arns": "TargetArns"})),
    "AWS::ApiGateway::DomainName": (
        "aws_api_gateway_domain_name",
        Shape(attributes={"domain_name": "DomainName"}),
    ),
    "AWS::ApiGateway::BasePathMapping": (
        "aws_api_gateway_base_path_mapping",
        Shape(attributes={"api_id": "RestApiId", "domain_name": "DomainName", "base_path": "BasePath"}),
    ),
    "AWS::ApiGatewayV2::Integration": (
        HTTP_INTEGRATION,
        Shape(
            attributes={
                "api_id": "ApiId",
                "integration_type": "IntegrationType",
                "integration_uri": "IntegrationUri",
                "timeout_milliseconds": "TimeoutInMillis",
                "connection_id": "ConnectionId",
            }
        ),
    ),
    "AWS::ApiGatewayV2::Route": (
        "aws_apigatewayv2_route",
        Shape(attributes={"api_id": "ApiId", "route_key": "RouteKey", "target": "Target"}),
    ),
    "AWS::ApiGatewayV2::Stage": ("aws_apigatewayv2_stage", Shape(attributes={"api_id": "ApiId"})),
    "AWS::ApiGatewayV2::VpcLink": ("aws_apigatewayv2_vpc_link", Shape(attributes={"name": "Name"})),
    "AWS::ApiGatewayV2::DomainName": (
        "aws_apigatewayv2_domain_name",
        Shape(attributes={"domain_name": "DomainName"}),
    ),
    "AWS::ApiGatewayV2::ApiMapping": (
        "aws_apigatewayv2_api_mapping",
        Shape(
            attributes={"api_id": "ApiId", "domain_name": "DomainName", "api_mapping_key": "ApiMappingKey"}
        ),
    ),
}
_INTEGRATION = Shape(
    attributes={
        "type": "Type",
        "uri": "Uri",
        "timeout_milliseconds": "TimeoutInMillis",
        "connection_id": "ConnectionId",
        "integration_target": "IntegrationTarget",
        "response_transfer_mode": "ResponseTransferMode",
        "request_parameters": "RequestParameters",
    }
)


def method(source: Source) -> Iterator[Made]:
    """A method of a REST API: its integration is a part of it."""
    integration = entry(source.properties, "Integration")
    if integration is None:
        return
    body = shaped(integration, _INTEGRATION, source.span).with_attributes(
        rest_api_id=entry(source.properties, "RestApiId"),
        resource_id=entry(source.properties, "ResourceId"),
        http_method=entry(source.properties, "HttpMethod"),
    )
    yield Made(type=REST_INTEGRATION, address=source.address, name=source.name, body=body)


def rest_api(source: Source) -> Iterator[Made]:
    """A REST API, with its OpenAPI document where it has one."""
    document = document_of(source, "Body", "BodyS3Location")
    body = shaped(source.properties, Shape(attributes={"name": "Name"}, blocks=_ENDPOINT), source.span)
    yield Made(
        type=REST,
        address=source.address,
        name=source.name,
        body=body.with_attributes(body=document),
    )


def http_api(source: Source) -> Iterator[Made]:
    """An HTTP or WebSocket API."""
    shape = Shape(
        attributes={
            "name": "Name",
            "protocol_type": "ProtocolType",
            "target": "Target",
            "route_key": "RouteKey",
        }
    )
    document = document_of(source, "Body", "BodyS3Location")
    body = shaped(source.properties, shape, source.span).with_attributes(body=document)
    yield Made(type=HTTP, address=source.address, name=source.name, body=body)


def document_of(source: Source, inline: str, elsewhere: str) -> Value | None:
    """The OpenAPI document of an API: written into the template, or a local file that it names.

    A document that cannot be opened may say anything.
    """
    written = entry(source.properties, inline)
    if isinstance(written, MapValue):
        return Encoded(inner=written, trail=written.trail)
    if written is not None:
        return written
    location = entry(source.properties, elsewhere)
    if location is None:
        return None
    if known_text(location):
        found = source.template.included(known_text(location))
        if isinstance(found, MapValue):
            return Encoded(inner=found, trail=location.trail)
    reason = "the OpenAPI document is not in these files"
    return Unknown(reason=reason, needs="give the file that it is in", trail=location.trail)


def rest_path(path: str, api: Value, address: str, body: Body) -> tuple[Value, Made | None]:
    """The resource that a path of a REST API is; the API itself for its root."""
    if not path.strip("/"):
        return api, None
    name = f"{address}.Path"
    part = Body(span=body.span).with_attributes(
        path_part=Scalar(value=path.lstrip("/")), parent_id=api, rest_api_id=api
    )
    return reference(name), Made(type="aws_api_gateway_resource", address=name, name=name, body=part)


def reference(address: str) -> Unknown:
    """What another resource of the same template is referred to by."""
    from budgetcheck.readers.terraform.values import Ref

    reason = f"{address} is known only at deployment"
    return Unknown(reason=reason, refs=(Ref(address=address, attribute=""),), not_null=True)
