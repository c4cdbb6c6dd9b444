resource "google_compute_url_map" "web" {
  name            = "web"
  default_service = google_compute_backend_service.api.id

  default_route_action {
    timeout {
      seconds = 90
    }
  }
}

resource "google_compute_backend_service" "api" {
  name                  = "api"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  timeout_sec           = 30

  backend {
    group = google_compute_instance_group.api.id
  }
}

resource "google_compute_instance_group" "api" {
  name = "api"

  named_port {
    name = "http"
    port = 8080
  }
}
