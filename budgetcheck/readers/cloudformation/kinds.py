"""The resource types of CloudFormation that are looked at, and what each is in the catalogue's terms."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from budgetcheck.readers.cloudformation import balancers, containers, gateways, sam
from budgetcheck.readers.cloudformation.bodies import Body, Made, contents, entry, known_text, place_of
from budgetcheck.readers.cloudformation.lambdas import function
from budgetcheck.readers.cloudformation.shapes import Shape, shaped
from budgetcheck.readers.cloudformation.template import Source
from budgetcheck.readers.terraform.values import Encoded, MapValue, Scalar

Translate = Callable[[Source], Iterable[Made]]

_PARAMETER = Shape(attributes={"name": "Name", "value": "Value"})
_ORIGIN = Shape(
    attributes={
        "domain_name": "DomainName",
        "origin_id": "Id",
        "origin_path": "OriginPath",
        "connection_attempts": "ConnectionAttempts",
        "connection_timeout": "ConnectionTimeout",
        "response_completion_timeout": "ResponseCompletionTimeout",
    },
    blocks={
        "custom_origin_config": (
            "CustomOriginConfig",
            Shape(
                attributes={
                    "origin_read_timeout": "OriginReadTimeout",
                    "origin_keepalive_timeout": "OriginKeepaliveTimeout",
                }
            ),
        ),
        "vpc_origin_config": (
            "VpcOriginConfig",
            Shape(
                attributes={
                    "vpc_origin_id": "VpcOriginId",
                    "origin_read_timeout": "OriginReadTimeout",
                    "origin_keepalive_timeout": "OriginKeepaliveTimeout",
                }
            ),
        ),
    },
)
_ASSOCIATION = Shape(attributes={"lambda_arn": "LambdaFunctionARN", "event_type": "EventType"})
_BEHAVIOUR = Shape(
    attributes={"target_origin_id": "TargetOriginId", "path_pattern": "PathPattern"},
    blocks={"lambda_function_association": ("LambdaFunctionAssociations", _ASSOCIATION)},
)
_DISTRIBUTION = Shape(
    attributes={"aliases": "DistributionConfig.Aliases"},
    blocks={
        "origin": ("DistributionConfig.Origins", _ORIGIN),
        "default_cache_behavior": ("DistributionConfig.DefaultCacheBehavior", _BEHAVIOUR),
        "ordered_cache_behavior": ("DistributionConfig.CacheBehaviors", _BEHAVIOUR),
        "origin_group": (
            "DistributionConfig.OriginGroups.Items",
            Shape(
                attributes={"origin_id": "Id"},
                blocks={
                    "member": ("Members.Items", Shape(attributes={"origin_id": "OriginId"})),
                    "failover_criteria": (
                        "FailoverCriteria",
                        Shape(attributes={"status_codes": "StatusCodes.Items"}),
                    ),
                },
            ),
        ),
    },
)
_QUEUE = Shape(
    attributes={
        "visibility_timeout_seconds": "VisibilityTimeout",
        "name": "QueueName",
        "redrive_policy": "RedrivePolicy",
    }
)
MAPPING = Shape(
    attributes={
        "event_source_arn": "EventSourceArn",
        "function_name": "FunctionName",
        "enabled": "Enabled",
        "maximum_batching_window_in_seconds": "MaximumBatchingWindowInSeconds",
    },
    blocks={
        "destination_config": (
            "DestinationConfig",
            Shape(blocks={"on_failure": ("OnFailure", Shape(attributes={"destination_arn": "Destination"}))}),
        )
    },
)
_INVOKE_CONFIG = Shape(
    blocks={
        "destination_config": (
            "DestinationConfig",
            Shape(blocks={"on_failure": ("OnFailure", Shape(attributes={"destination": "Destination"}))}),
        )
    }
)
_RECORD = Shape(
    attributes={"name": "Name", "zone_id": "HostedZoneId", "records": "ResourceRecords"},
    blocks={"alias": ("AliasTarget", Shape(attributes={"name": "DNSName"}))},
)
_APP_RUNNER = Shape(
    attributes={"service_name": "ServiceName"},
    blocks={
        "source_configuration": (
            "SourceConfiguration",
            Shape(
                blocks={
                    "image_repository": (
                        "ImageRepository",
                        Shape(
                            blocks={
                                "image_configuration": (
                                    "ImageConfiguration",
                                    Shape(attributes={"port": "Port"}),
                                )
                            }
                        ),
                    ),
                    "code_repository": (
                        "CodeRepository",
                        Shape(
                            blocks={
                                "code_configuration": (
                                    "CodeConfiguration",
                                    Shape(
                                        blocks={
                                            "code_configuration_values": (
                                                "CodeConfigurationValues",
                                                Shape(attributes={"port": "Port"}),
                                            )
                                        }
                                    ),
                                )
                            }
                        ),
                    ),
                }
            ),
        )
    },
)


def _simple(type_: str, shape: Shape) -> Translate:
    def translate(source: Source) -> Iterator[Made]:
        body = shaped(source.properties, shape, source.span)
        yield Made(type=type_, address=source.address, name=source.name, body=body)

    return translate


def _queue(source: Source) -> Iterator[Made]:
    body = shaped(source.properties, _QUEUE, source.span)
    allowed = entry(source.properties, "RedriveAllowPolicy")
    document = Encoded(inner=allowed, trail=allowed.trail) if isinstance(allowed, MapValue) else allowed
    body = body.with_attributes(redrive_allow_policy=document)
    yield Made(type="aws_sqs_queue", address=source.address, name=source.name, body=body)


def _subscription(source: Source) -> Iterator[Made]:
    policy = entry(source.properties, "RedrivePolicy")
    body = Body(span=source.span).with_attributes(redrive_policy=policy)
    yield Made(type="aws_sns_topic_subscription", address=source.address, name=source.name, body=body)


def _rule(source: Source) -> Iterator[Made]:
    """The targets of a rule of EventBridge, for what they could not deliver."""
    for index, (target, _) in enumerate(contents(entry(source.properties, "Targets"))):
        letters = Body(span=source.span).with_attributes(arn=entry(target, "DeadLetterConfig", "Arn"))
        body = Body(span=source.span).with_blocks(dead_letter_config=(letters,))
        yield Made(
            type="aws_cloudwatch_event_target",
            address=f"{source.address}.Targets[{index}]",
            name=source.name,
            body=body,
        )


def _records(source: Source) -> Iterator[Made]:
    for index, (record, _) in enumerate(contents(entry(source.properties, "RecordSets"))):
        body = shaped(record, _RECORD, place_of(record, source.span))
        yield Made(
            type="aws_route53_record",
            address=f"{source.address}.RecordSets[{index}]",
            name=source.name,
            body=body,
        )


def _parameters(type_: str) -> Translate:
    def translate(source: Source) -> Iterator[Made]:
        given = entry(source.properties, "Parameters")
        entries = given.entries if isinstance(given, MapValue) else {}
        parameters = tuple(
            Body(span=place_of(value, source.span)).with_attributes(name=Scalar(value=name), value=value)
            for name, value in entries.items()
        )
        family = known_text(entry(source.properties, "Family"))
        body = Body(span=source.span, blocks={"parameter": parameters})
        body = body.with_attributes(family=Scalar(value=family))
        yield Made(type=type_, address=source.address, name=source.name, body=body)

    return translate


KINDS: Mapping[str, Translate] = {
    "AWS::Lambda::Function": function,
    "AWS::Lambda::Alias": _simple("aws_lambda_alias", Shape(attributes={"function_name": "FunctionName"})),
    "AWS::Lambda::Version": _simple("aws_lambda_alias", Shape(attributes={"function_name": "FunctionName"})),
    "AWS::Lambda::Url": _simple(
        "aws_lambda_function_url",
        Shape(attributes={"function_name": "TargetFunctionArn", "invoke_mode": "InvokeMode"}),
    ),
    "AWS::Lambda::EventSourceMapping": _simple("aws_lambda_event_source_mapping", MAPPING),
    "AWS::Lambda::EventInvokeConfig": _simple("aws_lambda_function_event_invoke_config", _INVOKE_CONFIG),
    "AWS::SQS::Queue": _queue,
    "AWS::SNS::Subscription": _subscription,
    "AWS::Events::Rule": _rule,
    "AWS::CloudFront::Distribution": _simple("aws_cloudfront_distribution", _DISTRIBUTION),
    "AWS::CloudFront::VpcOrigin": _simple(
        "aws_cloudfront_vpc_origin",
        Shape(
            blocks={
                "vpc_origin_endpoint_config": ("VpcOriginEndpointConfig", Shape(attributes={"arn": "Arn"}))
            }
        ),
    ),
    "AWS::Route53::RecordSet": _simple("aws_route53_record", _RECORD),
    "AWS::Route53::RecordSetGroup": _records,
    "AWS::Route53::HostedZone": _simple("aws_route53_zone", Shape(attributes={"name": "Name"})),
    "AWS::AppRunner::Service": _simple("aws_apprunner_service", _APP_RUNNER),
    "AWS::RDS::DBParameterGroup": _parameters("aws_db_parameter_group"),
    "AWS::RDS::DBClusterParameterGroup": _parameters("aws_rds_cluster_parameter_group"),
    "AWS::RDS::DBProxy": _simple(
        "aws_db_proxy", Shape(attributes={"idle_client_timeout": "IdleClientTimeout"})
    ),
    "AWS::RDS::DBProxyTargetGroup": _simple(
        "aws_db_proxy_default_target_group",
        Shape(
            attributes={"db_proxy_name": "DBProxyName"},
            blocks={
                "connection_pool_config": (
                    "ConnectionPoolConfigurationInfo",
                    Shape(attributes={"connection_borrow_timeout": "ConnectionBorrowTimeout"}),
                )
            },
        ),
    ),
    **{name: _simple(type_, shape) for name, (type_, shape) in gateways.SHAPES.items()},
    "AWS::ApiGateway::Method": gateways.method,
    "AWS::ApiGateway::RestApi": gateways.rest_api,
    "AWS::ApiGatewayV2::Api": gateways.http_api,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": balancers.balancer,
    "AWS::ElasticLoadBalancingV2::Listener": balancers.listener,
    "AWS::ElasticLoadBalancingV2::ListenerRule": balancers.rule,
    "AWS::ElasticLoadBalancingV2::TargetGroup": balancers.target_group,
    "AWS::ElasticLoadBalancing::LoadBalancer": balancers.classic,
    "AWS::ECS::Service": containers.service,
    "AWS::ECS::TaskDefinition": containers.task_definition,
    "AWS::ServiceDiscovery::Service": _simple(
        "aws_service_discovery_service", Shape(attributes={"name": "Name"})
    ),
    "AWS::Serverless::Function": sam.function,
    "AWS::Serverless::Api": sam.rest_api,
    "AWS::Serverless::HttpApi": sam.http_api,
}
