resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "aws_lambda_event_source_mapping" "jobs" {
  event_source_arn = aws_sqs_queue.jobs.arn
  function_name    = aws_lambda_function.jobs.arn
  batch_size       = 1
}

resource "aws_lambda_function" "jobs" {
  function_name = "jobs"
  handler       = "jobs.handler"
  runtime       = "nodejs20.x"
  timeout       = 900
}
