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
  name             = "cleanup"
  schedule         = "*/15 * * * *"
  attempt_deadline = "${google_cloud_run_service.cleanup.template[0].spec[0].timeout_seconds + 60}s"

  http_target {
    http_method = "POST"
    uri         = "${google_cloud_run_service.cleanup.status[0].url}/cleanup"
  }

  timeouts {
    create = "1m"
  }
}
