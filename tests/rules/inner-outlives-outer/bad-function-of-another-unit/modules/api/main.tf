variable "timeout" {
  type = number
}

resource "aws_lambda_function" "api" {
  function_name = "api"
  timeout       = var.timeout
}

resource "aws_lambda_function_url" "api" {
  function_name      = aws_lambda_function.api.function_name
  authorization_type = "NONE"
}

output "timeout" {
  value = aws_lambda_function.api.timeout
}

output "address" {
  value = aws_lambda_function_url.api.function_url
}
