variable "env" { default = "prod" }
variable "custom" {
  type    = number
  default = null
}
locals {
  quoted = var.env == "prod" ? "60" : 30
  number = var.env == "dev" ? 10 : 20
  object = var.env == "prod" ? { timeout = 60, name = "x" } : {}
  list   = var.env == "prod" ? [1, "a"] : []
  tags   = merge({ env = var.env }, var.custom == null ? {} : { custom = tostring(var.custom) })
}
resource "terraform_data" "typed" {
  input = {
    quoted = local.quoted
    number = local.number
    object = local.object
    list   = local.list
    tags   = local.tags
    equal  = local.quoted == 60
    pick   = coalesce(var.custom, local.quoted)
    null   = var.custom == null ? 5 : var.custom
  }
}
module "m" {
  source  = "./m"
  timeout = local.quoted
  tags    = local.object
}
