resource "google_cloudfunctions2_function" "report" {
  name     = "report"
  location = "europe-west1"

  service_config {
    timeout_seconds = 3600
  }

  timeouts {
    create = "3h"
  }
}

resource "google_cloud_run_v2_service" "batch" {
  name     = "batch"
  location = "europe-west1"

  template {
    timeout = "3600s"

    containers {
      image = "example.com/batch:1"

      startup_probe {
        timeout_seconds   = 240
        failure_threshold = 1
        period_seconds    = 240

        tcp_socket {
          port = 8080
        }
      }
    }
  }
}

resource "google_cloud_run_v2_job" "night" {
  name     = "night"
  location = "europe-west1"

  template {
    template {
      timeout = "86400s"

      containers {
        image = "example.com/night:1"
      }
    }
  }
}
