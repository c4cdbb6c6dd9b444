resource "aws_sqs_queue" "invoices" {
  name = "invoices"
}

resource "aws_lambda_function" "book" {
  function_name = "book-invoices"
  timeout       = 60
}

resource "aws_lambda_event_source_mapping" "invoices" {
  event_source_arn = aws_sqs_queue.invoices.arn
  function_name    = aws_lambda_function.book.arn
}
