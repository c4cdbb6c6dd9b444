"""Local modules, count, for_each and dynamic blocks."""

from pathlib import Path

import pytest
from terraform_files import declared, known, options, reading, reason, setting_of, stack, way

ALB_MODULE = """
variable "idle" {
  default = 60
}
variable "name" {}
resource "aws_lb" "main" {
  name         = var.name
  idle_timeout = var.idle
}
output "arn" {
  value = aws_lb.main.arn
}
output "idle" {
  value = aws_lb.main.idle_timeout
}
"""


def addresses(folder: Path, files: dict[str, str]) -> list[str]:
    return [d.address for d in reading(folder, files).declarations]


def test_inputs_go_in_and_outputs_come_back(tmp_path: Path) -> None:
    files = {
        "main.tf": """module "alb" {
  source = "./modules/alb"
  name   = "api"
  idle   = local.base * 2
}
locals {
  base = 45
}
resource "aws_lb_listener" "https" {
  load_balancer_arn = module.alb.arn
  default_action {
    target_group_arn = aws_lb_target_group.api.arn
    type             = "forward"
  }
}
resource "aws_lb_target_group" "api" { port = 80 }
resource "aws_lambda_function" "f" { timeout = module.alb.idle - 5 }
""",
        "modules/alb/main.tf": ALB_MODULE,
    }
    result = reading(tmp_path, files)
    setting = setting_of(result, "terraform:module.alb.aws_lb.main", "idle_timeout")
    assert known(setting) == 90
    assert way(setting) == [
        "modules/alb/main.tf:8 idle_timeout = var.idle",
        "modules/alb/main.tf:2 var.idle",
        "main.tf:4 idle = local.base * 2",
        "main.tf:7 base = 45",
    ]
    targets = declared(result, "terraform:module.alb.aws_lb.main").targets
    assert [target.group for target in targets] == ["api"]
    assert known(setting_of(result, "terraform:aws_lambda_function.f", "timeout")) == 85


def test_a_called_module_is_no_root_of_its_own(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "a" {\n  source = "./modules/alb"\n  name = "a"\n}\n',
        "modules/alb/main.tf": ALB_MODULE,
        "modules/unused/main.tf": ALB_MODULE,
    }
    assert addresses(tmp_path, files) == ["terraform:aws_lb.main", "terraform:module.a.aws_lb.main"]


def test_a_module_beside_the_given_files_is_read_through_the_tree(tmp_path: Path) -> None:
    files = {
        "prod/main.tf": 'module "a" {\n  source = "../modules/alb"\n  name = "a"\n}\n',
        "modules/alb/main.tf": ALB_MODULE,
    }
    result = reading(tmp_path, files, given=("prod/main.tf",))
    assert [d.address for d in result.declarations] == ["terraform:module.a.aws_lb.main"]


def test_nested_modules_for_each_instance(tmp_path: Path) -> None:
    files = {
        "main.tf": """
module "service" {
  for_each = { api = 30, web = 40 }
  source   = "./service"
  idle     = each.value
  name     = each.key
}
""",
        "service/main.tf": """
variable "idle" {}
variable "name" {}
module "alb" {
  source = "../alb"
  idle   = var.idle + 1
  name   = var.name
}
""",
        "alb/main.tf": ALB_MODULE,
    }
    result = reading(tmp_path, files)
    assert [d.address for d in result.declarations] == [
        'terraform:module.service["api"].module.alb.aws_lb.main',
        'terraform:module.service["web"].module.alb.aws_lb.main',
    ]
    web = 'terraform:module.service["web"].module.alb.aws_lb.main'
    assert known(setting_of(result, web, "idle_timeout")) == 41


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        pytest.param("count = 2", ["[0]", "[1]"], id="a number"),
        pytest.param("count = var.on ? 1 : 0", ["[0]"], id="switched on"),
        pytest.param("count = var.on ? 0 : 1", [], id="switched off"),
        pytest.param("count = var.unknown ? 1 : 0", ["[0]"], id="it is not known whether it exists"),
        pytest.param("count = var.unknown", [""], id="the number is not known: one stands for all"),
        pytest.param('for_each = toset(["b", "a"])', ['["a"]', '["b"]'], id="a set"),
        pytest.param("for_each = { x = 1 }", ['["x"]'], id="a map"),
        pytest.param("for_each = var.unknown", [""], id="the keys are not known"),
        pytest.param(
            'for_each = { for n in ["a", "b"] : n => n if n != "a" }', ['["b"]'], id="a for-expression"
        ),
        pytest.param("for_each = aws_lb.other", ['["k"]'], id="chained to another resource"),
    ],
)
def test_instances(tmp_path: Path, meta: str, expected: list[str]) -> None:
    text = f"""
resource "aws_lb" "api" {{
  {meta}
  idle_timeout = 5
}}
resource "aws_lb" "other" {{
  for_each = {{ k = 1 }}
}}
variable "on" {{ default = true }}
variable "unknown" {{}}
"""
    found = [d.address for d in stack(tmp_path, text).declarations if ".api" in d.address]
    assert found == [f"terraform:aws_lb.api{suffix}" for suffix in expected]


def test_each_instance_has_its_own_values_and_neighbours(tmp_path: Path) -> None:
    text = """
locals {
  services = { api = { idle = 30, port = 8000 }, web = { idle = 60, port = 9000 } }
}
resource "aws_lb" "lb" {
  for_each     = local.services
  idle_timeout = each.value.idle
}
resource "aws_lb_listener" "l" {
  for_each          = local.services
  load_balancer_arn = aws_lb.lb[each.key].arn
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tg[each.key].arn
  }
}
resource "aws_lb_target_group" "tg" {
  for_each = local.services
  port     = each.value.port
}
"""
    result = stack(tmp_path, text)
    api, web = (declared(result, f'terraform:aws_lb.lb["{name}"]') for name in ("api", "web"))
    assert [(target.group, target.port) for target in api.targets] == [("api", 8000)]
    assert [(target.group, target.port) for target in web.targets] == [("web", 9000)]
    assert known(setting_of(result, api.address, "idle_timeout")) == 30


def test_a_splat_over_an_unknown_number_still_finds_the_neighbour(tmp_path: Path) -> None:
    text = """
variable "create" {}
resource "aws_lb" "lb" {
  count = var.create
}
resource "aws_lb_listener" "l" {
  load_balancer_arn = one(aws_lb.lb[*].arn)
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tg.arn
  }
}
resource "aws_lb_target_group" "tg" { port = 80 }
"""
    (target,) = declared(stack(tmp_path, text), "terraform:aws_lb.lb").targets
    assert target.group == "tg"


DYNAMIC = """
variable "rules" {}
variable "timeouts" { default = [20] }
resource "google_cloud_run_service" "s" {
  template {
    dynamic "spec" {
      for_each = %s
      iterator = it
      content {
        timeout_seconds = it.value
      }
    }
  }
}
"""
SERVICE = "terraform:google_cloud_run_service.s"
TIMEOUT = "template.spec.timeout_seconds"


def test_a_dynamic_block_is_expanded(tmp_path: Path) -> None:
    assert known(setting_of(stack(tmp_path, DYNAMIC % "var.timeouts"), SERVICE, TIMEOUT)) == 20


def test_a_dynamic_block_over_nothing_is_not_there(tmp_path: Path) -> None:
    assert declared(stack(tmp_path, DYNAMIC % "[]"), SERVICE).settings == ()


def test_a_dynamic_block_that_may_be_there_leaves_both_possibilities(tmp_path: Path) -> None:
    text = (DYNAMIC % "var.rules").replace("it.value", "25")
    assert options(setting_of(stack(tmp_path, text), SERVICE, TIMEOUT)) == {25, None}


def test_a_dynamic_block_over_the_unknown_has_an_unknown_value(tmp_path: Path) -> None:
    assert "rules" in reason(setting_of(stack(tmp_path, DYNAMIC % "var.rules"), SERVICE, TIMEOUT))


def test_a_required_input_that_the_call_leaves_out_is_named(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "a" {\n  source = "./alb"\n}\n',
        "alb/main.tf": 'variable "idle" {}\nresource "aws_lb" "m" {\n  idle_timeout = var.idle\n}\n',
    }
    setting = setting_of(reading(tmp_path, files), "terraform:module.a.aws_lb.m", "idle_timeout")
    assert reason(setting) == (
        'variable "idle" (alb/main.tf:1) has no default and module "a" (main.tf:1) does not set it'
    )


def test_a_missing_module_directory_is_a_problem_at_its_call(tmp_path: Path) -> None:
    result = stack(tmp_path, 'module "a" {\n  source = "./gone"\n}\nresource "aws_lb" "b" {}\n')
    assert [(problem.span.place, "./gone" in problem.text) for problem in result.problems] == [
        ("main.tf:1", False)
    ]
    assert 'module "a"' in result.problems[0].text


def test_modules_that_call_each_other_in_a_circle_end(tmp_path: Path) -> None:
    files = {
        "a/main.tf": 'module "b" {\n  source = "../b"\n}\nresource "aws_lb" "a" {}\n',
        "b/main.tf": 'module "a" {\n  source = "../a"\n}\nresource "aws_lb" "b" {}\n',
        "self/main.tf": 'module "s" {\n  source = "./"\n}\nresource "aws_lb" "s" {}\n',
    }
    found = addresses(tmp_path, files)
    assert "terraform:aws_lb.s" in found


def test_two_root_modules_with_the_same_address_are_told_apart(tmp_path: Path) -> None:
    text = 'resource "aws_lb" "main" {}\nresource "aws_lambda_function" "main" {}\n'
    files = {"shop/main.tf": text, "search/main.tf": text, "other/main.tf": 'resource "aws_lb" "x" {}\n'}
    assert addresses(tmp_path, files) == [
        "terraform:aws_lb.x",
        "terraform:search/aws_lambda_function.main",
        "terraform:search/aws_lb.main",
        "terraform:shop/aws_lambda_function.main",
        "terraform:shop/aws_lb.main",
    ]


def test_one_module_per_environment_keeps_its_address(tmp_path: Path) -> None:
    call = 'module "alb" {\n  source = "../../modules/alb"\n  name = "x"\n  idle = %d\n}\n'
    files = {
        "environments/prod/main.tf": call % 60,
        "environments/staging/main.tf": call % 30,
        "modules/alb/main.tf": ALB_MODULE,
    }
    result = reading(tmp_path, files)
    address = "terraform:module.alb.aws_lb.main"
    assert known(setting_of(result, address, "idle_timeout", "prod")) == 60
    assert known(setting_of(result, address, "idle_timeout", "staging")) == 30


def test_json_syntax(tmp_path: Path) -> None:
    files = {
        "main.tf.json": """{
  "resource": {"aws_lb": {"api": {"idle_timeout": "${var.idle * 2}"}},
               "google_cloud_run_service": {"s": {"template": [{"spec": [{"timeout_seconds": 7}]}]}}},
  "variable": {"idle": {"type": "number", "default": 20}}
}
"""
    }
    result = reading(tmp_path, files)
    assert known(setting_of(result, "terraform:aws_lb.api", "idle_timeout")) == 40
    assert known(setting_of(result, SERVICE, TIMEOUT)) == 7
