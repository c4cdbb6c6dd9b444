resource "aws_lb" "search" {
  name               = "search"
  load_balancer_type = "network"
  internal           = true
}

resource "aws_api_gateway_vpc_link" "search" {
  name        = "search"
  target_arns = [aws_lb.search.arn]
}

resource "aws_api_gateway_integration" "search" {
  rest_api_id             = "abc123"
  resource_id             = "def456"
  http_method             = "GET"
  integration_http_method = "GET"
  type                    = "HTTP_PROXY"
  connection_type         = "VPC_LINK"
  connection_id           = aws_api_gateway_vpc_link.search.id
  uri                     = "http://search.example.com/"
  timeout_milliseconds    = 20000
}
