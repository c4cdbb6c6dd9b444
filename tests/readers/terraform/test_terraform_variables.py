"""Where a number comes from: variables, var files, locals, types, environments; and why one is missing."""

from pathlib import Path

import pytest
from terraform_files import declared, known, options, reading, reason, setting_of, stack, way

from budgetcheck.model.options import EnvironmentOptions
from budgetcheck.model.settings import OneOf, Unresolved

ADDRESS = "terraform:aws_lb.api"
BALANCER = 'resource "aws_lb" "api" {\n  idle_timeout = var.idle\n}\n'


def idle(folder: Path, expression: str, text: str = "", **files: str) -> object:
    """The known idle timeout of a balancer whose `idle_timeout` is the expression."""
    balancer = f'resource "aws_lb" "api" {{\n  idle_timeout = {expression}\n}}\n'
    return known(setting_of(stack(folder, balancer + text, **files), ADDRESS, "idle_timeout"))


def test_the_way_of_a_value_from_its_use_to_the_var_file(tmp_path: Path) -> None:
    files = {
        "alb.tf": BALANCER,
        "variables.tf": '\n\nvariable "idle" {\n  type = number\n}\n',
        "terraform.tfvars": '# staging\nidle = "60"\n',
    }
    setting = setting_of(reading(tmp_path, files), ADDRESS, "idle_timeout")
    assert known(setting) == 60  # the type of the variable makes a number of it
    assert way(setting) == [
        "alb.tf:2 idle_timeout = var.idle",
        "variables.tf:3 var.idle",
        'terraform.tfvars:2 idle = "60"',
    ]


def test_the_way_through_locals_and_arithmetic(tmp_path: Path) -> None:
    text = """locals {
  base = { nginx = 30, note = "x" }
  idle = local.base.nginx * 2 + var.slack
}
variable "slack" {
  default = 5
}
resource "aws_lb" "api" {
  idle_timeout = local.idle
}
"""
    setting = setting_of(stack(tmp_path, text), ADDRESS, "idle_timeout")
    assert known(setting) == 65
    assert way(setting) == [
        "main.tf:9 idle_timeout = local.idle",
        "main.tf:3 idle = local.base.nginx * 2 + var.slack",
        "main.tf:2 base",  # holds a quoted text, which is not shown
        "main.tf:2 nginx = 30",
        "main.tf:5 var.slack",
        "main.tf:6 default = 5",
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, 1, id="the default"),
        pytest.param({"terraform.tfvars": "idle = 2"}, 2, id="terraform.tfvars over the default"),
        pytest.param(
            {"terraform.tfvars": "idle = 2", "terraform.tfvars.json": '{"idle": 3}'}, 3, id="JSON over that"
        ),
        pytest.param(
            {"terraform.tfvars": "idle = 2", "a.auto.tfvars": "idle = 4", "b.auto.tfvars": "idle = 5"},
            5,
            id="auto files in the order of their names",
        ),
        pytest.param({"prod.tfvars": "idle = 6"}, 1, id="a file nobody names is not used"),
    ],
)
def test_precedence_of_var_files(tmp_path: Path, files: dict[str, str], expected: int) -> None:
    code = {"main.tf": BALANCER + 'variable "idle" {\n  default = 1\n}\n'}
    assert known(setting_of(reading(tmp_path, code | files), ADDRESS, "idle_timeout")) == expected


def test_a_json_var_file_has_lines_too(tmp_path: Path) -> None:
    files = {
        "main.tf": BALANCER + 'variable "idle" {}\n',
        "terraform.tfvars.json": '{\n  "other": {"idle": 1},\n  "idle": 90\n}\n',
    }
    setting = setting_of(reading(tmp_path, files), ADDRESS, "idle_timeout")
    assert way(setting)[-1] == "terraform.tfvars.json:3 idle = 90"


def test_a_variable_without_value_says_what_is_missing_and_how_to_supply_it(tmp_path: Path) -> None:
    setting = setting_of(stack(tmp_path, BALANCER, variables='variable "idle" {}\n'), ADDRESS, "idle_timeout")
    assert isinstance(setting.value, Unresolved)
    assert setting.value.reason == (
        'variable "idle" (variables.tf:1) has no default and no value in any var file'
    )
    for way_out in (
        "default",
        "terraform.tfvars",
        "*.auto.tfvars",
        "environments: {NAME: {var_files: [...]}}",
    ):
        assert way_out in setting.value.needs
    assert way(setting) == ["main.tf:2 idle_timeout = var.idle", "variables.tf:1 var.idle"]


ENVIRONMENTS = (
    EnvironmentOptions(name="prod", var_files=("infra/envs/prod.tfvars",)),
    EnvironmentOptions(name="staging", var_files=("infra/envs/staging.tfvars",)),
)


def test_one_evaluation_for_each_environment(tmp_path: Path) -> None:
    files = {
        "infra/main.tf": BALANCER + 'variable "idle" {}\n',
        "infra/terraform.tfvars": "idle = 1\n",
        "infra/envs/prod.tfvars": "idle = 120\n",
        "infra/envs/staging.tfvars": "idle = 30\n",
    }
    result = reading(tmp_path, files, ENVIRONMENTS)
    assert result.environments == ("prod", "staging")
    assert known(setting_of(result, ADDRESS, "idle_timeout", "prod")) == 120
    assert known(setting_of(result, ADDRESS, "idle_timeout", "staging")) == 30


def test_var_files_count_for_the_module_they_lie_with(tmp_path: Path) -> None:
    files = {
        "infra/main.tf": BALANCER + 'variable "idle" {}\n',
        "other/main.tf": 'resource "aws_lb" "other" {\n  idle_timeout = 5\n}\n',
        "infra/envs/prod.tfvars": "idle = 120\n",
    }
    result = reading(tmp_path, files, ENVIRONMENTS[:1])
    assert {(d.address, d.environment) for d in result.declarations} == {
        (ADDRESS, "prod"),
        ("terraform:aws_lb.other", ""),
    }


def test_var_files_called_after_modules_are_theirs(tmp_path: Path) -> None:
    """One folder of values for each environment, with a file for each module and one for all of them."""
    variables = 'variable "idle" {}\n'
    files = {
        "deploy/api/main.tf": BALANCER + variables,
        "deploy/web/main.tf": BALANCER.replace('"api"', '"web"') + variables,
        "vars/prod/api.tfvars": "idle = 120\n",
        "vars/prod/web.tfvars": "idle = 60\n",
        "vars/prod/common.tfvars": "idle = 1\n",
    }
    names = ("vars/prod/common.tfvars", "vars/prod/api.tfvars", "vars/prod/web.tfvars")
    for declared_by_user in (False, True):
        environment = EnvironmentOptions(name="prod", var_files=names, declared=declared_by_user)
        result = reading(tmp_path, files, (environment,))
        assert known(setting_of(result, ADDRESS, "idle_timeout", "prod")) == 120
        assert known(setting_of(result, "terraform:aws_lb.web", "idle_timeout", "prod")) == 60


def test_a_declared_var_file_that_lies_elsewhere_counts_for_every_module(tmp_path: Path) -> None:
    files = {"infra/app/main.tf": BALANCER + 'variable "idle" {}\n', "config/p.tfvars": "idle = 7\n"}
    environment = EnvironmentOptions(name="p", var_files=("config/p.tfvars",), declared=True)
    assert known(setting_of(reading(tmp_path, files, (environment,)), ADDRESS, "idle_timeout", "p")) == 7


@pytest.mark.parametrize(
    ("folder", "environment"),
    [
        pytest.param("environments/prod", "prod", id="a folder of environments"),
        pytest.param("live/staging/api", "staging", id="an environment with several stacks"),
        pytest.param("infra/dev", "dev", id="a usual name on its own"),
        pytest.param("environments/modules", "", id="no environment"),
        pytest.param("infra/api", "", id="an ordinary folder"),
    ],
)
def test_a_directory_per_environment(tmp_path: Path, folder: str, environment: str) -> None:
    files = {f"{folder}/main.tf": 'resource "aws_lb" "api" {\n  idle_timeout = 5\n}\n'}
    result = reading(tmp_path, files)
    assert [d.environment for d in result.declarations] == [environment]
    assert result.environments == ((environment,) if environment else ())


def test_the_workspace_of_an_environment_picks_from_a_map(tmp_path: Path) -> None:
    text = """
locals {
  all  = { default = 30, live = 90 }
  here = terraform.workspace
  idle = contains(keys(local.all), local.here) ? local.all[local.here] : local.all["default"]
}
resource "aws_lb" "api" { idle_timeout = local.idle }
"""
    environment = EnvironmentOptions(name="prod", workspace="live")
    result = reading(tmp_path, {"main.tf": text}, (environment,))
    assert known(setting_of(result, ADDRESS, "idle_timeout", "prod")) == 90
    without = setting_of(reading(tmp_path, {"main.tf": text}), ADDRESS, "idle_timeout")
    assert options(without) == {30, 90}


def test_optional_attributes_of_typed_variables_have_their_defaults(tmp_path: Path) -> None:
    text = """
variable "services" {
  type = map(object({
    idle  = optional(number, 45)
    drain = optional(number)
    deep  = optional(object({ idle = optional(number, 15) }), {})
  }))
  default = { api = { idle = null }, web = { idle = "75" } }
}
resource "aws_lb" "api" { idle_timeout = var.services.api.idle }
resource "aws_lb" "web" {
  idle_timeout      = var.services["web"].idle
  client_keep_alive = var.services.web.deep.idle
}
resource "aws_lb" "none" { idle_timeout = var.services.web.drain }
"""
    result = stack(tmp_path, text)
    assert known(setting_of(result, ADDRESS, "idle_timeout")) == 45
    assert known(setting_of(result, "terraform:aws_lb.web", "idle_timeout")) == 75
    assert known(setting_of(result, "terraform:aws_lb.web", "client_keep_alive")) == 15
    assert declared(result, "terraform:aws_lb.none").settings == ()
    assert "main.tf:4 idle = optional(number, 45)" in way(setting_of(result, ADDRESS, "idle_timeout"))


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        pytest.param("5 * 60", "", 300, id="minutes by arithmetic"),
        pytest.param("ceil(var.a * 1.5)", 'variable "a" { default = 3 }', 5, id="rounded up"),
        pytest.param('"60"', "", "60", id="a quoted number stays as written"),
        pytest.param("2.5", "", 2.5, id="a fraction"),
        pytest.param(
            "aws_lb.b.idle_timeout + 5", 'resource "aws_lb" "b" { idle_timeout = 40 }', 45, id="another"
        ),
        pytest.param(
            "google_cloud_run_service.s.template[0].spec[0].timeout_seconds + 60",
            'resource "google_cloud_run_service" "s" {\n  template {\n    spec {\n'
            "      timeout_seconds = 30\n    }\n  }\n}",
            90,
            id="nested blocks of another resource",
        ),
        pytest.param(
            "try(var.a.x, 9)", 'variable "a" { default = {} }', 9, id="try over a missing attribute"
        ),
        pytest.param(
            'jsondecode(file("${path.module}/limits.json")).idle', "", 33, id="a file of the module"
        ),
        pytest.param(
            'tonumber(templatefile("${path.module}/limits.tftpl", { base = 10 }))',
            "",
            70,
            id="a template file",
        ),
    ],
)
def test_values_as_real_repositories_write_them(
    tmp_path: Path, expression: str, text: str, expected: object
) -> None:
    (tmp_path / "limits.json").write_text('{"idle": 33}')
    (tmp_path / "limits.tftpl").write_text("${base * 7}")
    assert idle(tmp_path, expression, text) == expected


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        pytest.param("data.aws_ssm_parameter.idle.value", "data.aws_ssm_parameter.idle", id="a data source"),
        pytest.param(
            "aws_lb.b.idle_timeout", "aws_lb.b.idle_timeout is not written", id="a platform default"
        ),
        pytest.param("module.remote.idle", 'module "remote" (main.tf:5)', id="a remote module"),
        pytest.param("timestamp()", "timestamp()", id="a function that is not evaluated"),
        pytest.param('regex("a", "b")', "regex()", id="a regular expression"),
        pytest.param("try(data.x.y.z, 5)", "data.x.y", id="try does not guess over an unknown value"),
        pytest.param("coalesce(data.x.y.z, 5)", "data.x.y", id="nor does coalesce"),
        pytest.param("local.loop", "refers to itself", id="a circle"),
        pytest.param("local.nothing", "there is no local value nothing", id="a local that does not exist"),
        pytest.param("[1, 2]", "not a plain value", id="a list is no number"),
        pytest.param("max(5, data.x.y.z)", "data.x.y", id="a maximum with an unknown part"),
        pytest.param('file("/etc/passwd")', "outside the repository", id="a file outside"),
        pytest.param("1 / 0", "division by zero", id="an error in the expression"),
    ],
)
def test_what_cannot_be_known_is_never_a_number(tmp_path: Path, expression: str, says: str) -> None:
    text = f"""resource "aws_lb" "api" {{
  idle_timeout = {expression}
}}
resource "aws_lb" "b" {{}}
module "remote" {{
  source = "terraform-aws-modules/alb/aws"
}}
locals {{
  loop = local.loop + 1
}}
"""
    assert says in reason(setting_of(stack(tmp_path, text), ADDRESS, "idle_timeout"))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param('var.env == "prod" ? 60 : 120', {60, 120}, id="both branches"),
        pytest.param("{ prod = 60, staging = 30 }[var.env]", {30, 60}, id="every entry of a map"),
        pytest.param("lookup({ prod = 60 }, var.env, 30)", {30, 60}, id="an entry or the default"),
        pytest.param('(var.env == "prod" ? 1 : 2) * 60', {60, 120}, id="arithmetic goes through"),
        pytest.param('var.env == "prod" ? 60 : null', {60, None}, id="set or not set"),
        pytest.param('"${var.env == "prod" ? 60 : 30}s"', {"60s", "30s"}, id="a text with a choice in it"),
    ],
)
def test_an_unknown_condition_leaves_several_possible_values(
    tmp_path: Path, expression: str, expected: set[object]
) -> None:
    text = f'resource "aws_lb" "api" {{\n  idle_timeout = {expression}\n}}\nvariable "env" {{}}\n'
    setting = setting_of(stack(tmp_path, text), ADDRESS, "idle_timeout")
    assert options(setting) == expected
    assert isinstance(setting.value, OneOf)
    assert 'variable "env"' in setting.value.reason


def test_the_same_value_in_both_branches_is_known(tmp_path: Path) -> None:
    assert idle(tmp_path, 'var.env == "prod" ? 60 : 30 * 2', 'variable "env" {}') == 60


def test_a_value_of_the_wrong_type_is_not_used(tmp_path: Path) -> None:
    text = BALANCER + 'variable "idle" {\n  type = number\n  default = "a lot"\n}\n'
    assert "does not fit its type" in reason(setting_of(stack(tmp_path, text), ADDRESS, "idle_timeout"))


def test_null_for_a_variable_that_is_not_nullable_is_its_default(tmp_path: Path) -> None:
    files = {
        "main.tf": BALANCER + 'variable "idle" {\n  default  = 50\n  nullable = false\n}\n',
        "terraform.tfvars": "idle = null\n",
    }
    assert known(setting_of(reading(tmp_path, files), ADDRESS, "idle_timeout")) == 50


def test_override_files_win(tmp_path: Path) -> None:
    files = {
        "main.tf": 'resource "aws_lb" "api" {\n  idle_timeout = 10\n  name = "x"\n}\n',
        "prod_override.tf": 'resource "aws_lb" "api" {\n  idle_timeout = 20\n}\n',
    }
    assert known(setting_of(reading(tmp_path, files), ADDRESS, "idle_timeout")) == 20


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    files = {
        "main.tf": BALANCER + 'variable "idle" {}\nvariable "password" {}\n',
        "terraform.tfvars": 'password = "hunter2"\nidle     = "${length(\\"hunter2\\")}"\n',
    }
    assert "hunter2" not in repr(reading(tmp_path, files))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param("try([var.a.missing], [7])[0]", 7, id="in a list"),
        pytest.param("try({ x = var.a.missing }, { x = 7 }).x", 7, id="in an object"),
        pytest.param("try([for x in [1] : var.a.missing], [7])[0]", 7, id="in a loop"),
        pytest.param("try(max(1, var.a.missing), 7)", 7, id="in an argument"),
        pytest.param('can("${var.a.missing}s") ? 1 : 7', 7, id="in a text"),
        pytest.param("can(concat(var.a)) ? 1 : 7", 7, id="a map is no list"),
    ],
)
def test_an_error_anywhere_in_an_expression_is_an_error_of_all_of_it(
    tmp_path: Path, expression: str, expected: int
) -> None:
    assert idle(tmp_path, expression, 'variable "a" { default = {} }') == expected


def test_an_address_of_a_resource_is_not_null_although_it_is_not_known(tmp_path: Path) -> None:
    text = 'resource "aws_lb" "b" {}\nlocals { arn = aws_lb.b.arn }\n'
    assert idle(tmp_path, "local.arn != null ? 5 : 6", text) == 5
    assert idle(tmp_path, "can(local.arn) ? 5 : 6", text) == 5


def test_long_chains_of_locals_are_followed(tmp_path: Path) -> None:
    steps = "\n".join(f"  v{n} = max(local.v{n - 1}, {n})" for n in range(1, 60))
    assert idle(tmp_path, "local.v59", f"locals {{\n  v0 = 0\n{steps}\n}}\n") == 59
