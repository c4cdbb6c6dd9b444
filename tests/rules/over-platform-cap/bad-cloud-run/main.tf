resource "google_cloud_run_v2_service" "batch" {
  name     = "batch"
  location = "europe-west1"

  template {
    timeout = "7200s"

    containers {
      image = "example.com/batch:1"
    }
  }
}
