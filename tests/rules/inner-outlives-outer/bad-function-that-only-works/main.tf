resource "aws_api_gateway_rest_api" "api" {
  name = "reports"
}

resource "aws_api_gateway_resource" "report" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_rest_api.api.root_resource_id
  path_part   = "report"
}

resource "aws_api_gateway_integration" "report" {
  rest_api_id             = aws_api_gateway_rest_api.api.id
  resource_id             = aws_api_gateway_resource.report.id
  http_method             = "POST"
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = aws_lambda_function.report.invoke_arn
}

resource "aws_lambda_function" "report" {
  function_name = "report"
  handler       = "report.handler"
  runtime       = "python3.12"
  filename      = "report.zip"
  timeout       = 120
}
