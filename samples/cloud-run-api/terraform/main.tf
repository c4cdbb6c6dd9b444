terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.0"
    }
  }
}

provider "google" {
  project = var.project
  region  = "europe-west1"
}

variable "project" {
  type = string
}

variable "image" {
  type        = string
  description = "Image of the service, with its digest."
}

resource "google_cloud_run_v2_service" "briefs" {
  name     = "briefs"
  location = "europe-west1"
  ingress  = "INGRESS_TRAFFIC_ALL"

  template {
    timeout                          = "60s"
    max_instance_request_concurrency = 40

    containers {
      image = var.image

      ports {
        container_port = 8080
      }

      startup_probe {
        timeout_seconds = 3
        period_seconds  = 5

        http_get {
          path = "/healthz"
        }
      }
    }
  }
}

resource "google_cloud_run_v2_service_iam_member" "public" {
  name     = google_cloud_run_v2_service.briefs.name
  location = google_cloud_run_v2_service.briefs.location
  role     = "roles/run.invoker"
  member   = "allUsers"
}
