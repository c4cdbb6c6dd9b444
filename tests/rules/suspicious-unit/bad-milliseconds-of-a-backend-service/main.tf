resource "google_compute_backend_service" "api" {
  name        = "api"
  timeout_sec = 30000

  backend {
    group = google_compute_instance_group.api.id
  }
}

resource "google_compute_instance_group" "api" {
  name = "api"
}
