# terraform-aws-modules/apigateway-v2/aws. Up to version 4 `integrations` maps route keys to integrations, from
# version 5 on `routes` does.
# https://github.com/terraform-aws-modules/terraform-aws-apigateway-v2 (v1.8, v2.2.2, v4.0, v5.2, v6.1)

variable "create" { default = true }
variable "create_api_gateway" { default = true }
variable "create_routes_and_integrations" { default = true }
variable "name" { default = "" }
variable "protocol_type" { default = "HTTP" }
variable "domain_name" { default = null }
variable "create_domain_name" { default = true }
variable "integrations" { default = {} }
variable "routes" { default = {} }
variable "body" { default = null }
variable "target" { default = null }

locals {
  old = { for key, one in var.integrations : key => {
    type                 = try(one.integration_type, try(one.lambda_arn, "") != "" ? "AWS_PROXY" : "MOCK")
    uri                  = try(one.lambda_arn, one.integration_uri, null)
    timeout_milliseconds = try(one.timeout_milliseconds, null)
  } }
  new = { for key, one in var.routes : key => {
    type                 = try(one.integration.type, "AWS_PROXY")
    uri                  = try(one.integration.uri, null)
    timeout_milliseconds = try(one.integration.timeout_milliseconds, null)
  } }
}

resource "aws_apigatewayv2_api" "this" {
  count         = var.create && var.create_api_gateway ? 1 : 0
  name          = var.name
  protocol_type = var.protocol_type
  body          = var.body
  target        = var.target
}

resource "aws_apigatewayv2_integration" "this" {
  for_each             = var.create && var.create_routes_and_integrations ? merge(local.old, local.new) : {}
  api_id               = aws_apigatewayv2_api.this[0].id
  integration_type     = each.value.type
  integration_uri      = each.value.uri
  timeout_milliseconds = each.value.timeout_milliseconds
}

resource "aws_apigatewayv2_route" "this" {
  for_each  = var.create && var.create_routes_and_integrations ? merge(local.old, local.new) : {}
  api_id    = aws_apigatewayv2_api.this[0].id
  route_key = each.key
  target    = "integrations/${aws_apigatewayv2_integration.this[each.key].id}"
}

resource "aws_apigatewayv2_stage" "this" {
  count  = var.create ? 1 : 0
  api_id = aws_apigatewayv2_api.this[0].id
}

resource "aws_apigatewayv2_api_mapping" "this" {
  count       = var.create && var.create_domain_name && var.domain_name != null && var.domain_name != "" ? 1 : 0
  api_id      = aws_apigatewayv2_api.this[0].id
  domain_name = var.domain_name
}

output "api_id" { value = aws_apigatewayv2_api.this[0].id }
output "api_arn" { value = aws_apigatewayv2_api.this[0].arn }
output "api_endpoint" { value = aws_apigatewayv2_api.this[0].api_endpoint }
output "api_execution_arn" { value = aws_apigatewayv2_api.this[0].execution_arn }
output "stage_invoke_url" { value = aws_apigatewayv2_stage.this[0].invoke_url }
output "apigatewayv2_api_id" { value = aws_apigatewayv2_api.this[0].id }
output "apigatewayv2_api_arn" { value = aws_apigatewayv2_api.this[0].arn }
output "apigatewayv2_api_api_endpoint" { value = aws_apigatewayv2_api.this[0].api_endpoint }
output "apigatewayv2_api_execution_arn" { value = aws_apigatewayv2_api.this[0].execution_arn }
output "default_apigatewayv2_stage_invoke_url" { value = aws_apigatewayv2_stage.this[0].invoke_url }
