resource "google_compute_region_backend_service" "db" {
  name                  = "db"
  region                = "europe-west1"
  protocol              = "TCP"
  load_balancing_scheme = "INTERNAL"
  timeout_sec           = 60

  backend {
    group = google_compute_instance_group.db.id
  }
}

resource "google_compute_instance_group" "db" {
  name = "db"
}
