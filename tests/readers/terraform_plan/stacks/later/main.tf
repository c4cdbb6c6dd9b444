variable "groups" {
  type    = list(string)
  default = ["blue"]
}

variable "limit" {
  type      = number
  default   = 33
  sensitive = true
}

locals {
  balancer = aws_lb.front[0].arn
}

resource "terraform_data" "limit" {
  input = 90
}

resource "aws_lb" "front" {
  count        = 2
  name         = "front-${count.index}"
  idle_timeout = terraform_data.limit.output
}

resource "aws_lb_target_group" "function" {
  for_each             = toset(var.groups)
  name                 = each.key
  target_type          = "lambda"
  deregistration_delay = 15
}

resource "aws_lb_listener" "dynamic" {
  load_balancer_arn = aws_lb.front[0].arn
  port              = 443

  dynamic "default_action" {
    for_each = var.groups

    content {
      type             = "forward"
      target_group_arn = aws_lb_target_group.function[default_action.value].arn
    }
  }
}

resource "aws_lb_listener" "local" {
  load_balancer_arn = local.balancer
  port              = 8443

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.function["blue"].arn
  }
}

resource "aws_lb_target_group_attachment" "function" {
  target_group_arn = aws_lb_target_group.function["blue"].arn
  target_id        = aws_lambda_function.secret.arn
}

resource "aws_lambda_function" "secret" {
  function_name = "secret"
  role          = "arn:aws:iam::123456789012:role/lambda"
  timeout       = var.limit

  environment {
    variables = {
      PASSWORD = "hunter2-${var.limit}"
    }
  }
}
