resource "aws_apigatewayv2_api" "orders" {
  name          = "orders"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "orders" {
  api_id               = aws_apigatewayv2_api.orders.id
  integration_type     = "HTTP_PROXY"
  integration_uri      = "https://orders.partner.example/"
  timeout_milliseconds = 29
}
