"""ECS: containers behind balancers, when they are killed, and Service Connect in front of them."""

from pathlib import Path

import pytest
from terraform_files import declared, known, reading, setting_of, stack, way

from budgetcheck.model.settings import Known

BALANCER = """
resource "aws_lb" "api" {}
resource "aws_lb_listener" "api" {
  load_balancer_arn = aws_lb.api.arn
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.api.arn
  }
}
resource "aws_lb_target_group" "api" { port = 80 }
"""
SERVICE = """
resource "aws_ecs_service" "api" {
  name            = "api-live"
  task_definition = aws_ecs_task_definition.api.arn
  load_balancer {
    target_group_arn = aws_lb_target_group.api.arn
    container_name   = "web"
    container_port   = 8000
  }
}
"""
TASK = """
resource "aws_ecs_task_definition" "api" {
  container_definitions = jsonencode([
    {
      name         = "web"
      image        = "${var.registry}/web"
      stopTimeout  = var.stop
      portMappings = [{ containerPort = 8000, name = "http", appProtocol = "http" }]
    },
    { name = "logs", image = "logs:1", stopTimeout = 5 },
  ])
}
variable "stop" { default = 90 }
variable "registry" {}
"""
WEB = "terraform:aws_ecs_task_definition.api/web"


def test_a_container_with_a_time_to_stop_stands_behind_the_balancer(tmp_path: Path) -> None:
    result = stack(tmp_path, BALANCER + SERVICE + TASK)
    (target,) = declared(result, "terraform:aws_lb.api").targets
    assert (target.address, target.group, target.port) == (WEB, "web", 8000)
    stop = setting_of(result, WEB, "stopTimeout")
    assert known(stop) == 90
    assert way(stop) == [
        "main.tf:27 stopTimeout = var.stop",
        "main.tf:33 var.stop",
        "main.tf:33 default = 90",
    ]
    assert [(one.group, one.port) for one in declared(result, WEB).targets] == [("web", 8000)]
    assert len([one for one in result.declarations if one.component == "aws_ecs_task_definition"]) == 1


def test_a_container_that_says_nothing_is_looked_for_by_its_name(tmp_path: Path) -> None:
    result = stack(tmp_path, BALANCER + SERVICE + TASK.replace("      stopTimeout  = var.stop\n", ""))
    (target,) = declared(result, "terraform:aws_lb.api").targets
    assert (target.address, target.group, target.port) == ("", "web", 8000)
    assert [one.component for one in result.declarations] == ["aws_lb"]


def test_a_definition_from_elsewhere_leaves_the_name_of_the_service(tmp_path: Path) -> None:
    text = SERVICE.replace("aws_ecs_task_definition.api.arn", '"api:7"').replace(
        '    container_name   = "web"\n', ""
    )
    (target,) = declared(stack(tmp_path, BALANCER + text), "terraform:aws_lb.api").targets
    assert (target.address, target.group, target.port) == ("", "api-live", 8000)


@pytest.mark.parametrize(
    ("written", "launch"),
    [
        pytest.param('requires_compatibilities = ["FARGATE"]', "FARGATE", id="of the definition"),
        pytest.param('requires_compatibilities = ["EC2", "FARGATE"]', "EC2", id="either: the wider limits"),
        pytest.param("", "", id="not said"),
    ],
)
def test_where_a_container_runs(tmp_path: Path, written: str, launch: str) -> None:
    text = TASK.replace("  container_definitions", f"  {written}\n  container_definitions")
    assert declared(stack(tmp_path, BALANCER + SERVICE + text), WEB).trait("launch") == launch


def test_capacity_providers_say_where_a_container_runs(tmp_path: Path) -> None:
    text = SERVICE.replace(
        "  load_balancer {",
        '  capacity_provider_strategy { capacity_provider = "FARGATE_SPOT" }\n  load_balancer {',
    )
    assert declared(stack(tmp_path, BALANCER + text + TASK), WEB).trait("launch") == "FARGATE"


def test_a_template_file_of_containers(tmp_path: Path) -> None:
    files = {
        "main.tf": BALANCER
        + SERVICE
        + 'resource "aws_ecs_task_definition" "api" {\n  container_definitions = templatefile('
        '"${path.module}/web.json", { image = data.aws_ecr_image.web.image_uri })\n}\n',
        "web.json": '[{\n  "name": "web",\n  "image": "${image}",\n  "stopTimeout": 25\n}]\n',
    }
    result = reading(tmp_path, files)
    stop = setting_of(result, "terraform:aws_ecs_task_definition.api", "stopTimeout")
    assert (known(stop), way(stop)) == (25, ["web.json:4 stopTimeout: 25"])


def test_a_classic_balancer_and_its_service(tmp_path: Path) -> None:
    text = SERVICE.replace("target_group_arn = aws_lb_target_group.api.arn", "elb_name = aws_elb.old.name")
    old = 'resource "aws_elb" "old" {\n  listener {\n    instance_port = 80\n  }\n}\n'
    (target,) = declared(stack(tmp_path, text + TASK + old), "terraform:aws_elb.old").targets
    assert (target.address, target.port) == (WEB, 8000)


CONNECT = """
  service_connect_configuration {
    enabled = true
    service {
      port_name      = "http"
      discovery_name = "api"
      client_alias {
        port     = 8080
        dns_name = "api.internal"
      }
      timeout {
        per_request_timeout_seconds = 40
      }
    }
  }
}
"""


def connected(text: str = CONNECT) -> str:
    return SERVICE.rstrip().removesuffix("}") + text


def test_service_connect_is_a_proxy_with_names_and_limits(tmp_path: Path) -> None:
    result = stack(tmp_path, BALANCER + connected() + TASK)
    address = "terraform:aws_ecs_service.api"
    proxy = declared(result, address)
    assert (proxy.front.names, proxy.front.ports) == (("api.internal", "api"), (8080,))
    assert proxy.trait("protocol") == "http"
    assert [target.address for target in proxy.targets] == [WEB]
    assert known(setting_of(result, address, "per_request_timeout_seconds")) == 40


@pytest.mark.parametrize(
    ("old", "new", "protocol"),
    [
        pytest.param(', appProtocol = "http"', "", "", id="without appProtocol it is TCP"),
        pytest.param(
            '"http", appProtocol', "var.registry, appProtocol", "unknown", id="a port that is not known"
        ),
    ],
)
def test_the_protocol_decides_which_limits_there_are(
    tmp_path: Path, old: str, new: str, protocol: str
) -> None:
    result = stack(tmp_path, BALANCER + connected() + TASK.replace(old, new))
    assert declared(result, "terraform:aws_ecs_service.api").trait("protocol") == protocol


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(CONNECT.replace("enabled = true", "enabled = false"), id="switched off"),
        pytest.param("\n  service_connect_configuration {\n    enabled = true\n  }\n}\n", id="a mere client"),
    ],
)
def test_a_service_that_offers_nothing_is_no_hop(tmp_path: Path, text: str) -> None:
    result = stack(tmp_path, BALANCER + connected(text) + TASK)
    assert "aws_ecs_service" not in [one.component for one in result.declarations]


COMMAND = """
resource "aws_ecs_task_definition" "api" {
  container_definitions = jsonencode([
    {
      name         = "web"
      image        = "web:4"
      portMappings = [{ containerPort = 8000 }]
      environment  = [{ name = "PATIENCE", value = tostring(var.patience) }]
      secrets      = [{ name = "TOKEN", valueFrom = "arn:aws:ssm:::parameter/token" }]
      entryPoint   = ["sh", "-c"]
      command      = ["exec gunicorn app:app --bind 0.0.0.0:8000 --timeout $PATIENCE"]
    },
    { name = "logs", image = "logs:1", command = ["gunicorn", "logs:app"] },
  ])
}
variable "patience" { default = 90 }
"""
SERVER = f"{WEB}/server"


def test_the_command_of_a_container_is_a_server_behind_the_balancer(tmp_path: Path) -> None:
    result = stack(tmp_path, BALANCER + SERVICE + COMMAND)
    (target,) = declared(result, "terraform:aws_lb.api").targets
    server = declared(result, SERVER)
    assert (target.address, target.group, target.port) == ("", SERVER, 8000)
    assert server.component == "gunicorn"
    assert (server.front.names, server.front.ports) == (("web", SERVER), (8000,))
    assert known(setting_of(result, SERVER, "timeout")) == "90"
    assert len([one for one in result.declarations if one.component == "gunicorn"]) == 1


def test_a_server_stands_inside_its_container_where_that_says_when_it_is_killed(tmp_path: Path) -> None:
    text = COMMAND.replace('image        = "web:4"', 'image        = "web:4"\n      stopTimeout  = 30')
    result = stack(tmp_path, BALANCER + SERVICE + text)
    (target,) = declared(result, "terraform:aws_lb.api").targets
    assert target.address == WEB
    assert [one.group for one in declared(result, WEB).targets] == [SERVER]


@pytest.mark.parametrize(
    "command",
    ['["gunicorn", var.application, "--timeout", var.nowhere]', "var.nowhere", '["./start.sh"]', "[]"],
    ids=["a-word-without-a-value", "no-value", "a-script-of-the-image", "empty"],
)
def test_a_command_that_is_not_known_claims_no_number(tmp_path: Path, command: str) -> None:
    text = COMMAND.replace('["exec gunicorn app:app --bind 0.0.0.0:8000 --timeout $PATIENCE"]', command)
    text = text.replace('entryPoint   = ["sh", "-c"]', "").replace(
        'variable "patience"', 'variable "nowhere" {}\nvariable "application" {}\nvariable "patience"'
    )
    result = stack(tmp_path, BALANCER + SERVICE + text)
    servers = [one for one in result.declarations if one.address.startswith(WEB)]
    assert all(not isinstance(value.value, Known) for one in servers for value in one.settings)
