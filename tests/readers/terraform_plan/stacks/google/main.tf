variable "services" {
  type    = map(string)
  default = { api = "120s", admin = "30s" }
}

resource "google_cloud_run_v2_service" "service" {
  for_each = var.services
  name     = each.key
  location = "europe-west1"

  template {
    timeout = each.value

    containers {
      image = "europe-docker.pkg.dev/demo/${each.key}:1"

      ports {
        container_port = 8080
      }
    }
  }
}

resource "google_compute_region_network_endpoint_group" "service" {
  for_each = var.services
  name     = each.key
  region   = "europe-west1"

  cloud_run {
    service = google_cloud_run_v2_service.service[each.key].name
  }
}

resource "google_compute_backend_service" "service" {
  for_each = var.services
  name     = each.key
  protocol = "HTTPS"

  backend {
    group = google_compute_region_network_endpoint_group.service[each.key].id
  }
}

resource "google_compute_backend_service" "instances" {
  name        = "instances"
  protocol    = "HTTP"
  timeout_sec = 45
}

resource "google_compute_url_map" "main" {
  name            = "main"
  default_service = google_compute_backend_service.instances.id

  host_rule {
    hosts        = ["api.example.com"]
    path_matcher = "api"
  }

  path_matcher {
    name            = "api"
    default_service = google_compute_backend_service.service["api"].id

    path_rule {
      paths   = ["/admin/*"]
      service = google_compute_backend_service.service["admin"].id
    }
  }
}
