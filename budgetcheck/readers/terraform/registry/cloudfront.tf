# terraform-aws-modules/cloudfront/aws. Origins are a map; up to version 5 groups name their two members, from version
# 6 on they list them.
# https://github.com/terraform-aws-modules/terraform-aws-cloudfront (v3.4, v5.0, v6.6)

variable "create" { default = true }
variable "create_distribution" { default = true }
variable "aliases" { default = null }
variable "origin" { default = {} }
variable "origin_group" { default = {} }
variable "vpc_origin" { default = {} }
variable "default_cache_behavior" { default = {} }
variable "ordered_cache_behavior" { default = [] }

resource "aws_cloudfront_vpc_origin" "this" {
  for_each = var.vpc_origin == null ? {} : var.vpc_origin

  vpc_origin_endpoint_config {
    arn = each.value.arn
  }
}

resource "aws_cloudfront_distribution" "this" {
  count   = var.create && var.create_distribution ? 1 : 0
  aliases = var.aliases

  dynamic "origin" {
    for_each = var.origin
    content {
      origin_id                   = try(coalesce(origin.value.origin_id, origin.key), origin.key)
      domain_name                 = origin.value.domain_name
      origin_path                 = try(origin.value.origin_path, null)
      connection_attempts         = try(origin.value.connection_attempts, null)
      connection_timeout          = try(origin.value.connection_timeout, null)
      response_completion_timeout = try(origin.value.response_completion_timeout, null)

      dynamic "custom_origin_config" {
        for_each = length(try(keys(origin.value.custom_origin_config), [])) > 0 ? [origin.value.custom_origin_config] : []
        content {
          origin_read_timeout      = try(custom_origin_config.value.origin_read_timeout, null)
          origin_keepalive_timeout = try(custom_origin_config.value.origin_keepalive_timeout, null)
        }
      }

      dynamic "vpc_origin_config" {
        for_each = length(try(keys(origin.value.vpc_origin_config), [])) > 0 ? [origin.value.vpc_origin_config] : []
        content {
          vpc_origin_id            = try(vpc_origin_config.value.vpc_origin_id, aws_cloudfront_vpc_origin.this[vpc_origin_config.value.vpc_origin_key].id, aws_cloudfront_vpc_origin.this[vpc_origin_config.value.vpc_origin].id)
          origin_read_timeout      = try(vpc_origin_config.value.origin_read_timeout, null)
          origin_keepalive_timeout = try(vpc_origin_config.value.origin_keepalive_timeout, null)
        }
      }
    }
  }

  dynamic "origin_group" {
    for_each = var.origin_group == null ? {} : var.origin_group
    content {
      origin_id = try(coalesce(origin_group.value.origin_id, origin_group.key), origin_group.key)

      failover_criteria {
        status_codes = try(origin_group.value.failover_criteria.status_codes, origin_group.value.failover_status_codes)
      }

      dynamic "member" {
        for_each = try(origin_group.value.member[*].origin_id, [origin_group.value.primary_member_origin_id, origin_group.value.secondary_member_origin_id])
        content {
          origin_id = member.value
        }
      }
    }
  }

  dynamic "default_cache_behavior" {
    for_each = [var.default_cache_behavior]
    content {
      target_origin_id = try(default_cache_behavior.value.target_origin_id, null)

      dynamic "lambda_function_association" {
        for_each = try(coalesce(default_cache_behavior.value.lambda_function_association, {}), {})
        content {
          event_type = try(coalesce(lambda_function_association.value.event_type, lambda_function_association.key), lambda_function_association.key)
          lambda_arn = lambda_function_association.value.lambda_arn
        }
      }
    }
  }

  dynamic "ordered_cache_behavior" {
    for_each = var.ordered_cache_behavior == null ? [] : var.ordered_cache_behavior
    content {
      path_pattern     = ordered_cache_behavior.value.path_pattern
      target_origin_id = try(ordered_cache_behavior.value.target_origin_id, null)

      dynamic "lambda_function_association" {
        for_each = try(coalesce(ordered_cache_behavior.value.lambda_function_association, {}), {})
        content {
          event_type = try(coalesce(lambda_function_association.value.event_type, lambda_function_association.key), lambda_function_association.key)
          lambda_arn = lambda_function_association.value.lambda_arn
        }
      }
    }
  }
}

output "cloudfront_distribution_id" { value = aws_cloudfront_distribution.this[0].id }
output "cloudfront_distribution_arn" { value = aws_cloudfront_distribution.this[0].arn }
output "cloudfront_distribution_domain_name" { value = aws_cloudfront_distribution.this[0].domain_name }
output "cloudfront_distribution_hosted_zone_id" { value = aws_cloudfront_distribution.this[0].hosted_zone_id }
output "this_cloudfront_distribution_id" { value = aws_cloudfront_distribution.this[0].id }
output "this_cloudfront_distribution_domain_name" { value = aws_cloudfront_distribution.this[0].domain_name }
