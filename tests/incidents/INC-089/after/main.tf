resource "google_cloud_run_v2_service" "relayer" {
  name     = "relayer"
  location = "europe-west1"

  template {
    timeout = "540s"

    containers {
      image = "example/relayer:2"
    }
  }
}

resource "google_pubsub_subscription" "relayer" {
  name  = "relayer"
  topic = "deposits"

  ack_deadline_seconds = 600

  push_config {
    push_endpoint = google_cloud_run_v2_service.relayer.uri
  }
}
