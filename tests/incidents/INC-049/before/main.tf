resource "google_compute_backend_service" "php" {
  name                  = "php"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  timeout_sec           = 75

  backend {
    group = google_compute_instance_group_manager.php.instance_group
  }
}

resource "google_compute_instance_group_manager" "php" {
  name = "php"

  named_port {
    name = "http"
    port = 8080
  }
}
