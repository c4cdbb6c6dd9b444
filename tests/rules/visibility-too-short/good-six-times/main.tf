resource "aws_sqs_queue" "mails" {
  name                       = "mails"
  visibility_timeout_seconds = 6 * aws_lambda_function.send.timeout + 10
}

resource "aws_lambda_function" "send" {
  function_name = "send-mails"
  timeout       = 60
}

resource "aws_lambda_event_source_mapping" "mails" {
  event_source_arn                   = aws_sqs_queue.mails.arn
  function_name                      = aws_lambda_function.send.arn
  maximum_batching_window_in_seconds = 10
}
