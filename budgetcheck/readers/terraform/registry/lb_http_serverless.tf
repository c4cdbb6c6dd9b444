# GoogleCloudPlatform/lb-http/google//modules/serverless_negs, which takes no `timeout_sec`: Google would refuse it.
# https://github.com/terraform-google-modules/terraform-google-lb-http (v9.3, v14.2)

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
  for_each              = var.backends
  name                  = "${var.name}-backend-${each.key}"
  load_balancing_scheme = var.load_balancing_scheme
  protocol              = try(each.value.protocol, "HTTP")

  dynamic "backend" {
    for_each = try(each.value.groups, [])
    content {
      group = backend.value.group
    }
  }

  dynamic "backend" {
    for_each = try(each.value.serverless_neg_backends, [])
    content {
      group = google_compute_region_network_endpoint_group.serverless_negs["neg-${each.key}-${backend.value.region}"].id
    }
  }
}

resource "google_compute_region_network_endpoint_group" "serverless_negs" {
  for_each = merge([for index, one in var.backends : {
    for neg in try(one.serverless_neg_backends, []) : "neg-${index}-${neg.region}" => neg
  }]...)
  name                  = each.key
  network_endpoint_type = "SERVERLESS"

  dynamic "cloud_run" {
    for_each = each.value.type == "cloud-run" ? [1] : []
    content { service = try(each.value.service.name, each.value.service_name, null) }
  }

  dynamic "cloud_function" {
    for_each = each.value.type == "cloud-function" ? [1] : []
    content { function = try(each.value.service.name, each.value.service_name, null) }
  }
}

output "backend_services" { value = google_compute_backend_service.default }
output "url_map" { value = google_compute_url_map.default[*].self_link }
output "https_proxy" { value = google_compute_target_https_proxy.default[*].self_link }
