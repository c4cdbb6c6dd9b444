resource "google_cloud_run_v2_service" "assistant" {
  name     = "assistant"
  location = "europe-west1"

  template {
    timeout = "300s"

    containers {
      name  = "nginx"
      image = "europe-docker.pkg.dev/acme/assistant/nginx:1.4.0"
      ports {
        container_port = 8080
      }
      depends_on = ["application"]
    }

    containers {
      name  = "application"
      image = "europe-docker.pkg.dev/acme/assistant/application:1.4.0"
    }
  }
}
