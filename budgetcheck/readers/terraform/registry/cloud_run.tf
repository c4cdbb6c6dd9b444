# GoogleCloudPlatform/cloud-run/google. Its own default of `timeout_seconds` is 120, not the platform's 300.
# https://github.com/GoogleCloudPlatform/terraform-google-cloud-run (v0.30)

variable "service_name" { default = null }
variable "image" { default = null }
variable "timeout_seconds" { default = 120 }
variable "ports" { default = { name = "http1", port = 8080 } }

resource "google_cloud_run_service" "main" {
  name = var.service_name

  template {
    spec {
      timeout_seconds = var.timeout_seconds

      containers {
        image = var.image
        ports {
          container_port = var.ports.port
        }
      }
    }
  }
}

output "service_name" { value = google_cloud_run_service.main.name }
output "service_id" { value = google_cloud_run_service.main.id }
output "service_url" { value = google_cloud_run_service.main.status[0].url }
