resource "google_compute_backend_service" "api" {
  name                            = "api"
  load_balancing_scheme           = "EXTERNAL_MANAGED"
  connection_draining_timeout_sec = 10

  backend {
    group = google_compute_region_network_endpoint_group.api.id
  }

  timeouts {
    create = "20m"
  }
}

resource "google_compute_region_network_endpoint_group" "api" {
  name                  = "api"
  region                = "europe-west1"
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloud_run_v2_service.api.name
  }
}

resource "google_cloud_run_v2_service" "api" {
  name     = "api"
  location = "europe-west1"

  template {
    timeout = "300.5s"

    containers {
      image = "example.com/api:1"

      liveness_probe {
        timeout_seconds = 3000
        period_seconds  = 3600

        http_get {
          path = "/healthz"
        }
      }
    }
  }
}
