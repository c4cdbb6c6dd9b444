variable "idle" {
  type    = number
  default = 60
}
locals {
  a = "main"
  b = "main"
}
resource "terraform_data" "lb" { input = { idle = var.idle, a = local.a, b = local.b } }
resource "terraform_data" "kept" { input = "main" }
module "m" {
  source = "./m"
  value  = 1
}
