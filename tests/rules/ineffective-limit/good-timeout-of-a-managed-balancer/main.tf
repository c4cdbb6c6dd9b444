resource "google_compute_region_backend_service" "api" {
  name                  = "api"
  region                = "europe-west1"
  protocol              = "HTTP"
  load_balancing_scheme = "INTERNAL_MANAGED"
  timeout_sec           = 60
  health_checks         = [google_compute_region_health_check.api.id]

  backend {
    group = google_compute_instance_group.api.id
  }
}

resource "google_compute_instance_group" "api" {
  name = "api"
}

resource "google_compute_region_health_check" "api" {
  name               = "api"
  region             = "europe-west1"
  check_interval_sec = 5
  timeout_sec        = 5

  http_health_check {
    port = 80
  }
}
