# terraform-aws-modules/lambda/aws. The module's own default of `timeout` is the platform's, 3 s.
# https://github.com/terraform-aws-modules/terraform-aws-lambda (v1.48, v4, v7, v8)

variable "create" { default = true }
variable "create_function" { default = true }
variable "create_layer" { default = false }
variable "function_name" { default = "" }
variable "timeout" { default = null }
variable "handler" { default = "" }
variable "runtime" { default = "" }
variable "source_path" { default = null }
variable "lambda_at_edge" { default = false }
variable "image_uri" { default = null }
variable "create_lambda_function_url" { default = false }
variable "invoke_mode" { default = null }
variable "event_source_mapping" { default = {} }

resource "aws_lambda_function" "this" {
  count         = var.create && var.create_function && !var.create_layer ? 1 : 0
  function_name = var.function_name
  timeout       = var.lambda_at_edge && var.timeout != null ? min(var.timeout, 30) : var.timeout
  image_uri     = var.image_uri
  handler       = var.handler
  runtime       = var.runtime
  source_path   = var.source_path # no argument of the resource: what the module packs
}

resource "aws_lambda_function_url" "this" {
  count         = var.create && var.create_function && !var.create_layer && var.create_lambda_function_url ? 1 : 0
  function_name = aws_lambda_function.this[0].function_name
  invoke_mode   = var.invoke_mode
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each                           = var.create && var.create_function && !var.create_layer ? var.event_source_mapping : {}
  function_name                      = aws_lambda_function.this[0].arn
  event_source_arn                   = try(each.value.event_source_arn, null)
  enabled                            = try(each.value.enabled, null)
  maximum_batching_window_in_seconds = try(each.value.maximum_batching_window_in_seconds, null)
}

output "lambda_function_arn" { value = aws_lambda_function.this[0].arn }
output "lambda_function_arn_static" { value = aws_lambda_function.this[0].arn }
output "lambda_function_invoke_arn" { value = aws_lambda_function.this[0].invoke_arn }
output "lambda_function_name" { value = aws_lambda_function.this[0].function_name }
output "lambda_function_qualified_arn" { value = aws_lambda_function.this[0].qualified_arn }
output "lambda_function_qualified_invoke_arn" { value = aws_lambda_function.this[0].qualified_invoke_arn }
output "lambda_function_url" { value = aws_lambda_function_url.this[0].function_url }
output "this_lambda_function_arn" { value = aws_lambda_function.this[0].arn }
output "this_lambda_function_invoke_arn" { value = aws_lambda_function.this[0].invoke_arn }
output "this_lambda_function_name" { value = aws_lambda_function.this[0].function_name }
