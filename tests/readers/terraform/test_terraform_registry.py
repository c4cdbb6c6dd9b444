"""Modules from a registry: described ones, downloaded ones, and those nobody knows."""

import json
from pathlib import Path

import pytest
from terraform_files import declared, known, reading, reason, setting_of, stack, way

from budgetcheck.readers.terraform.registry import module_file

ALB = """module "alb" {
  source       = "terraform-aws-modules/alb/aws"
  version      = "~> 9.0"
  idle_timeout = var.idle
  listeners = {
    https = {
      port    = 443
      forward = { target_group_key = "api" }
    }
  }
  target_groups = {
    api = {
      port                 = 8080
      deregistration_delay = 15
      create_attachment    = false
    }
  }
}
variable "idle" {
  default = 90
}
"""
BALANCER = "terraform:module.alb.aws_lb.this[0]"


def test_the_inputs_of_a_described_module_are_limits_at_the_users_lines(tmp_path: Path) -> None:
    result = stack(tmp_path, ALB)
    balancer = declared(result, BALANCER)
    assert balancer.span.place == "main.tf:1"
    assert way(setting_of(result, BALANCER, "idle_timeout")) == [
        "main.tf:4 idle_timeout = var.idle",
        "main.tf:19 var.idle",
        "main.tf:20 default = 90",
    ]
    drain = setting_of(result, BALANCER, "deregistration_delay")
    assert (known(drain), drain.label) == (
        15,
        'module.alb.aws_lb_target_group.this["api"].deregistration_delay',
    )
    assert way(drain)[-1] == "main.tf:14 deregistration_delay = 15"
    (target,) = balancer.targets
    assert (target.group, target.port, target.span.place) == ("api", 8080, "main.tf:1")
    assert "registry" not in repr(result)


def test_an_older_version_refers_by_index(tmp_path: Path) -> None:
    text = """module "alb" {
  source = "terraform-aws-modules/alb/aws"
  target_groups = [{ backend_port = 80 }, { backend_port = 81, deregistration_delay = 5 }]
  https_listeners = [{ port = 443, target_group_index = 1 }]
}
"""
    result = stack(tmp_path, text)
    assert [target.port for target in declared(result, BALANCER).targets] == [81]
    assert known(setting_of(result, BALANCER, "deregistration_delay")) == 5


def test_outputs_of_described_modules_join_with_resources(tmp_path: Path) -> None:
    text = """
module "api" {
  source = "terraform-aws-modules/apigateway-v2/aws"
  routes = {
    "POST /orders" = {
      integration = { uri = module.orders.lambda_function_arn, timeout_milliseconds = 12000 }
    }
  }
}
module "orders" {
  source        = "terraform-aws-modules/lambda/aws"
  function_name = "orders"
  timeout       = 10
}
"""
    result = stack(tmp_path, text)
    address = 'terraform:module.api.aws_apigatewayv2_integration.this["POST /orders"]'
    gateway = declared(result, address)
    function = "terraform:module.orders.aws_lambda_function.this[0]"
    assert [target.address for target in gateway.targets] == [function]
    assert gateway.front.methods == ("POST",)
    assert known(setting_of(result, address, "timeout_milliseconds")) == 12_000
    assert known(setting_of(result, function, "timeout")) == 10


def test_a_default_of_the_module_that_is_not_the_platforms_is_known(tmp_path: Path) -> None:
    text = 'module "run" {\n  source = "GoogleCloudPlatform/cloud-run/google"\n  service_name = "api"\n}\n'
    result = stack(tmp_path, text)
    setting = setting_of(
        result, "terraform:module.run.google_cloud_run_service.main", "template.spec.timeout_seconds"
    )
    assert known(setting) == 120
    assert way(setting) == ['main.tf:1 module "run"']


def test_a_downloaded_module_is_read_instead_of_its_description(tmp_path: Path) -> None:
    manifest = {"Modules": [{"Key": "", "Dir": "."}, {"Key": "alb", "Dir": ".terraform/modules/alb"}]}
    files = {
        "main.tf": ALB,
        ".terraform/modules/modules.json": json.dumps(manifest),
        ".terraform/modules/alb/main.tf": 'variable "idle_timeout" {}\n'
        'resource "aws_lb" "real" {\n  idle_timeout = var.idle_timeout\n}\n',
    }
    result = reading(tmp_path, files, given=("main.tf",))
    assert [d.address for d in result.declarations] == ["terraform:module.alb.aws_lb.real"]


@pytest.mark.parametrize(
    "manifest",
    ["[]", "{}", '{"Modules": [{"Key": "alb"}]}', '{"Modules": 5}', "not json"],
    ids=["a list", "nothing", "no directory", "a number", "no JSON"],
)
def test_a_strange_manifest_is_ignored(tmp_path: Path, manifest: str) -> None:
    result = reading(tmp_path, {"main.tf": ALB, ".terraform/modules/modules.json": manifest})
    assert [d.address for d in result.declarations] == [BALANCER]


@pytest.mark.parametrize(
    ("source", "file"),
    [
        pytest.param("terraform-aws-modules/alb/aws", "alb.tf", id="the registry"),
        pytest.param("registry.terraform.io/terraform-aws-modules/alb/aws", "alb.tf", id="with its host"),
        pytest.param(
            "git::https://github.com/terraform-aws-modules/terraform-aws-lambda.git?ref=v7.0.0",
            "lambda.tf",
            id="git",
        ),
        pytest.param(
            "github.com/terraform-aws-modules/terraform-aws-apigateway-v2", "apigateway_v2.tf", id="GitHub"
        ),
        pytest.param(
            "GoogleCloudPlatform/cloud-run/google//modules/v2", "cloud_run_v2.tf", id="a part of it"
        ),
        pytest.param("terraform-aws-modules/lambda/aws//modules/alias", "", id="another part"),
        pytest.param("someone/alb/aws", "", id="somebody else's"),
        pytest.param("terraform-aws-modules/alb-extra/aws", "", id="another name"),
    ],
)
def test_sources_of_described_modules(source: str, file: str) -> None:
    assert module_file(source) == file


def test_an_output_that_the_description_does_not_have_is_unknown_not_an_error(tmp_path: Path) -> None:
    text = ALB + 'resource "aws_lambda_function" "f" {\n  timeout = try(module.alb.rare_output, 5)\n}\n'
    setting = setting_of(stack(tmp_path, text), "terraform:aws_lambda_function.f", "timeout")
    assert 'the source of module "alb" (main.tf:1) is not in these files' in reason(setting)
