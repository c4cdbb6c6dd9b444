resource "aws_api_gateway_rest_api" "shop" {
  name = "shop"
  body = templatefile("${path.module}/openapi.yaml", {
    orders  = aws_lambda_function.orders.invoke_arn
    reports = aws_lambda_function.reports.invoke_arn
    seconds = 10
  })
}

resource "aws_lambda_function" "orders" {
  function_name = "orders"
  timeout       = 20
}
resource "aws_lambda_function" "reports" {
  timeout = 60
}
