# GoogleCloudPlatform/cloud-run/google//modules/v2.
# https://github.com/GoogleCloudPlatform/terraform-google-cloud-run (v0.30)

variable "service_name" { default = null }
variable "timeout" { default = null }
variable "containers" { default = [] }

resource "google_cloud_run_v2_service" "main" {
  name = var.service_name

  template {
    timeout = var.timeout

    dynamic "containers" {
      for_each = var.containers
      content {
        name  = try(containers.value.container_name, null)
        image = try(containers.value.container_image, null)
        ports {
          container_port = try(containers.value.ports.container_port, 8080)
        }
      }
    }
  }
}

output "service_name" { value = google_cloud_run_v2_service.main.name }
output "service_id" { value = google_cloud_run_v2_service.main.id }
output "service_uri" { value = google_cloud_run_v2_service.main.uri }
