resource "google_compute_url_map" "web" {
  name            = "web"
  default_service = google_compute_backend_service.site.id

  host_rule {
    hosts        = ["api.example.com"]
    path_matcher = "api"
  }

  path_matcher {
    name            = "api"
    default_service = google_compute_backend_service.api.id

    route_rules {
      priority = 1
      service  = google_compute_backend_service.api.id

      match_rules {
        prefix_match = "/v1/"
      }

      route_action {
        timeout {
          seconds = "20"
        }
      }
    }
  }
}

resource "google_compute_backend_service" "site" {
  name                  = "site"
  load_balancing_scheme = "EXTERNAL_MANAGED"

  backend {
    group = google_compute_instance_group.site.id
  }
}

resource "google_compute_instance_group" "site" {
  name = "site"
}

resource "google_compute_backend_service" "api" {
  name                  = "api"
  load_balancing_scheme = "EXTERNAL_MANAGED"

  backend {
    group = google_compute_region_network_endpoint_group.api.id
  }
}

resource "google_compute_region_network_endpoint_group" "api" {
  name                  = "api"
  region                = "europe-west1"
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloud_run_v2_service.api.name
  }
}

resource "google_cloud_run_v2_service" "api" {
  name     = "api"
  location = "europe-west1"

  template {
    timeout = "60s"

    containers {
      image = "example.com/api:1"
    }
  }
}
