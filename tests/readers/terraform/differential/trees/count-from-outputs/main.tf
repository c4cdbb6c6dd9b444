module "names" {
  source = "./names"
  prefix = "svc"
}
resource "terraform_data" "each" {
  for_each = module.names.map
  input    = { key = each.key, timeout = each.value.timeout }
}
resource "terraform_data" "count" {
  count = length(module.names.list)
  input = module.names.list[count.index]
}
module "inner" {
  source   = "./inner"
  for_each = { for k, v in module.names.map : k => v if v.timeout > 10 }
  settings = each.value
}
