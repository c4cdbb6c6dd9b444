"""Descriptions of the AWS modules for queues, containers and distributions, old and new spellings."""

from pathlib import Path

import pytest
from terraform_files import declared, known, setting_of, stack, way

from budgetcheck.readers.terraform.registry import module_file

SQS = """
module "queue" {
  source                     = "terraform-aws-modules/sqs/aws"
  version                    = "~> 4.0"
  name                       = "jobs"
  visibility_timeout_seconds = 120
  create_dlq                 = true
}
module "worker" {
  source  = "terraform-aws-modules/lambda/aws"
  timeout = 90
  event_source_mapping = {
    jobs = {
      event_source_arn                   = module.queue.queue_arn
      maximum_batching_window_in_seconds = 10
    }
  }
}
"""


def test_a_queue_and_a_function_of_modules(tmp_path: Path) -> None:
    result = stack(tmp_path, SQS)
    address = "terraform:module.queue.aws_sqs_queue.this[0]"
    assert way(setting_of(result, address, "visibility_timeout_seconds")) == [
        "main.tf:6 visibility_timeout_seconds = 120"
    ]
    assert known(setting_of(result, address, "maximum_batching_window_in_seconds")) == 10
    (target,) = declared(result, address).targets
    assert target.address == "terraform:module.worker.aws_lambda_function.this[0]"
    assert "terraform:module.queue.aws_sqs_queue.dlq[0]" not in [one.address for one in result.declarations]


ECS = """
resource "aws_lb" "api" {}
resource "aws_lb_listener" "api" {
  load_balancer_arn = aws_lb.api.arn
  default_action { target_group_arn = aws_lb_target_group.api.arn }
}
resource "aws_lb_target_group" "api" { port = 80 }
"""
INPUTS = """
    load_balancer = {
      api = {
        target_group_arn = aws_lb_target_group.api.arn
        container_name   = "web"
        container_port   = 8000
      }
    }
    container_definitions = {
      web = {
        image = var.image
        PORTS = [{ containerPort = 8000, name = "http", appProtocol = "http" }]STOP
      }
      logs = { image = "logs:1" }
    }
    service_connect_configuration = {
      service = SERVICE
    }
"""
OFFER = (
    '{ port_name = "http", client_alias = { port = 80, dns_name = "web" }, '
    "timeout = { idle_timeout_seconds = 9 } }"
)


def inputs(ports: str, stop: str, service: str) -> str:
    return INPUTS.replace("PORTS", ports).replace("STOP", stop).replace("SERVICE", service)


@pytest.mark.parametrize(
    ("ports", "stop", "service", "seconds"),
    [
        pytest.param("port_mappings", "\n        stop_timeout = 30", OFFER, 30, id="version 5"),
        pytest.param("portMappings", "\n        stopTimeout = 30", f"[{OFFER}]", 30, id="version 6"),
        pytest.param("portMappings", "", f"[{OFFER}]", 120, id="the module's own default is not 30 s"),
    ],
)
def test_a_service_of_the_module(tmp_path: Path, ports: str, stop: str, service: str, seconds: int) -> None:
    text = (
        'module "api" {\n  source = "terraform-aws-modules/ecs/aws//modules/service"\n  name = "api"\n'
        + inputs(ports, stop, service)
        + '}\nvariable "image" {}\n'
    )
    result = stack(tmp_path, ECS + text)
    web = "terraform:module.api.aws_ecs_task_definition.this[0]/web"
    assert known(setting_of(result, web, "stopTimeout")) == seconds
    assert [target.address for target in declared(result, "terraform:aws_lb.api").targets] == [web]
    proxy = declared(result, "terraform:module.api.aws_ecs_service.this[0]")
    assert (proxy.front.names, proxy.trait("protocol")) == (("web", "http"), "http")
    assert known(setting_of(result, proxy.address, "idle_timeout_seconds")) == 9
    assert "registry" not in repr(result)


def test_the_services_of_the_cluster_module(tmp_path: Path) -> None:
    body = inputs("portMappings", "\n        stopTimeout = 30", f"[{OFFER}]")
    text = (
        'module "ecs" {\n  source = "terraform-aws-modules/ecs/aws"\n  services = {\n    api = {\n'
        + body
        + '    }\n  }\n}\nvariable "image" {}\n'
    )
    result = stack(tmp_path, ECS + text)
    web = 'terraform:module.ecs.aws_ecs_task_definition.this["api"]/web'
    assert [target.address for target in declared(result, "terraform:aws_lb.api").targets] == [web]


GROUP_5 = (
    '{ failover_status_codes = [504], primary_member_origin_id = "a", secondary_member_origin_id = "b" }'
)
GROUP_6 = (
    '{ failover_criteria = { status_codes = [504] }, member = [{ origin_id = "a" }, { origin_id = "b" }] }'
)


@pytest.mark.parametrize(
    "group", [pytest.param(GROUP_5, id="up to version 5"), pytest.param(GROUP_6, id="version 6")]
)
def test_a_distribution_of_the_module(tmp_path: Path, group: str) -> None:
    text = f"""
module "cdn" {{
  source  = "terraform-aws-modules/cloudfront/aws"
  aliases = ["www.example.com"]
  origin = {{
    a = {{
      domain_name          = aws_lb.api.dns_name
      custom_origin_config = {{ http_port = 80, origin_read_timeout = 60 }}
    }}
    b      = {{ domain_name = "b.example.net", custom_origin_config = {{ http_port = 80 }} }}
    bucket = {{ domain_name = "bucket.s3.amazonaws.com", origin_access_control = "s3" }}
  }}
  origin_group           = {{ both = {group} }}
  default_cache_behavior = {{ target_origin_id = "bucket" }}
  ordered_cache_behavior = [{{ path_pattern = "/api/*", target_origin_id = "both" }}]
}}
resource "aws_lb" "api" {{}}
"""
    result = stack(tmp_path, text)
    address = "terraform:module.cdn.aws_cloudfront_distribution.this[0]"
    first = declared(result, f"{address}/a")
    assert known(setting_of(result, first.address, "origin.custom_origin_config.origin_read_timeout")) == 60
    assert first.passes_after == (f"{address}/b",)
    assert [path.pattern for path in first.front.paths] == ["/api/*"]
    assert [target.address for target in first.targets] == ["terraform:aws_lb.api"]
    assert len(result.declarations) == 3


@pytest.mark.parametrize(
    ("source", "file"),
    [
        pytest.param("terraform-aws-modules/ecs/aws", "ecs.tf", id="the cluster"),
        pytest.param("terraform-aws-modules/ecs/aws//modules/service", "ecs_service.tf", id="one service"),
        pytest.param("terraform-aws-modules/ecs/aws//modules/cluster", "", id="no services in there"),
        pytest.param("terraform-aws-modules/sqs/aws", "sqs.tf", id="queues"),
        pytest.param(
            "git::https://github.com/terraform-aws-modules/terraform-aws-cloudfront.git?ref=v5.0.0",
            "cloudfront.tf",
            id="by its repository",
        ),
    ],
)
def test_sources_of_modules(source: str, file: str) -> None:
    assert module_file(source) == file
