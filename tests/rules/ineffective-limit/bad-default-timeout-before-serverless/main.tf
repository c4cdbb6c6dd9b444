resource "google_compute_backend_service" "api" {
  name                  = "api"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  timeout_sec           = 30

  backend {
    group = google_compute_region_network_endpoint_group.api.id
  }
}

resource "google_compute_region_network_endpoint_group" "api" {
  name   = "api"
  region = "europe-west1"

  cloud_function {
    function = google_cloudfunctions_function.api.name
  }
}

resource "google_cloudfunctions_function" "api" {
  name    = "api"
  runtime = "python312"
  timeout = 120
}
