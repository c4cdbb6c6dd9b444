# GoogleCloudPlatform/lb-http/google//modules/frontend: proxies and URL map in front of backends made apart.
# https://github.com/terraform-google-modules/terraform-google-lb-http (v14.2)

variable "name" { default = null }
variable "url_map_input" { default = [] }
variable "create_url_map" { default = true }
variable "url_map_resource_uri" { default = null }
variable "ssl" { default = false }
variable "http_keep_alive_timeout_sec" { default = null }

locals {
  hosts = toset([for one in var.url_map_input : one.host])
  by_host = { for host in local.hosts : host => {
    for one in var.url_map_input : one.path => one.backend_service if one.host == host
  } }
  any = try(local.by_host["*"]["/*"], values(values(local.by_host)[0])[0], null)
}

resource "google_compute_target_https_proxy" "default" {
  count                       = var.ssl ? 1 : 0
  url_map                     = var.create_url_map ? google_compute_url_map.default[0].self_link : var.url_map_resource_uri
  http_keep_alive_timeout_sec = var.http_keep_alive_timeout_sec
}

resource "google_compute_url_map" "default" {
  count           = var.create_url_map && length(local.by_host) > 0 ? 1 : 0
  default_service = local.any

  dynamic "host_rule" {
    for_each = local.by_host
    content {
      hosts        = [host_rule.key]
      path_matcher = host_rule.key
    }
  }

  dynamic "path_matcher" {
    for_each = local.by_host
    content {
      name            = path_matcher.key
      default_service = try(path_matcher.value["/*"], values(path_matcher.value)[0])

      dynamic "path_rule" {
        for_each = { for path, service in path_matcher.value : path => service if path != "/*" }
        content {
          paths   = [path_rule.key]
          service = path_rule.value
        }
      }
    }
  }
}

output "url_map" { value = google_compute_url_map.default[*].self_link }
output "https_proxy" { value = google_compute_target_https_proxy.default[*].self_link }
