"""Distributions, DNS names, listeners with limits of their own, databases and App Runner."""

from pathlib import Path

import pytest
from terraform_files import declared, known, options, setting_of, stack

CDN = """
resource "aws_cloudfront_distribution" "cdn" {
  aliases = ["www.example.com"]
  origin {
    origin_id   = "first"
    origin_path = "/app/"
    domain_name = aws_lb.api.dns_name
    custom_origin_config {}
    response_completion_timeout = 50
  }
  origin {
    origin_id   = "second"
    domain_name = "backup.example.net"
    custom_origin_config {}
  }
  origin_group {
    origin_id = "group"
    failover_criteria { status_codes = [502, 504] }
    member { origin_id = "first" }
    member { origin_id = "second" }
  }
  default_cache_behavior { target_origin_id = "group" }
}
resource "aws_lb" "api" {}
"""
FIRST = "terraform:aws_cloudfront_distribution.cdn/first"
SECOND = "terraform:aws_cloudfront_distribution.cdn/second"


def test_the_first_origin_of_a_group_is_followed_by_the_second(tmp_path: Path) -> None:
    result = stack(tmp_path, CDN)
    assert declared(result, FIRST).passes_after == (SECOND,)
    assert declared(result, FIRST).trait("fallbacks") == "idempotent"
    assert declared(result, SECOND).passes_after == ()
    assert known(setting_of(result, FIRST, "origin.response_completion_timeout")) == 50


@pytest.mark.parametrize(
    ("codes", "follows"),
    [
        pytest.param("[500, 502]", (), id="a timeout is a 504, which is not listed"),
        pytest.param('["504"]', (SECOND,), id="quoted"),
        pytest.param("var.codes", (SECOND,), id="not known: it may be"),
    ],
)
def test_only_a_listed_504_makes_a_timeout_fail_over(
    tmp_path: Path, codes: str, follows: tuple[str, ...]
) -> None:
    text = CDN.replace("[502, 504]", codes) + 'variable "codes" {}\n'
    assert declared(stack(tmp_path, text), FIRST).passes_after == follows


def test_the_path_of_an_origin_is_put_in_front_of_the_request_path(tmp_path: Path) -> None:
    (target,) = declared(stack(tmp_path, CDN), FIRST).targets
    assert (target.address, target.strip, target.replace) == ("terraform:aws_lb.api", "/", "/app/")


RECORD = """
resource "aws_route53_zone" "main" { name = "example.com" }
resource "aws_route53_record" "api" {
  zone_id = aws_route53_zone.main.zone_id
  name    = "api"
  alias { name = aws_lb.api.dns_name }
}
resource "aws_lb" "api" {}
resource "aws_lb_listener" "api" {
  load_balancer_arn = aws_lb.api.arn
  default_action { target_group_arn = aws_lb_target_group.api.arn }
}
resource "aws_lb_target_group" "api" { port = 80 }
"""
API = "terraform:aws_lb.api"


def test_a_record_names_its_balancer(tmp_path: Path) -> None:
    assert declared(stack(tmp_path, RECORD), API).front.hosts == ("api.example.com",)


@pytest.mark.parametrize(
    ("old", "new", "hosts"),
    [
        pytest.param(
            '"api"\n  alias', '"api.example.com."\n  alias', ("api.example.com",), id="a whole name"
        ),
        pytest.param("aws_route53_zone.main.zone_id", '"Z1"', (), id="a zone that is not known"),
        pytest.param(
            'name = "example.com"',
            'name = "eu.shop.example.com"',
            ("api.eu.shop.example.com",),
            id="a deep zone",
        ),
    ],
)
def test_names_are_completed_by_their_zone(
    tmp_path: Path, old: str, new: str, hosts: tuple[str, ...]
) -> None:
    assert declared(stack(tmp_path, RECORD.replace(old, new)), API).front.hosts == hosts


RULE = """
resource "aws_lb_listener_rule" "admin" {
  listener_arn = aws_lb_listener.api.arn
  action { target_group_arn = aws_lb_target_group.api.arn }
  condition {
    host_header { values = ["HOST"] }
  }
}
"""


@pytest.mark.parametrize(
    ("host", "hosts"),
    [
        pytest.param("api.example.com", ("api.example.com",), id="a rule for that name"),
        pytest.param("admin.example.com", (), id="a rule for a name whose record is elsewhere"),
    ],
)
def test_a_rule_for_another_name_shows_that_the_records_are_not_all(
    tmp_path: Path, host: str, hosts: tuple[str, ...]
) -> None:
    assert declared(stack(tmp_path, RECORD + RULE.replace("HOST", host)), API).front.hosts == hosts


def test_a_name_that_a_distribution_asks_for_is_not_that_of_its_callers(tmp_path: Path) -> None:
    more = """
resource "aws_cloudfront_distribution" "cdn" {
  aliases = ["www.example.com"]
  origin {
    domain_name = "api.example.com"
    custom_origin_config {}
  }
}
"""
    result = stack(tmp_path, RECORD + more)
    assert declared(result, API).front.hosts == ()
    (target,) = declared(result, "terraform:aws_cloudfront_distribution.cdn").targets
    assert target.address == API


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        pytest.param(
            "r.${data.aws_region.now.name}.tracking.example.com", "*.tracking.example.com", id="middle"
        ),
        pytest.param("${var.stage}-api.example.com", "*.example.com", id="its first label"),
        pytest.param("${var.stage}.api.internal", "", id="a private domain may be one of these files"),
        pytest.param("api.${var.domain}", "", id="nothing of the domain is known"),
        pytest.param("${var.stage}.com", "", id="an ending alone is no domain"),
    ],
)
def test_an_origin_in_a_public_domain_is_no_container(tmp_path: Path, origin: str, host: str) -> None:
    result = stack(
        tmp_path,
        f"""
data "aws_region" "now" {{}}
variable "stage" {{}}
variable "domain" {{}}
resource "aws_cloudfront_distribution" "cdn" {{
  origin {{
    domain_name = "{origin}"
    custom_origin_config {{}}
  }}
}}
""",
    )
    (target,) = declared(result, "terraform:aws_cloudfront_distribution.cdn").targets
    assert target.host == host
    assert target.reason


LISTENERS = """
resource "aws_lb" "broker" { load_balancer_type = "network" }
resource "aws_lb_listener" "plain" {
  load_balancer_arn        = aws_lb.broker.arn
  protocol                 = "TCP"
  tcp_idle_timeout_seconds = 400
}
resource "aws_lb_listener" "other" {
  load_balancer_arn        = aws_lb.broker.arn
  protocol                 = "OTHER"
  tcp_idle_timeout_seconds = 900
}
"""
BROKER = "terraform:aws_lb.broker"


@pytest.mark.parametrize(
    ("protocol", "values"),
    [
        pytest.param("TCP", {400, 900}, id="two listeners differ: one of two values"),
        pytest.param("TLS", {400, None}, id="that of a TLS listener is fixed at the default"),
    ],
)
def test_listeners_with_several_idle_timeouts(tmp_path: Path, protocol: str, values: set[object]) -> None:
    result = stack(tmp_path, LISTENERS.replace("OTHER", protocol))
    idle = setting_of(result, BROKER, "tcp_idle_timeout_seconds")
    assert options(idle) == values
    assert idle.label == "aws_lb_listener.*.tcp_idle_timeout_seconds"
    written_on_tls = declared(result, BROKER).setting("tcp_idle_timeout_seconds of a TLS listener")
    assert (written_on_tls is not None) is (protocol == "TLS")


def test_a_udp_listener_has_no_say(tmp_path: Path) -> None:
    result = stack(tmp_path, LISTENERS.replace("OTHER", "UDP"))
    assert known(setting_of(result, BROKER, "tcp_idle_timeout_seconds")) == 400


GROUPS = """
resource "aws_lb_listener_rule" "files" {
  listener_arn = aws_lb_listener.api.arn
  action { target_group_arn = aws_lb_target_group.files.arn }
}
resource "aws_lb_target_group" "files" {
  target_type          = "instance"
  deregistration_delay = 5
}
"""


@pytest.mark.parametrize(
    ("delay", "expected"),
    [
        pytest.param("5", 5, id="the same everywhere"),
        pytest.param("60", {"60", 5}, id="different ones"),
        pytest.param("null", {None, 5}, id="one of them is the default"),
    ],
)
def test_which_of_several_drains_a_request_meets_is_not_known(
    tmp_path: Path, delay: str, expected: object
) -> None:
    text = RECORD.replace("{ port = 80 }", f'{{ deregistration_delay = "{delay}" }}').replace(
        '"null"', "null"
    )
    drain = setting_of(stack(tmp_path, text + GROUPS), API, "deregistration_delay")
    if isinstance(expected, set):
        assert {str(value) for value in options(drain)} == {str(value) for value in expected}
    else:
        assert str(known(drain)) == str(expected)


def test_a_group_of_functions_does_not_drain(tmp_path: Path) -> None:
    text = RECORD + GROUPS.replace('"instance"', '"lambda"')
    assert declared(stack(tmp_path, text), API).setting("deregistration_delay") is None


def test_parameters_of_a_database_are_limits_in_its_own_units(tmp_path: Path) -> None:
    text = """
resource "aws_db_parameter_group" "app" {
  family = "postgres16"
  dynamic "parameter" {
    for_each = { statement_timeout = var.statement, max_execution_time = 7 }
    content {
      name  = parameter.key
      value = parameter.value
    }
  }
}
variable "statement" { default = "30000" }
resource "aws_rds_cluster_parameter_group" "shop" {
  family = "aurora-mysql8.0"
  parameter {
    name  = "max_execution_time"
    value = 5000
  }
}
resource "aws_db_parameter_group" "plain" {
  family = "postgres16"
  parameter {
    name  = "log_statement"
    value = "all"
  }
}
"""
    result = stack(tmp_path, text)
    app = declared(result, "terraform:aws_db_parameter_group.app")
    assert [(one.name, known(one)) for one in app.settings] == [("statement_timeout", "30000")]
    assert all(target.external for target in app.targets)
    shop = declared(result, "terraform:aws_rds_cluster_parameter_group.shop")
    assert (shop.component, shop.trait("engine")) == ("aws_db_parameter_group", "mysql")
    assert len(result.declarations) == 2


def test_a_database_proxy_and_its_pool(tmp_path: Path) -> None:
    text = """
resource "aws_db_proxy" "app" { idle_client_timeout = 600 }
resource "aws_db_proxy_default_target_group" "app" {
  db_proxy_name = aws_db_proxy.app.name
  connection_pool_config { connection_borrow_timeout = 10 }
}
"""
    result = stack(tmp_path, text)
    assert known(setting_of(result, "terraform:aws_db_proxy.app", "idle_client_timeout")) == 600
    borrow = setting_of(result, "terraform:aws_db_proxy.app", "connection_borrow_timeout")
    assert borrow.label == "aws_db_proxy_default_target_group.app.connection_borrow_timeout"


def test_app_runner(tmp_path: Path) -> None:
    text = """
resource "aws_apprunner_service" "web" {
  service_name = "web"
  source_configuration {
    image_repository {
      image_configuration { port = "8000" }
    }
  }
}
"""
    service = declared(stack(tmp_path, text), "terraform:aws_apprunner_service.web")
    assert [(target.group, target.port) for target in service.targets] == [("web", 8000)]
    assert service.settings == ()


@pytest.mark.parametrize(
    ("event", "edge"),
    [
        pytest.param("viewer-response", "viewer", id="close to the viewer"),
        pytest.param("origin-request", "origin", id="close to the origin"),
    ],
)
def test_a_function_at_the_edge(tmp_path: Path, event: str, edge: str) -> None:
    text = f"""
resource "aws_cloudfront_distribution" "cdn" {{
  ordered_cache_behavior {{
    path_pattern = "/a*"
    lambda_function_association {{
      event_type = "{event}"
      lambda_arn = aws_lambda_function.f.qualified_arn
    }}
  }}
}}
resource "aws_lambda_function" "f" {{}}
"""
    assert declared(stack(tmp_path, text), "terraform:aws_lambda_function.f").trait("edge") == edge
