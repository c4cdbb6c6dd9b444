"""The Google load balancer modules of the registry, and a Vercel project."""

from pathlib import Path

import pytest
from terraform_files import declared, known, setting_of, stack, way

from budgetcheck.readers.terraform.registry import module_file

BALANCER = """module "lb" {
  source  = "GoogleCloudPlatform/lb-http/google"
  version = "~> 12.0"
  name    = "web"
  ssl     = true
  backends = {
    default = {
      port_name   = "app"
      timeout_sec = 45
      groups      = [{ group = google_compute_instance_group.web.id }]
      health_check = {
        timeout_sec = 5
      }
    }
  }
}
resource "google_compute_instance_group" "web" {
  named_port {
    name = "app"
    port = 8080
  }
}
"""


def test_the_backends_of_the_module_are_backend_services(tmp_path: Path) -> None:
    result = stack(tmp_path, BALANCER)
    address = 'terraform:module.lb.google_compute_backend_service.default["default"]'
    timeout = setting_of(result, address, "timeout_sec")
    assert (known(timeout), way(timeout)[-1]) == (45, "main.tf:9 timeout_sec = 45")
    (target,) = declared(result, address).targets
    assert target.port == 8080
    assert "registry" not in repr(result)


@pytest.mark.parametrize(
    "backend",
    [
        pytest.param(
            "groups = [{ group = google_compute_region_network_endpoint_group.n.id }]", id="by group"
        ),
        pytest.param(
            'serverless_neg_backends = [{ region = "r", type = "cloud-run", service = { name = "api" } }]',
            id="by service",
        ),
        pytest.param(
            'serverless_neg_backends = [{ region = "r", type = "cloud-run", service_name = "api" }]',
            id="by its name",
        ),
    ],
)
def test_the_serverless_module_has_no_time_of_its_own(tmp_path: Path, backend: str) -> None:
    text = f"""module "lb" {{
  source = "GoogleCloudPlatform/lb-http/google//modules/serverless_negs"
  backends = {{
    default = {{
      timeout_sec = 45
      {backend}
    }}
  }}
}}
resource "google_compute_region_network_endpoint_group" "n" {{
  cloud_run {{ service = "api" }}
}}
resource "google_cloud_run_v2_service" "api" {{ name = "api" }}
"""
    service = declared(
        stack(tmp_path, text), 'terraform:module.lb.google_compute_backend_service.default["default"]'
    )
    assert (service.settings, service.trait("backend")) == ((), "serverless")
    assert [target.address for target in service.targets] == ["terraform:google_cloud_run_v2_service.api"]


def test_backend_and_frontend_made_apart(tmp_path: Path) -> None:
    text = """module "api" {
  source             = "terraform-google-modules/lb-http/google//modules/backend"
  timeout_sec        = 60
  groups             = [{ group = "projects/p/zones/z/instanceGroups/g" }]
  host_path_mappings = [{ host = "api.example.com", path = "/v1/*" }, { host = "*", path = "/*" }]
}
module "front" {
  source        = "terraform-google-modules/lb-http/google//modules/frontend"
  url_map_input = concat(module.api.backend_service_info, [])
}
"""
    service = declared(
        stack(tmp_path, text), "terraform:module.api.google_compute_backend_service.default[0]"
    )
    ways = {(target.hosts, tuple(path.pattern for path in target.paths)) for target in service.targets}
    assert {((), ()), (("api.example.com",), ("/v1/*",))} <= ways


@pytest.mark.parametrize(
    ("source", "file"),
    [
        ("GoogleCloudPlatform/lb-http/google", "lb_http.tf"),
        ("terraform-google-modules/lb-http/google//modules/dynamic_backends", "lb_http.tf"),
        ("GoogleCloudPlatform/lb-http/google//modules/serverless_negs", "lb_http_serverless.tf"),
        (
            "git::https://github.com/terraform-google-modules/terraform-google-lb-http?ref=v9.3.0",
            "lb_http.tf",
        ),
        ("GoogleCloudPlatform/lb-http/google//modules/unheard_of", ""),
    ],
)
def test_sources_of_the_load_balancer_modules(source: str, file: str) -> None:
    assert module_file(source) == file


def test_a_vercel_project_with_a_default_for_its_functions(tmp_path: Path) -> None:
    text = """
resource "vercel_project" "web" {
  name = "web"
  resource_config = {
    fluid                    = true
    function_default_timeout = 60
  }
}
resource "vercel_project" "site" { name = "site" }
"""
    result = stack(tmp_path, text)
    assert [one.address for one in result.declarations] == ["terraform:vercel_project.web"]
    found = setting_of(result, "terraform:vercel_project.web", "resource_config.function_default_timeout")
    assert known(found) == 60
    assert declared(result, "terraform:vercel_project.web").component == "vercel_function"
