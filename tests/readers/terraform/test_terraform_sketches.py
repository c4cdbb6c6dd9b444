"""Names that are not wholly known: they are the same only where the same references are unknown in them."""

from pathlib import Path

import pytest
from terraform_files import declared, reading, value_of

from budgetcheck.readers.terraform.sketches import sketch

UNKNOWN = """
variable "stage" {}
variable "other" {}
variable "cfg" {}
variable "names" { type = list(string) }
data "aws_caller_identity" "me" {}
locals {
  prefix = "shop--${var.stage}"
  cut    = substr(local.prefix, 0, 8)
  named  = { api = "${local.prefix}--api" }
}
"""

SAME = {
    "the same variable": ('"${var.stage}-api"', '"${var.stage}-api"'),
    "a local that holds it": ('"${local.prefix}--api"', '"shop--${var.stage}--api"'),
    "taken out of an object": ("local.named.api", "local.named.api"),
    "joined": ('join("--", ["shop", var.stage, "api"])', '"${local.prefix}--api"'),
    "the same function of the same": (
        'substr("${local.prefix}--api", 0, 64)',
        'substr("shop--${var.stage}--api", 0, 64)',
    ),
    "the workspace": ('"api-${terraform.workspace}"', '"api-${terraform.workspace}"'),
    "what a data source says": (
        "data.aws_caller_identity.me.account_id",
        "data.aws_caller_identity.me.account_id",
    ),
    "a part of an unknown object": ("var.cfg.name", "var.cfg.name"),
    "an element by its number": ("var.names[0]", "var.names[0]"),
    "a local that a function makes": ("local.cut", "local.cut"),
    "a branch that is taken": ('true ? "${var.stage}-a" : "b"', '"${var.stage}-a"'),
}
DIFFERENT = {
    "another variable": ('"${var.stage}-api"', '"${var.other}-api"'),
    "another text": ('"${var.stage}-api"', '"${var.stage}-web"'),
    "a function of it": ("var.stage", "upper(var.stage)"),
    "other arguments": ("substr(var.stage, 0, 8)", "substr(var.stage, 0, 9)"),
    "another part of an object": ("var.cfg.name", "var.cfg.title"),
    "the object itself": ("var.cfg", "var.cfg.name"),
    "another element": ("var.names[0]", "var.names[1]"),
    "an operator": ("var.stage", "var.stage + 1"),
    "what is cut off": ("local.cut", "local.prefix"),
}
NONE = {
    "a new one each time": "uuid()",
    "the time": "timestamp()",
    "either of two": 'var.other == "a" ? var.stage : "b"',
    "of a loop": '[for name in var.names : "${name}-api"][0]',
    "an element that is not known": "var.names[var.stage]",
    "all of them": 'join("-", var.names)',
}


@pytest.mark.parametrize(("left", "right"), [pytest.param(*case, id=name) for name, case in SAME.items()])
def test_the_same_text_whatever_it_is(left: str, right: str, tmp_path: Path) -> None:
    found = sketch(value_of(tmp_path, left, UNKNOWN))
    assert found
    assert found == sketch(value_of(tmp_path, right, UNKNOWN))


@pytest.mark.parametrize("pair", [pytest.param(case, id=name) for name, case in DIFFERENT.items()])
def test_texts_that_may_differ(pair: tuple[str, str], tmp_path: Path) -> None:
    first, second = (sketch(value_of(tmp_path, one, UNKNOWN)) for one in pair)
    assert first != second


@pytest.mark.parametrize("expression", [pytest.param(case, id=name) for name, case in NONE.items()])
def test_what_may_be_another_text_each_time(expression: str, tmp_path: Path) -> None:
    assert sketch(value_of(tmp_path, expression, UNKNOWN)) == ""


FUNCTION = """
variable "name" {}
variable "prefix" {}
resource "aws_lambda_function" "this" {
  function_name = substr("${var.prefix}--${replace(var.name, "/", "--")}", 0, 64)
  timeout       = 20
}
"""
API = """
variable "lambdas" {}
resource "aws_api_gateway_rest_api" "this" {
  body = templatefile("${path.module}/api.yaml", var.lambdas)
}
"""
DOCUMENT = """
openapi: "3.0.1"
paths:
  /orders:
    get:
      x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: "${orders}"}
"""
ARN = "arn:aws:apigateway:eu-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-2"


def uri(name: str) -> str:
    return f'"{ARN}:${{data.aws_caller_identity.me.account_id}}:function:{name}/invocations"'


def root(uri_of: str, functions: str) -> str:
    return f"""
variable "stage" {{}}
data "aws_caller_identity" "me" {{}}
locals {{ prefix = "shop--${{terraform.workspace}}" }}
module "api" {{
  source  = "./api"
  lambdas = {{ orders = {uri_of} }}
}}
{functions}
"""


def function(label: str, name: str, prefix: str = "local.prefix", more: str = "") -> str:
    return f"""
module "{label}" {{
  source = "./function"
  name   = "{name}"
  prefix = {prefix}
  {more}
}}
"""


MINE = '${substr("${local.prefix}--api--orders", 0, 64)}'
LINKS = {
    "a function of the same unknown name": (uri(MINE), function("orders", "api/orders"), ["module.orders"]),
    "its neighbour is another": (
        uri(MINE),
        function("orders", "api/orders") + function("users", "api/users"),
        ["module.orders"],
    ),
    "another name": (uri(MINE), function("users", "api/users"), []),
    "another variable in its place": (uri(MINE), function("orders", "api/orders", "var.stage"), []),
    "two of the same name": (
        uri(MINE),
        function("one", "api/orders") + function("two", "api/orders"),
        [],
    ),
    "one of several that a module makes": (uri(MINE), function("orders", "api/orders", more="count = 2"), []),
    "another length": (uri(MINE.replace("64", "63")), function("orders", "api/orders"), []),
}


@pytest.mark.parametrize(
    ("uri_of", "functions", "expected"), [pytest.param(*case, id=name) for name, case in LINKS.items()]
)
def test_an_api_leads_to_the_function_of_the_same_unknown_name(
    uri_of: str, functions: str, expected: list[str], tmp_path: Path
) -> None:
    files = {
        "main.tf": root(uri_of, functions),
        "function/main.tf": FUNCTION,
        "api/main.tf": API,
        "api/api.yaml": DOCUMENT,
    }
    result = reading(tmp_path, files)
    api = declared(result, "terraform:module.api.aws_api_gateway_rest_api.this/GET /orders")
    addresses = [target.address for target in api.targets if target.address]
    assert addresses == [f"terraform:{module}.aws_lambda_function.this" for module in expected]


def test_the_same_variable_of_two_modules_is_not_the_same(tmp_path: Path) -> None:
    inner = """
variable "stage" {}
resource "aws_lambda_function" "this" {
  function_name = "${var.stage}-orders"
}
"""
    outer = f"""
variable "stage" {{}}
module "a" {{
  source = "./inner"
}}
data "aws_caller_identity" "me" {{}}
module "api" {{
  source  = "./api"
  lambdas = {{ orders = {uri("${var.stage}-orders")} }}
}}
"""
    files = {"main.tf": outer, "inner/main.tf": inner, "api/main.tf": API, "api/api.yaml": DOCUMENT}
    result = reading(tmp_path, files)
    api = declared(result, "terraform:module.api.aws_api_gateway_rest_api.this/GET /orders")
    assert [target.address for target in api.targets if target.address] == []
