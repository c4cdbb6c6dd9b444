# terraform-aws-modules/ecs/aws: the services of its `services` map, each as its module `service` makes it.
# https://github.com/terraform-aws-modules/terraform-aws-ecs (v5.12, v6.0, v7.5)

variable "create" { default = true }
variable "services" { default = {} }

locals {
  services = var.create && var.services != null ? var.services : {}
}

resource "aws_ecs_task_definition" "this" {
  for_each                 = { for key, one in local.services : key => one if try(one.create, true) && try(one.create_task_definition, true) }
  requires_compatibilities = try(each.value.requires_compatibilities, ["FARGATE"])

  container_definitions = jsonencode([for key, one in try(each.value.container_definitions, {}) : {
    name         = try(coalesce(one.name, key), key)
    image        = try(one.image, null)
    portMappings = try(one.portMappings, one.port_mappings, [])
    stopTimeout  = try(coalesce(one.stopTimeout, 120), coalesce(one.stop_timeout, 120), 120)
  }])
}

resource "aws_ecs_service" "this" {
  for_each        = { for key, one in local.services : key => one if try(one.create, true) && try(one.create_service, true) }
  name            = try(coalesce(each.value.name, each.key), each.key)
  launch_type     = try(each.value.launch_type, "FARGATE")
  task_definition = try(coalesce(each.value.task_definition_arn, aws_ecs_task_definition.this[each.key].arn), aws_ecs_task_definition.this[each.key].arn)

  dynamic "load_balancer" {
    for_each = try(coalesce(each.value.load_balancer, {}), each.value.load_balancer, {})
    content {
      target_group_arn = try(load_balancer.value.target_group_arn, null)
      elb_name         = try(load_balancer.value.elb_name, null)
      container_name   = load_balancer.value.container_name
      container_port   = load_balancer.value.container_port
    }
  }

  dynamic "service_registries" {
    for_each = try(each.value.service_registries, null) == null ? [] : flatten([each.value.service_registries])
    content {
      registry_arn   = service_registries.value.registry_arn
      container_name = try(service_registries.value.container_name, null)
      container_port = try(service_registries.value.container_port, null)
      port           = try(service_registries.value.port, null)
    }
  }

  dynamic "service_connect_configuration" {
    for_each = length(try(keys(each.value.service_connect_configuration), [])) > 0 ? [each.value.service_connect_configuration] : []
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
