variable "origin_read_timeout" {
  type    = number
  default = 60

  validation {
    condition     = var.origin_read_timeout >= 1 && var.origin_read_timeout <= 180
    error_message = "Must lie between 1 and 180."
  }
}

resource "aws_cloudfront_distribution" "data_plane" {
  enabled = true

  origin {
    origin_id   = "ai-proxy"
    domain_name = split("/", aws_lambda_function_url.ai_proxy.function_url)[2]

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      origin_read_timeout    = var.origin_read_timeout
    }
  }

  default_cache_behavior {
    target_origin_id       = "ai-proxy"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods         = ["GET", "HEAD"]
  }
}

resource "aws_lambda_function_url" "ai_proxy" {
  function_name      = aws_lambda_function.ai_proxy.function_name
  authorization_type = "NONE"
}

resource "aws_lambda_function" "ai_proxy" {
  function_name = "ai-proxy"
  handler       = "index.handler"
  runtime       = "nodejs22.x"
  timeout       = 900
}
