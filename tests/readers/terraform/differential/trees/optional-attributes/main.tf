variable "services" {
  type = map(object({
    timeout = optional(number, 29)
    ports   = optional(list(object({ port = number, protocol = optional(string, "tcp") })), [{ port = 80 }])
    health  = optional(object({
      path     = optional(string, "/health")
      interval = optional(number, 30)
      codes    = optional(set(string), ["200"])
    }), {})
    tags = optional(map(string))
    env  = optional(map(object({ value = optional(string, "x") })), {})
  }))
}
resource "terraform_data" "service" {
  for_each = var.services
  input = {
    timeout  = each.value.timeout
    ports    = each.value.ports
    interval = each.value.health.interval
    path     = each.value.health.path
    codes    = each.value.health.codes
    tags     = each.value.tags == null ? "none" : join(",", [for k, v in each.value.tags : "${k}=${v}"])
    env      = each.value.env
  }
}
