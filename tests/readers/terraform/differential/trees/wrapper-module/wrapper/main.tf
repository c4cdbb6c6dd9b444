variable "defaults" { default = {} }
variable "items" { default = {} }
module "wrapped" {
  source   = "../item"
  for_each = var.items
  timeout  = try(each.value.timeout, var.defaults.timeout, 5)
  retries  = try(each.value.retries, var.defaults.retries, null)
  label    = try(each.value.label, var.defaults.label, null)
}
output "wrapped" { value = module.wrapped }
resource "terraform_data" "sum" { input = { for k, m in module.wrapped : k => m.total } }
