locals {
  outbound_timeout = 450
}

resource "aws_sqs_queue" "outbound" {
  name                       = "outbound"
  visibility_timeout_seconds = local.outbound_timeout
}

resource "aws_lambda_function" "outbound" {
  function_name = "outbound"
  timeout       = local.outbound_timeout
}

resource "aws_lambda_event_source_mapping" "outbound" {
  event_source_arn = aws_sqs_queue.outbound.arn
  function_name    = aws_lambda_function.outbound.arn
}
