resource "google_compute_backend_service" "sockets" {
  name        = "sockets"
  timeout_sec = 86400

  backend {
    group = google_compute_instance_group.sockets.id
  }
}

resource "google_compute_instance_group" "sockets" {
  name = "sockets"
}

resource "google_compute_health_check" "sockets" {
  name        = "sockets"
  timeout_sec = 5

  tcp_health_check {
    port = 80
  }
}
