resource "google_cloudfunctions2_function" "worker" {
  name     = "worker"
  location = "europe-west1"

  service_config {
    timeout_seconds = 120
  }
}

resource "google_pubsub_subscription" "events" {
  name  = "events"
  topic = "events"

  push_config {
    push_endpoint = google_cloudfunctions2_function.worker.service_config[0].uri
  }
}
