variable "address" {
  type = string
}

variable "function_timeout" {
  type = number
}

resource "aws_cloudfront_distribution" "this" {
  origin {
    domain_name = split("/", var.address)[2]
    origin_id   = "function"

    custom_origin_config {
      origin_read_timeout = var.function_timeout + 10
    }
  }

  default_cache_behavior {
    target_origin_id = "function"
    allowed_methods  = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
  }
}
