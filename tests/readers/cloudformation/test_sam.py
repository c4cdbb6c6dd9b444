"""What SAM makes of its functions and events."""

from pathlib import Path

import pytest
from template_files import declared, setting_of, targets_of, template, value_of

FUNCTION = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Timeout: 12, Runtime: python3.12}
Resources:
  Queue: {Type: "AWS::SQS::Queue"}
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: live, EndpointConfiguration: {Type: REGIONAL}}
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/orders/
      Handler: app.handler
      Events:
        Got: """
ORDERS = "cloudformation:Orders"


def test_globals_and_the_folder_of_the_code(tmp_path: Path) -> None:
    result = template(tmp_path, FUNCTION + "{Type: Schedule}\n")
    assert value_of(setting_of(result, ORDERS, "timeout")) == 12
    assert declared(result, ORDERS).trait("application") == "src.orders.app:handler"


@pytest.mark.parametrize(
    ("event", "address", "component", "paths"),
    [
        pytest.param(
            "{Type: Api, Properties: {Path: '/a/{id}', Method: get}}",
            "Orders.Got",
            "aws_api_gateway_integration",
            ["/a/{id}"],
            id="the implicit REST API",
        ),
        pytest.param(
            "{Type: HttpApi}", "Orders.Got", "aws_apigatewayv2_integration", ["$default"], id="every request"
        ),
        pytest.param(
            "{Type: HttpApi, Properties: {Path: /a, Method: '*'}}",
            "Orders.Got",
            "aws_apigatewayv2_integration",
            ["/a"],
            id="any method",
        ),
        pytest.param(
            "{Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}", "Queue", "aws_sqs_queue", [], id="a queue"
        ),
        pytest.param(
            "{Type: SNS, Properties: {Topic: t, SqsSubscription: true}}",
            "Orders.Got.Queue",
            "aws_sqs_queue",
            [],
            id="a queue that SAM makes",
        ),
    ],
)
def test_an_event_leads_to_its_function(
    tmp_path: Path, event: str, address: str, component: str, paths: list[str]
) -> None:
    result = template(tmp_path, f"{FUNCTION}{event}\n")
    found = declared(result, f"cloudformation:{address}")
    assert (found.component, [path.pattern for path in found.front.paths]) == (component, paths)
    assert targets_of(result, f"cloudformation:{address}") == [ORDERS]


@pytest.mark.parametrize(
    "event",
    [
        pytest.param("{Type: Schedule, Properties: {Schedule: rate(1 day)}}", id="a schedule"),
        pytest.param("{Type: EventBridgeRule, Properties: {Pattern: {source: [x]}}}", id="a rule"),
        pytest.param(
            "{Type: S3, Properties: {Bucket: !Ref Files, Events: 's3:ObjectCreated:*'}}", id="a bucket"
        ),
        pytest.param("{Type: SNS, Properties: {Topic: t}}", id="a topic"),
        pytest.param(
            "{Type: SQS, Properties: {Queue: !GetAtt Queue.Arn, Enabled: false}}", id="a queue switched off"
        ),
    ],
)
def test_nobody_waits_for_what_these_start(tmp_path: Path, event: str) -> None:
    result = template(tmp_path, f"{FUNCTION}{event}\n")
    assert not [one for one in result.declarations for target in one.targets if target.address == ORDERS]


@pytest.mark.parametrize(
    ("api", "endpoint"),
    [
        pytest.param("", "EDGE", id="the implicit one"),
        pytest.param(", RestApiId: !Ref Api", "REGIONAL", id="one of the template"),
        pytest.param(", RestApiId: !ImportValue shop-api", "unknown", id="one of another stack"),
    ],
)
def test_the_endpoint_decides_whether_a_quota_raises_the_limit(
    tmp_path: Path, api: str, endpoint: str
) -> None:
    event = f"{{Type: Api, Properties: {{Path: /a, Method: get, TimeoutInMillis: 9000{api}}}}}\n"
    found = declared(template(tmp_path, FUNCTION + event), "cloudformation:Orders.Got")
    assert (found.trait("endpoint"), value_of(found.setting("timeout_milliseconds"))) == (endpoint, 9000)


def test_events_add_nothing_to_an_api_with_a_document(tmp_path: Path) -> None:
    text = FUNCTION.replace("StageName: live,", "StageName: live, DefinitionUri: api.yaml,")
    event = "{Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref Api}}\n"
    document = (
        "openapi: 3.0.1\npaths:\n  /b:\n    get:\n      x-amazon-apigateway-integration: {type: mock}\n"
    )
    result = template(tmp_path, text + event, **{"api.yaml": document})
    assert {one.title for one in result.declarations} == {"Orders", "Queue"}


@pytest.mark.parametrize(
    ("operation", "address"),
    [
        pytest.param("{responses: {}}", "Orders.Got", id="SAM adds what it calls"),
        pytest.param(
            "{x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt Orders.Arn}}",
            "Http/GET /a",
            id="the document says it",
        ),
    ],
)
def test_documents_of_http_apis_are_completed(tmp_path: Path, operation: str, address: str) -> None:
    text = FUNCTION.replace(
        "  Queue: {",
        "  Http:\n    Type: AWS::Serverless::HttpApi\n    Properties:\n      DefinitionBody:\n"
        f"        paths: {{/a: {{get: {operation}}}}}\n  Queue: {{",
    )
    event = "{Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /a, Method: get}}\n"
    result = template(tmp_path, text + event)
    assert {one.title for one in result.declarations} == {"Orders", "Queue", address}
    assert targets_of(result, f"cloudformation:{address}") == [ORDERS]


def test_a_document_that_is_not_there_may_say_anything(tmp_path: Path) -> None:
    text = FUNCTION.replace("StageName: live,", "StageName: live, DefinitionUri: s3://specs/api.yaml,")
    result = template(tmp_path, text + "{Type: Schedule}\n")
    assert value_of(setting_of(result, "cloudformation:Api", "timeout_milliseconds")) is ...


def test_environments_of_the_deployment(tmp_path: Path) -> None:
    text = """
Transform: AWS::Serverless-2016-10-31
Parameters: {Limit: {Type: Number, Default: 5}}
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties: {Timeout: !Ref Limit, FunctionUrlConfig: {AuthType: NONE}}
"""
    config = """
version = 0.1
[prod.deploy.parameters]
parameter_overrides = "Limit=\\"60\\" Other=x"
[dev.deploy.parameters]
parameter_overrides = ["ParameterKey=Limit,ParameterValue=10"]
[other.deploy.parameters]
template_file = "another.yaml"
parameter_overrides = "Limit=99"
"""
    (tmp_path / "samconfig.yaml").write_text("prod: {deploy: {parameters: {}}}\n", encoding="utf-8")
    result = template(tmp_path, text, **{"samconfig.toml": config})
    assert result.environments == ("dev", "prod")
    assert value_of(setting_of(result, ORDERS, "timeout", "prod")) == "60"
    assert value_of(setting_of(result, ORDERS, "timeout", "dev")) == "10"
    assert declared(result, "cloudformation:OrdersUrl", "prod").component == "aws_lambda_function_url"


@pytest.mark.parametrize(
    "named",
    [
        pytest.param("!Ref Orders.Alias", id="the alias that is published"),
        pytest.param("!Ref OrdersAliaslive", id="its generated name"),
        pytest.param("!GetAtt Orders.Arn", id="the function"),
        pytest.param("!Sub '${Orders.Arn}:live'", id="a text with its ARN"),
    ],
)
def test_the_ways_to_name_a_function(tmp_path: Path, named: str) -> None:
    text = FUNCTION.replace(
        "  Queue: {",
        f"  Url: {{Type: 'AWS::Lambda::Url', Properties: {{TargetFunctionArn: {named}}}}}\n  Queue: {{",
    )
    assert targets_of(template(tmp_path, text + "{Type: Schedule}\n"), "cloudformation:Url") == [ORDERS]


def test_the_command_of_an_image_is_its_handler(tmp_path: Path) -> None:
    text = FUNCTION.replace("Handler: app.handler", "ImageConfig: {Command: [app.run]}")
    result = template(tmp_path, text + "{Type: Schedule}\n")
    assert declared(result, ORDERS).trait("application") == "src.orders.app:run"
