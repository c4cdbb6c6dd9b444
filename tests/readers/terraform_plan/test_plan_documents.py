"""What is a plan or state, what is wrong with one, and which environment it is of."""

import copy
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_files import STACKS, declared, known, plan_of, read_documents, read_plan, resource, setting_of

from budgetcheck.discover import discover
from budgetcheck.readers.claims import is_terraform_plan
from budgetcheck.readers.terraform_plan.document import parse
from budgetcheck.tree import SourceFile

LAMBDA = resource("aws_lambda_function", "api", {"function_name": "api", "timeout": 20})
PLAN = plan_of([LAMBDA])
TERRAFORM = shutil.which("terraform")


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        pytest.param("x.json", '{"format_version":"1.2","terraform_version":"1.11.4"', True, id="plan"),
        pytest.param(
            "x.json", '{\n  "format_version": "1.0",\n  "terraform_version": "1", ', True, id="indented"
        ),
        pytest.param("x", '{"version": 4, "terraform_version": "1.11.4"', True, id="state file"),
        pytest.param("plan.json", '{"name": "meal plan"}', False, id="something else called plan"),
        pytest.param("tfplan.json", "", True, id="by name where no text was looked at"),
        pytest.param("prod.tfstate", "", True, id="state by name"),
        pytest.param("prod.plan-2.json", "", True, id="plan as a word"),
        pytest.param("explanation.json", "", False, id="plan as a part of a word"),
        pytest.param("package.json", "", False, id="other JSON by name"),
        pytest.param("terraform.tfstate.backup", "", False, id="the state before the last one"),
    ],
)
def test_claims(name: str, head: str, expected: bool) -> None:
    assert is_terraform_plan(SourceFile(name=name, path=Path(name), head=head)) is expected


def test_discovery_finds_plans_by_name_in_directories_and_by_content_when_given(tmp_path: Path) -> None:
    for name in ("tfplan.json", "other.json", "terraform.tfstate"):
        (tmp_path / name).write_text(json.dumps(PLAN), encoding="utf-8")
    found = discover([tmp_path], tmp_path)
    assert [file.name for file in found.claimed_by("terraform-plan")] == ["terraform.tfstate", "tfplan.json"]
    found = discover([tmp_path / "other.json"], tmp_path)
    assert [file.name for file in found.claimed_by("terraform-plan")] == ["other.json"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param('{"planned_values": ', "plan.json is not valid JSON (line 1)", id="cut off"),
        pytest.param("[" * 100_000, "plan.json is nested too deeply", id="nested for ever"),
        pytest.param('{"meals": []}', None, id="no plan at all: of no interest"),
        pytest.param("[1, 2]", None, id="no object"),
        pytest.param(
            json.dumps(PLAN | {"errored": True}),
            "plan.json is of a plan that ended with an error: resources may be missing",
            id="a plan that failed",
        ),
    ],
)
def test_faults(tmp_path: Path, text: str, problem: str | None) -> None:
    problems = read_plan(tmp_path, text).problems
    assert [one.text for one in problems] == ([problem] if problem else [])


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param({"planned_values": None}, id="no values"),
        pytest.param(
            {"planned_values": {"root_module": {"resources": [None, 1, {"type": []}]}}}, id="no resources"
        ),
        pytest.param(
            {"configuration": {"root_module": {"resources": "x", "module_calls": 3}}}, id="no configuration"
        ),
        pytest.param({"resource_changes": {"a": 1}}, id="changes of another shape"),
        pytest.param({"variables": {"environment": 5}}, id="variables of another shape"),
    ],
)
def test_documents_of_another_shape_are_no_crash(tmp_path: Path, damage: dict[str, object]) -> None:
    assert not read_plan(tmp_path, PLAN | damage).problems


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def paths_in(document: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    if isinstance(document, dict | list):
        for key, inner in document.items() if isinstance(document, dict) else enumerate(document):
            yield from paths_in(inner, (*path, key))


UNCHANGED = json.loads((STACKS / "google" / "unchanged.json").read_text(encoding="utf-8"))
PLACES = [path for path in paths_in(UNCHANGED) if path]


@given(place=st.sampled_from(PLACES), damage=JSON)
@settings(max_examples=150, deadline=None)
def test_a_damaged_plan_is_no_crash(
    place: tuple[str | int, ...], damage: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    document = copy.deepcopy(UNCHANGED)
    holder = document
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = damage
    result = read_plan(tmp_path_factory.mktemp("damaged"), document)
    assert len(result.declarations) <= 5


def test_values_of_another_shape_are_no_crash(tmp_path: Path) -> None:
    strange = {"idle_timeout": [[{}]], "name": {"a": 1}, "default_action": "x", "arn": 5}
    resources = [
        resource(kind, "x", strange) for kind in ("aws_lb", "aws_lb_listener", "aws_lambda_function")
    ]
    result = read_plan(tmp_path, plan_of(resources))
    assert not result.problems
    assert len(result.declarations) == 2


@pytest.mark.parametrize(
    ("name", "variables", "expected"),
    [
        pytest.param("plan.json", {}, "", id="nothing says it"),
        pytest.param("prod.tfplan.json", {}, "prod", id="file name"),
        pytest.param("plan-staging.json", {"environment": "prod"}, "staging", id="file name before variable"),
        pytest.param("envs/qa/plan.json", {}, "qa", id="folder"),
        pytest.param("plan.json", {"environment": "production"}, "production", id="variable"),
        pytest.param("plan.json", {"environment": "blue"}, "", id="a variable with another kind of name"),
    ],
)
def test_environment(tmp_path: Path, name: str, variables: dict[str, str], expected: str) -> None:
    given = {key: {"value": value} for key, value in variables.items()}
    result = read_plan(tmp_path, PLAN | {"variables": given}, name)
    assert [one.environment for one in result.declarations] == [expected]
    assert result.environments == ((expected,) if expected else ())


def test_two_plans_with_the_same_addresses_keep_apart(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(PLAN), encoding="utf-8")
    result = read_documents(tmp_path, "a.json", "b.json")
    assert [one.address for one in result.declarations] == [
        "terraform:a/aws_lambda_function.api",
        "terraform:b/aws_lambda_function.api",
    ]


def test_places_name_the_resource_and_have_no_line(tmp_path: Path) -> None:
    result = read_plan(tmp_path, PLAN)
    span = setting_of(result, "aws_lambda_function.api", "timeout").spans[0]
    assert (span.file, span.line, span.text) == ("plan.json", 0, "aws_lambda_function.api: timeout = 20")
    assert declared(result, "aws_lambda_function.api").span.text == "aws_lambda_function.api"


def test_deposed_objects_and_data_sources_are_left_out(tmp_path: Path) -> None:
    instance = {"attributes": {"function_name": "x", "timeout": 9}}
    state = {
        "version": 4,
        "terraform_version": "1.11.4",
        "resources": [
            {
                "mode": "managed",
                "module": 'module.a["k"]',
                "type": "aws_lambda_function",
                "name": "f",
                "instances": [
                    instance | {"index_key": 0},
                    instance | {"index_key": 1, "deposed": "0badc0de"},
                ],
            },
            {"mode": "data", "type": "aws_lambda_function", "name": "f", "instances": [instance]},
        ],
    }
    result = read_plan(tmp_path, state, "terraform.tfstate")
    address = 'module.a["k"].aws_lambda_function.f[0]'
    assert [one.title for one in result.declarations] == [address]
    assert known(setting_of(result, address, "timeout")) == 9


def test_every_resource_of_a_stack_is_read() -> None:
    text = (STACKS / "aws" / "plan.json").read_text(encoding="utf-8")
    types = frozenset({"aws_lambda_function", "aws_lb_target_group"})
    addresses = [entry.address for entry in parse(text, types).entries]
    assert sorted(addresses) == [
        'aws_lb_target_group.function["reports"]',
        "module.defaulted.aws_lambda_function.this",
        "module.orders.aws_lambda_function.this",
        'module.reports["reports"].aws_lambda_function.this',
        "module.web.aws_lb_target_group.this",
    ]


@pytest.mark.skipif(TERRAFORM is None, reason="there is no terraform on PATH")
def test_a_plan_that_terraform_has_just_made(tmp_path: Path) -> None:
    """Addresses, keys and modules as this version of Terraform writes them; its built-in resource only."""
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "main.tf").write_text('variable "n" {}\nresource "terraform_data" "x" {\n  input = var.n\n}\n')
    (tmp_path / "main.tf").write_text(
        'module "m" {\n  source   = "./inner"\n  for_each = toset(["a.b", "c"])\n  n        = 5\n}\n'
        'resource "terraform_data" "y" {\n  count = 2\n}\n'
    )

    def terraform(*arguments: str) -> str:
        assert TERRAFORM is not None
        done = subprocess.run(
            [TERRAFORM, f"-chdir={tmp_path}", *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout

    terraform("init", "-backend=false", "-no-color")
    terraform("plan", "-out=plan.bin", "-input=false", "-no-color")
    document = parse(terraform("show", "-json", "plan.bin"), frozenset({"terraform_data"}))
    found = {entry.address: entry.values.get("input") for entry in document.entries}
    assert found == {
        'module.m["a.b"].terraform_data.x': 5,
        'module.m["c"].terraform_data.x': 5,
        "terraform_data.y[0]": None,
        "terraform_data.y[1]": None,
    }
