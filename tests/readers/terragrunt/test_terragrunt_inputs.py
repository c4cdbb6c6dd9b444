"""Where the values of a unit's inputs come from."""

from pathlib import Path

import pytest
from terragrunt_files import MODULE, UNIT, idle, live, reading, value

from budgetcheck.model.options import EnvironmentOptions
from budgetcheck.model.settings import Unresolved


def test_an_input_is_the_value_of_a_variable_with_its_whole_way(tmp_path: Path) -> None:
    result = reading(tmp_path, live("{ idle = local.idle }", "locals {\n  idle = 90\n}"))
    setting = idle(result)
    assert value(setting) == 90
    assert [f"{span.place} {span.text}" for span in setting.spans] == [
        "modules/api/main.tf:12 idle_timeout = var.idle",
        "modules/api/main.tf:2 var.idle",
        "live/prod/api/terragrunt.hcl:9 idle = local.idle",
        "live/prod/api/terragrunt.hcl:7 idle = 90",
    ]
    assert not result.problems


def test_without_an_input_the_default_counts(tmp_path: Path) -> None:
    assert value(idle(reading(tmp_path, live('{ name = "x" }')))) == 60


ROOT = 'locals {\n  idle = 70\n}\ninputs = {\n  idle = 80\n  name = "root"\n}\n'
INCLUDE = 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n'


@pytest.mark.parametrize(
    ("more", "inputs", "expected"),
    [
        pytest.param(f"{INCLUDE}}}", "", 80, id="of the included configuration"),
        pytest.param(f"{INCLUDE}}}", "{ idle = 95 }", 95, id="the own ones go before"),
        pytest.param(f'{INCLUDE}  merge_strategy = "no_merge"\n}}', "", 60, id="not merged"),
        pytest.param(
            f"{INCLUDE}  expose = true\n}}", "{ idle = include.root.locals.idle }", 70, id="exposed local"
        ),
        pytest.param(
            f"{INCLUDE}  expose = true\n}}", "{ idle = include.root.inputs.idle + 1 }", 81, id="exposed input"
        ),
        pytest.param(
            'include {\n  path = "../../../root.hcl"\n  expose = true\n}',
            "{ idle = include.locals.idle }",
            70,
            id="an include without a name",
        ),
        pytest.param(
            'locals {\n  root = read_terragrunt_config(find_in_parent_folders("root.hcl"))\n}',
            "{ idle = local.root.locals.idle + local.root.inputs.idle }",
            150,
            id="read_terragrunt_config",
        ),
        pytest.param(
            'locals {\n  none = read_terragrunt_config("none.hcl", { inputs = { idle = 41 } })\n}',
            "local.none.inputs",
            41,
            id="read_terragrunt_config of a missing file with a fallback",
        ),
        pytest.param("", '{ idle = jsondecode(file("idle.json")).idle }', 44, id="file beside the unit"),
        pytest.param(
            "",
            '{ idle = jsondecode(file("${get_terragrunt_dir()}/idle.json")).idle }',
            44,
            id="file by full path",
        ),
        pytest.param(
            "", '{ idle = jsondecode(read_tfvars_file("idle.tfvars")).idle }', 46, id="read_tfvars_file"
        ),
        pytest.param(
            "", '{ idle = find_in_parent_folders("none.hcl", 47) }', 47, id="a fallback of a search"
        ),
    ],
)
def test_sources_of_inputs(tmp_path: Path, more: str, inputs: str, expected: object) -> None:
    files = live(inputs, more, root=ROOT)
    files["live/prod/api/idle.json"] = '{"idle": 44}'
    files["live/prod/api/idle.tfvars"] = "idle = 46\n"
    result = reading(tmp_path, files)
    assert value(idle(result)) == expected
    assert not result.problems


def test_several_includes_are_laid_over_one_another_in_their_order(tmp_path: Path) -> None:
    more = "\n".join(f'include "{name}" {{\n  path = "../../../{name}.hcl"\n}}' for name in ("a", "b"))
    files = live("", more, a="inputs = { idle = 1 }", b="inputs = { idle = 2 }")
    assert value(idle(reading(tmp_path, files))) == 2


def test_deep_merge(tmp_path: Path) -> None:
    module = 'variable "lb" {}\nresource "aws_lb" "this" {\n  idle_timeout = var.lb.idle + var.lb.more\n}'
    more = f'{INCLUDE}  merge_strategy = "deep"\n}}'
    files = live("{ lb = { more = 5 } }", more, root="inputs = { lb = { idle = 50, more = 1 } }")
    assert value(idle(reading(tmp_path, files | {"modules/api/main.tf": module}))) == 55


def test_functions_in_an_included_file_are_those_of_the_unit(tmp_path: Path) -> None:
    """Per environment values in a common file: Terragrunt evaluates it for each unit that includes it."""
    common = (
        'locals {\n  env = read_terragrunt_config(find_in_parent_folders("env.hcl"))\n}\n'
        "inputs = {\n  idle = local.env.locals.idle\n}\n"
    )
    include = 'include "common" {\n  path = "${get_repo_root()}/_common/api.hcl"\n}'
    files = live("", include)
    files |= {
        "_common/api.hcl": common,
        "live/prod/env.hcl": "locals {\n  idle = 100\n}\n",
        "live/qa/env.hcl": "locals {\n  idle = 200\n}\n",
        "live/qa/api/terragrunt.hcl": f"{UNIT}\n{include}\n",
    }
    result = reading(tmp_path, files)
    assert {environment: value(idle(result, environment)) for environment in ("prod", "qa")} == {
        "prod": 100,
        "qa": 200,
    }
    assert result.environments == ("prod", "qa")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param("get_terragrunt_dir()", "live/prod/api", id="get_terragrunt_dir"),
        pytest.param("get_original_terragrunt_dir()", "live/prod/api", id="get_original_terragrunt_dir"),
        pytest.param("get_parent_terragrunt_dir()", "live", id="get_parent_terragrunt_dir"),
        pytest.param('get_parent_terragrunt_dir("root")', "live", id="get_parent_terragrunt_dir of a name"),
        pytest.param("get_repo_root()", "", id="get_repo_root"),
    ],
)
def test_folders(tmp_path: Path, expression: str, expected: str) -> None:
    """Absolute paths begin with the name of the root, never with the way to it on this machine."""
    files = live(f"{{ name = {expression} }}", f"{INCLUDE}}}", live__root="")
    root = f"/{tmp_path.resolve().name}"
    result = reading(tmp_path, _named(files))
    assert _name(result) == (f"{root}/{expected}" if expected else root)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param("path_relative_to_include()", "prod/api", id="path_relative_to_include"),
        pytest.param("path_relative_from_include()", "../..", id="path_relative_from_include"),
        pytest.param("get_path_from_repo_root()", "live/prod/api", id="get_path_from_repo_root"),
        pytest.param("get_path_to_repo_root()", "../../..", id="get_path_to_repo_root"),
        pytest.param("basename(dirname(get_terragrunt_dir()))", "prod", id="names of folders"),
        pytest.param('mark_as_read("x")', "x", id="mark_as_read"),
    ],
)
def test_paths(tmp_path: Path, expression: str, expected: str) -> None:
    files = live(f"{{ name = {expression} }}", f"{INCLUDE}}}", live__root="")
    assert _name(reading(tmp_path, _named(files))) == expected


def _named(files: dict[str, str]) -> dict[str, str]:
    """The module with a function whose name shows a text value."""
    module = 'variable "name" {}\nresource "aws_lambda_function" "this" {\n  function_name = var.name\n}\n'
    return files | {"modules/api/main.tf": module}


def _name(result: object) -> str:
    return result.declarations[0].front.names[0]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        pytest.param(
            "{ idle = dependency.base.outputs.idle }",
            "dependency.base.outputs.idle is of another unit, ../base, which is not among these files",
            id="an output of another unit, whatever its mock is",
        ),
        pytest.param(
            "dependency.base.outputs",
            "dependency.base.outputs is of another unit, ../base, which is not among these files",
            id="all outputs of another unit",
        ),
        pytest.param(
            '{ idle = get_env("IDLE", 30) }',
            "IDLE is an environment variable of whoever runs Terragrunt",
            id="an environment variable, also with a default",
        ),
        pytest.param(
            '{ idle = run_cmd("idle") }',
            "run_cmd() is the output of a command, known only when Terragrunt runs",
            id="a command",
        ),
        pytest.param(
            '{ idle = find_in_parent_folders("none.hcl") }',
            "none.hcl is in none of the folders above the unit",
            id="a file that is not there",
        ),
        pytest.param(
            '{ idle = read_terragrunt_config("none.hcl").locals.idle }',
            "live/prod/api/none.hcl does not exist",
            id="a configuration that is not there",
        ),
        pytest.param(
            "{ idle = feature.x.value }", "feature.x is given to Terragrunt from outside", id="a feature"
        ),
        pytest.param(
            "{ idle = var.idle }", "var.idle has no meaning in a Terragrunt configuration", id="a variable"
        ),
    ],
)
def test_what_is_not_known_says_why(tmp_path: Path, inputs: str, reason: str) -> None:
    dependency = 'dependency "base" {\n  config_path = "../base"\n  mock_outputs = { idle = 5 }\n}'
    found = idle(reading(tmp_path, live(inputs, dependency))).value
    assert isinstance(found, Unresolved)
    assert found.reason.startswith(reason)


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        pytest.param("merge(local.secret, { idle = 71 })", 71, id="set after the unknown part"),
        pytest.param("merge(merge(local.secret, { idle = 72 }), { name = 1 })", 72, id="nested"),
        pytest.param("merge(local.secret, local.known)", 73, id="from a local"),
        pytest.param(
            "merge({ idle = 74 }, local.secret)", "sops_decrypt_file() is an encrypted file", id="before it"
        ),
        pytest.param(
            "merge({ name = 1 }, local.secret)", "sops_decrypt_file() is an encrypted file", id="maybe in it"
        ),
    ],
)
def test_a_map_of_which_only_a_part_is_known(tmp_path: Path, inputs: str, expected: object) -> None:
    more = 'locals {\n  secret = yamldecode(sops_decrypt_file("s.yaml"))\n  known = { idle = 73 }\n}'
    found = value(idle(reading(tmp_path, live(inputs, more))))
    assert found == expected or str(found).startswith(str(expected))


VAR_FILE = 'inputs = jsondecode(read_tfvars_file("../../${get_env("STAGE")}.tfvars"))\n'


@pytest.mark.parametrize(
    ("idles", "expected"),
    [
        pytest.param({"prod": 50, "qa": 90}, {50, 90}, id="one of them"),
        pytest.param({"prod": 50, "qa": 50}, 50, id="the same in all of them"),
    ],
)
def test_a_var_file_whose_name_is_not_known_is_one_of_those_there_are(
    tmp_path: Path, idles: dict[str, int], expected: object
) -> None:
    files = live("", VAR_FILE) | {f"live/{name}.tfvars": f"idle = {idle}\n" for name, idle in idles.items()}
    assert value(idle(reading(tmp_path, files))) == expected


@pytest.mark.parametrize(
    "path",
    [
        pytest.param('get_env("FILE")', id="nothing of it"),
        pytest.param('find_in_parent_folders("${get_env("STAGE")}.tfvars")', id="searched for"),
        pytest.param('"${get_env("FOLDER")}/x.tfvars"', id="not even its directory"),
        pytest.param('"../../${get_env("FILE")}"', id="not even its end"),
    ],
)
def test_a_var_file_of_which_too_little_is_known_is_not_known(tmp_path: Path, path: str) -> None:
    files = live(f"jsondecode(read_tfvars_file({path}))") | {"live/prod.tfvars": "idle = 50\n"}
    assert "is an environment variable" in str(value(idle(reading(tmp_path, files))))


def test_files_of_an_environment_say_what_its_environment_variables_are(tmp_path: Path) -> None:
    files = live("", VAR_FILE) | {
        "live/prod.tfvars": "idle = 50\n",
        "live/qa.tfvars": "idle = 90\n",
        "prod.env": "# which var file\nexport STAGE='prod'\n",
    }
    environments = (EnvironmentOptions(name="production", env_files=("prod.env",)),)
    assert value(idle(reading(tmp_path, files, environments))) == 50


def test_var_files_of_a_declared_environment_stand_in_for_what_is_not_known(tmp_path: Path) -> None:
    files = live('{ idle = get_env("IDLE") }') | {"values.tfvars": "idle = 51\n"}
    environments = (EnvironmentOptions(name="prod", var_files=("values.tfvars",), declared=True),)
    assert value(idle(reading(tmp_path, files, environments))) == 51


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        pytest.param({"live/prod/api/terraform.tfvars": "idle = 31\n"}, 31, id="loaded by itself, unit"),
        pytest.param({"modules/api/x.auto.tfvars": "idle = 32\n"}, 32, id="loaded by itself, module"),
        pytest.param(
            {"modules/api/terraform.tfvars": "idle = 33\n", "live/prod/api/terraform.tfvars": "idle = 34\n"},
            34,
            id="the unit's file is copied over that of the module",
        ),
    ],
)
def test_var_files_that_terraform_loads_go_before_inputs(
    tmp_path: Path, extra: dict[str, str], expected: int
) -> None:
    assert value(idle(reading(tmp_path, live("{ idle = 30 }") | extra))) == expected


ARGUMENTS = """
terraform {
  source = "../../../modules/api"
  extra_arguments "vars" {
    commands           = ["plan"]
    %s
  }
}
"""


@pytest.mark.parametrize(
    "argument",
    [
        'required_var_files = ["${get_terragrunt_dir()}/../common.tfvars"]',
        'optional_var_files = ["/none.tfvars", "${get_terragrunt_dir()}/../common.tfvars"]',
        'arguments = ["-lock=false", "-var-file=${get_terragrunt_dir()}/../common.tfvars"]',
    ],
)
def test_extra_arguments(tmp_path: Path, argument: str) -> None:
    files = live("{ idle = 30 }", unit=ARGUMENTS % argument) | {"live/prod/common.tfvars": "idle = 35\n"}
    assert value(idle(reading(tmp_path, files))) == 35


def test_an_input_without_a_declaration_counts_for_generated_ones(tmp_path: Path) -> None:
    module = 'resource "aws_lb" "this" {\n  idle_timeout = var.generated\n}\n'
    generate = 'generate "variables" {\n  path = "v.tf"\n  if_exists = "overwrite"\n  contents = "x"\n}'
    files = live("{ generated = 36 }", generate) | {"modules/api/main.tf": module}
    assert value(idle(reading(tmp_path, files))) == 36


def test_configurations_that_read_one_another_end(tmp_path: Path) -> None:
    circle = 'locals {\n  idle = read_terragrunt_config("${get_repo_root()}/%s.hcl").locals.idle\n}'
    more = 'locals {\n  a = read_terragrunt_config("${get_repo_root()}/a.hcl")\n}'
    files = live("{ idle = local.a.locals.idle }", more, a=circle % "b", b=circle % "a")
    assert "could not be read" in str(value(idle(reading(tmp_path, files))))


def test_the_unit_that_is_not_valid_costs_itself_only(tmp_path: Path) -> None:
    files = live("{ idle = 90 }") | {
        "live/qa/api/terragrunt.hcl": 'terraform {\n  source = "../../../modules/api"\n\ninputs = {\n',
        "modules/api/main.tf": MODULE,
    }
    result = reading(tmp_path, files)
    assert value(idle(result)) == 90
    assert [problem.span.file for problem in result.problems] == ["live/qa/api/terragrunt.hcl"]
