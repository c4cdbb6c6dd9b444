resource "google_cloud_run_v2_service" "api" {
  name     = "api"
  location = "europe-west1"

  template {
    timeout = "300"

    containers {
      image = "example.com/api:1"
    }
  }
}
