resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "aws_sqs_queue" "plans" {
  name = "plans"
}

resource "aws_lambda_function" "planner" {
  function_name = "planner"
  timeout       = 300

  environment {
    variables = { JOBS = aws_sqs_queue.jobs.url }
  }
}

resource "aws_lambda_event_source_mapping" "plans" {
  enabled          = false
  event_source_arn = aws_sqs_queue.plans.arn
  function_name    = aws_lambda_function.planner.arn
}
