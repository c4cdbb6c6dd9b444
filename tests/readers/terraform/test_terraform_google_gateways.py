"""Google API Gateway and Endpoints: backends and deadlines in OpenAPI documents."""

from pathlib import Path

import pytest
from terraform_files import declared, known, reading, reason, setting_of, way

CONFIG = "terraform:google_api_gateway_api_config.api"
RUN = "terraform:google_cloud_run_v2_service.api"
SERVICE = 'resource "google_cloud_run_v2_service" "api" {\n  name = "api"\n}\n'
OPENAPI = """\
swagger: "2.0"
basePath: /v1
x-google-backend:
  address: https://api-k2x7qwertz-ew.a.run.app
paths:
  /hello:
    get: {}
  /orders/{id}:
    get: {}
    post:
      x-google-backend:
        address: https://api-k2x7qwertz-ew.a.run.app/orders
        deadline: 45.0
"""


def config(contents: str) -> str:
    return f"""
resource "google_api_gateway_api_config" "api" {{
  openapi_documents {{
    document {{
      path     = "spec.yaml"
      contents = {contents}
    }}
  }}
}}
{SERVICE}"""


def test_the_documents_backend_and_that_of_an_operation(tmp_path: Path) -> None:
    files = {"main.tf": config('filebase64("${path.module}/openapi.yaml")'), "openapi.yaml": OPENAPI}
    result = reading(tmp_path, files)
    shared = declared(result, CONFIG)
    assert shared.settings == (), "15 s, and nobody wrote it"
    assert [path.pattern for path in shared.front.paths] == ["/v1/hello", "/v1/orders/{id}"]
    assert [target.address for target in shared.targets] == [RUN]
    own = f"{CONFIG}/POST /v1/orders/{{id}}"
    deadline = setting_of(result, own, "x-google-backend.deadline")
    assert known(deadline) == 45
    assert way(deadline) == ["openapi.yaml:13 deadline: 45.0"]
    assert declared(result, own).front.methods == ("POST",)


@pytest.mark.parametrize(
    "contents",
    [
        pytest.param('base64encode(file("openapi.yaml"))', id="encoded file"),
        pytest.param('filebase64("openapi.yaml")', id="file that is encoded"),
        pytest.param('base64encode(templatefile("openapi.yaml", {}))', id="template"),
        pytest.param("base64encode(local.spec)", id="through a local value"),
        pytest.param("base64encode(yamlencode(yamldecode(local.spec)))", id="decoded and encoded"),
        pytest.param("local.encoded", id="encoded elsewhere"),
    ],
)
def test_ways_to_hand_over_a_document(tmp_path: Path, contents: str) -> None:
    spec = 'locals {\n  spec    = file("openapi.yaml")\n  encoded = base64encode(file("openapi.yaml"))\n}\n'
    result = reading(tmp_path, {"main.tf": config(contents) + spec, "openapi.yaml": OPENAPI})
    own = f"{CONFIG}/POST /v1/orders/{{id}}"
    assert known(setting_of(result, own, "x-google-backend.deadline")) == 45


def test_an_address_that_is_a_reference_inside_a_template(tmp_path: Path) -> None:
    contents = (
        'base64encode(templatefile("openapi.yaml", { url = google_cloud_run_v2_service.api.uri, d = 30 }))'
    )
    text = OPENAPI.replace("https://api-k2x7qwertz-ew.a.run.app", "${url}").replace("45.0", "${d}")
    result = reading(tmp_path, {"main.tf": config(contents), "openapi.yaml": text})
    own = declared(result, f"{CONFIG}/POST /v1/orders/{{id}}")
    assert [target.address for target in (*declared(result, CONFIG).targets, *own.targets)] == [RUN, RUN]
    assert known(setting_of(result, own.address, "x-google-backend.deadline")) == 30


def test_an_operations_own_address_replaces_the_path(tmp_path: Path) -> None:
    result = reading(tmp_path, {"main.tf": config('filebase64("o.yaml")'), "o.yaml": OPENAPI})
    (target,) = declared(result, f"{CONFIG}/POST /v1/orders/{{id}}").targets
    assert (target.strip, target.replace) == ("/v1/orders/", "/orders")
    (appended,) = declared(result, CONFIG).targets
    assert (appended.strip, appended.replace) == ("", "")


def test_version_3_names_its_backends(tmp_path: Path) -> None:
    text = """\
openapi: 3.0.4
x-google-api-management:
  backends:
    run:
      address: https://api-k2x7qwertz-ew.a.run.app
      deadline: 20
x-google-backend: run
paths:
  /hello:
    get: {}
"""
    result = reading(tmp_path, {"main.tf": config('filebase64("o.yaml")'), "o.yaml": text})
    assert known(setting_of(result, CONFIG, "x-google-backend.deadline")) == 20
    assert [target.address for target in declared(result, CONFIG).targets] == [RUN]


@pytest.mark.parametrize(
    ("contents", "says"),
    [
        pytest.param('filebase64("missing.yaml")', "does not exist", id="a missing file"),
        pytest.param("var.spec", 'variable "spec"', id="a variable without a value"),
        pytest.param('base64encode("- just\\n- a list")', "no OpenAPI document", id="something else"),
        pytest.param('"%%%"', "not Base64", id="not encoded"),
    ],
)
def test_a_document_that_is_not_known_leaves_the_limit_unknown(
    tmp_path: Path, contents: str, says: str
) -> None:
    result = reading(tmp_path, {"main.tf": config(contents) + 'variable "spec" {}\n'})
    assert says in reason(setting_of(result, CONFIG, "x-google-backend.deadline"))


def test_endpoints_take_the_document_as_it_is(tmp_path: Path) -> None:
    text = (
        'resource "google_endpoints_service" "api" {\n  openapi_config = file("openapi.yaml")\n}\n'
        'resource "google_endpoints_service" "grpc" {\n  grpc_config = "x"\n}\n' + SERVICE
    )
    result = reading(tmp_path, {"main.tf": text, "openapi.yaml": OPENAPI})
    components = [one.component for one in result.declarations]
    assert components.count("google_endpoints_service") == 2
    assert declared(result, "terraform:google_endpoints_service.api").targets[0].address == RUN


def test_a_gateway_behind_a_load_balancer(tmp_path: Path) -> None:
    text = (
        config('filebase64("o.yaml")')
        + """
resource "google_api_gateway_gateway" "api" {
  api_config = google_api_gateway_api_config.api.id
}
resource "google_compute_region_network_endpoint_group" "api" {
  serverless_deployment {
    platform = "apigateway.googleapis.com"
    resource = google_api_gateway_gateway.api.gateway_id
  }
}
resource "google_compute_backend_service" "api" {
  backend { group = google_compute_region_network_endpoint_group.api.id }
}
"""
    )
    result = reading(tmp_path, {"main.tf": text, "o.yaml": OPENAPI})
    targets = declared(result, "terraform:google_compute_backend_service.api").targets
    assert [target.address for target in targets] == [CONFIG, f"{CONFIG}/POST /v1/orders/{{id}}"]
