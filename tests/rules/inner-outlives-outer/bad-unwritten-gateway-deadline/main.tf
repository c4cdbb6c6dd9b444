resource "google_api_gateway_api_config" "api" {
  provider      = google-beta
  api           = google_api_gateway_api.api.api_id
  api_config_id = "api"

  openapi_documents {
    document {
      path = "openapi.yaml"
      contents = base64encode(templatefile("${path.module}/openapi.yaml", {
        url = google_cloud_run_v2_service.reports.uri
      }))
    }
  }
}

resource "google_api_gateway_api" "api" {
  provider = google-beta
  api_id   = "api"
}

resource "google_cloud_run_v2_service" "reports" {
  name     = "reports"
  location = "europe-west1"

  template {
    timeout = "120s"

    containers {
      image = "example.com/reports:1"
    }
  }
}
