variable "settings" { default = { api = { lb = { timeout = 30 } }, web = { lb = null }, batch = {} } }
resource "terraform_data" "s" {
  for_each = var.settings
  input = {
    timeout = try(each.value.lb.timeout, 60)
    has     = can(each.value.lb.timeout)
    lookup  = lookup(each.value, "lb", null) == null
    deep    = try(each.value.lb.health.interval, each.value.lb.timeout * 2, "none")
    number  = try(tonumber(each.value.lb.timeout), tonumber("15"))
  }
}
