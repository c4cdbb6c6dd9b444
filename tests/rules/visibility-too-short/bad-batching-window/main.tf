resource "aws_sqs_queue" "events" {
  name                       = "events"
  visibility_timeout_seconds = 60
}

resource "aws_lambda_function" "index" {
  function_name = "index"
  timeout       = 45
}

resource "aws_lambda_event_source_mapping" "events" {
  event_source_arn                   = aws_sqs_queue.events.arn
  function_name                      = aws_lambda_function.index.function_name
  batch_size                         = 500
  maximum_batching_window_in_seconds = 30
}
