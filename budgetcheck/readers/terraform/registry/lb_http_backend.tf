# GoogleCloudPlatform/lb-http/google//modules/backend: one backend service, for a frontend made apart.
# https://github.com/terraform-google-modules/terraform-google-lb-http (v14.2)

variable "name" { default = null }
variable "load_balancing_scheme" { default = "EXTERNAL_MANAGED" }
variable "protocol" { default = "HTTP" }
variable "port_name" { default = "http" }
variable "timeout_sec" { default = null }
variable "connection_draining_timeout_sec" { default = null }
variable "backend_bucket_name" { default = null }
variable "groups" { default = [] }
variable "serverless_neg_backends" { default = [] }
variable "host_path_mappings" { default = [{ host = "*", path = "/*" }] }

resource "google_compute_backend_service" "default" {
  count                           = var.backend_bucket_name == null || var.backend_bucket_name == "" ? 1 : 0
  name                            = var.name
  load_balancing_scheme           = var.load_balancing_scheme
  port_name                       = var.port_name
  protocol                        = var.protocol
  timeout_sec                     = var.timeout_sec
  connection_draining_timeout_sec = var.connection_draining_timeout_sec

  dynamic "backend" {
    for_each = var.groups
    content {
      group = backend.value.group
    }
  }

  dynamic "backend" {
    for_each = var.serverless_neg_backends
    content {
      group = google_compute_region_network_endpoint_group.serverless_negs[backend.value.region].id
    }
  }
}

resource "google_compute_region_network_endpoint_group" "serverless_negs" {
  for_each              = { for neg in var.serverless_neg_backends : neg.region => neg }
  name                  = each.key
  network_endpoint_type = "SERVERLESS"

  dynamic "cloud_run" {
    for_each = each.value.type == "cloud-run" ? [1] : []
    content { service = each.value.service_name }
  }

  dynamic "cloud_function" {
    for_each = each.value.type == "cloud-function" ? [1] : []
    content { function = each.value.service_name }
  }
}

output "backend_service_info" {
  value = [for mapping in var.host_path_mappings : {
    host            = mapping.host
    path            = mapping.path
    backend_service = try(google_compute_backend_service.default[0].self_link, null)
  }]
}
