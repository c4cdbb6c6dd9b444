resource "aws_lambda_function" "remediate" {
  function_name = "remediate-findings"
  timeout       = 900
}

output "arn" {
  value = aws_lambda_function.remediate.arn
}
