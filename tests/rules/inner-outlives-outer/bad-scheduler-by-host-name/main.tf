resource "google_cloud_scheduler_job" "tick" {
  name             = "tick"
  schedule         = "*/5 * * * *"
  attempt_deadline = "60s"

  http_target {
    http_method = "POST"
    uri         = "https://api.example.com/jobs/tick"
  }
}
