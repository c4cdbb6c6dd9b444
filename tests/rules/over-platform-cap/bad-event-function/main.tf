resource "google_cloudfunctions2_function" "import" {
  name     = "import"
  location = "europe-west1"

  service_config {
    timeout_seconds = 1800
  }

  event_trigger {
    event_type = "google.cloud.storage.object.v1.finalized"
  }
}
