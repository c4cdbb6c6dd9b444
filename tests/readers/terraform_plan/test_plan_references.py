"""Edges by the references of a plan's configuration, and by equal values."""

from pathlib import Path

import pytest
from plan_files import configured, constant, declared, known, plan_of, read_plan, refers, resource, setting_of

LATER = {"target_id": True, "target_group_arn": True}
UNKNOWN_ARN = {"arn": True, "id": True}


def attachment_targets(
    folder: Path, functions: list[str | int | None], references: tuple[str, ...]
) -> list[str]:
    """Targets of a balancer whose group's attachment `["a"]` has these references as `target_id`."""
    resources = [
        resource("aws_lb", "main", {}),
        resource("aws_lb_listener", "main", {"default_action": [{"type": "forward"}]}),
        resource("aws_lb_target_group", "main", {}),
        resource("aws_lb_target_group_attachment", "main", {}, "a"),
        *(resource("aws_lambda_function", "f", {}, key) for key in functions),
    ]
    action = {"type": constant("forward"), "target_group_arn": refers("aws_lb_target_group.main.arn")}
    configuration = [
        configured("aws_lb", "main"),
        configured(
            "aws_lb_listener", "main", load_balancer_arn=refers("aws_lb.main.arn"), default_action=[action]
        ),
        configured("aws_lb_target_group", "main"),
        configured(
            "aws_lb_target_group_attachment",
            "main",
            target_group_arn=refers("aws_lb_target_group.main.arn", "aws_lb_target_group.main"),
            target_id=refers(*references),
        )
        | {"for_each_expression": refers("aws_lambda_function.f")},
        configured("aws_lambda_function", "f"),
    ]
    unknown = {
        'aws_lb_target_group_attachment.main["a"]': LATER,
        "aws_lb_listener.main": {"load_balancer_arn": True, "default_action": [{"target_group_arn": True}]},
    }
    result = read_plan(folder, plan_of(resources, configuration, unknown))
    return [target.address for target in declared(result, "aws_lb.main").targets if target.address]


F = "terraform:aws_lambda_function.f"


@pytest.mark.parametrize(
    ("functions", "references", "expected"),
    [
        pytest.param([None], ("aws_lambda_function.f.arn", "aws_lambda_function.f"), [F], id="single"),
        pytest.param(
            ["a", "b"],
            ('aws_lambda_function.f["b"].arn', 'aws_lambda_function.f["b"]', "aws_lambda_function.f"),
            [f'{F}["b"]'],
            id="a key that is written out",
        ),
        pytest.param(
            [0, 1],
            ("aws_lambda_function.f[1].arn", "aws_lambda_function.f[1]", "aws_lambda_function.f"),
            [f"{F}[1]"],
            id="a number that is written out",
        ),
        pytest.param(
            ["a", "b"], ("aws_lambda_function.f", "each.key"), [f'{F}["a"]'], id="each.key: the same key"
        ),
        pytest.param(
            ["a", "b"],
            ("aws_lambda_function.f", "local.chosen"),
            [f'{F}["a"]', f'{F}["b"]'],
            id="a key that is not known: all of them",
        ),
        pytest.param(
            ["a", "b"],
            ("each.value.arn", "each.value"),
            [f'{F}["a"]', f'{F}["b"]'],
            id="each.value: what for_each walks over",
        ),
        pytest.param(["b"], ('aws_lambda_function.f["a"].arn',), [], id="no instance of that key"),
        pytest.param([None], ("local.function",), [], id="local values are not kept in a plan"),
        pytest.param([None], ("data.aws_lambda_function.f.arn",), [], id="a data source of the same name"),
        pytest.param([None], ("var.function",), [], id="a variable of the root module"),
    ],
)
def test_references_of_an_attribute(
    tmp_path: Path, functions: list[str | int | None], references: tuple[str, ...], expected: list[str]
) -> None:
    assert attachment_targets(tmp_path, functions, references) == expected


def url_targets(folder: Path, value: object, expression: object, **functions: dict[str, object]) -> list[str]:
    """Targets of a function URL whose `function_name` has a known value."""
    resources = [
        resource("aws_lambda_function_url", "url", {"function_name": value, "authorization_type": "NONE"}),
        *(resource("aws_lambda_function", name, values) for name, values in functions.items()),
    ]
    configuration = [configured("aws_lambda_function_url", "url", function_name=expression)]
    result = read_plan(folder, plan_of(resources, configuration))
    return [target.address for target in declared(result, "aws_lambda_function_url.url").targets]


ARN = "arn:aws:lambda:eu-west-1:123456789012:function:"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("api-function", id="id"),
        pytest.param(f"{ARN}api-function", id="arn"),
        pytest.param(f"{ARN}api-function:live", id="arn of a version"),
        pytest.param(
            f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{ARN}api-function/invocations",
            id="inside of an invoke arn",
        ),
    ],
)
def test_a_known_value_is_matched_with_names_of_resources(tmp_path: Path, value: str) -> None:
    functions = {
        "one": {"id": "api-function", "arn": f"{ARN}api-function"},
        "two": {"id": "other", "arn": f"{ARN}other"},
    }
    found = url_targets(tmp_path, value, refers("local.name"), **functions)
    assert found == ["terraform:aws_lambda_function.one"]


def test_of_two_branches_the_one_with_the_value_counts(tmp_path: Path) -> None:
    functions = {"one": {"function_name": "one"}, "two": {"function_name": "two"}}
    expression = refers("aws_lambda_function.one.function_name", "aws_lambda_function.two.function_name")
    assert url_targets(tmp_path, "two", expression, **functions) == ["terraform:aws_lambda_function.two"]


def distribution(*origins: dict[str, object]) -> dict[str, object]:
    return resource("aws_cloudfront_distribution", "cdn", {"enabled": True, "origin": list(origins)})


def origin(name: str, timeout: int) -> dict[str, object]:
    return {
        "origin_id": name,
        "domain_name": f"{name}.example.com",
        "custom_origin_config": [{"origin_read_timeout": timeout}],
    }


def test_blocks_that_are_kept_as_a_set_are_told_apart_by_their_constants(tmp_path: Path) -> None:
    """The order in a plan is not that of the configuration: only `b` writes its timeout."""
    written = [
        {"origin_id": constant("b"), "custom_origin_config": [{"origin_read_timeout": constant(30)}]},
        {"origin_id": constant("a"), "custom_origin_config": [{}]},
    ]
    plan = plan_of(
        [distribution(origin("a", 30), origin("b", 30))],
        [configured("aws_cloudfront_distribution", "cdn", origin=written)],
    )
    result = read_plan(tmp_path, plan)
    name = "origin.custom_origin_config.origin_read_timeout"
    origins = {
        address: setting_of(result, f"aws_cloudfront_distribution.cdn/{address}", name).origin.value
        for address in ("a", "b")
    }
    assert origins == {"a": "default", "b": "written"}


def test_blocks_of_a_dynamic_block_have_their_values(tmp_path: Path) -> None:
    plan = plan_of([distribution(origin("a", 45))], [configured("aws_cloudfront_distribution", "cdn")])
    result = read_plan(tmp_path, plan)
    address = "aws_cloudfront_distribution.cdn"
    assert known(setting_of(result, address, "origin.custom_origin_config.origin_read_timeout")) == 45


def test_a_plan_that_refers_in_circles_ends(tmp_path: Path) -> None:
    outputs = {
        f"o{number}": {"expression": refers(*(f"module.m.o{n}" for n in range(20)))} for number in range(20)
    }
    call = {"module": {"outputs": outputs, "resources": []}, "expressions": {}}
    inner = resource("aws_lambda_function", "x", {}) | {"address": "module.m.aws_lambda_function.x"}
    plan = plan_of(
        [resource("aws_lambda_function_url", "url", {})],
        [configured("aws_lambda_function_url", "url", function_name=refers("module.m.o0"))],
        {"aws_lambda_function_url.url": {"function_name": True}},
    )
    module = {"address": "module.m", "resources": [inner], "child_modules": []}
    plan["planned_values"]["root_module"]["child_modules"] = [module]  # type: ignore[index]
    # A module that calls itself, which Terraform refuses.
    call["module"]["module_calls"] = {"m": call}  # type: ignore[index]
    plan["configuration"]["root_module"]["module_calls"] = {
        "m": {**call, "module": {**call["module"], "module_calls": {}}}
    }  # type: ignore[index, dict-item]
    result = read_plan(tmp_path, plan)
    assert declared(result, "aws_lambda_function_url.url").targets[0].reason
