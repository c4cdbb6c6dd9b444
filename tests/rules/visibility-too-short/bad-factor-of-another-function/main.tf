resource "aws_sqs_queue" "images" {
  name                       = "images"
  visibility_timeout_seconds = aws_lambda_function.upload.timeout * 6
}

resource "aws_lambda_function" "upload" {
  function_name = "upload"
  timeout       = 20

  environment {
    variables = { QUEUE_URL = aws_sqs_queue.images.url }
  }
}

resource "aws_lambda_function" "resize" {
  function_name = "resize"
  timeout       = 15 * 60 # 15 minutes
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.resize.function_name
  function_version = "7"
}

resource "aws_lambda_event_source_mapping" "images" {
  event_source_arn = aws_sqs_queue.images.arn
  function_name    = aws_lambda_alias.live.arn
}
