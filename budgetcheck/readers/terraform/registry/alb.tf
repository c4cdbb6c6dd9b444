# terraform-aws-modules/alb/aws. Up to version 8 target groups and listeners are lists that refer to each other
# by index, from version 9 on they are maps that refer by key.
# https://github.com/terraform-aws-modules/terraform-aws-alb (v5.16, v8.7, v9.17, v10.5)

variable "create" { default = true }
variable "create_lb" { default = true }
variable "name" { default = null }
variable "load_balancer_type" { default = "application" }
variable "idle_timeout" { default = null }
variable "client_keep_alive" { default = null }
variable "target_groups" { default = {} }
variable "additional_target_group_attachments" { default = {} }
variable "listeners" { default = {} }
variable "http_tcp_listeners" { default = [] }
variable "https_listeners" { default = [] }
variable "http_tcp_listener_rules" { default = [] }
variable "https_listener_rules" { default = [] }

locals {
  is_list = can(concat(var.target_groups))
  rules = flatten([
    for listener_key, listener in var.listeners : [
      for rule_key, rule in try(listener.rules, {}) :
      merge(rule, { listener_key = try(rule.listener_key, listener_key), rule_key = rule_key })
    ]
  ])
}

resource "aws_lb" "this" {
  count              = var.create && var.create_lb ? 1 : 0
  name               = var.name
  load_balancer_type = var.load_balancer_type
  idle_timeout       = var.idle_timeout
  client_keep_alive  = var.client_keep_alive
}

# From version 9 on.

resource "aws_lb_target_group" "this" {
  for_each             = local.is_list ? {} : var.target_groups
  name                 = try(each.value.name, null)
  port                 = try(each.value.port, null)
  target_type          = try(each.value.target_type, null)
  deregistration_delay = try(each.value.deregistration_delay, null)
}

resource "aws_lb_target_group_attachment" "this" {
  for_each         = local.is_list ? {} : { for key, group in var.target_groups : key => group if try(group.create_attachment, true) && try(group.target_id, null) != null }
  target_group_arn = aws_lb_target_group.this[each.key].arn
  target_id        = each.value.target_id
}

resource "aws_lb_target_group_attachment" "additional" {
  for_each         = var.additional_target_group_attachments
  target_group_arn = aws_lb_target_group.this[each.value.target_group_key].arn
  target_id        = each.value.target_id
}

resource "aws_lb_listener" "this" {
  for_each                 = var.listeners
  load_balancer_arn        = aws_lb.this[0].arn
  port                     = try(each.value.port, null)
  protocol                 = try(each.value.protocol, null)
  tcp_idle_timeout_seconds = try(each.value.tcp_idle_timeout_seconds, null)

  dynamic "default_action" {
    for_each = try(each.value.forward, null) != null ? [each.value.forward] : []
    content {
      type             = "forward"
      target_group_arn = try(aws_lb_target_group.this[default_action.value.target_group_key].arn, default_action.value.target_group_arn, default_action.value.arn)
    }
  }

  dynamic "default_action" {
    for_each = try(each.value.weighted_forward, null) != null ? [each.value.weighted_forward] : []
    content {
      type = "forward"
      forward {
        dynamic "target_group" {
          for_each = default_action.value.target_groups
          content {
            arn = try(aws_lb_target_group.this[target_group.value.target_group_key].arn, target_group.value.target_group_arn, target_group.value.arn)
          }
        }
      }
    }
  }
}

resource "aws_lb_listener_rule" "this" {
  for_each     = { for rule in local.rules : "${rule.listener_key}/${rule.rule_key}" => rule }
  listener_arn = try(each.value.listener_arn, aws_lb_listener.this[each.value.listener_key].arn)

  # Version 9 tells actions apart by `type`, version 10 by the block that is there.
  dynamic "action" {
    for_each = [for action in each.value.actions : try(action.forward, action) if try(action.type, "") == "forward" || try(action.forward, null) != null]
    content {
      type             = "forward"
      target_group_arn = try(aws_lb_target_group.this[action.value.target_group_key].arn, action.value.target_group_arn)
    }
  }

  dynamic "action" {
    for_each = [for action in each.value.actions : try(action.weighted_forward, action) if try(action.type, "") == "weighted-forward" || try(action.weighted_forward, null) != null]
    content {
      type = "forward"
      forward {
        dynamic "target_group" {
          for_each = action.value.target_groups
          content {
            arn = try(aws_lb_target_group.this[target_group.value.target_group_key].arn, target_group.value.target_group_arn, target_group.value.arn)
          }
        }
      }
    }
  }

  dynamic "condition" {
    for_each = try(each.value.conditions, [])
    content {
      dynamic "host_header" {
        for_each = try(condition.value.host_header, null) != null ? [condition.value.host_header] : []
        content { values = host_header.value.values }
      }
      dynamic "path_pattern" {
        for_each = try(condition.value.path_pattern, null) != null ? [condition.value.path_pattern] : []
        content { values = path_pattern.value.values }
      }
    }
  }
}

# Up to version 8.

resource "aws_lb_target_group" "main" {
  count                = local.is_list ? length(var.target_groups) : 0
  name                 = try(var.target_groups[count.index].name, null)
  port                 = try(var.target_groups[count.index].backend_port, null)
  deregistration_delay = try(var.target_groups[count.index].deregistration_delay, null)
}

resource "aws_lb_target_group_attachment" "main" {
  for_each         = local.is_list ? merge([for index, group in var.target_groups : { for key, target in try(group.targets, {}) : "${index}.${key}" => merge(target, { index = index }) }]...) : {}
  target_group_arn = aws_lb_target_group.main[each.value.index].arn
  target_id        = each.value.target_id
}

resource "aws_lb_listener" "frontend_http_tcp" {
  count             = length(var.http_tcp_listeners)
  load_balancer_arn = aws_lb.this[0].arn
  port              = try(var.http_tcp_listeners[count.index].port, null)

  default_action {
    type             = try(var.http_tcp_listeners[count.index].action_type, "forward")
    target_group_arn = try(aws_lb_target_group.main[try(var.http_tcp_listeners[count.index].target_group_index, count.index)].arn, null)
  }
}

resource "aws_lb_listener" "frontend_https" {
  count             = length(var.https_listeners)
  load_balancer_arn = aws_lb.this[0].arn
  port              = try(var.https_listeners[count.index].port, null)

  default_action {
    type             = try(var.https_listeners[count.index].action_type, "forward")
    target_group_arn = try(aws_lb_target_group.main[try(var.https_listeners[count.index].target_group_index, count.index)].arn, null)
  }
}

resource "aws_lb_listener_rule" "http_tcp_listener_rule" {
  count        = length(var.http_tcp_listener_rules)
  listener_arn = aws_lb_listener.frontend_http_tcp[try(var.http_tcp_listener_rules[count.index].http_tcp_listener_index, count.index)].arn

  dynamic "action" {
    for_each = [for action in var.http_tcp_listener_rules[count.index].actions : action if action.type == "forward"]
    content {
      type             = "forward"
      target_group_arn = aws_lb_target_group.main[try(action.value.target_group_index, count.index)].arn
    }
  }

  dynamic "condition" {
    for_each = [for condition in var.http_tcp_listener_rules[count.index].conditions : condition.path_patterns if try(condition.path_patterns, null) != null]
    content {
      path_pattern { values = condition.value }
    }
  }

  dynamic "condition" {
    for_each = [for condition in var.http_tcp_listener_rules[count.index].conditions : condition.host_headers if try(condition.host_headers, null) != null]
    content {
      host_header { values = condition.value }
    }
  }
}

resource "aws_lb_listener_rule" "https_listener_rule" {
  count        = length(var.https_listener_rules)
  listener_arn = aws_lb_listener.frontend_https[try(var.https_listener_rules[count.index].https_listener_index, count.index)].arn

  dynamic "action" {
    for_each = [for action in var.https_listener_rules[count.index].actions : action if action.type == "forward"]
    content {
      type             = "forward"
      target_group_arn = aws_lb_target_group.main[try(action.value.target_group_index, count.index)].arn
    }
  }

  dynamic "condition" {
    for_each = [for condition in var.https_listener_rules[count.index].conditions : condition.path_patterns if try(condition.path_patterns, null) != null]
    content {
      path_pattern { values = condition.value }
    }
  }

  dynamic "condition" {
    for_each = [for condition in var.https_listener_rules[count.index].conditions : condition.host_headers if try(condition.host_headers, null) != null]
    content {
      host_header { values = condition.value }
    }
  }
}

output "id" { value = aws_lb.this[0].id }
output "arn" { value = aws_lb.this[0].arn }
output "dns_name" { value = aws_lb.this[0].dns_name }
output "zone_id" { value = aws_lb.this[0].zone_id }
output "listeners" { value = aws_lb_listener.this }
output "listener_rules" { value = aws_lb_listener_rule.this }
output "target_groups" { value = aws_lb_target_group.this }

output "lb_id" { value = aws_lb.this[0].id }
output "lb_arn" { value = aws_lb.this[0].arn }
output "lb_dns_name" { value = aws_lb.this[0].dns_name }
output "lb_zone_id" { value = aws_lb.this[0].zone_id }
output "http_tcp_listener_arns" { value = aws_lb_listener.frontend_http_tcp[*].arn }
output "https_listener_arns" { value = aws_lb_listener.frontend_https[*].arn }
output "target_group_arns" { value = aws_lb_target_group.main[*].arn }
output "target_group_names" { value = aws_lb_target_group.main[*].name }
