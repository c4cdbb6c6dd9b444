variable "visibility" {
  type    = number
}

resource "aws_sqs_queue" "jobs" {
  visibility_timeout_seconds = var.visibility
}

resource "aws_lambda_function" "worker" {
  function_name = "worker"
  timeout       = 300
}

resource "aws_lambda_event_source_mapping" "jobs" {
  event_source_arn = aws_sqs_queue.jobs.arn
  function_name    = aws_lambda_function.worker.arn
}
