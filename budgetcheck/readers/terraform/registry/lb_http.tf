# GoogleCloudPlatform/lb-http/google and its submodule dynamic_backends.
# https://github.com/terraform-google-modules/terraform-google-lb-http (v6.0, v9.3, v14.2)

variable "name" { default = null }
variable "backends" { default = {} }
variable "load_balancing_scheme" { default = "EXTERNAL" }
variable "create_url_map" { default = true }
variable "url_map" { default = null }
variable "ssl" { default = false }
variable "http_keep_alive_timeout_sec" { default = null }

locals {
  url_map = var.create_url_map ? google_compute_url_map.default[0].self_link : var.url_map
}

resource "google_compute_target_https_proxy" "default" {
  count                       = var.ssl ? 1 : 0
  url_map                     = local.url_map
  http_keep_alive_timeout_sec = var.http_keep_alive_timeout_sec
}

resource "google_compute_url_map" "default" {
  count           = var.create_url_map ? 1 : 0
  default_service = google_compute_backend_service.default[keys(var.backends)[0]].self_link
}

resource "google_compute_backend_service" "default" {
  for_each                        = var.backends
  name                            = "${var.name}-backend-${each.key}"
  load_balancing_scheme           = var.load_balancing_scheme
  port_name                       = try(each.value.port_name, "http")
  protocol                        = try(each.value.protocol, "HTTP")
  timeout_sec                     = try(each.value.timeout_sec, null)
  connection_draining_timeout_sec = try(each.value.connection_draining_timeout_sec, null)

  dynamic "backend" {
    for_each = try(each.value.groups, [])
    content {
      group = backend.value.group
    }
  }
}

output "backend_services" { value = google_compute_backend_service.default }
output "url_map" { value = google_compute_url_map.default[*].self_link }
output "https_proxy" { value = google_compute_target_https_proxy.default[*].self_link }
