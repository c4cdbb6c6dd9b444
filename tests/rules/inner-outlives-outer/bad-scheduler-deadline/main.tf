resource "google_cloud_run_service" "cleanup" {
  name     = "cleanup"
  location = "europe-west1"

  template {
    spec {
      timeout_seconds = 900

      containers {
        image = "example.com/cleanup:1"
      }
    }
  }
}

resource "google_cloud_scheduler_job" "cleanup" {
  name     = "cleanup"
  schedule = "*/15 * * * *"

  retry_config {
    retry_count = 3
  }

  http_target {
    http_method = "POST"
    uri         = "${google_cloud_run_service.cleanup.status[0].url}/cleanup"
  }
}
