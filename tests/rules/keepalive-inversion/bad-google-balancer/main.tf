resource "google_compute_backend_service" "api" {
  name                  = "api"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  timeout_sec           = 75

  backend {
    group = google_compute_instance_group_manager.api.instance_group
  }
}

resource "google_compute_instance_group_manager" "api" {
  name = "api"

  named_port {
    name = "http"
    port = 8080
  }
}
