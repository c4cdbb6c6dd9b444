resource "aws_lambda_function" "render" {
  function_name = "shop-eu1-render"
  handler       = "render.handler"
  runtime       = "python3.12"
  role          = aws_iam_role.functions.arn
  filename      = "src.zip"
  timeout       = 300
}

resource "aws_lambda_function" "orders" {
  function_name = "shop-eu1-orders"
  handler       = "orders.handler"
  runtime       = "python3.12"
  role          = aws_iam_role.functions.arn
  filename      = "src.zip"
  timeout       = 900

  environment {
    variables = {
      RENDER_FUNCTION_ARN = aws_lambda_function.render.arn
    }
  }
}
