variable "zones" { default = ["a", "b", "c"] }
variable "enabled" { default = false }
resource "terraform_data" "zone" {
  count = length(var.zones)
  input = { name = var.zones[count.index], index = count.index }
}
resource "terraform_data" "optional" {
  count = var.enabled ? 1 : 0
  input = "there"
}
resource "terraform_data" "rule" {
  for_each = { for i, z in var.zones : z => i if z != "b" }
  input    = { priority = each.value * 10 + 1, key = each.key }
}
resource "terraform_data" "set" {
  for_each = toset(["y", "x", "y"])
  input    = "${each.key}=${each.value}"
}
resource "terraform_data" "uses" {
  input = {
    first    = terraform_data.zone[0].input.name
    all      = terraform_data.zone[*].input.index
    legacy   = terraform_data.zone.*.input.name
    rule     = terraform_data.rule["c"].input.priority
    rules    = { for k, r in terraform_data.rule : k => r.input.priority }
    optional = try(terraform_data.optional[0].input, "default")
    one      = one(terraform_data.optional[*].input) == null
    count    = length(terraform_data.optional)
    keys     = keys(terraform_data.rule)
    sets     = [for s in terraform_data.set : s.input]
  }
}
