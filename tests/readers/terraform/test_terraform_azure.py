"""Azure: applications of App Service, container apps, both Front Doors, rules of Application Gateway."""

from pathlib import Path

import pytest
from terraform_files import declared, known, setting_of, stack

APP = """
resource "azurerm_{kind}" "api" {{
  name = "api-prod"
  site_config {{
    app_command_line = "{command}"
  }}
}}
"""


def app(kind: str = "linux_web_app", command: str = "") -> str:
    return APP.format(kind=kind, command=command)


@pytest.mark.parametrize(
    "kind", ["linux_web_app", "windows_web_app", "app_service", "linux_function_app", "function_app"]
)
def test_applications_of_all_kinds_have_the_platforms_limit(kind: str, tmp_path: Path) -> None:
    hop = declared(stack(tmp_path, app(kind)), f"terraform:azurerm_{kind}.api")
    assert hop.component == "azurerm_linux_web_app"
    assert hop.front.hosts == ("api-prod.azurewebsites.net", "api.azurewebsites.net")


def test_a_command_that_says_its_limit_is_the_server(tmp_path: Path) -> None:
    found = stack(tmp_path, app(command="gunicorn --timeout 90 a:a"))
    server = declared(found, "terraform:azurerm_linux_web_app.api/server")
    assert (server.component, known(setting_of(found, server.address, "timeout"))) == ("gunicorn", "90")


@pytest.mark.parametrize("command", ["gunicorn a:a", "./startup.sh", ""])
def test_a_server_with_a_file_of_its_own_is_looked_for(command: str, tmp_path: Path) -> None:
    """gunicorn.conf.py lies in the application's folder, and which one that is nobody says here."""
    (only,) = stack(tmp_path, app(command=command)).declarations
    assert [target.group for target in only.targets] == ["api-prod"]


def test_a_container_app_answers_through_its_ingress(tmp_path: Path) -> None:
    text = """
resource "azurerm_container_app" "worker" {
  name = "worker"
}
resource "azurerm_container_app" "api" {
  name = "api"
  ingress { target_port = 80 }
  template {
    container {
      name  = "web"
      image = "registry.example.com/shop/orders:1"
    }
  }
}
"""
    (only,) = stack(tmp_path, text).declarations
    assert [target.group for target in only.targets] == ["api", "orders"]


DOOR = """
resource "azurerm_frontdoor" "edge" {
  name = "edge"
  backend_pool_settings {
    backend_pools_send_receive_timeout_seconds = 90
  }
  frontend_endpoint {
    name      = "public"
    host_name = "www.example.com"
  }
  backend_pool {
    name = "api"
    backend {
      address     = azurerm_linux_web_app.api.default_hostname
      host_header = "x"
    }
  }
  routing_rule {
    name               = "all"
    frontend_endpoints = ["public"]
    patterns_to_match  = ["/v1/*"]
    forwarding_configuration {
      backend_pool_name = "api"
    }
  }
  routing_rule {
    name               = "https"
    frontend_endpoints = ["public"]
    patterns_to_match  = ["/*"]
    redirect_configuration {
      redirect_type = "Moved"
    }
  }
}
"""


def test_a_classic_front_door_has_a_hop_for_each_rule_that_forwards(tmp_path: Path) -> None:
    found = stack(tmp_path, DOOR + app())
    door = declared(found, "terraform:azurerm_frontdoor.edge/all")
    name = "backend_pool_settings.backend_pools_send_receive_timeout_seconds"
    assert known(setting_of(found, door.address, name)) == 90
    assert door.front.hosts == ("www.example.com",)
    assert [path.pattern for path in door.front.paths] == ["/v1/*"]
    assert [target.address for target in door.targets] == ["terraform:azurerm_linux_web_app.api"]
    assert [one.address for one in found.declarations if "frontdoor" in one.address] == [door.address]


GATEWAY = """
resource "azurerm_application_gateway" "edge" {
  backend_address_pool {
    name  = "api"
    fqdns = ["api.example.net"]
  }
  backend_address_pool {
    name         = "files"
    ip_addresses = ["10.0.0.4"]
  }
  backend_http_settings {
    name            = "short"
    request_timeout = 20
  }
  backend_http_settings {
    name            = "long"
    request_timeout = var.long
  }
  http_listener {
    name       = "public"
    host_names = ["a.example.com", "b.example.com"]
  }
  url_path_map {
    name                               = "paths"
    default_backend_address_pool_name  = "api"
    default_backend_http_settings_name = "short"
    path_rule {
      name                       = "upload"
      paths                      = ["/upload/*"]
      backend_address_pool_name  = "files"
      backend_http_settings_name = "long"
    }
    path_rule {
      name                        = "moved"
      paths                       = ["/old"]
      redirect_configuration_name = "moved"
    }
  }
  request_routing_rule {
    name               = "main"
    rule_type          = "PathBasedRouting"
    http_listener_name = "public"
    url_path_map_name  = "paths"
  }
}
variable "long" { default = 600 }
"""


def test_rules_of_a_gateway_are_joined_by_name(tmp_path: Path) -> None:
    found = stack(tmp_path, GATEWAY)
    base = "terraform:azurerm_application_gateway.edge/main"
    assert [one.address for one in found.declarations] == [base, f"{base}/upload"]
    upload, rest = declared(found, f"{base}/upload"), declared(found, base)
    name = "backend_http_settings.request_timeout"
    assert [known(setting_of(found, one.address, name)) for one in (upload, rest)] == [600, 20]
    assert [target.host for one in (upload, rest) for target in one.targets] == [
        "10.0.0.4",
        "api.example.net",
    ]
    assert upload.front.hosts == ("a.example.com", "b.example.com")


@pytest.mark.parametrize(
    "text", ["", 'name = "x"', "request_routing_rule {}", "request_routing_rule { name = 1 }"]
)
def test_incomplete_gateways_declare_nothing(text: str, tmp_path: Path) -> None:
    assert not stack(tmp_path, f'resource "azurerm_application_gateway" "edge" {{\n{text}\n}}\n').declarations
