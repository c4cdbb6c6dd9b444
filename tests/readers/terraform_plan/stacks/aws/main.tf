variable "environment" {
  type    = string
  default = "prod"
}

variable "idle_timeout" {
  type    = number
  default = 75
}

locals {
  slow = { reports = 120 }
}

resource "aws_cloudfront_distribution" "cdn" {
  enabled = true
  aliases = ["www.example.com"]

  origin {
    origin_id   = "api"
    domain_name = aws_lb.front.dns_name

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      origin_read_timeout    = 60
    }
  }

  default_cache_behavior {
    target_origin_id       = "api"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
  }
}

resource "aws_lb" "front" {
  name         = "front"
  idle_timeout = var.idle_timeout
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.front.arn
  port              = 443
  protocol          = "HTTPS"

  default_action {
    type             = "forward"
    target_group_arn = module.web.target_group_arn
  }
}

resource "aws_lb_listener_rule" "reports" {
  listener_arn = aws_lb_listener.https.arn

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.function["reports"].arn
  }

  condition {
    path_pattern {
      values = ["/reports/*"]
    }
  }
}

resource "aws_lb_target_group" "function" {
  for_each    = local.slow
  name        = each.key
  target_type = "lambda"
}

resource "aws_lb_target_group_attachment" "function" {
  for_each         = aws_lb_target_group.function
  target_group_arn = each.value.arn
  target_id        = module.reports[each.key].arn
}

module "web" {
  source = "./modules/service"
  name   = "web"
  drain  = 30
}

module "reports" {
  source   = "./modules/function"
  for_each = local.slow
  name     = each.key
  timeout  = each.value
}

module "orders" {
  source  = "./modules/function"
  name    = "orders"
  timeout = 40
}

module "defaulted" {
  source = "./modules/function"
  name   = "defaulted"
}

resource "aws_api_gateway_rest_api" "rest" {
  name = "orders"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_resource" "orders" {
  rest_api_id = aws_api_gateway_rest_api.rest.id
  parent_id   = aws_api_gateway_rest_api.rest.root_resource_id
  path_part   = "orders"
}

resource "aws_api_gateway_integration" "orders" {
  rest_api_id             = aws_api_gateway_rest_api.rest.id
  resource_id             = aws_api_gateway_resource.orders.id
  http_method             = "POST"
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = module.orders.invoke_arn
}

resource "aws_apigatewayv2_api" "http" {
  name          = "http"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "defaulted" {
  api_id               = aws_apigatewayv2_api.http.id
  integration_type     = "AWS_PROXY"
  integration_uri      = module.defaulted.invoke_arn
  timeout_milliseconds = 5000
}

resource "aws_apigatewayv2_route" "defaulted" {
  api_id    = aws_apigatewayv2_api.http.id
  route_key = "GET /things/{id}"
  target    = "integrations/${aws_apigatewayv2_integration.defaulted.id}"
}
