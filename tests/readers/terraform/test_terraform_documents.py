"""JSON and YAML documents in Terraform texts: what is known of them, and where each entry is written."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from terraform_files import value_of, write

from budgetcheck.readers.terraform.catalogue.documents import elements, entry
from budgetcheck.readers.terraform.documents import decoded
from budgetcheck.readers.terraform.instances import references
from budgetcheck.readers.terraform.values import ListValue, MapValue, Scalar, Unknown, Value

MODULE = """
variable "stop" { default = 45 }
variable "nothing" {}
resource "aws_ecr_repository" "web" {}
locals {
  web = jsonencode({
    name        = "web"
    image       = "${aws_ecr_repository.web.repository_url}:1"
    stopTimeout = var.stop
  })
  agent = <<EOF
    {
      "name": "agent",
      "image": "${aws_ecr_repository.web.repository_url}",
      "stopTimeout": 60,
      "startTimeout": ${var.stop}
    }
EOF
}
"""


def number(value: Value, *path: str) -> object:
    found = entry(value, *path)
    assert isinstance(found, Scalar), found
    return found.value


def places(value: Value, *path: str) -> list[str]:
    found = entry(value, *path)
    assert found is not None
    return [f"{span.place} {span.text}" for span in found.trail]


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param('"[${local.web}, ${local.agent}]"', id="a text template of encoded parts"),
        pytest.param('"[${join(",", [local.web, local.agent])}]"', id="joined parts"),
        pytest.param('"[${format("%s", local.web)}, ${local.agent}]"', id="a part that is not followed"),
    ],
)
def test_parts_that_are_not_known_leave_the_others_readable(tmp_path: Path, expression: str) -> None:
    items = elements(decoded(value_of(tmp_path, expression, MODULE)))
    agent = items[-1]
    assert number(agent, "stopTimeout") == 60
    assert places(agent, "stopTimeout") == ["main.tf:15 stopTimeout: 60"]
    assert isinstance(entry(agent, "image"), Unknown)
    assert references(entry(agent, "image") or agent) == ("aws_ecr_repository.web",)


def test_every_entry_keeps_its_own_way_to_the_literal(tmp_path: Path) -> None:
    web, agent = elements(decoded(value_of(tmp_path, '"[${local.web}, ${local.agent}]"', MODULE)))
    assert (number(web, "stopTimeout"), number(agent, "startTimeout")) == (45, 45)
    assert places(web, "stopTimeout")[0] == "main.tf:9 stopTimeout = var.stop"
    assert places(agent, "startTimeout") == [
        "main.tf:16 startTimeout",
        "main.tf:2 var.stop",
        "main.tf:2 default = 45",
    ]


TEMPLATE = """openapi: 3.0.1
paths:
  /orders${suffix}:
    get: &integration
      x-amazon-apigateway-integration:
        uri: ${uri}
        timeoutInMillis: ${timeout}
        cacheKey: prefix-${uri}
    # the same again
    post: *integration
%{ for name in extra }
  /${name}: {get: {timeoutInMillis: 700}}
%{ endfor }
"""
ARGUMENTS = (
    'templatefile("api.yaml", {suffix = "/{id}", uri = aws_ecr_repository.web.arn, '
    'timeout = var.stop, extra = ["a", "b"]})'
)


def test_a_template_file_has_the_places_of_the_file(tmp_path: Path) -> None:
    write(tmp_path, {"api.yaml": TEMPLATE})
    document = decoded(value_of(tmp_path, ARGUMENTS, MODULE))
    integration = ("paths", "/orders/{id}", "get", "x-amazon-apigateway-integration")
    assert number(document, *integration, "timeoutInMillis") == 45
    assert places(document, *integration, "timeoutInMillis")[0] == "api.yaml:7 timeoutInMillis"
    assert number(document, "paths", "/orders/{id}", "post", *integration[3:], "timeoutInMillis") == 45
    assert references(entry(document, *integration, "cacheKey") or document) == ("aws_ecr_repository.web",)
    assert number(document, "paths", "/b", "get", "timeoutInMillis") == 700


def test_a_file_of_tabs_and_escapes_is_json(tmp_path: Path) -> None:
    write(
        tmp_path, {"api.json": '{\n\t"path": "\\/orders",\n\t"timeoutInMillis": 1500,\n\t"ratio": 0.5\n}\n'}
    )
    document = decoded(value_of(tmp_path, 'file("api.json")'))
    assert number(document, "path") == "/orders"
    assert number(document, "timeoutInMillis") == 1500
    assert places(document, "timeoutInMillis") == ["api.json:3 timeoutInMillis: 1500"]
    assert str(number(document, "ratio")) == "1/2"


def test_texts_are_never_shown(tmp_path: Path) -> None:
    write(tmp_path, {"api.json": '{"password": "hunter2", "list": ["hunter2"]}'})
    document = decoded(value_of(tmp_path, 'file("api.json")'))
    assert isinstance(document, MapValue)
    assert all("hunter2" not in span.text for one in document.entries.values() for span in one.trail)


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        pytest.param('"{"', "not valid", id="broken JSON"),
        pytest.param('"a: [${var.nothing}"', "not valid", id="broken around a part that is not known"),
        pytest.param("var.nothing", "no default", id="not known at all"),
        pytest.param("data.http.api.response_body", "data source", id="a data source"),
        pytest.param('"[zqHole0qz]${var.stop}"', "reserved", id="a text that looks like a mark"),
    ],
)
def test_what_is_no_document_is_unknown(tmp_path: Path, expression: str, says: str) -> None:
    found = decoded(value_of(tmp_path, expression, MODULE))
    assert isinstance(found, Unknown)
    assert says in found.reason


def test_a_whole_part_may_be_one_hole(tmp_path: Path) -> None:
    found = decoded(value_of(tmp_path, "jsonencode([var.stop, {a = var.nothing}])", MODULE))
    assert isinstance(found, ListValue)
    assert isinstance(entry(found.items[1], "a"), Unknown)


PIECES = [
    "${var.stop}",
    "${var.nothing}",
    "${local.web}",
    "[",
    "]",
    "{",
    "}",
    '\\"a\\"',
    ":",
    ",",
    "\\n",
    " ",
    "- x",
    "9",
]


@given(parts=st.lists(st.sampled_from(PIECES), max_size=12))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_crashes_the_reader_of_documents(tmp_path: Path, parts: list[str]) -> None:
    decoded(value_of(tmp_path, '"' + "".join(parts) + '"', MODULE))
