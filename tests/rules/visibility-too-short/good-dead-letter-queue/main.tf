resource "aws_sqs_queue" "orders" {
  name                       = "orders"
  visibility_timeout_seconds = 1800

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.orders_dead.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "orders_dead" {
  name                      = "orders-dead"
  message_retention_seconds = 1209600
}

resource "aws_lambda_function" "orders" {
  function_name = "orders"
  timeout       = 300

  dead_letter_config {
    target_arn = aws_sqs_queue.orders_dead.arn
  }
}

resource "aws_lambda_event_source_mapping" "orders" {
  event_source_arn = aws_sqs_queue.orders.arn
  function_name    = aws_lambda_function.orders.arn
}
