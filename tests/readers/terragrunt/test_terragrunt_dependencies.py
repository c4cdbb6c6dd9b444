"""Outputs of one unit that another one uses: numbers and texts, and references that join their hops."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from terragrunt_files import MODULE, UNIT, idle, live, reading, value

from budgetcheck.model.settings import Reading, Unresolved

BASE = 'output "idle" {\n  value = local.idle\n}\nlocals {\n  idle = 90\n}\n'
QUEUE = """
variable "visibility" {
  type    = number
  default = null
}
resource "aws_sqs_queue" "jobs" {
  visibility_timeout_seconds = var.visibility
}
output "arn" {
  value = aws_sqs_queue.jobs.arn
}
"""
WORKER = """
variable "queue" {
  type = string
}
resource "aws_lambda_function" "worker" {
  timeout = 300
}
resource "aws_lambda_event_source_mapping" "jobs" {
  event_source_arn = var.queue
  function_name    = aws_lambda_function.worker.arn
}
"""
FUNCTION = 'resource "aws_lambda_function" "worker" {\n  timeout = 300\n}\n'
LEAD = 'output "name" {\n  value = aws_lambda_function.worker.function_name\n}\n'


def on(name: str, path: str = "", more: str = "") -> str:
    """A dependency on a unit beside, with a mock that must never be taken."""
    path = path or f"../{name}"
    mock = "mock_outputs = { idle = 5, arn = aws_sqs_queue.mock.arn }"
    return f'dependency "{name}" {{\n  config_path = "{path}"\n  {mock}\n  {more}\n}}\n'


def unit(module: str, inputs: str = "{}", more: str = "") -> str:
    return f'terraform {{\n  source = "../../../modules//{module}"\n}}\n{more}\ninputs = {inputs}\n'


def with_base(inputs: str, dependency: str, **more: str) -> dict[str, str]:
    """The unit live/prod/api, and live/prod/base beside it, which outputs `idle`."""
    return {
        **live(inputs, dependency, **more),
        "modules/base/main.tf": BASE,
        "live/prod/base/terragrunt.hcl": unit("base"),
    }


def joined(result: Reading, outer: str, environment: str = "prod") -> list[str]:
    """What the targets of a hop lead to."""
    found = [one for one in result.declarations if (one.address, one.environment) == (outer, environment)]
    assert len(found) == 1, [(one.address, one.environment) for one in result.declarations]
    return [target.address for target in found[0].targets if target.address]


def why(files: Mapping[str, str], folder: Path) -> str:
    found = idle(reading(folder, files)).value
    assert isinstance(found, Unresolved)
    return found.reason


# Values


def test_an_output_is_what_the_other_unit_makes_it_with_its_whole_way(tmp_path: Path) -> None:
    files = with_base("{ idle = dependency.base.outputs.idle }", on("base"))
    setting = idle(reading(tmp_path, files))
    assert value(setting) == 90
    assert [f"{span.place} {span.text}" for span in setting.spans] == [
        "modules/api/main.tf:12 idle_timeout = var.idle",
        "modules/api/main.tf:2 var.idle",
        "live/prod/api/terragrunt.hcl:12 idle = dependency.base.outputs.idle",
        "modules/base/main.tf:1 output.idle",
        "modules/base/main.tf:5 idle = 90",
    ]


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ('{ idle = dependency.base.outputs["idle"] }', 90),
        ("merge(dependency.base.outputs, { name = 1 })", 90),
        ("dependency.base.outputs", 90),
        ("{ idle = dependency.base.outputs.idle + 1 }", 91),
        ("{ idle = try(dependency.base.outputs.idle, 70) }", 90),
    ],
)
def test_ways_to_name_an_output(tmp_path: Path, inputs: str, expected: int) -> None:
    assert value(idle(reading(tmp_path, with_base(inputs, on("base"))))) == expected


@pytest.mark.parametrize(
    "path",
    [
        "../base",
        "../base/",
        "../base/terragrunt.hcl",
        "${get_terragrunt_dir()}/../base",
        "${get_original_terragrunt_dir()}/../base",
        '${dirname(find_in_parent_folders("root.hcl"))}/prod/base',
        "${get_repo_root()}/live/prod/base",
    ],
)
def test_paths_to_a_unit(tmp_path: Path, path: str) -> None:
    files = with_base("{ idle = dependency.base.outputs.idle }", on("base", path), live__root="")
    assert value(idle(reading(tmp_path, files))) == 90


def test_a_path_in_an_included_file_starts_from_the_unit(tmp_path: Path) -> None:
    include = 'include "common" {\n  path = "../../common/api.hcl"\n}'
    common = f"{on('base')}inputs = {{ idle = dependency.base.outputs.idle }}"
    assert value(idle(reading(tmp_path, with_base("", include, live__common__api=common)))) == 90


def test_a_block_of_an_included_file_serves_the_unit_and_its_own_goes_before(tmp_path: Path) -> None:
    include = 'include "common" {\n  path = "../../common/api.hcl"\n}\n'
    inputs = "{ idle = dependency.base.outputs.idle }"
    files = with_base(inputs, include, live__common__api=on("base", "../nowhere"))
    assert "../nowhere" in why(files, tmp_path / "included")
    files = with_base(inputs, include + on("base"), live__common__api=on("base", "../nowhere"))
    assert value(idle(reading(tmp_path / "own", files))) == 90


def test_dependencies_of_another_configuration(tmp_path: Path) -> None:
    include = 'include "common" {\n  path   = "../../common/api.hcl"\n  expose = true\n}\n'
    inputs = "{ idle = include.common.dependency.base.outputs.idle }"
    files = with_base(inputs, include, live__common__api=on("base"))
    assert value(idle(reading(tmp_path / "included", files))) == 90
    # What is read by itself starts from its own folder.
    read = 'locals {\n  other = read_terragrunt_config("../../common/api.hcl")\n}\n'
    inputs = "{ idle = local.other.dependency.base.outputs.idle }"
    files = with_base(inputs, read, live__common__api=on("base", "../prod/base"))
    assert value(idle(reading(tmp_path / "read", files))) == 90


def test_outputs_come_through_several_units(tmp_path: Path) -> None:
    base = 'variable "idle" {}\noutput "idle" {\n  value = var.idle\n}\n'
    files = {
        **live("{ idle = dependency.base.outputs.idle }", on("base")),
        "modules/base/main.tf": base,
        "live/prod/base/terragrunt.hcl": unit(
            "base", "{ idle = dependency.first.outputs.idle }", on("first")
        ),
        "live/prod/first/terragrunt.hcl": unit("base", "{ idle = 95 }"),
    }
    assert value(idle(reading(tmp_path, files))) == 95


def test_each_environment_has_its_own(tmp_path: Path) -> None:
    files = {"modules/api/main.tf": MODULE, "modules/base/main.tf": BASE.replace("90", "var.idle")}
    files["modules/base/main.tf"] += 'variable "idle" {}\n'
    for environment, number in (("prod", 90), ("staging", 70)):
        inputs = "inputs = { idle = dependency.base.outputs.idle }"
        files[f"live/{environment}/api/terragrunt.hcl"] = f"{UNIT}{on('base')}{inputs}\n"
        files[f"live/{environment}/base/terragrunt.hcl"] = unit("base", f"{{ idle = {number} }}")
    result = reading(tmp_path, files)
    assert (value(idle(result)), value(idle(result, "staging"))) == (90, 70)


# What is not known

ASKS = "{ idle = dependency.base.outputs.idle }"
OF = "dependency.base.outputs.idle is of another unit, "


@pytest.mark.parametrize(
    ("dependency", "reason"),
    [
        (on("base", "../missing"), f"{OF}../missing, which is not among these files"),
        (on("base", "../../../../outside"), f"{OF}../../../../outside, which is not among these files"),
        (on("base", '${get_env("PLACE")}'), f"{OF}which is not known: PLACE is an environment variable"),
        ('dependency "base" {}\n', f"{OF}which is not known: it has no config_path"),
        (on("base", more="enabled = false"), f"{OF}which may be switched off"),
        (on("base", more='enabled = get_env("X") == "1"'), f"{OF}which may be switched off"),
        (on("base", more="skip_outputs = true"), f"{OF}whose outputs are not read"),
        (on("other"), f"{OF}live/prod/api/terragrunt.hcl has no such block"),
        (
            on("base", '${get_env("X") == "1" ? "../base" : "../other"}'),
            f"{OF}which may be one of several: it depends on a condition",
        ),
    ],
)
def test_units_that_are_not_known(tmp_path: Path, dependency: str, reason: str) -> None:
    assert why(with_base(ASKS, dependency), tmp_path).startswith(reason)


def test_a_switch_with_the_usual_text_changes_nothing(tmp_path: Path) -> None:
    files = with_base(ASKS, on("base", more="enabled = true\n  skip_outputs = false"))
    assert value(idle(reading(tmp_path, files))) == 90


def test_outputs_that_are_not_known(tmp_path: Path) -> None:
    files = with_base(ASKS, on("base"))
    files["modules/base/main.tf"] = BASE.replace("90", "data.aws_region.here.id")
    assert (
        why(files, tmp_path / "data")
        == "data.aws_region.here is a data source, known only when Terraform runs"
    )
    files["modules/base/main.tf"] = "locals {}\n"
    assert why(files, tmp_path / "none") == 'there is no output "idle" in modules/base'


def test_an_output_that_is_null_may_be_mocked(tmp_path: Path) -> None:
    files = with_base(ASKS, on("base"))
    files["modules/base/main.tf"] = BASE.replace("90", "null")
    assert why(files, tmp_path) == f"{OF}where it is null"


def test_what_is_wrong_in_another_unit_costs_that_output_only(tmp_path: Path) -> None:
    files = with_base("{ name = dependency.base.outputs.idle, idle = 85 }", on("base"))
    files["modules/base/main.tf"] = BASE.replace("90", "[][0]")
    assert value(idle(reading(tmp_path, files))) == 85


def test_a_unit_whose_module_is_elsewhere(tmp_path: Path) -> None:
    files = with_base(ASKS, on("base"))
    files["live/prod/base/terragrunt.hcl"] = (
        'terraform {\n  source = "git::https://example.com/m.git//base"\n}\n'
    )
    assert why(files, tmp_path) == f"{OF}whose module is not among these files"


def test_only_units_among_the_files_count(tmp_path: Path) -> None:
    files = with_base(ASKS, on("base"))
    result = idle(reading(tmp_path, files, given="live/prod/api")).value
    assert isinstance(result, Unresolved)
    assert result.reason == f"{OF}../base, which is not among these files"
    assert result.needs.startswith("give the directory of that unit to budgetcheck too")


def test_units_that_depend_on_one_another_are_not_followed_for_ever(tmp_path: Path) -> None:
    echo = 'variable "idle" {}\noutput "idle" {\n  value = var.idle\n}\n'
    files = {
        **live(ASKS, on("base")),
        "modules/base/main.tf": echo,
        "live/prod/base/terragrunt.hcl": unit(
            "base", "{ idle = dependency.other.outputs.idle }", on("other")
        ),
        "live/prod/other/terragrunt.hcl": unit("base", ASKS, on("base")),
    }
    assert why(files, tmp_path) == f"{OF}which depends on this one itself"


def test_a_unit_that_depends_on_itself(tmp_path: Path) -> None:
    files = live(ASKS, on("base", "../api"))
    assert why(files, tmp_path) == f"{OF}which depends on this one itself"


def test_a_long_chain_of_units_ends(tmp_path: Path) -> None:
    files = {"modules/base/main.tf": 'variable "idle" {}\noutput "idle" {\n  value = ((((var.idle))))\n}\n'}
    files |= live(ASKS, on("base", "../u0"))
    for number in range(400):
        inputs = f"{{ idle = dependency.u{number + 1}.outputs.idle }}"
        files[f"live/prod/u{number}/terragrunt.hcl"] = unit("base", inputs, on(f"u{number + 1}"))
    files["live/prod/u400/terragrunt.hcl"] = unit("base", "{ idle = 7 }")
    assert "too many steps" in why(files, tmp_path)


def test_outputs_that_double_with_each_unit_end(tmp_path: Path) -> None:
    files = {
        "modules/base/main.tf": 'variable "idle" {}\noutput "idle" {\n  value = [var.idle, var.idle]\n}\n'
    }
    files |= live(f"{{ idle = dependency.base.outputs.idle{'[0]' * 31} }}", on("base", "../u0"))
    for number in range(30):
        inputs = f"{{ idle = dependency.u{number + 1}.outputs.idle }}"
        files[f"live/prod/u{number}/terragrunt.hcl"] = unit("base", inputs, on(f"u{number + 1}"))
    files["live/prod/u30/terragrunt.hcl"] = unit("base", "{ idle = 7 }")
    assert "is not followed" in why(files, tmp_path)


# References


def queue_and_worker(environment: str, dependency: str, inputs: str = "{}") -> dict[str, str]:
    return {
        "modules/queue/main.tf": QUEUE,
        "modules/worker/main.tf": WORKER,
        f"live/{environment}/queue/terragrunt.hcl": unit("queue", inputs),
        f"live/{environment}/worker/terragrunt.hcl": unit(
            "worker", "{ queue = dependency.queue.outputs.arn }", dependency
        ),
    }


def test_hops_of_two_units_are_joined(tmp_path: Path) -> None:
    result = reading(tmp_path, queue_and_worker("prod", on("queue")))
    assert joined(result, "terraform:aws_sqs_queue.jobs") == ["terraform:aws_lambda_function.worker"]


def test_a_unit_that_only_joins_the_hops_of_others(tmp_path: Path) -> None:
    files = {
        "modules/queue/main.tf": QUEUE,
        "modules/function/main.tf": FUNCTION + LEAD,
        "modules/trigger/main.tf": WORKER.replace(FUNCTION, "").replace(
            "aws_lambda_function.worker.arn", "var.function"
        )
        + 'variable "function" {}\n',
        "live/prod/queue/terragrunt.hcl": unit("queue"),
        "live/prod/function/terragrunt.hcl": unit("function"),
        "live/prod/trigger/terragrunt.hcl": unit(
            "trigger",
            "{ queue = dependency.queue.outputs.arn, function = dependency.function.outputs.name }",
            on("queue") + on("function"),
        ),
    }
    result = reading(tmp_path, files)
    assert joined(result, "terraform:aws_sqs_queue.jobs") == ["terraform:aws_lambda_function.worker"]


def test_a_whole_resource_as_an_output(tmp_path: Path) -> None:
    files = queue_and_worker("prod", on("queue"))
    files["modules/queue/main.tf"] = QUEUE.replace("aws_sqs_queue.jobs.arn", "aws_sqs_queue.jobs")
    files["live/prod/worker/terragrunt.hcl"] = unit(
        "worker", "{ queue = dependency.queue.outputs.arn.arn }", on("queue")
    )
    result = reading(tmp_path, files)
    assert joined(result, "terraform:aws_sqs_queue.jobs") == ["terraform:aws_lambda_function.worker"]


def test_a_queue_that_a_registry_module_makes(tmp_path: Path) -> None:
    files = queue_and_worker("prod", on("queue"))
    files["live/prod/queue/terragrunt.hcl"] = (
        'terraform {\n  source = "tfr:///terraform-aws-modules/sqs/aws?version=4.2.0"\n}\n'
        'inputs = { name = "jobs" }\n'
    )
    files["live/prod/worker/terragrunt.hcl"] = unit(
        "worker", "{ queue = dependency.queue.outputs.queue_arn }", on("queue")
    )
    result = reading(tmp_path, files)
    assert joined(result, "terraform:aws_sqs_queue.this[0]") == ["terraform:aws_lambda_function.worker"]


def test_what_an_unknown_map_refers_to_is_not_what_each_of_its_entries_does(tmp_path: Path) -> None:
    files = queue_and_worker("prod", on("queue"))
    files["modules/queue/main.tf"] = QUEUE.replace("aws_sqs_queue.jobs.arn", "aws_sqs_queue.jobs.tags_all")
    files["live/prod/worker/terragrunt.hcl"] = unit(
        "worker", "merge(dependency.queue.outputs.arn, { other = 1 })", on("queue")
    )
    assert joined(reading(tmp_path, files), "terraform:aws_sqs_queue.jobs") == []


def test_units_of_the_same_addresses_are_told_apart(tmp_path: Path) -> None:
    files = queue_and_worker("prod/eu", on("queue")) | queue_and_worker("prod/us", on("queue"))
    files = {name: text.replace("../../../", "../../../../") for name, text in files.items()}
    result = reading(tmp_path, files)
    for region in ("eu", "us"):
        found = joined(result, f"terraform:live/{region}/queue/aws_sqs_queue.jobs")
        assert found == [f"terraform:live/{region}/worker/aws_lambda_function.worker"]


def test_environments_never_meet(tmp_path: Path) -> None:
    # The unit of staging uses the queue of production: that is no chain of either environment.
    files = queue_and_worker("prod", on("queue")) | queue_and_worker(
        "staging", on("queue", "../../prod/queue")
    )
    result = reading(tmp_path, files)
    assert joined(result, "terraform:aws_sqs_queue.jobs") == ["terraform:aws_lambda_function.worker"]
    assert joined(result, "terraform:aws_sqs_queue.jobs", "staging") == []
    mappings = [one for one in result.declarations if one.component == "aws_sqs_queue"]
    assert [one.trait("consumer") for one in mappings] == ["aws_lambda_function", ""]


def test_what_belongs_to_every_environment_is_seen_from_each_but_sees_none(tmp_path: Path) -> None:
    files = {
        "modules/queue/main.tf": QUEUE,
        "modules/caller/main.tf": 'variable "name" {}\nresource "aws_lambda_function_url" "this" {\n'
        "  function_name = var.name\n}\n",
        "modules/function/main.tf": FUNCTION + LEAD,
        "modules/worker/main.tf": WORKER,
        "infra/function/terragrunt.hcl": unit("function").replace("../../../", "../../"),
        "infra/queue/terragrunt.hcl": unit("queue").replace("../../../", "../../"),
    }
    for environment in ("prod", "staging"):
        files[f"live/{environment}/url/terragrunt.hcl"] = unit(
            "caller", "{ name = dependency.function.outputs.name }", on("function", "../../../infra/function")
        )
        files[f"live/{environment}/worker/terragrunt.hcl"] = unit(
            "worker", "{ queue = dependency.queue.outputs.arn }", on("queue", "../../../infra/queue")
        )
    result = reading(tmp_path, files)
    shared = next(one for one in result.declarations if one.environment == "" and "function" in one.component)
    for environment in ("prod", "staging"):
        assert joined(result, "terraform:aws_lambda_function_url.this", environment) == [shared.address]
    assert joined(result, "terraform:aws_sqs_queue.jobs", "") == []


def test_the_same_unknown_name_in_two_units_is_not_the_same_name(tmp_path: Path) -> None:
    function = 'resource "aws_lambda_function" "worker" {\n  function_name = "w-${var.stage}"\n}\n'
    url = 'resource "aws_lambda_function_url" "this" {\n  function_name = var.name\n}\n'
    files = {
        "modules/names/main.tf": 'variable "stage" {}\noutput "name" {\n  value = "w-${var.stage}"\n}\n',
        "modules/caller/main.tf": f'{function}{url}variable "name" {{}}\nvariable "stage" {{}}\n',
        "live/prod/names/terragrunt.hcl": unit("names"),
        "live/prod/caller/terragrunt.hcl": unit("caller", "dependency.names.outputs", on("names")),
    }
    assert joined(reading(tmp_path, files), "terraform:aws_lambda_function_url.this") == []


def test_a_host_that_a_distribution_of_another_unit_asks_for_is_no_callers_host(
    tmp_path: Path,
) -> None:
    balancer = 'resource "aws_lb" "this" {}\noutput "dns" {\n  value = aws_lb.this.dns_name\n}\n'
    record = (
        'variable "dns" {}\nresource "aws_route53_record" "this" {\n  name = "origin.example.com"\n'
        "  records = [var.dns]\n}\n"
    )
    distribution = (
        'resource "aws_cloudfront_distribution" "this" {\n  origin {\n'
        '    domain_name = "origin.example.com"\n    custom_origin_config {}\n  }\n}\n'
    )
    files = {
        "modules/lb/main.tf": balancer,
        "modules/dns/main.tf": record,
        "live/prod/lb/terragrunt.hcl": unit("lb"),
        "live/prod/dns/terragrunt.hcl": unit("dns", "{ dns = dependency.lb.outputs.dns }", on("lb")),
    }

    def hosts(folder: Path) -> tuple[str, ...]:
        found = reading(folder, files).declarations
        return next(one.front.hosts for one in found if one.component == "aws_lb")

    assert hosts(tmp_path / "alone") == ("origin.example.com",)
    files |= {"modules/cdn/main.tf": distribution, "live/prod/cdn/terragrunt.hcl": unit("cdn")}
    assert hosts(tmp_path / "with") == ()


def test_a_record_whose_name_is_not_known_does_not_have_that_of_its_zone(tmp_path: Path) -> None:
    balancer = 'resource "aws_lb" "this" {}\noutput "dns" {\n  value = aws_lb.this.dns_name\n}\n'
    record = """
variable "dns" {}
variable "name" {}
resource "aws_route53_zone" "this" {
  name = "example.com"
}
resource "aws_route53_record" "this" {
  name    = var.name
  zone_id = aws_route53_zone.this.zone_id
  records = [var.dns]
}
"""
    for name, hosts in (('get_env("NAME")', ()), ('""', ("example.com",)), ('"api"', ("api.example.com",))):
        files = {
            "modules/lb/main.tf": balancer,
            "modules/dns/main.tf": record,
            "live/prod/lb/terragrunt.hcl": unit("lb"),
            "live/prod/dns/terragrunt.hcl": unit(
                "dns", f"{{ dns = dependency.lb.outputs.dns, name = {name} }}", on("lb")
            ),
        }
        found = reading(tmp_path / str(len(hosts)) / name.strip('"'), files).declarations
        assert next(one.front.hosts for one in found if one.component == "aws_lb") == hosts
