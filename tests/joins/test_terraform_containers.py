"""Containers that Terraform starts: their variables reach templates, and load balancers reach their nginx."""

from pathlib import Path

import pytest
from joined_files import NGINX, chain, declaration, index, joined, value, way

ALB = """\
resource "aws_lb" "edge" {
  load_balancer_type = "application"
  idle_timeout       = 120
}
resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.edge.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}
resource "aws_lb_target_group" "web" {
  port     = 80
  protocol = "HTTP"
}
resource "aws_ecs_service" "web" {
  name            = "web"
  task_definition = aws_ecs_task_definition.web.arn
  load_balancer {
    target_group_arn = aws_lb_target_group.web.arn
    container_name   = "gateway"
    container_port   = 80
  }
}
variable "wait" { default = "75s" }
resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([
    {
      name         = "gateway"
      image        = "${aws_ecr_repository.gateway.repository_url}:latest"
      portMappings = [{ containerPort = 80 }]
      environment  = [{ name = "WAIT", value = var.wait }]
      secrets      = [{ name = "TOKEN", valueFrom = "arn:aws:ssm:x" }]
    },
    {
      name    = "app"
      image   = "app"
      command = ["gunicorn", "a:b", "-b", "0.0.0.0:8000", "--timeout", "30"]
    },
  ])
}
"""
GATEWAY = {
    "gateway/Dockerfile": "FROM nginx:1.27\nCOPY t/ /etc/nginx/templates/\n",
    "gateway/t/default.conf.template": NGINX.replace("web:8000", "127.0.0.1:8000"),
}


def test_the_environment_of_a_task(tmp_path: Path) -> None:
    found = declaration(tmp_path, {"infra/main.tf": ALB, **GATEWAY}, "nginx:_/")
    assert value(found, "proxy_read_timeout") == "75s"
    lines = ALB.splitlines()
    places = [
        lines.index(next(line for line in lines if part in line)) + 1
        for part in ("var.wait", 'variable "wait"')
    ]
    assert way(found, "proxy_read_timeout")[0] == "gateway/t/default.conf.template:5"
    assert set(way(found, "proxy_read_timeout")) >= {f"infra/main.tf:{places[1]}"}


def test_a_load_balancer_reaches_the_nginx_of_a_task_and_the_app_beside_it(tmp_path: Path) -> None:
    (route,) = joined(tmp_path, {"infra/main.tf": ALB, **GATEWAY}).routes
    assert chain(route) == ["aws_lb", "nginx", "gunicorn"]
    assert {link.evidence.name for link in route.links} == {"ADDRESS", "REFERENCE"}


def test_a_load_balancer_reaches_the_server_of_an_image(tmp_path: Path) -> None:
    """The definition leaves the command to the image, whose Dockerfile is called like the container."""
    one = ALB.replace('"gateway"', '"api"').replace("gateway.repository_url", "api.repository_url")
    files = {
        "infra/main.tf": one,
        "api/Dockerfile": 'FROM python:3.12\nEXPOSE 80\nCMD ["gunicorn", "a:b", "-b", ":80", "-t", "90"]\n',
    }
    (route,) = [one for one in joined(tmp_path, files).routes if one.hops[0].component == "aws_lb"]
    assert chain(route) == ["aws_lb", "gunicorn"]


def test_secrets_are_only_known_to_be_there(tmp_path: Path) -> None:
    found = index(tmp_path, {"infra/main.tf": ALB, **GATEWAY})
    (gateway,) = [one for one in found.runners if one.names == ("gateway",)]
    assert not gateway.variables["TOKEN"].choices


CLOUD_RUN = """\
resource "google_cloud_run_v2_service" "gateway" {
  name = "gateway"
  template {
    containers {
      image = "gateway"
      env {
        name  = "WAIT"
        value = "75s"
      }
      env {
        name = "TOKEN"
        value_source {
          secret_key_ref { secret = "x" }
        }
      }
    }
  }
}
"""
FUNCTION = """\
resource "aws_lambda_function" "api" {
  function_name = "api"
  environment {
    variables = { LLM_TIMEOUT = "20" }
  }
}
"""


def test_the_environment_of_cloud_run(tmp_path: Path) -> None:
    found = declaration(tmp_path, {"main.tf": CLOUD_RUN, **GATEWAY}, "nginx:_/")
    assert value(found, "proxy_read_timeout") == "75s"


def test_the_environment_of_a_function(tmp_path: Path) -> None:
    found = index(tmp_path, {"main.tf": FUNCTION, "app.py": ""}).anywhere("LLM_TIMEOUT")
    assert found is not None
    assert found.known == "20"


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_environments_of_terraform(tmp_path: Path, name: str) -> None:
    files = {
        "infra/main.tf": ALB.replace('{ default = "75s" }', "{}"),
        "infra/envs/dev.tfvars": 'wait = "20s"\n',
        "infra/envs/prod.tfvars": 'wait = "90s"\n',
    }
    found = declaration(tmp_path, {**files, **GATEWAY}, "nginx:_/", name)
    assert value(found, "proxy_read_timeout") == {"dev": "20s", "prod": "90s"}[name]
