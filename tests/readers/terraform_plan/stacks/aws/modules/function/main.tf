variable "name" {
  type = string
}

variable "timeout" {
  type    = number
  default = null
}

resource "aws_lambda_function" "this" {
  function_name = "${var.name}-function"
  role          = "arn:aws:iam::123456789012:role/lambda"
  timeout       = var.timeout

  timeouts {
    create = "10m"
  }
}

output "arn" {
  value = aws_lambda_function.this.arn
}

output "invoke_arn" {
  value = aws_lambda_function.this.invoke_arn
}
