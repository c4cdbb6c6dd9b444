resource "google_cloud_run_v2_service" "worker" {
  name     = "worker"
  location = "europe-west1"

  template {
    timeout = "300s"

    containers {
      image = "example.com/worker:1"

      ports {
        container_port = 8080
      }
    }
  }
}

resource "google_pubsub_subscription" "events" {
  name                 = "events"
  topic                = "events"
  ack_deadline_seconds = 60

  push_config {
    push_endpoint = "${google_cloud_run_v2_service.worker.uri}/events"
  }
}
