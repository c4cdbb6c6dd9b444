data "aws_iam_role" "lambda" {
  name = "orders-lambda"
}

resource "aws_lambda_function" "create_order" {
  function_name = "orders-create"
  role          = data.aws_iam_role.lambda.arn
  runtime       = "python3.12"
  handler       = "orders.create"
  filename      = "orders.zip"
  memory_size   = 512
  timeout       = 10
}

resource "aws_lambda_function" "report" {
  function_name = "orders-report"
  role          = data.aws_iam_role.lambda.arn
  runtime       = "python3.12"
  handler       = "orders.report"
  filename      = "orders.zip"
  memory_size   = 1024
  timeout       = 60

  timeouts {
    create = "10m"
  }
}

resource "aws_lambda_permission" "report" {
  statement_id  = "AllowApiGateway"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.report.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.orders.execution_arn}/*/*"
}
