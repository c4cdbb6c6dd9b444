"""Services of the Serverless Framework: their variables, functions and events."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from template_files import declared, reading, setting_of, targets_of, value_of

from budgetcheck.model.settings import Reading
from budgetcheck.readers.cloudformation.service_variables import alternatives, variables_in

SERVICE = """
service: shop
custom:
  seconds: 21
  text: "22"
  times: {dev: 31, prod: 32}
  here: ${self:custom.seconds}
  shared: ${file(./shared.yml)}
  round: ${self:custom.trip}
  trip: ${self:custom.round}
params:
  default: {limit: 41}
  prod: {limit: 42}
provider:
  name: aws
  runtime: python3.12
  stage: ${opt:stage, 'dev'}
functions:
  orders:
    handler: src/orders.handler
"""
SHARED = "limits:\n  orders: 51\n  of: ${self:custom.times}\n"


def service(folder: Path, rest: str = "", text: str = SERVICE) -> Reading:
    return reading(folder, {"serverless.yml": text + rest, "shared.yml": SHARED})


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("${self:custom.seconds}", 21, id="a value of the file"),
        pytest.param("${self:custom.text}", "22", id="one in quotes"),
        pytest.param("${self:custom.here}", 21, id="by way of another"),
        pytest.param("${self:custom.times.${self:provider.stage}}", 31, id="by the stage"),
        pytest.param("${self:custom.times.${sls:stage}}", 31, id="by the stage, the new way"),
        pytest.param("${self:custom.times.${opt:stage, 'prod'}}", 32, id="by a stage with another default"),
        pytest.param("${file(./shared.yml):limits.orders}", 51, id="a value of another file"),
        pytest.param("${self:custom.shared.limits.orders}", 51, id="a file by way of this one"),
        pytest.param("${file(shared.yml):limits.of.prod}", 32, id="and back"),
        pytest.param("${param:limit}", 41, id="a parameter"),
        pytest.param("${opt:limit, 7}", 7, id="an option with a default"),
        pytest.param("${env:LIMIT, '8'}", "8", id="a variable of the environment with a default"),
        pytest.param("${opt:limit, self:custom.seconds}", 21, id="a default that is a value of the file"),
        pytest.param("${opt:limit, env:LIMIT, 9}", 9, id="the last of several"),
        pytest.param("${self:custom.none, 10}", 10, id="a value that is not there"),
        pytest.param("1${self:custom.seconds}", "121", id="a part of a text"),
        pytest.param("${env:LIMIT}", ..., id="no default"),
        pytest.param("${ssm:/shop/limit}", ..., id="kept in the account"),
        pytest.param("${file(./limits.js):orders}", ..., id="a program"),
        pytest.param("${file(../outside.yml):limits.orders}", ..., id="a file outside of the root"),
        pytest.param("${self:custom.round}", ..., id="in a circle"),
        pytest.param("${self:custom.times}", ..., id="no plain value"),
    ],
)
def test_the_timeout_of_a_function(tmp_path: Path, written: str, expected: object) -> None:
    folder = tmp_path / "service"
    (tmp_path / "outside.yml").write_text("limits: {orders: 99}\n", encoding="utf-8")
    result = service(folder, f"    timeout: {written}\n")
    assert value_of(setting_of(result, "cloudformation:orders", "timeout")) == expected


def test_the_default_is_that_of_the_tool(tmp_path: Path) -> None:
    result = service(tmp_path)
    orders = declared(result, "cloudformation:orders")
    assert (orders.settings, orders.trait("deployed_by")) == ((), "serverless")
    assert orders.trait("application") == "src.orders:handler"


def test_a_folder_that_is_packed_for_one_function(tmp_path: Path) -> None:
    result = service(tmp_path, "    module: services/orders\n")
    assert (
        declared(result, "cloudformation:orders").trait("application") == "services.orders.src.orders:handler"
    )


@pytest.mark.parametrize(
    ("event", "component", "methods", "paths"),
    [
        pytest.param("http: GET /a/{id}", "aws_api_gateway_integration", ("GET",), ["/a/{id}"], id="REST"),
        pytest.param(
            "http: {path: a, method: post}",
            "aws_api_gateway_integration",
            ("POST",),
            ["/a"],
            id="REST, two entries",
        ),
        pytest.param("http: 'ANY /'", "aws_api_gateway_integration", (), ["/"], id="the root"),
        pytest.param("httpApi: 'PUT /a'", "aws_apigatewayv2_integration", ("PUT",), ["/a"], id="HTTP"),
        pytest.param("httpApi: '*'", "aws_apigatewayv2_integration", (), ["$default"], id="HTTP, all"),
        pytest.param("websocket: $connect", "aws_apigatewayv2_integration", (), [], id="WebSocket"),
    ],
)
def test_an_event_leads_to_its_function(
    tmp_path: Path, event: str, component: str, methods: tuple[str, ...], paths: list[str]
) -> None:
    result = service(tmp_path, f"    events:\n      - {event}\n")
    found = declared(result, "cloudformation:orders.events[0]")
    patterns = [path.pattern for path in found.front.paths]
    assert (found.component, found.front.methods, patterns) == (component, methods, paths)
    assert targets_of(result, "cloudformation:orders.events[0]") == ["cloudformation:orders"]


@pytest.mark.parametrize(
    "event",
    [
        pytest.param("schedule: rate(1 day)", id="a schedule"),
        pytest.param("http: {path: a, method: get, async: true}", id="handed over"),
        pytest.param("http: {path: a, method: get, integration: mock}", id="a mock"),
        pytest.param("sns: topic", id="a topic"),
        pytest.param("eventBridge: {pattern: {source: [x]}}", id="a rule"),
    ],
)
def test_nobody_waits_for_what_these_start(tmp_path: Path, event: str) -> None:
    result = service(tmp_path, f"    events:\n      - {event}\n")
    assert [one.title for one in result.declarations] == ["orders"]


def test_resources_and_functions_refer_to_one_another(tmp_path: Path) -> None:
    rest = """    events:
      - sqs: {arn: !GetAtt Work.Arn, maximumBatchingWindow: 5}
      - alb: {listenerArn: !Ref Listener, conditions: {path: /hello}}
resources:
  - Resources:
      Work: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: "${self:custom.seconds}"}}
      Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
      Listener:
        Type: AWS::ElasticLoadBalancingV2::Listener
        Properties: {LoadBalancerArn: !Ref Balancer}
      Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt OrdersLambdaFunction.Arn}}
"""
    result = service(tmp_path, rest)
    for address in ("Work", "Balancer", "Url"):
        assert targets_of(result, f"cloudformation:{address}") == ["cloudformation:orders"]
    assert value_of(setting_of(result, "cloudformation:Work", "visibility_timeout_seconds")) == 21


@pytest.mark.parametrize(
    ("event", "resources", "expected"),
    [
        pytest.param("http: {path: a, method: get, timeoutInMillis: 7000}", "", 7000, id="of the event"),
        pytest.param(
            "http: GET /orders/{id}",
            "  Resources:\n    ApiGatewayMethodOrdersIdVarGet:\n"
            "      Properties: {Integration: {TimeoutInMillis: 8000}}",
            8000,
            id="of the method that is made for a path",
        ),
        pytest.param(
            "http: GET /a-b",
            "  extensions: {ApiGatewayMethodADashbGet: {Properties: {Integration: {TimeoutInMillis: 8500}}}}",
            8500,
            id="as an extension",
        ),
        pytest.param(
            "httpApi: GET /a",
            "  extensions: {HttpApiIntegrationOrders: {Properties: {TimeoutInMillis: 9000}}}",
            9000,
            id="of the integration that is made for a function",
        ),
        pytest.param("httpApi: {path: /a, method: get, timeout: 5}", "", ..., id="of old versions alone"),
        pytest.param("httpApi: GET /a", "", None, id="nowhere"),
    ],
)
def test_the_timeout_of_a_gateway(tmp_path: Path, event: str, resources: str, expected: object) -> None:
    rest = f"    events:\n      - {event}\n" + (f"resources:\n{resources}\n" if resources else "")
    found = declared(service(tmp_path, rest), "cloudformation:orders.events[0]")
    assert value_of(found.setting("timeout_milliseconds")) == expected


def test_functions_in_files_of_their_own(tmp_path: Path) -> None:
    text = SERVICE[: SERVICE.index("functions:")] + "functions:\n  - ${file(f.yml)}\n  - ${file(g.yml)}\n"
    files = {
        "serverless.yml": text,
        "f.yml": "a:\n  handler: a.handler\n  timeout: 11\n",
        "g.yml": "b:\n  handler: b.handler\n",
    }
    result = reading(tmp_path, files)
    found = setting_of(result, "cloudformation:a", "timeout")
    assert (value_of(found), found.spans[0].place) == (11, "f.yml:3")
    assert declared(result, "cloudformation:b").title == "b"


def test_a_service_of_another_cloud_is_none(tmp_path: Path) -> None:
    assert service(tmp_path, text=SERVICE.replace("name: aws", "name: google")).declarations == ()


@given(st.text(alphabet="${}self:opt,' .()abc", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_cut_into_variables(text: str) -> None:
    end = 0
    for variable in variables_in(text):
        assert end <= variable.start < variable.end <= len(text)
        assert text[variable.start : variable.end] == f"${{{variable.inner}}}"
        assert alternatives(variable.inner)
        end = variable.end
