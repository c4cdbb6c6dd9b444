variable "visibility" {
  type    = number
  default = null
}

resource "aws_sqs_queue" "jobs" {
  visibility_timeout_seconds = var.visibility
}

output "jobs_arn" {
  value = aws_sqs_queue.jobs.arn
}
