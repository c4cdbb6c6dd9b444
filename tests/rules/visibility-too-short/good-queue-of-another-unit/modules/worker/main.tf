variable "jobs_arn" {
  type = string
}

variable "timeout" {
  type = number
}

resource "aws_lambda_function" "worker" {
  function_name = "worker"
  timeout       = var.timeout
}

resource "aws_lambda_event_source_mapping" "jobs" {
  event_source_arn = var.jobs_arn
  function_name    = aws_lambda_function.worker.arn
}
