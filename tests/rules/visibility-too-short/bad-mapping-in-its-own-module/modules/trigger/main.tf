variable "queue_arn" {
  type = string
}

variable "function_name" {
  type = string
}

resource "aws_lambda_event_source_mapping" "trigger" {
  event_source_arn = var.queue_arn
  function_name    = var.function_name
}
