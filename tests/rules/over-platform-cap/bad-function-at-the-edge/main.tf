resource "aws_cloudfront_distribution" "site" {
  origin {
    origin_id   = "files"
    domain_name = aws_s3_bucket.files.bucket_regional_domain_name
  }

  default_cache_behavior {
    target_origin_id = "files"

    lambda_function_association {
      event_type = "viewer-request"
      lambda_arn = aws_lambda_function.sign_in.qualified_arn
    }
    lambda_function_association {
      event_type = "origin-response"
      lambda_arn = aws_lambda_function.headers.qualified_arn
    }
  }
}
resource "aws_lambda_function" "sign_in" {
  function_name = "sign-in"
  timeout       = 10
  publish       = true
}

resource "aws_lambda_function" "headers" {
  function_name = "headers"
  timeout       = 60
  publish       = true
}

resource "aws_s3_bucket" "files" {
  bucket = "files"
}
