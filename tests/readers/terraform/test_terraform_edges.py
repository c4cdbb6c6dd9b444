"""What stands at the edge: CloudFront and Google's load balancers."""

from pathlib import Path

import pytest
from terraform_files import declared, known, setting_of, stack

CDN = """
resource "aws_cloudfront_distribution" "cdn" {
  aliases = ["www.example.com"]
  origin {
    origin_id           = "api"
    domain_name         = aws_lb.api.dns_name
    connection_attempts = 2
    custom_origin_config {
      origin_read_timeout = 60
    }
  }
  origin {
    origin_id   = "bucket"
    domain_name = aws_s3_bucket.site.bucket_regional_domain_name
  }
  default_cache_behavior {
    target_origin_id = "bucket"
  }
  ordered_cache_behavior {
    path_pattern     = "/api/*"
    target_origin_id = "api"
  }
}
resource "aws_lb" "api" {}
resource "aws_s3_bucket" "site" {}
"""
ADDRESS = "terraform:aws_cloudfront_distribution.cdn"


def test_a_distribution_with_one_server_and_a_bucket(tmp_path: Path) -> None:
    result = stack(tmp_path, CDN)
    cdn = declared(result, ADDRESS)
    assert known(setting_of(result, ADDRESS, "origin.connection_attempts")) == 2
    assert known(setting_of(result, ADDRESS, "origin.custom_origin_config.origin_read_timeout")) == 60
    assert cdn.front.hosts == ("www.example.com",)
    assert [(path.pattern, path.prefix, path.opaque) for path in cdn.front.paths] == [
        ("/api/*", "/api/", False)
    ]
    assert [target.address for target in cdn.targets] == ["terraform:aws_lb.api"]


def test_several_servers_are_several_hops(tmp_path: Path) -> None:
    text = CDN.replace(
        "aws_s3_bucket.site.bucket_regional_domain_name",
        '"legacy.example.com"\n    custom_origin_config {\n      origin_read_timeout = 10\n    }',
    )
    result = stack(tmp_path, text)
    assert (
        known(setting_of(result, f"{ADDRESS}/api", "origin.custom_origin_config.origin_read_timeout")) == 60
    )
    legacy = declared(result, f"{ADDRESS}/bucket")
    assert legacy.front.paths == ()
    assert [target.host for target in legacy.targets] == ["legacy.example.com"]


def test_an_origin_of_an_unknown_number_has_its_limits_where_it_is_there(tmp_path: Path) -> None:
    text = """
variable "origins" {}
resource "aws_cloudfront_distribution" "cdn" {
  dynamic "origin" {
    for_each = var.origins
    content {
      domain_name = "www.example.com"
      custom_origin_config {
        origin_read_timeout = 60
      }
    }
  }
}
"""
    name = "origin.custom_origin_config.origin_read_timeout"
    assert known(setting_of(stack(tmp_path, text), ADDRESS, name)) == 60


def test_a_distribution_of_buckets_alone_is_no_hop(tmp_path: Path) -> None:
    text = 'resource "aws_cloudfront_distribution" "cdn" {\n  origin {\n    domain_name = "x"\n  }\n}\n'
    assert stack(tmp_path, text).declarations == ()


@pytest.mark.parametrize(
    ("domain", "more", "target"),
    [
        pytest.param(
            'replace(replace(aws_lambda_function_url.f.function_url, "https://", ""), "/", "")',
            'resource "aws_lambda_function_url" "f" { function_name = "f" }',
            "terraform:aws_lambda_function_url.f",
            id="a function URL inside two replacements",
        ),
        pytest.param(
            'replace(aws_apigatewayv2_api.a.api_endpoint, "/^https?:../", "")',
            'resource "aws_apigatewayv2_api" "a" {}\n'
            'resource "aws_apigatewayv2_integration" "i" { api_id = aws_apigatewayv2_api.a.id }',
            "terraform:aws_apigatewayv2_integration.i",
            id="an API by its endpoint, behind a regular expression",
        ),
        pytest.param(
            '"origin.example.com"',
            'resource "aws_route53_record" "o" {\n  name = "origin.example.com"\n'
            "  alias {\n    name = aws_lb.api.dns_name\n  }\n}",
            "terraform:aws_lb.api",
            id="a name with a DNS record",
        ),
    ],
)
def test_origins_lead_to_what_answers_there(tmp_path: Path, domain: str, more: str, target: str) -> None:
    text = CDN.replace("aws_lb.api.dns_name", domain, 1) + more
    assert [found.address for found in declared(stack(tmp_path, text), ADDRESS).targets] == [target]


GOOGLE = """
resource "google_compute_backend_service" "api" {
  timeout_sec = 60
  backend { group = google_compute_region_network_endpoint_group.run.id }
}
resource "google_compute_region_network_endpoint_group" "run" {
  network_endpoint_type = "SERVERLESS"
  cloud_run { service = google_cloud_run_service.api.name }
}
resource "google_cloud_run_service" "api" { name = "api" }
resource "google_compute_url_map" "map" {
  default_service = google_compute_backend_service.other.id
  host_rule {
    hosts        = ["api.example.com"]
    path_matcher = "api"
  }
  path_matcher {
    name            = "api"
    default_service = google_compute_backend_service.other.id
    path_rule {
      paths   = ["/v1/*"]
      service = google_compute_backend_service.api.id
    }
  }
}
resource "google_compute_backend_service" "other" {
  backend { group = google_compute_instance_group.g.id }
}
resource "google_compute_instance_group" "g" {}
"""


def test_a_backend_service_in_front_of_cloud_run(tmp_path: Path) -> None:
    result = stack(tmp_path, GOOGLE)
    address = "terraform:google_compute_backend_service.api"
    service = declared(result, address)
    assert known(setting_of(result, address, "timeout_sec")) == 60
    assert service.trait("backend") == "serverless"
    assert service.front.hosts == ("api.example.com",)
    assert [path.pattern for path in service.front.paths] == ["/v1/*"]
    assert [target.address for target in service.targets] == ["terraform:google_cloud_run_service.api"]
    other = declared(result, "terraform:google_compute_backend_service.other")
    assert (other.front.hosts, other.front.paths, other.trait("backend")) == ((), (), "instances")


def test_cloud_run_by_its_plain_name(tmp_path: Path) -> None:
    text = GOOGLE.replace("google_cloud_run_service.api.name", '"api"')
    service = declared(stack(tmp_path, text), "terraform:google_compute_backend_service.api")
    assert [target.address for target in service.targets] == ["terraform:google_cloud_run_service.api"]
