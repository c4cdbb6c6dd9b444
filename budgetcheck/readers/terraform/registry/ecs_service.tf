# terraform-aws-modules/ecs/aws//modules/service. Its own default of `stopTimeout` is 120 s, not the platform's 30 s.
# Up to version 5 the settings of a container are written with underscores.
# https://github.com/terraform-aws-modules/terraform-aws-ecs (v5.12, v6.0, v7.5)

variable "create" { default = true }
variable "create_service" { default = true }
variable "create_task_definition" { default = true }
variable "name" { default = null }
variable "launch_type" { default = "FARGATE" }
variable "requires_compatibilities" { default = ["FARGATE"] }
variable "task_definition_arn" { default = null }
variable "container_definitions" { default = {} }
variable "load_balancer" { default = {} }
variable "service_connect_configuration" { default = null }
variable "service_registries" { default = null }

resource "aws_ecs_task_definition" "this" {
  count                    = var.create && var.create_task_definition ? 1 : 0
  requires_compatibilities = var.requires_compatibilities

  container_definitions = jsonencode([for key, one in var.container_definitions : {
    name         = try(coalesce(one.name, key), key)
    image        = try(one.image, null)
    portMappings = try(one.portMappings, one.port_mappings, [])
    stopTimeout  = try(coalesce(one.stopTimeout, 120), coalesce(one.stop_timeout, 120), 120)
  }])
}

resource "aws_ecs_service" "this" {
  count           = var.create && var.create_service ? 1 : 0
  name            = var.name
  launch_type     = var.launch_type
  task_definition = try(coalesce(var.task_definition_arn, aws_ecs_task_definition.this[0].arn), aws_ecs_task_definition.this[0].arn)

  dynamic "load_balancer" {
    for_each = var.load_balancer == null ? {} : var.load_balancer
    content {
      target_group_arn = try(load_balancer.value.target_group_arn, null)
      elb_name         = try(load_balancer.value.elb_name, null)
      container_name   = load_balancer.value.container_name
      container_port   = load_balancer.value.container_port
    }
  }

  dynamic "service_registries" {
    for_each = var.service_registries == null ? [] : flatten([var.service_registries])
    content {
      registry_arn   = service_registries.value.registry_arn
      container_name = try(service_registries.value.container_name, null)
      container_port = try(service_registries.value.container_port, null)
      port           = try(service_registries.value.port, null)
    }
  }

  dynamic "service_connect_configuration" {
    for_each = length(try(keys(var.service_connect_configuration), [])) > 0 ? [var.service_connect_configuration] : []
    content {
      enabled = try(service_connect_configuration.value.enabled, true)

      dynamic "service" {
        for_each = flatten([try(service_connect_configuration.value.service, [])])
        content {
          port_name      = service.value.port_name
          discovery_name = try(service.value.discovery_name, null)

          dynamic "client_alias" {
            for_each = flatten([try(service.value.client_alias, [])])
            content {
              dns_name = try(client_alias.value.dns_name, null)
              port     = client_alias.value.port
            }
          }

          dynamic "timeout" {
            for_each = try(service.value.timeout, null) == null ? [] : [service.value.timeout]
            content {
              per_request_timeout_seconds = try(timeout.value.per_request_timeout_seconds, null)
              idle_timeout_seconds        = try(timeout.value.idle_timeout_seconds, null)
            }
          }
        }
      }
    }
  }
}

output "id" { value = aws_ecs_service.this[0].id }
output "name" { value = aws_ecs_service.this[0].name }
output "task_definition_arn" { value = aws_ecs_task_definition.this[0].arn }
