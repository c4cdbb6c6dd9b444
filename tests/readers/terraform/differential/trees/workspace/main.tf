variable "environments" {
  type = map(object({ timeout = number, replicas = optional(number, 1) }))
}
locals {
  name        = lower(replace(terraform.workspace, "_", "-"))
  environment = contains(keys(var.environments), local.name) ? var.environments[local.name] : var.environments["default"]
}
resource "terraform_data" "service" {
  input = { name = local.name, timeout = local.environment.timeout, replicas = local.environment.replicas }
}
