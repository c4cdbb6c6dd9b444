resource "aws_cloudfront_distribution" "www" {
  aliases = ["www.example.com"]

  origin {
    origin_id   = "app"
    domain_name = aws_route53_record.origin.fqdn

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    target_origin_id = "app"
  }
}

resource "aws_route53_record" "origin" {
  zone_id = "Z123"
  name    = "origin.app.example.com"
  type    = "A"

  alias {
    name    = aws_lb.app.dns_name
    zone_id = aws_lb.app.zone_id
  }
}

resource "aws_lb" "app" {
  name         = "app"
  idle_timeout = 120
}
