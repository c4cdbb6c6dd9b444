"""Google's load balancers: URL maps, backend services, what stands behind them, and route actions."""

from pathlib import Path

import pytest
from terraform_files import declared, known, reason, setting_of, stack

SERVICE = "terraform:google_compute_backend_service.api"
MAP = "terraform:google_compute_url_map.web"
RUN = "terraform:google_cloud_run_v2_service.api"

EDGE = """
resource "google_compute_global_forwarding_rule" "web" {
  target = google_compute_target_https_proxy.web.id
}
resource "google_compute_target_https_proxy" "web" {
  url_map                     = google_compute_url_map.web.id
  http_keep_alive_timeout_sec = 120
}
"""
URL_MAP = """
resource "google_compute_url_map" "web" {
  default_service = google_compute_backend_service.site.id
  host_rule {
    hosts        = ["api.example.com"]
    path_matcher = "api"
  }
  host_rule {
    hosts        = ["admin.example.com", "*.corp.example.com"]
    path_matcher = "admin"
  }
  path_matcher {
    name            = "api"
    default_service = google_compute_backend_service.site.id
    path_rule {
      paths   = ["/v1/*", "/health"]
      service = google_compute_backend_service.api.id
    }
  }
  path_matcher {
    name            = "admin"
    default_service = google_compute_backend_service.api.id
  }
}
resource "google_compute_backend_service" "site" {
  backend { group = google_compute_instance_group.site.id }
}
resource "google_compute_instance_group" "site" { name = "site" }
"""
BACKEND = """
resource "google_compute_backend_service" "api" {
  load_balancing_scheme           = "EXTERNAL_MANAGED"
  connection_draining_timeout_sec = 60
  backend { group = google_compute_region_network_endpoint_group.api.id }
}
"""
SERVERLESS = """
resource "google_compute_region_network_endpoint_group" "api" {
  network_endpoint_type = "SERVERLESS"
  cloud_run { service = google_cloud_run_v2_service.api.name }
}
resource "google_cloud_run_v2_service" "api" {
  name = "api"
  template { timeout = "60s" }
}
"""
INSTANCES = """
resource "google_compute_backend_service" "api" {
  port_name = "app"
  backend { group = google_compute_instance_group_manager.api.instance_group }
}
resource "google_compute_instance_group_manager" "api" {
  named_port {
    name = "http"
    port = 80
  }
  named_port {
    name = "app"
    port = 8080
  }
}
"""


def test_the_whole_chain_down_to_cloud_run(tmp_path: Path) -> None:
    result = stack(tmp_path, EDGE + URL_MAP + BACKEND + SERVERLESS)
    service = declared(result, SERVICE)
    assert dict(service.traits) == {
        "protocol": "HTTP",
        "scheme": "EXTERNAL_MANAGED",
        "balancer": "application",
        "backend": "serverless",
    }
    keepalive = setting_of(result, SERVICE, "http_keep_alive_timeout_sec")
    assert known(keepalive) == 120
    assert keepalive.label == "google_compute_target_https_proxy.web.http_keep_alive_timeout_sec"
    assert {target.address for target in service.targets} == {RUN}
    assert declared(result, RUN).setting("template.timeout") is not None


def test_each_host_keeps_its_own_paths(tmp_path: Path) -> None:
    service = declared(stack(tmp_path, URL_MAP + BACKEND + SERVERLESS), SERVICE)
    api, admin = service.targets
    assert api.hosts == ("api.example.com",)
    assert [(rule.pattern, rule.prefix, rule.exact) for rule in api.paths] == [
        ("/v1/*", "/v1/", False),
        ("/health", "/health", True),
    ]
    assert (admin.hosts, admin.paths) == (("admin.example.com", "*.corp.example.com"), ())
    assert service.front.hosts == ("api.example.com", "admin.example.com", "*.corp.example.com")
    assert service.front.paths == ()


def test_the_default_service_takes_any_host(tmp_path: Path) -> None:
    site = declared(
        stack(tmp_path, URL_MAP + BACKEND + SERVERLESS), "terraform:google_compute_backend_service.site"
    )
    assert (site.front.hosts, site.front.paths) == ((), ())
    assert {target.hosts for target in site.targets} == {(), ("api.example.com",)}


@pytest.mark.parametrize(
    "hosts", ['["*"]', '["*", "api.example.com"]'], ids=["a star", "a star among others"]
)
def test_a_star_is_any_host(tmp_path: Path, hosts: str) -> None:
    text = URL_MAP.replace('["api.example.com"]', hosts) + BACKEND + SERVERLESS
    assert declared(stack(tmp_path, text), SERVICE).targets[0].hosts == ()


def test_hosts_that_are_not_known_may_or_may_not_match(tmp_path: Path) -> None:
    text = URL_MAP.replace('["admin.example.com", "*.corp.example.com"]', "var.hosts")
    service = declared(stack(tmp_path, text + BACKEND + SERVERLESS + 'variable "hosts" {}\n'), SERVICE)
    assert (service.targets[1].hosts, service.targets[1].paths[0].opaque) == ((), True)


@pytest.mark.parametrize(
    ("match", "prefix", "exact", "opaque"),
    [
        pytest.param('prefix_match = "/v2/"', "/v2/", False, False, id="prefix"),
        pytest.param('full_path_match = "/health"', "/health", True, False, id="whole path"),
        pytest.param('regex_match = "/v[0-9]+/.*"', "/", False, True, id="regular expression"),
        pytest.param('path_template_match = "/users/{id}/**"', "/users/", False, True, id="path template"),
        pytest.param(
            'header_matches { header_name = "x" }', None, False, False, id="only a header: any path"
        ),
        pytest.param("prefix_match = var.prefix", "/", False, True, id="not known"),
    ],
)
def test_route_rules_match_paths(
    tmp_path: Path, match: str, prefix: str | None, exact: bool, opaque: bool
) -> None:
    text = f"""
resource "google_compute_url_map" "web" {{
  default_service = google_compute_backend_service.other.id
  path_matcher {{
    name = "m"
    route_rules {{
      priority = 1
      service  = google_compute_backend_service.api.id
      match_rules {{
        {match}
      }}
    }}
  }}
}}
variable "prefix" {{}}
"""
    (target,) = declared(stack(tmp_path, text + BACKEND + SERVERLESS), SERVICE).targets
    assert [(p.prefix, p.exact, p.opaque) for p in target.paths] == (
        [] if prefix is None else [(prefix, exact, opaque)]
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param("", "unknown", id="no backend in these files"),
        pytest.param("backend { group = var.group }", "unknown", id="a variable without a value"),
        pytest.param(
            "timeout_sec = 60\n  backend { group = var.group }", "instances", id="a timeout is written"
        ),
        pytest.param(
            'backend { group = "projects/p/zones/z/instanceGroups/g" }', "instances", id="instances by name"
        ),
        pytest.param(
            'backend { group = "projects/p/regions/r/networkEndpointGroups/g" }',
            "unknown",
            id="region by name",
        ),
        pytest.param(
            'backend { group = "projects/p/zones/z/networkEndpointGroups/g" }', "instances", id="zone by name"
        ),
        pytest.param("backend { group = google_compute_instance_group.g.id }", "instances", id="instances"),
        pytest.param(
            "backend { group = google_compute_region_network_endpoint_group.psc.id }",
            "instances",
            id="endpoints that are not serverless",
        ),
        pytest.param(
            "backend { group = google_compute_region_network_endpoint_group.run.id }",
            "serverless",
            id="serverless is the default of a regional group",
        ),
    ],
)
def test_what_stands_behind_decides_whose_time_counts(tmp_path: Path, body: str, kind: str) -> None:
    text = f"""
resource "google_compute_backend_service" "api" {{
  {body}
}}
resource "google_compute_instance_group" "g" {{ name = "g" }}
resource "google_compute_region_network_endpoint_group" "psc" {{
  network_endpoint_type = "PRIVATE_SERVICE_CONNECT"
}}
resource "google_compute_region_network_endpoint_group" "run" {{
  cloud_run {{ service = "elsewhere" }}
}}
variable "group" {{}}
"""
    assert declared(stack(tmp_path, text), SERVICE).trait("backend") == kind


@pytest.mark.parametrize(
    ("kind", "body", "balancer"),
    [
        pytest.param("backend_service", "", "application", id="global: HTTP by default"),
        pytest.param("backend_service", 'protocol = "TCP"', "proxy", id="global TCP is a proxy"),
        pytest.param("region_backend_service", "", "passthrough", id="regional: INTERNAL by default"),
        pytest.param(
            "region_backend_service",
            'load_balancing_scheme = "EXTERNAL"',
            "passthrough",
            id="regional external",
        ),
        pytest.param(
            "region_backend_service",
            'load_balancing_scheme = "INTERNAL_MANAGED"\n  protocol = "HTTPS"',
            "application",
            id="regional managed",
        ),
        pytest.param(
            "region_backend_service",
            'load_balancing_scheme = "INTERNAL_MANAGED"\n  protocol = "TCP"',
            "proxy",
            id="regional managed TCP",
        ),
        pytest.param("backend_service", "protocol = var.p", "unknown", id="a protocol that is not known"),
    ],
)
def test_what_a_load_balancer_handles(tmp_path: Path, kind: str, body: str, balancer: str) -> None:
    text = f'resource "google_compute_{kind}" "api" {{\n  {body}\n}}\nvariable "p" {{}}\n'
    found = declared(stack(tmp_path, text), f"terraform:google_compute_{kind}.api")
    assert (found.component, found.trait("balancer")) == ("google_compute_backend_service", balancer)


def test_the_named_port_of_an_instance_group_is_where_it_sends_requests(tmp_path: Path) -> None:
    (target,) = declared(stack(tmp_path, INSTANCES), SERVICE).targets
    assert (target.port, target.group, target.address) == (8080, "api", "")


def test_an_internet_endpoint_is_a_host_name(tmp_path: Path) -> None:
    text = """
resource "google_compute_backend_service" "api" {
  backend { group = google_compute_global_network_endpoint_group.api.id }
}
resource "google_compute_global_network_endpoint_group" "api" {
  network_endpoint_type = "INTERNET_FQDN_PORT"
}
resource "google_compute_global_network_endpoint" "api" {
  global_network_endpoint_group = google_compute_global_network_endpoint_group.api.name
  fqdn                          = "origin.example.com"
  port                          = 8443
}
"""
    (target,) = declared(stack(tmp_path, text), SERVICE).targets
    assert (target.host, target.port) == ("origin.example.com", 8443)


def test_health_checks_are_no_limits(tmp_path: Path) -> None:
    text = INSTANCES + 'resource "google_compute_health_check" "api" {\n  timeout_sec = 5\n}\n'
    assert declared(stack(tmp_path, text), SERVICE).settings == ()


ROUTED = """
resource "google_compute_url_map" "web" {
  default_service = google_compute_backend_service.other.id
  host_rule {
    hosts        = ["api.example.com"]
    path_matcher = "api"
  }
  path_matcher {
    name            = "api"
    default_service = google_compute_backend_service.other.id
    route_rules {
      priority = 1
      match_rules { prefix_match = "/slow/" }
      route_action {
        ACTION
        weighted_backend_services {
          backend_service = google_compute_backend_service.api.id
          weight          = 100
        }
      }
    }
  }
}
"""


def routed(action: str) -> str:
    return ROUTED.replace("ACTION", action)


def test_a_route_action_with_a_time_is_a_hop_in_front_of_its_service(tmp_path: Path) -> None:
    result = stack(tmp_path, routed('timeout {\n seconds = "300"\n }') + INSTANCES)
    hop = declared(result, MAP)
    total = setting_of(result, MAP, "route_action.timeout")
    assert (known(total), total.label) == ("300", "route_action.timeout")
    assert (hop.front.hosts, [path.prefix for path in hop.front.paths]) == (("api.example.com",), ["/slow/"])
    assert [target.address for target in hop.targets] == [SERVICE]
    assert declared(result, SERVICE).trait("timeout") == "route action", "its own time is replaced"


@pytest.mark.parametrize(
    ("block", "value"),
    [
        pytest.param("seconds = 3", 3, id="seconds"),
        pytest.param("seconds = 3\n nanos = 0", 3, id="no nanoseconds"),
        pytest.param("seconds = 3\n nanos = 500000000", "3.5", id="both add up"),
        pytest.param("seconds = 0\n nanos = 250000000", "0.25", id="less than a second"),
    ],
)
def test_seconds_and_nanoseconds_are_one_duration(tmp_path: Path, block: str, value: object) -> None:
    result = stack(tmp_path, routed(f"timeout {{\n {block}\n }}") + INSTANCES)
    assert known(setting_of(result, MAP, "route_action.timeout")) == value


def test_seconds_that_are_not_known_stay_unknown(tmp_path: Path) -> None:
    text = routed("timeout {\n seconds = var.s\n nanos = 500000000\n }") + INSTANCES + 'variable "s" {}\n'
    assert 'variable "s"' in reason(setting_of(stack(tmp_path, text), MAP, "route_action.timeout"))


def test_a_rewrite_alone_limits_nothing(tmp_path: Path) -> None:
    result = stack(tmp_path, routed('url_rewrite {\n host_rewrite = "x"\n }') + INSTANCES)
    assert [one.component for one in result.declarations] == ["google_compute_backend_service"]
    assert declared(result, SERVICE).front.hosts == ("api.example.com",)


RETRIES = """retry_policy {
          num_retries      = 3
          retry_conditions = ["5xx"]
          per_try_timeout {
            seconds = 10
          }
        }"""


def test_retries_without_a_time_have_that_of_the_backend_service(tmp_path: Path) -> None:
    text = routed(RETRIES) + INSTANCES.replace("port_name", "timeout_sec = 40\n  port_name")
    result = stack(tmp_path, text)
    total = setting_of(result, MAP, "route_action.timeout")
    assert (known(total), total.label) == (40, "google_compute_backend_service.api.timeout_sec")
    assert known(setting_of(result, MAP, "route_action.retry_policy.num_retries")) == 3
    assert known(setting_of(result, MAP, "route_action.retry_policy.per_try_timeout")) == 10
    assert dict(declared(result, MAP).traits) == {"retries": "all", "total": "not known"}


@pytest.mark.parametrize(
    ("backend", "total"),
    [(INSTANCES, "backend service"), (BACKEND + SERVERLESS, "not known")],
    ids=["30 s by default", "serverless: none"],
)
def test_where_nobody_wrote_a_total(tmp_path: Path, backend: str, total: str) -> None:
    assert declared(stack(tmp_path, routed(RETRIES) + backend), MAP).trait("total") == total


def test_retries_of_what_never_arrived_repeat_no_wait(tmp_path: Path) -> None:
    text = routed(RETRIES.replace("5xx", "connect-failure")) + INSTANCES
    assert declared(stack(tmp_path, text), MAP).trait("retries") == "connect"


def test_a_service_with_and_without_a_route_action_is_there_twice(tmp_path: Path) -> None:
    text = routed("timeout {\n seconds = 300\n }").replace(
        "default_service = google_compute_backend_service.other.id\n  host_rule",
        "default_service = google_compute_backend_service.api.id\n  host_rule",
    )
    result = stack(tmp_path, text + INSTANCES)
    assert declared(result, SERVICE).trait("timeout") == ""
    assert declared(result, f"{SERVICE}/routed").trait("timeout") == "route action"
    assert [target.address for target in declared(result, MAP).targets] == [f"{SERVICE}/routed"]


def test_several_actions_of_one_map_are_told_apart(tmp_path: Path) -> None:
    text = """
resource "google_compute_url_map" "web" {
  default_service = google_compute_backend_service.api.id
  default_route_action {
    timeout {
      seconds = 20
    }
  }
  path_matcher {
    name            = "m"
    default_service = google_compute_backend_service.api.id
    path_rule {
      paths   = ["/slow/*"]
      service = google_compute_backend_service.api.id
      route_action {
        timeout {
          seconds = 90
        }
      }
    }
  }
}
"""
    result = stack(tmp_path, text + INSTANCES)
    default = setting_of(result, f"{MAP}/default", "route_action.timeout")
    assert (known(default), default.label) == (20, "default_route_action.timeout")
    assert known(setting_of(result, f"{MAP}/m.path_rule[0]", "route_action.timeout")) == 90
