"""APIs of API Gateway that are one document, and what leads to them."""

from pathlib import Path

import pytest
from terraform_files import declared, known, reading, reason, setting_of, stack, way

REST = """
resource "aws_api_gateway_rest_api" "shop" {
  body = jsonencode({
    openapi = "3.0.1"
    paths = {
      "/orders/{id}" = {
        get = {
          x-amazon-apigateway-integration = {
            type            = "aws_proxy"
            uri             = "arn:aws:apigateway:lambda:path/${aws_lambda_function.f.arn}/invocations"
            timeoutInMillis = local.timeout
          }
        }
        post = { x-amazon-apigateway-integration = { type = "mock" } }
        x-amazon-apigateway-any-method = {
          x-amazon-apigateway-integration = {
            type                 = "http_proxy"
            uri                  = "https://api.partner.example/v1"
            responseTransferMode = "STREAM"
          }
        }
      }
    }
  })
  endpoint_configuration { types = ["REGIONAL"] }
}
locals {
  timeout = 5 * 1000
}
resource "aws_lambda_function" "f" { function_name = "orders" }
"""
GET = "terraform:aws_api_gateway_rest_api.shop/GET /orders/{id}"


def test_every_operation_is_a_hop_with_its_own_limit(tmp_path: Path) -> None:
    result = stack(tmp_path, REST)
    assert [one.address for one in result.declarations if "gateway" in one.component] == [
        "terraform:aws_api_gateway_rest_api.shop/ANY /orders/{id}",
        GET,
    ]
    operation = declared(result, GET)
    assert operation.component == "aws_api_gateway_integration"
    assert ([path.pattern for path in operation.front.paths], operation.front.methods) == (
        ["/orders/{id}"],
        ("GET",),
    )
    assert operation.trait("endpoint") == "REGIONAL"
    assert [target.address for target in operation.targets] == ["terraform:aws_lambda_function.f"]
    timeout = setting_of(result, GET, "timeout_milliseconds")
    assert (known(timeout), timeout.label) == (5000, "timeoutInMillis")
    assert way(timeout)[0] == "main.tf:11 timeoutInMillis = local.timeout"


def test_an_operation_of_any_method_that_streams(tmp_path: Path) -> None:
    operation = declared(stack(tmp_path, REST), "terraform:aws_api_gateway_rest_api.shop/ANY /orders/{id}")
    assert (operation.front.methods, operation.front.streaming, operation.settings) == ((), True, ())
    (target,) = operation.targets
    assert (target.host, target.external) == ("api.partner.example", True)


def test_a_document_that_is_not_known_has_limits_that_are_not_known(tmp_path: Path) -> None:
    text = 'resource "aws_api_gateway_rest_api" "shop" {\n  body = data.external.api.result.body\n}\n'
    result = stack(tmp_path, text)
    address = "terraform:aws_api_gateway_rest_api.shop"
    assert "data source" in reason(setting_of(result, address, "timeout_milliseconds"))


HTTP = """
resource "aws_apigatewayv2_api" "shop" {
  protocol_type = "HTTP"
  body          = file("api.json")
}
resource "aws_lambda_function" "f" { function_name = "orders" }
"""
DOCUMENT = """{
  "paths": {
    "/orders": {"get": {"x-amazon-apigateway-integration": {"$ref": "#/components/x/orders"}}},
    "/none": {"get": {"responses": {}}}
  },
  "components": {"x": {"orders": {
    "type": "AWS_PROXY",
    "uri": "arn:aws:lambda:eu-west-1:123456789012:function:orders",
    "timeoutInMillis": 12000
  }}}
}
"""


def test_an_http_api_refers_to_integrations_within_its_document(tmp_path: Path) -> None:
    result = reading(tmp_path, {"main.tf": HTTP, "api.json": DOCUMENT})
    address = "terraform:aws_apigatewayv2_api.shop/GET /orders"
    operation = declared(result, address)
    assert (operation.component, operation.trait("protocol")) == ("aws_apigatewayv2_integration", "HTTP")
    assert way(setting_of(result, address, "timeout_milliseconds")) == ["api.json:9 timeoutInMillis: 12000"]
    assert [target.address for target in operation.targets] == ["terraform:aws_lambda_function.f"]


@pytest.mark.parametrize(
    ("key", "patterns"),
    [pytest.param("", [], id="every path"), pytest.param('route_key = "GET /a"', ["/a"], id="one route")],
)
def test_an_api_made_by_its_target_alone(tmp_path: Path, key: str, patterns: list[str]) -> None:
    text = (
        'resource "aws_apigatewayv2_api" "quick" {\n  protocol_type = "HTTP"\n'
        f"  target = aws_lambda_function.f.arn\n  {key}\n}}\n"
        'resource "aws_lambda_function" "f" {}\n'
    )
    quick = declared(stack(tmp_path, text), "terraform:aws_apigatewayv2_api.quick")
    assert [target.address for target in quick.targets] == ["terraform:aws_lambda_function.f"]
    assert [path.pattern for path in quick.front.paths] == patterns
    assert quick.settings == ()


@pytest.mark.parametrize(
    "domain",
    [
        pytest.param("aws_api_gateway_domain_name.d.regional_domain_name", id="its custom domain"),
        pytest.param('"shop.example.com"', id="the name of its custom domain"),
        pytest.param(
            '"${aws_api_gateway_rest_api.shop.id}.execute-api.eu-west-1.amazonaws.com"', id="its own address"
        ),
        pytest.param("aws_api_gateway_stage.live.invoke_url", id="a stage"),
    ],
)
def test_a_distribution_in_front_of_an_api(tmp_path: Path, domain: str) -> None:
    more = f"""
resource "aws_cloudfront_distribution" "cdn" {{
  aliases = ["www.example.com"]
  origin {{
    domain_name = {domain}
    origin_path = "/live"
    custom_origin_config {{}}
  }}
}}
resource "aws_api_gateway_stage" "live" {{ rest_api_id = aws_api_gateway_rest_api.shop.id }}
resource "aws_api_gateway_domain_name" "d" {{ domain_name = "shop.example.com" }}
resource "aws_api_gateway_base_path_mapping" "d" {{
  api_id      = aws_api_gateway_rest_api.shop.id
  domain_name = aws_api_gateway_domain_name.d.domain_name
}}
"""
    result = stack(tmp_path, REST + more)
    targets = declared(result, "terraform:aws_cloudfront_distribution.cdn").targets
    assert GET in [target.address for target in targets]
    # CloudFront asks by the API's own name: its callers' host names must not keep requests away.
    assert declared(result, GET).front.hosts == ()
    assert {(target.strip, target.replace) for target in targets} == {("", "")}


def test_links_to_balancers_and_discovered_containers(tmp_path: Path) -> None:
    text = """
resource "aws_apigatewayv2_integration" "found" {
  integration_uri = aws_service_discovery_service.api.arn
}
resource "aws_service_discovery_service" "api" {}
resource "aws_ecs_service" "api" {
  task_definition = aws_ecs_task_definition.api.arn
  service_registries {
    registry_arn   = aws_service_discovery_service.api.arn
    container_name = "web"
    container_port = 8000
  }
}
resource "aws_ecs_task_definition" "api" {
  container_definitions = jsonencode([{ name = "web" }, { name = "logs" }])
}
resource "aws_api_gateway_integration" "linked" {
  type               = "HTTP_PROXY"
  uri                = "https://api.example.com/"
  integration_target = aws_lb.inner.arn
}
resource "aws_lb" "inner" {}
"""
    result = stack(tmp_path, text)
    (found,) = declared(result, "terraform:aws_apigatewayv2_integration.found").targets
    assert (found.group, found.port) == ("web", 8000)
    (linked,) = declared(result, "terraform:aws_api_gateway_integration.linked").targets
    assert linked.address == "terraform:aws_lb.inner"


def test_an_integration_that_asks_by_a_name_of_these_files(tmp_path: Path) -> None:
    text = """
resource "aws_api_gateway_integration" "named" {
  type = "HTTP_PROXY"
  uri  = "https://${local.host}/orders"
}
locals { host = "inner.shop.example.com" }
resource "aws_route53_record" "inner" {
  name = local.host
  alias { name = aws_lb.inner.dns_name }
}
resource "aws_lb" "inner" {}
"""
    result = stack(tmp_path, text)
    (target,) = declared(result, "terraform:aws_api_gateway_integration.named").targets
    assert target.address == "terraform:aws_lb.inner"
    assert declared(result, "terraform:aws_lb.inner").front.hosts == (), "callers use the API's names"
