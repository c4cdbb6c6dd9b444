"""Which units there are, whose module they are, and how a tree of many of them stays readable."""

from pathlib import Path

import pytest
from terragrunt_files import ADDRESS, MODULE, UNIT, balancer, idle, live, reading, value

from budgetcheck.readers.terraform.terragrunt import environment_of
from budgetcheck.readers.terraform.terragrunt.paths import is_remote, repository_of
from budgetcheck.run import RunSettings, run


@pytest.mark.parametrize(
    "source",
    [
        '"../../../modules/api"',
        '"../../../modules//api"',
        '"../../..//modules/api?ref=x"',
        '"${get_repo_root()}/modules/api"',
        '"${get_repo_root()}//modules//api"',
        '"${dirname(find_in_parent_folders("root.hcl"))}/modules/api"',
        '"${find_in_parent_folders("modules")}//api"',
        'get_env("RELEASED") == "yes" ? "git::https://example.com/m.git//api" : "../../../modules/api"',
        '"${get_env("RELEASED") == "yes" ? "git::https://example.com/m.git//api" : "../../../modules/api"}"',
    ],
)
def test_local_sources(tmp_path: Path, source: str) -> None:
    unit = f"terraform {{\n  source = {source}\n}}\n"
    result = reading(tmp_path, live("{ idle = 90 }", unit=unit, root=""))
    assert value(idle(result)) == 90
    assert not result.problems


def test_a_source_of_an_included_file_starts_from_the_unit(tmp_path: Path) -> None:
    include = 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n'
    files = live("{ idle = 90 }", unit=include, live__root=UNIT)
    assert value(idle(reading(tmp_path, files))) == 90


def test_the_unit_itself_is_the_module_where_it_names_none(tmp_path: Path) -> None:
    files = {"live/prod/api/terragrunt.hcl": "inputs = { idle = 90 }", "live/prod/api/main.tf": MODULE}
    assert value(idle(reading(tmp_path, files))) == 90


def test_modules_outside_of_the_given_directory_are_followed(tmp_path: Path) -> None:
    result = reading(tmp_path, live("{ idle = 90 }"), given="live")
    assert value(idle(result)) == 90


def test_a_module_that_units_call_is_not_evaluated_by_itself(tmp_path: Path) -> None:
    result = reading(tmp_path, live("{ idle = 90 }"))
    assert [(one.address, one.environment) for one in result.declarations] == [(ADDRESS, "prod")]


def test_a_registry_module_is_what_its_inputs_make_of_it(tmp_path: Path) -> None:
    unit = 'terraform {\n  source = "tfr:///terraform-aws-modules/alb/aws?version=9.1.0"\n}\n'
    result = reading(tmp_path, live('{ name = "a", idle_timeout = 90 }', unit=unit))
    found = next(one for one in result.declarations if one.environment == "prod")
    setting = found.setting("idle_timeout")
    assert setting is not None
    assert value(setting) == 90
    files = {span.file for span in (found.span, *setting.spans)}
    assert files == {"live/prod/api/terragrunt.hcl"}


def test_parents_are_no_units(tmp_path: Path) -> None:
    """A parent that is called terragrunt.hcl as well, with Terraform files beside it."""
    files = live("{ idle = 90 }", "include {\n  path = find_in_parent_folders()\n}")
    files |= {"live/terragrunt.hcl": "inputs = { idle = 1 }", "live/versions.tf": MODULE}
    result = reading(tmp_path, files)
    assert [one.environment for one in result.declarations if one.span.file == "modules/api/main.tf"] == [
        "prod"
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("live/prod/eu-west-1/api", "prod"),
        ("env/production/eks", "production"),
        ("env/scratch/eks", "scratch"),
        ("prod/us-east-1/prod/mysql", "prod"),
        ("non-prod/us-east-1/qa/mysql", "qa"),
        ("non-prod/us-east-1/mysql", "non-prod"),
        ("accounts/main/api", ""),
        ("live/eu-west-1/staging/api", "staging"),
    ],
)
def test_environment_by_folder(name: str, expected: str) -> None:
    assert environment_of(name) == expected


def test_units_of_one_module_in_one_environment_keep_apart_by_their_place(tmp_path: Path) -> None:
    files = {"modules/api/main.tf": MODULE}
    for environment in ("prod", "qa"):
        for region in ("eu", "us"):
            unit = UNIT.replace("../../../", "../../../../")
            files[f"live/{environment}/{region}/api/terragrunt.hcl"] = unit
    result = reading(tmp_path, files)
    # The folder of the environment is left out, so that the same part of the system is one in all of them.
    assert [(one.address, one.environment) for one in result.declarations] == [
        (f"terraform:live/{region}/api/aws_lb.this", environment)
        for region in ("eu", "us")
        for environment in ("prod", "qa")
    ]


@pytest.mark.parametrize(
    ("source", "remote"),
    [
        ("git::git@github.com:org/modules.git//api?ref=v1", "github.com:org/modules.git"),
        ("git::https://user:secret@example.com/modules.git//api", "example.com/modules.git"),
        ("github.com/org/modules//api", "github.com/org/modules"),
        ("tfr:///terraform-aws-modules/vpc/aws?version=5", "terraform-aws-modules/vpc/aws"),
        ("git@github.com:org/modules.git//api", "github.com:org/modules.git"),
        ("s3::https://s3.amazonaws.com/b/m.zip", "s3.amazonaws.com/b/m.zip"),
        ("../modules//api", ""),
        ("modules/api", ""),
        ("/repository/modules", ""),
    ],
)
def test_remote_sources(source: str, remote: str) -> None:
    assert is_remote(source) == bool(remote)
    if remote:
        assert repository_of(source) == remote


def test_one_problem_for_each_reason_however_many_units(tmp_path: Path) -> None:
    sources = {
        "remote": "git::git@example.com:org/m.git//x",
        "gone": "../../../modules/gone",
        "unknown": '${get_env("X")}',
    }
    files = {
        f"live/prod/{kind}-{number}/terragrunt.hcl": f'terraform {{\n  source = "{source}"\n}}\n'
        for kind, source in sources.items()
        for number in range(40)
    }
    problems = reading(tmp_path, files).problems
    beginning = "40 Terragrunt units take their module from "
    assert [problem.text.removeprefix(beginning) for problem in problems] == [
        "where there are no Terraform files (modules/gone)",
        "elsewhere, where it is not looked at (example.com:org/m.git)",
        "a source that is not known: X is an environment variable of whoever runs Terragrunt",
    ]


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """200 units: 50 functions behind the same integration limit, in four environments."""
    module = (
        'variable "timeout" {}\nvariable "memory" {}\n'
        'resource "aws_apigatewayv2_api" "this" {\n  name = "x"\n  protocol_type = "HTTP"\n}\n'
        'resource "aws_apigatewayv2_integration" "this" {\n  api_id = aws_apigatewayv2_api.this.id\n'
        "  integration_uri = aws_lambda_function.this.invoke_arn\n  timeout_milliseconds = 10000\n}\n"
        'resource "aws_lambda_function" "this" {\n  function_name = "f"\n  timeout = var.timeout\n}\n'
    )
    root = 'inputs = {\n  timeout = 20\n  memory = get_env("MEMORY")\n}\n'
    unit = (
        'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n'
        'terraform {\n  source = "../../../modules/function"\n}\n'
    )
    files = {"modules/function/main.tf": module, "live/root.hcl": root}
    for environment in ("dev", "prod", "qa", "staging"):
        for number in range(50):
            files[f"live/{environment}/f{number:02}/terragrunt.hcl"] = unit
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_hundreds_of_units_with_one_mistake_are_one_finding(many: Path) -> None:
    report = run([many], cwd=many, settings=RunSettings(no_config=True))
    found = [finding for finding in report.findings if finding.rule == "BC101"]
    assert len(found) == 1
    assert found[0].environments == ("dev", "prod", "qa", "staging")
    assert len({route.route.hops[0].address for route in report.routes}) == 50
    assert len(report.findings) < 10


def test_a_unit_without_environment_stands_for_all(tmp_path: Path) -> None:
    files = {
        "modules/api/main.tf": MODULE,
        "infra/api/terragrunt.hcl": UNIT.replace("../../../", "../../") + "inputs = { idle = 90 }",
    }
    assert value(idle(reading(tmp_path, files), "")) == 90


def test_recognised_are_the_files_that_were_read(tmp_path: Path) -> None:
    result = reading(
        tmp_path, live("{ idle = 90 }", 'include "r" {\n  path = "../../root.hcl"\n}', live__root="")
    )
    assert result.recognised == ("live/prod/api/terragrunt.hcl", "live/root.hcl", "modules/api/main.tf")
    assert balancer(result).span.file == "modules/api/main.tf"


def test_nothing_outside_of_the_root_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.hcl").write_text("locals {\n  idle = 99\n}\n", encoding="utf-8")
    inside = tmp_path / "repository"
    inside.mkdir()
    more = 'locals {\n  s = read_terragrunt_config("../../../../secret.hcl")\n}'
    result = reading(inside, live("{ idle = local.s.locals.idle }", more))
    assert "does not exist" in str(value(idle(result)))
