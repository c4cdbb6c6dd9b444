variable "report_timeout" {
  default = 120
}

resource "aws_api_gateway_rest_api" "shop" {
  name = "shop"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_resource" "report" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_rest_api.shop.root_resource_id
  path_part   = "report"
}

resource "aws_api_gateway_integration" "report" {
  rest_api_id             = aws_api_gateway_rest_api.shop.id
  resource_id             = aws_api_gateway_resource.report.id
  http_method             = "POST"
  integration_http_method = "POST"
  type                    = "AWS_PROXY"
  uri                     = aws_lambda_function.report.invoke_arn
  timeout_milliseconds    = var.report_timeout * 1000
}

resource "aws_lambda_function" "report" {
  function_name = "report"
  timeout       = 100
}
