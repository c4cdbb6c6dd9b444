"""AWS load balancers: listeners, rules, target groups, and limits borrowed from them."""

from pathlib import Path

import pytest
from terraform_files import declared, known, reading, setting_of, stack, way

LISTENER = """
resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.api.arn
  port              = 443
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.api.arn
  }
}
"""
GROUP = """
resource "aws_lb_target_group" "api" {
  name                 = "api-tg"
  port                 = 8080
  deregistration_delay = "30"
  health_check {
    timeout = 5
  }
}
"""
BALANCER = """
resource "aws_lb" "api" {
  name         = "api"
  idle_timeout = 75
}
"""


def test_a_small_real_stack_end_to_end(tmp_path: Path) -> None:
    result = stack(tmp_path, BALANCER + LISTENER + GROUP)
    balancer = declared(result, "terraform:aws_lb.api")
    assert balancer.component == "aws_lb"
    assert balancer.span.place == "main.tf:2"
    assert balancer.trait("load_balancer_type") == "application"
    assert [setting.name for setting in balancer.settings] == ["idle_timeout", "deregistration_delay"]
    assert way(setting_of(result, "terraform:aws_lb.api", "idle_timeout")) == ["main.tf:4 idle_timeout = 75"]
    drain = setting_of(result, "terraform:aws_lb.api", "deregistration_delay")
    assert (known(drain), drain.label) == ("30", "aws_lb_target_group.api.deregistration_delay")
    (target,) = balancer.targets
    assert (target.port, target.group, target.host, target.address) == (8080, "api", "", "")
    assert target.span.place == "main.tf:18"
    assert result.problems == ()
    assert result.recognised == ("main.tf",)


def test_health_checks_operation_timeouts_and_comments_are_no_limits(tmp_path: Path) -> None:
    text = BALANCER.replace("idle_timeout = 75", '# idle_timeout = 75\n  timeouts {\n    create = "10m"\n  }')
    assert declared(stack(tmp_path, text + LISTENER), "terraform:aws_lb.api").settings == ()


@pytest.mark.parametrize(
    "written", ["null", "var.idle", "true ? null : 5"], ids=["null", "a variable that is null", "a branch"]
)
def test_null_is_the_same_as_not_written(tmp_path: Path, written: str) -> None:
    text = BALANCER.replace("= 75", f"= {written}") + 'variable "idle" {\n  default = null\n}\n'
    assert declared(stack(tmp_path, text), "terraform:aws_lb.api").settings == ()


RULES = """
resource "aws_lb_listener_rule" "chat" {
  listener_arn = aws_lb_listener.https.arn
  action {
    type = "forward"
    forward {
      target_group { arn = aws_lb_target_group.api.arn }
      target_group { arn = aws_lb_target_group.green.arn }
    }
  }
  condition {
    host_header { values = ["chat.example.com"] }
  }
  condition {
    path_pattern { values = ["/chat*", "/v1/*/chat", "/exact", var.unknown] }
  }
}
resource "aws_lb_listener_rule" "moved" {
  listener_arn = aws_lb_listener.https.arn
  action {
    type = "redirect"
    redirect { status_code = "HTTP_301" }
  }
}
resource "aws_lb_target_group" "green" { port = 9090 }
variable "unknown" {}
"""


def test_rules_select_by_host_and_path_and_a_redirect_is_no_target(tmp_path: Path) -> None:
    result = stack(tmp_path, BALANCER + LISTENER + GROUP + RULES.replace(", var.unknown", ""))
    blue, green, default = declared(result, "terraform:aws_lb.api").targets
    assert [target.group for target in (blue, green, default)] == ["api", "green", "api"]
    assert blue.hosts == ("chat.example.com",)
    assert [(rule.prefix, rule.exact, rule.opaque) for rule in blue.paths] == [
        ("/chat", False, False),
        ("/v1/", False, True),
        ("/exact", True, False),
    ]
    assert (default.hosts, default.paths) == ((), ())


def test_a_path_that_is_not_known_may_or_may_not_match(tmp_path: Path) -> None:
    result = stack(tmp_path, BALANCER + LISTENER + GROUP + RULES)
    target = declared(result, "terraform:aws_lb.api").targets[0]
    assert [(rule.prefix, rule.opaque) for rule in target.paths] == [("/", True)]


ECS = """
resource "aws_ecs_service" "web" {
  name = "web"
  load_balancer {
    target_group_arn = aws_lb_target_group.api.arn
    container_name   = "nginx"
    container_port   = 80
  }
}
"""


def test_an_ecs_service_names_the_container_and_its_port(tmp_path: Path) -> None:
    (target,) = declared(stack(tmp_path, BALANCER + LISTENER + GROUP + ECS), "terraform:aws_lb.api").targets
    assert (target.group, target.port) == ("nginx", 80)


FUNCTION = """
resource "aws_lb_target_group_attachment" "f" {
  target_group_arn = aws_lb_target_group.api.arn
  target_id        = aws_lambda_alias.live.arn
}
resource "aws_lambda_alias" "live" {
  function_name = aws_lambda_function.f.function_name
}
resource "aws_lambda_function" "f" {
  function_name = "f"
  timeout       = 30
}
"""


def test_a_function_in_a_target_group_is_reached_by_reference_through_its_alias(tmp_path: Path) -> None:
    (target,) = declared(
        stack(tmp_path, BALANCER + LISTENER + GROUP + FUNCTION), "terraform:aws_lb.api"
    ).targets
    assert target.address == "terraform:aws_lambda_function.f"


def test_a_network_balancer_in_front_of_an_application_balancer(tmp_path: Path) -> None:
    text = """
resource "aws_lb" "edge" { load_balancer_type = "network" }
resource "aws_lb_listener" "edge" {
  load_balancer_arn        = aws_lb.edge.id
  tcp_idle_timeout_seconds = 400
  default_action {
    target_group_arn = aws_lb_target_group.edge.id
    type             = "forward"
  }
}
resource "aws_lb_target_group" "edge" { target_type = "alb" }
resource "aws_lb_target_group_attachment" "edge" {
  target_group_arn = aws_lb_target_group.edge.arn
  target_id        = aws_lb.api.arn
}
"""
    result = stack(tmp_path, text + BALANCER)
    edge = declared(result, "terraform:aws_lb.edge")
    assert edge.trait("load_balancer_type") == "network"
    assert [target.address for target in edge.targets] == ["terraform:aws_lb.api"]
    idle = setting_of(result, "terraform:aws_lb.edge", "tcp_idle_timeout_seconds")
    assert idle.label == "aws_lb_listener.edge.tcp_idle_timeout_seconds"


def test_the_old_name_of_a_resource_is_the_same_component(tmp_path: Path) -> None:
    text = (BALANCER + LISTENER + GROUP).replace("aws_lb", "aws_alb")
    balancer = declared(stack(tmp_path, text), "terraform:aws_alb.api")
    assert balancer.component == "aws_lb"
    assert [target.group for target in balancer.targets] == ["api"]


def test_both_groups_of_a_conditional_forward_are_targets(tmp_path: Path) -> None:
    text = LISTENER.replace(
        "aws_lb_target_group.api.arn",
        'var.colour == "blue" ? aws_lb_target_group.api.arn : aws_lb_target_group.green.arn',
    )
    more = 'variable "colour" {}\nresource "aws_lb_target_group" "green" {}\n'
    targets = declared(stack(tmp_path, BALANCER + text + GROUP + more), "terraform:aws_lb.api").targets
    assert [target.group for target in targets] == ["api", "green"]


def test_a_target_group_from_elsewhere_is_a_target_with_a_reason(tmp_path: Path) -> None:
    text = LISTENER.replace("aws_lb_target_group.api.arn", "data.aws_lb_target_group.shared.arn")
    (target,) = declared(stack(tmp_path, BALANCER + text), "terraform:aws_lb.api").targets
    assert "data.aws_lb_target_group.shared is a data source" in target.reason


def test_an_unknown_kind_of_balancer_is_not_taken_for_an_application_balancer(tmp_path: Path) -> None:
    text = BALANCER.replace("idle_timeout = 75", "load_balancer_type = var.kind") + 'variable "kind" {}\n'
    balancer = declared(stack(tmp_path, text), "terraform:aws_lb.api")
    assert balancer.trait("load_balancer_type") == "unknown"


def test_a_classic_balancer(tmp_path: Path) -> None:
    text = """
resource "aws_elb" "old" {
  idle_timeout                = 400
  connection_draining         = true
  connection_draining_timeout = 60
  listener {
    instance_port = 8000
    lb_port       = 80
  }
}
"""
    result = stack(tmp_path, text)
    old = declared(result, "terraform:aws_elb.old")
    assert [setting.name for setting in old.settings] == ["idle_timeout", "connection_draining_timeout"]
    assert old.trait("connection_draining") == "true"
    assert [target.port for target in old.targets] == [8000]


@pytest.mark.parametrize(
    ("protocols", "mode"),
    [
        ('instance_protocol = "tcp"', "tcp"),
        ('instance_protocol = "http"', ""),
        ("instance_protocol = var.protocol", ""),
        ('lb_protocol = "SSL"', "tcp"),
        ("", ""),
    ],
)
def test_a_classic_balancer_may_pass_connections_on(tmp_path: Path, protocols: str, mode: str) -> None:
    text = (
        f'resource "aws_elb" "old" {{\n  listener {{\n    {protocols}\n  }}\n}}\nvariable "protocol" {{}}\n'
    )
    assert declared(stack(tmp_path, text), "terraform:aws_elb.old").trait("mode") == mode


def test_one_given_file_brings_its_directory_along(tmp_path: Path) -> None:
    files = {"lb.tf": BALANCER, "listener.tf": LISTENER, "group.tf": GROUP}
    result = reading(tmp_path, files, given=("lb.tf",))
    assert [target.group for target in declared(result, "terraform:aws_lb.api").targets] == ["api"]
    assert result.recognised == ("lb.tf",)
