"""API Gateway, Lambda and Cloud Run."""

from pathlib import Path

import pytest
from terraform_files import declared, known, setting_of, stack

REST = """
resource "aws_api_gateway_rest_api" "shop" {
  name = "shop"
}
resource "aws_api_gateway_resource" "orders" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_rest_api.shop.root_resource_id
  path_part   = "orders"
}
resource "aws_api_gateway_resource" "order" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_resource.orders.id
  path_part   = "{id}"
}
resource "aws_api_gateway_method" "order" {
  http_method = "POST"
}
resource "aws_api_gateway_integration" "order" {
  rest_api_id          = aws_api_gateway_rest_api.shop.id
  resource_id          = aws_api_gateway_resource.order.id
  http_method          = aws_api_gateway_method.order.http_method
  type                 = "AWS_PROXY"
  uri                  = aws_lambda_function.order.invoke_arn
  timeout_milliseconds = var.lambda_timeout * 1000
}
variable "lambda_timeout" {
  default = 12
}
resource "aws_lambda_function" "order" {
  function_name = "order-${var.stage}"
  timeout       = var.lambda_timeout
  timeouts {
    create = "10m"
  }
}
variable "stage" {
  default = "live"
}
"""


def test_a_rest_integration_has_path_method_function_and_limit(tmp_path: Path) -> None:
    result = stack(tmp_path, REST)
    address = "terraform:aws_api_gateway_integration.order"
    gateway = declared(result, address)
    (path,) = gateway.front.paths
    assert (path.pattern, path.prefix, path.opaque) == ("/orders/{id}", "/orders/", True)
    assert gateway.front.methods == ("POST",)
    assert [target.address for target in gateway.targets] == ["terraform:aws_lambda_function.order"]
    assert known(setting_of(result, address, "timeout_milliseconds")) == 12_000
    assert gateway.trait("endpoint") == "EDGE"
    function = declared(result, "terraform:aws_lambda_function.order")
    assert function.front.names == ("order-live", "order")
    assert [setting.name for setting in function.settings] == ["timeout"]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        pytest.param('types = ["REGIONAL"]', "REGIONAL", id="regional: more than 29 s is possible"),
        pytest.param('types = ["PRIVATE"]', "PRIVATE", id="private"),
        pytest.param("types = [var.nothing]", "unknown", id="not known is not EDGE"),
    ],
)
def test_the_kind_of_endpoint(tmp_path: Path, written: str, kind: str) -> None:
    text = REST.replace('name = "shop"', f"endpoint_configuration {{\n    {written}\n  }}")
    result = stack(tmp_path, text + 'variable "nothing" {}\n')
    assert declared(result, "terraform:aws_api_gateway_integration.order").trait("endpoint") == kind


def test_a_streamed_response(tmp_path: Path) -> None:
    text = REST.replace('"AWS_PROXY"\n', '"AWS_PROXY"\n  response_transfer_mode = "STREAM"\n')
    gateway = declared(stack(tmp_path, text), "terraform:aws_api_gateway_integration.order")
    assert gateway.trait("response_transfer_mode") == "STREAM"
    assert gateway.front.streaming


def test_a_mock_integration_is_no_place_where_a_request_waits(tmp_path: Path) -> None:
    result = stack(tmp_path, REST.replace('"AWS_PROXY"', '"MOCK"'))
    assert [d.component for d in result.declarations] == ["aws_lambda_function"]


def test_a_greedy_path_matches_everything_below(tmp_path: Path) -> None:
    result = stack(tmp_path, REST.replace("{id}", "{proxy+}").replace('"POST"', '"ANY"'))
    gateway = declared(result, "terraform:aws_api_gateway_integration.order")
    (path,) = gateway.front.paths
    assert (path.prefix, path.exact, path.opaque) == ("/orders/", False, False)
    assert gateway.front.methods == ()


def test_a_domain_mapped_at_its_root_is_a_host(tmp_path: Path) -> None:
    more = """
resource "aws_api_gateway_domain_name" "shop" { domain_name = "shop.example.com" }
resource "aws_api_gateway_base_path_mapping" "shop" {
  api_id      = aws_api_gateway_rest_api.shop.id
  domain_name = aws_api_gateway_domain_name.shop.domain_name
}
"""
    gateway = declared(stack(tmp_path, REST + more), "terraform:aws_api_gateway_integration.order")
    assert gateway.front.hosts == ("shop.example.com",)


def test_a_vpc_link_leads_to_the_network_balancer(tmp_path: Path) -> None:
    text = """
resource "aws_api_gateway_vpc_link" "link" { target_arns = [aws_lb.inner.arn] }
resource "aws_lb" "inner" { load_balancer_type = "network" }
resource "aws_api_gateway_integration" "private" {
  type            = "HTTP_PROXY"
  uri             = "http://orders.internal:8080/{proxy}"
  connection_type = "VPC_LINK"
  connection_id   = aws_api_gateway_vpc_link.link.id
}
"""
    gateway = declared(stack(tmp_path, text), "terraform:aws_api_gateway_integration.private")
    assert [target.address for target in gateway.targets] == ["terraform:aws_lb.inner"]


HTTP = """
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
}
resource "aws_apigatewayv2_integration" "orders" {
  api_id                 = aws_apigatewayv2_api.shop.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.orders.arn
}
resource "aws_apigatewayv2_route" "list" {
  api_id    = aws_apigatewayv2_api.shop.id
  route_key = "GET /orders"
  target    = "integrations/${aws_apigatewayv2_integration.orders.id}"
}
resource "aws_apigatewayv2_route" "create" {
  api_id    = aws_apigatewayv2_api.shop.id
  route_key = "POST /orders"
  target    = "integrations/${aws_apigatewayv2_integration.orders.id}"
}
resource "aws_lambda_function" "orders" {
  timeout = 60
}
"""


def test_an_http_api_joins_routes_through_a_text_template(tmp_path: Path) -> None:
    result = stack(tmp_path, HTTP)
    gateway = declared(result, "terraform:aws_apigatewayv2_integration.orders")
    assert gateway.settings == ()
    assert gateway.trait("protocol") == "HTTP"
    assert [path.pattern for path in gateway.front.paths] == ["/orders"]
    assert gateway.front.methods == ("POST", "GET")
    assert [target.address for target in gateway.targets] == ["terraform:aws_lambda_function.orders"]


def test_the_default_route_takes_any_path_and_method(tmp_path: Path) -> None:
    result = stack(tmp_path, HTTP.replace("POST /orders", "$default"))
    front = declared(result, "terraform:aws_apigatewayv2_integration.orders").front
    assert "/" in [path.prefix for path in front.paths]
    assert front.methods == ()


def test_a_websocket_api_has_no_paths(tmp_path: Path) -> None:
    result = stack(tmp_path, HTTP.replace('"HTTP"', '"WEBSOCKET"').replace("GET /orders", "$connect"))
    gateway = declared(result, "terraform:aws_apigatewayv2_integration.orders")
    assert gateway.trait("protocol") == "WEBSOCKET"
    assert gateway.front.paths == ()


@pytest.mark.parametrize(
    ("uri", "host", "port", "external"),
    [
        pytest.param("https://api.partner.com/v1", "api.partner.com", 0, True, id="a public name"),
        pytest.param("http://orders.internal:8080", "orders.internal", 8080, False, id="an internal name"),
    ],
)
def test_an_integration_with_an_address(
    tmp_path: Path, uri: str, host: str, port: int, external: bool
) -> None:
    result = stack(tmp_path, HTTP.replace("aws_lambda_function.orders.arn", f'"{uri}"'))
    (target,) = declared(result, "terraform:aws_apigatewayv2_integration.orders").targets
    assert (target.host, target.port, target.external) == (host, port, external)


def test_a_private_integration_leads_through_the_listener_to_its_balancer(tmp_path: Path) -> None:
    more = """
resource "aws_lb" "inner" {}
resource "aws_lb_listener" "inner" { load_balancer_arn = aws_lb.inner.arn }
"""
    text = HTTP.replace("aws_lambda_function.orders.arn", "aws_lb_listener.inner.arn")
    gateway = declared(stack(tmp_path, text + more), "terraform:aws_apigatewayv2_integration.orders")
    assert [target.address for target in gateway.targets] == ["terraform:aws_lb.inner"]


def test_a_target_that_is_there_under_the_same_condition_is_the_target(tmp_path: Path) -> None:
    """Where there is no balancer the index would fail, and nothing could be applied."""
    more = """
variable "private" {}
resource "aws_lb" "inner" { count = var.private ? 1 : 0 }
"""
    uri = "var.private ? aws_lb.inner[0].arn : null"
    text = HTTP.replace("aws_lambda_function.orders.arn", uri)
    gateway = declared(stack(tmp_path, text + more), "terraform:aws_apigatewayv2_integration.orders")
    assert [target.address for target in gateway.targets] == ["terraform:aws_lb.inner[0]"]


def test_a_function_url_has_no_limit_but_leads_to_the_function(tmp_path: Path) -> None:
    text = """
resource "aws_lambda_function_url" "app" {
  function_name = aws_lambda_function.app.function_name
  invoke_mode   = "RESPONSE_STREAM"
}
resource "aws_lambda_function" "app" {
  function_name = "app"
}
"""
    url = declared(stack(tmp_path, text), "terraform:aws_lambda_function_url.app")
    assert url.settings == ()
    assert url.trait("invoke_mode") == "RESPONSE_STREAM"
    assert [target.address for target in url.targets] == ["terraform:aws_lambda_function.app"]


def test_cloud_run_v1(tmp_path: Path) -> None:
    text = """
resource "google_cloud_run_service" "appsync" {
  name = "app-sync"
  template {
    spec {
      timeout_seconds = 900
      containers {
        image = "gcr.io/project/images/syncer:v1@sha256:abc"
        ports { container_port = 8080 }
      }
    }
  }
}
"""
    result = stack(tmp_path, text)
    address = "terraform:google_cloud_run_service.appsync"
    assert known(setting_of(result, address, "template.spec.timeout_seconds")) == 900
    service = declared(result, address)
    assert service.front.names == ("app-sync", "appsync")
    assert [(target.group, target.port) for target in service.targets] == [
        ("syncer", 8080),
        ("app-sync", 8080),
        ("appsync", 8080),
    ]


def test_cloud_run_v2_writes_a_duration_and_probes_are_no_limits(tmp_path: Path) -> None:
    text = """
resource "google_cloud_run_v2_service" "briefs" {
  name = "briefs"
  template {
    timeout = "${var.timeout}s"
    containers {
      startup_probe { timeout_seconds = 3 }
    }
  }
}
variable "timeout" {
  default = 300
}
"""
    result = stack(tmp_path, text)
    address = "terraform:google_cloud_run_v2_service.briefs"
    assert [setting.name for setting in declared(result, address).settings] == ["template.timeout"]
    assert known(setting_of(result, address, "template.timeout")) == "300s"
